//! What goes on around the hosted room while it is open: the network is told of it, its addresses are followed as they
//! change, and the page hears whether others reach it.

use std::net::IpAddr;

use maru_lan::reach::{self, Firewall, Reach};
use maru_lan::watch::AddressWatch;
use maru_lan::{Announced, Announcer};
use maru_server::Host;
use tauri::async_runtime::{JoinHandle, spawn, spawn_blocking};
use tokio::sync::watch;

use super::App;
use crate::feed::FeedEvent;

/// It ends, with a good-bye to the network, when this is dropped.
#[derive(Debug)]
pub(super) struct Tending {
    announcer: Option<Announcer>,
    following: JoinHandle<()>,
}

impl Tending {
    /// Begins for a room that was just opened; what is announced of it, if it is to be.
    pub(super) fn start(app: &App, host: &Host, announced: Option<Announced>) -> Self {
        let announcer = announced.and_then(|announced| {
            Announcer::start(announced, host.members()).unwrap_or_else(|error| {
                // Others can still come by its address.
                tracing::warn!(%error, "the room is not announced");
                None
            })
        });
        let (port, bind) = (host.address().port(), host.address().ip());
        let following = spawn(follow(app.clone(), port, bind, host.reached()));
        Self { announcer, following }
    }

    /// Whether the network is told.
    #[cfg(test)]
    pub(super) fn is_announced(&self) -> bool {
        self.announcer.is_some()
    }

    /// Ends it in bounded time, once the network has heard the good-bye.
    pub(super) async fn end(mut self) {
        self.following.abort();
        if let Some(announcer) = self.announcer.take() {
            announcer.withdraw().await;
        }
    }
}

impl Drop for Tending {
    fn drop(&mut self) {
        self.following.abort();
    }
}

async fn follow(app: App, port: u16, bind: IpAddr, mut reached: watch::Receiver<bool>) {
    let watch = AddressWatch::start(port, bind);
    let mut addresses = watch.addresses();
    let firewall = firewall_before(bind).await;
    let mut known: Option<Reach> = None;
    loop {
        let found = addresses.borrow_and_update().clone();
        let now = reach::judge(bind, port, &found, *reached.borrow_and_update(), firewall);
        if known.as_ref() != Some(&now) {
            app.handle_reach(now.clone()).await;
            known = Some(now);
        }
        tokio::select! {
            Ok(()) = addresses.changed() => {
                let found = addresses.borrow().clone();
                app.handle_addresses(&found).await;
            }
            Ok(()) = reached.changed() => {}
            else => return,
        }
    }
}

/// The firewall of this machine, where others are to come through it.
async fn firewall_before(bind: IpAddr) -> Option<Firewall> {
    if bind.to_canonical().is_loopback() {
        return None;
    }
    spawn_blocking(Firewall::of_this_machine).await.ok().flatten()
}

impl App {
    /// What is known of it is told once nobody waits for the room any more: a page that is behind must not hold it.
    async fn handle_reach(&self, reach: Reach) {
        let mut hosting = self.0.hosting.lock().await;
        let Some(hosted) = hosting.as_mut() else { return };
        hosted.reach = Some(reach.clone());
        drop(hosting);
        self.feed().tell(FeedEvent::Reach { reach }).await;
    }

    /// The network has changed, and with it the way in for others.
    pub(super) async fn handle_addresses(&self, found: &[maru_lan::Address]) {
        let mut hosting = self.0.hosting.lock().await;
        let Some(hosted) = hosting.as_mut() else { return };
        hosted.handle_addresses(found);
        let hosted = Some(hosted.hosted().clone());
        drop(hosting);
        self.feed().tell(FeedEvent::Hosting { hosted }).await;
    }
}
