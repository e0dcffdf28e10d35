//! This machine's addresses over time: a laptop changes its Wi-Fi, a cable is pulled, a VPN comes up. Looked at every
//! few seconds, because that works alike on every system and costs next to nothing.

use std::net::IpAddr;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Address, addresses};

/// Looks until it is dropped.
#[derive(Debug)]
pub struct AddressWatch {
    addresses: watch::Receiver<Vec<Address>>,
    task: JoinHandle<()>,
}

impl AddressWatch {
    /// Watches the addresses of a room bound to `bind` and `port`; within a tokio runtime.
    pub fn start(port: u16, bind: IpAddr) -> Self {
        Self::of(move || addresses(port, bind))
    }

    /// The same over any source.
    pub fn of(mut look: impl FnMut() -> Vec<Address> + Send + 'static) -> Self {
        let (told, addresses) = watch::channel(look());
        let task = tokio::spawn(async move {
            let mut again = interval(LOOK_INTERVAL);
            // A machine that slept looks once, not as often as it has missed.
            again.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                again.tick().await;
                let found = look();
                told.send_if_modified(|known| {
                    let has_changed = *known != found;
                    *known = found;
                    has_changed
                });
            }
        });
        Self { addresses, task }
    }

    /// The addresses, the likeliest first, and whenever they change.
    pub fn addresses(&self) -> watch::Receiver<Vec<Address>> {
        self.addresses.clone()
    }
}

impl Drop for AddressWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Short enough that an invite shown on a screen is right by the time somebody types it.
const LOOK_INTERVAL: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use std::sync::{Arc, Mutex};

    fn address(ip: &str) -> Address {
        Address { ip: ip.parse().unwrap(), port: 4567, kind: Kind::Lan, score: 1, interface: "eth0".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_told_and_what_stays_is_not() {
        let has = Arc::new(Mutex::new(vec![address("192.168.0.7")]));
        let source = Arc::clone(&has);
        let watch = AddressWatch::of(move || source.lock().unwrap().clone());
        let mut told = watch.addresses();
        assert_eq!(*told.borrow_and_update(), [address("192.168.0.7")]);
        tokio::time::sleep(10 * LOOK_INTERVAL).await;
        assert!(!told.has_changed().unwrap(), "nothing has changed");
        *has.lock().unwrap() = vec![address("10.0.0.7")];
        told.changed().await.unwrap();
        assert_eq!(*told.borrow_and_update(), [address("10.0.0.7")]);
        *has.lock().unwrap() = Vec::new();
        told.changed().await.unwrap();
        assert_eq!(*told.borrow_and_update(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_looks_once_nobody_watches() {
        let looked = Arc::new(());
        let held = Arc::downgrade(&looked);
        let watch = AddressWatch::of(move || {
            let _held = &looked;
            Vec::new()
        });
        let mut told = watch.addresses();
        drop(watch);
        assert!(told.changed().await.is_err());
        assert!(held.upgrade().is_none());
    }
}
