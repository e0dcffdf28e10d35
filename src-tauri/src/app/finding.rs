//! The rooms that can be found on this network, told to the page for as long as it wants to know.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use maru_client::{Endpoint, Finder, Target, card};
use maru_lan::{Browser, Nearby, addresses, discovery, scan};
use maru_wire::RoomCard;
use tauri::async_runtime::{JoinHandle, spawn};
use tokio::sync::watch;

use super::{App, lock};
use crate::error::CommandError;
use crate::feed::FeedEvent;

/// Listening to the network. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Finding {
    browser: Arc<Browser>,
    is_scanning: Arc<watch::Sender<bool>>,
    telling: JoinHandle<()>,
    asking: Option<JoinHandle<()>>,
}

impl Drop for Finding {
    fn drop(&mut self) {
        self.telling.abort();
        if let Some(asking) = &self.asking {
            asking.abort();
        }
    }
}

impl App {
    /// Tells the page which rooms are open nearby, from now on or no longer. A page that asks again is told again. Where
    /// this run is for this machine alone, the network is neither listened to nor asked, and nothing is nearby.
    pub async fn watch_nearby(&self, on: bool) -> Result<(), CommandError> {
        if !discovery::is_for_others(self.0.settings.bind) {
            if on {
                let nothing = FeedEvent::Nearby { rooms: Vec::new(), is_scanning: false };
                self.feed().tell(nothing).await;
            }
            return Ok(());
        }
        self.listen_nearby(on)
    }

    fn listen_nearby(&self, on: bool) -> Result<(), CommandError> {
        let mut finding = lock(&self.0.finding);
        if !on {
            *finding = None;
        } else if let Some(finding) = finding.as_mut() {
            finding.telling.abort();
            finding.telling =
                spawn(tell(self.clone(), finding.browser.rooms(), finding.is_scanning.subscribe()));
        } else {
            let browser =
                Arc::new(Browser::start().map_err(|error| CommandError::new("nearby_failed", error))?);
            let is_scanning = Arc::new(watch::Sender::new(false));
            let telling = spawn(tell(self.clone(), browser.rooms(), is_scanning.subscribe()));
            *finding = Some(Finding { browser, is_scanning, telling, asking: None });
        }
        Ok(())
    }

    /// Asks the addresses of this network one by one, once, because the person wants it. Who asks again meanwhile waits
    /// for the same answers.
    pub async fn look_harder(&self) -> Result<(), CommandError> {
        if lock(&self.0.finding).is_none() {
            self.watch_nearby(true).await?;
        }
        let mut finding = lock(&self.0.finding);
        let Some(finding) = finding.as_mut() else { return Ok(()) };
        if !finding.is_scanning.send_replace(true) {
            let (browser, is_scanning) = (Arc::clone(&finding.browser), Arc::clone(&finding.is_scanning));
            finding.asking = Some(spawn(async move {
                browser.ask_around(scan::doors(&addresses::networks()), ask).await;
                is_scanning.send_replace(false);
            }));
        }
        Ok(())
    }
}

/// Asks the network where a room is now that was found elsewhere before. One that was found on this machine is not looked
/// for: the network is not asked of what never was on it.
pub(super) fn finder(target: &Target) -> Option<Finder> {
    if target.is_of_this_machine() {
        return None;
    }
    Some(Arc::new(|room| {
        Box::pin(
            async move { discovery::find(&room, FIND_MAX).await.into_iter().map(Endpoint::from).collect() },
        )
    }))
}

/// Tells of the rooms for as long as they are listened to. The one hosted here is no news to its host.
async fn tell(app: App, mut rooms: watch::Receiver<Vec<Nearby>>, mut is_scanning: watch::Receiver<bool>) {
    loop {
        let own = app.hosted_id().await;
        let mut nearby = rooms.borrow_and_update().clone();
        nearby.retain(|room| Some(&room.id) != own.as_ref());
        let is_asked = *is_scanning.borrow_and_update();
        app.feed().tell(FeedEvent::Nearby { rooms: nearby, is_scanning: is_asked }).await;
        let is_over = tokio::select! {
            changed = rooms.changed() => changed.is_err(),
            changed = is_scanning.changed() => changed.is_err(),
        };
        if is_over {
            return;
        }
    }
}

async fn ask(at: SocketAddr) -> Option<RoomCard> {
    card::ask(&Endpoint::from(at), scan::PATIENCE).await.ok()
}

/// The longest wait for the network to tell of a room: most that are there answer within a second.
const FIND_MAX: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_of_this_machine_is_not_looked_for_on_the_network() {
        for here in [
            "ws://127.0.0.1:4567/",
            "http://localhost:4567/",
            "ws://[::1]:4567/",
            "maru://join?a=127.0.0.1:4567&room=r1",
        ] {
            assert!(finder(&Target::parse(here).unwrap()).is_none(), "{here}");
        }
        assert!(finder(&Target::parse("192.168.0.10:4567").unwrap()).is_some());
        assert!(finder(&Target::parse("maru://join?a=127.0.0.1:1&a=10.0.0.1:1&room=r1").unwrap()).is_some());
    }
}
