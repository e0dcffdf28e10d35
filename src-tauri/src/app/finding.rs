//! The rooms that can be found on this network, told to the page for as long as it wants to know.

use std::net::SocketAddr;
use std::sync::Arc;

use maru_client::{Target, card};
use maru_lan::{Browser, Nearby, addresses, scan};
use maru_wire::RoomCard;
use tauri::async_runtime::{JoinHandle, spawn};
use tokio::sync::{mpsc, watch};

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
    /// Tells the page which rooms are open nearby, from now on or no longer. A page that asks again is told again.
    pub fn watch_nearby(&self, on: bool) -> Result<(), CommandError> {
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
    pub fn look_harder(&self) -> Result<(), CommandError> {
        if lock(&self.0.finding).is_none() {
            self.watch_nearby(true)?;
        }
        let mut finding = lock(&self.0.finding);
        let Some(finding) = finding.as_mut() else { return Ok(()) };
        if !finding.is_scanning.send_replace(true) {
            let (browser, is_scanning) = (Arc::clone(&finding.browser), Arc::clone(&finding.is_scanning));
            finding.asking = Some(spawn(async move {
                ask_around(&browser).await;
                is_scanning.send_replace(false);
            }));
        }
        Ok(())
    }
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

async fn ask_around(browser: &Arc<Browser>) {
    browser.begin_asking().await;
    let (found, mut answers) = mpsc::unbounded_channel();
    let asking = async move {
        let answered = |at, card| drop(found.send((at, card)));
        scan::ask_all(scan::doors(&addresses::networks()), ask, answered, |_, _| {}).await;
    };
    let showing = async {
        while let Some((at, card)) = answers.recv().await {
            browser.add(at, card).await;
        }
    };
    tokio::join!(asking, showing);
}

async fn ask(at: SocketAddr) -> Option<RoomCard> {
    let target = Target::parse(&at.to_string()).ok()?;
    card::ask(target.addresses.first()?, scan::PATIENCE).await.ok()
}
