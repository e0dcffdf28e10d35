//! A hosted room, told to the building's networks for as long as it is open.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use maru_wire::RoomId;
use mdns_sd::{IfKind, IfPredicate, ServiceInfo};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::claim::Claim;
use super::{DiscoveryError, SERVICE, Voice, WITHDRAW_MAX, is_for_others};
use crate::addresses::Interface;

/// What others are told of a room. Nothing in it is worth guarding: `/room.json` says the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The room.
    pub room: RoomId,
    /// What it is called, in the form of [`maru_wire::nickname::room_name`].
    pub name: String,
    /// The address it listens on, the unspecified one for all.
    pub bind: IpAddr,
    /// The port it listens on.
    pub port: u16,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Whether a passphrase is asked for.
    pub passphrase: bool,
}

/// Announces a room until it is withdrawn or dropped, on each network of the building, and on those that come up
/// meanwhile.
#[derive(Debug)]
pub struct Announcer {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Announcer {
    /// Begins, within a tokio runtime. None where the room is for this machine alone: then nothing is sent and no socket
    /// is opened. How many members are there is told as it changes, though not every change.
    pub fn start(what: Announced, members: watch::Receiver<u32>) -> Result<Option<Self>, DiscoveryError> {
        if !is_for_others(what.bind) {
            return Ok(None);
        }
        let voice = Voice::raise()?;
        // A name of its own for each run: two rooms of one machine, or two machines of one name, are never taken for
        // one another.
        let host = format!("maru-{:016x}.local.", RandomState::new().hash_one(what.port));
        let (stop, stopped) = oneshot::channel();
        voice.0.register(service(&what, &host, *members.borrow())?)?;
        let task = tokio::spawn(announce(voice, what, host, members, stopped));
        Ok(Some(Self { stop: Some(stop), task }))
    }

    /// Takes the announcement back: whoever listens hears a good-bye. Takes [`WITHDRAW_MAX`] at most, whatever happens.
    pub async fn withdraw(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = timeout(WITHDRAW_MAX, &mut self.task).await;
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        // With it goes its voice, which says good-bye.
        self.task.abort();
    }
}

async fn announce(
    voice: Voice,
    what: Announced,
    host: String,
    mut members: watch::Receiver<u32>,
    mut stopped: oneshot::Receiver<()>,
) {
    loop {
        let changed = async {
            // Whoever counts the members may be gone before the room is.
            if members.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            // Comings and goings within this time are told at once.
            sleep(MEMBERS_TOLD_INTERVAL).await;
        };
        tokio::select! {
            () = changed => {}
            _ = &mut stopped => break,
        }
        let count = *members.borrow_and_update();
        let told = service(&what, &host, count).map_err(DiscoveryError::from);
        if let Err(error) = told.and_then(|told| Ok(voice.0.register(told)?)) {
            tracing::debug!(%error, "the number of members is not announced");
        }
    }
    if let Ok(service) = service(&what, &host, 0)
        && let Ok(status) = voice.0.unregister(service.get_fullname())
        && status.recv_async().await.is_ok()
    {
        // The good-bye is said twice, for those who missed the first.
        sleep(SECOND_GOODBYE).await;
    }
    if let Ok(status) = voice.0.shutdown() {
        let _ = status.recv_async().await;
    }
}

fn service(what: &Announced, host: &str, members: u32) -> Result<ServiceInfo, mdns_sd::Error> {
    let Announced { room, name, bind, port, tls, passphrase } = what.clone();
    let claim = Claim { id: room, name, tls, passphrase, members: Some(members) };
    let instance = claim.instance();
    let written = claim.written();
    // Its addresses are those that this machine has at each moment.
    let mut service = ServiceInfo::new(SERVICE, &instance, host, "", port, &written[..])?.enable_addr_auto();
    let is_announced = move |found: &if_addrs::Interface| Interface::of(found).is_announced(bind);
    service.set_interfaces(vec![IfKind::Predicate(IfPredicate::new(is_announced))]);
    Ok(service)
}

/// How long a change of the number of members waits for more of them: each costs a packet on the whole network.
const MEMBERS_TOLD_INTERVAL: Duration = Duration::from_secs(3);

/// When the responder repeats a good-bye, and a little.
const SECOND_GOODBYE: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(bind: &str) -> Announced {
        Announced {
            room: RoomId::parse("r1").unwrap(),
            name: "점심".into(),
            bind: bind.parse().unwrap(),
            port: 4567,
            tls: true,
            passphrase: false,
        }
    }

    #[tokio::test]
    async fn a_room_for_this_machine_alone_is_not_announced() {
        let (_count, members) = watch::channel(0);
        for bind in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(Announcer::start(announced(bind), members.clone()).unwrap().is_none(), "{bind}");
        }
    }

    #[test]
    fn a_service_is_what_dns_allows() {
        let service = service(&announced("::"), "maru-1.local.", 3).unwrap();
        assert_eq!(service.get_fullname(), "점심 (r1)._maru._tcp.local.");
        assert_eq!(service.get_property_val_str("members"), Some("3"));
        assert_eq!(service.get_hostname(), "maru-1.local.");
        assert!(service.is_addr_auto());
    }
}
