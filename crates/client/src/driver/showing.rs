//! What a driver tells whoever shows the room: events, a snapshot to whoever fell behind, and what is seen of the
//! connection while somebody looks.

use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{UPDATES_MAX, Update, unix_ms};
use crate::event::RoomEvent;
use crate::inspector::{Direction, Inspector, Seen};

/// The way to whoever shows the room.
pub(super) struct Showing {
    updates: mpsc::Sender<Update>,
    /// Whether events were dropped since the last update was taken.
    behind: bool,
    /// There while somebody looks.
    inspector: Option<Inspector>,
    /// The last sight that was told.
    told: u64,
    /// Whether sights wait for room.
    sights_wait: bool,
    /// How the present connection was opened, for whoever begins to look later; none where there is no connection.
    opened: Option<Vec<Seen>>,
}

impl Showing {
    pub(super) fn new(updates: mpsc::Sender<Update>) -> Self {
        Self { updates, behind: false, inspector: None, told: 0, sights_wait: false, opened: None }
    }

    /// Tells what happened. Whoever is behind gets a snapshot instead, once there is room.
    pub(super) fn show(&mut self, events: Vec<RoomEvent>) {
        if !events.is_empty() && !self.behind && self.updates.try_send(Update::Events(events)).is_err() {
            self.behind = true;
        }
        self.show_sights();
    }

    /// Asks for a snapshot.
    pub(super) fn fall_behind(&mut self) {
        self.behind = true;
    }

    /// Waits until whoever is behind has taken all, so that no two snapshots ever wait. For ever where nobody is.
    pub(super) async fn caught_up(&self) {
        if !(self.behind || self.sights_wait) || self.updates.reserve_many(UPDATES_MAX).await.is_err() {
            std::future::pending().await
        }
    }

    /// Tells everything, if that is what is waited for.
    pub(super) fn show_snapshot(&mut self, snapshot: impl FnOnce() -> Vec<RoomEvent>) {
        if self.behind {
            self.behind = self.updates.try_send(Update::Snapshot(snapshot())).is_err();
        }
        self.show_sights();
    }

    /// Begins to look, or stops. Whoever looks is told again what there is to see.
    pub(super) fn inspect(&mut self, on: bool) {
        if !on {
            (self.inspector, self.told, self.sights_wait) = (None, 0, false);
            return;
        }
        self.told = 0;
        if self.inspector.is_none() {
            let mut inspector = Inspector::default();
            for seen in self.opened.iter().flatten() {
                inspector.see(seen.clone(), unix_ms());
            }
            self.inspector = Some(inspector);
        }
    }

    /// A connection was opened, and this was seen of it.
    pub(super) fn opened(&mut self, seen: Vec<Seen>) {
        if let Some(inspector) = &mut self.inspector {
            for seen in &seen {
                inspector.see(seen.clone(), unix_ms());
            }
        }
        self.opened = Some(seen);
    }

    /// A message goes out.
    pub(super) fn sends(&mut self, message: &Message) {
        self.message(Direction::Out, message);
    }

    /// A message has come.
    pub(super) fn hears(&mut self, message: &Message) {
        self.message(Direction::In, message);
        match message {
            // The socket answers by itself.
            Message::Ping(data) => self.message(Direction::Out, &Message::Pong(data.clone())),
            Message::Close(close) => self.closed(close.as_ref()),
            _ => {}
        }
    }

    /// The connection is over.
    pub(super) fn closed(&mut self, close: Option<&CloseFrame>) {
        if self.opened.take().is_none() {
            return;
        }
        if let Some(inspector) = &mut self.inspector {
            let code = close.map(|close| close.code.into());
            let reason = close.map(|close| close.reason.to_string()).unwrap_or_default();
            inspector.see(Seen::Closed { code, reason }, unix_ms());
        }
    }

    fn message(&mut self, direction: Direction, message: &Message) {
        if let Some(inspector) = &mut self.inspector
            && let Some(seen) = Seen::message(direction, message)
        {
            inspector.see(seen, unix_ms());
        }
    }

    fn show_sights(&mut self) {
        let Some(inspector) = &self.inspector else { return };
        let sights: Vec<_> = inspector.after(self.told).cloned().collect();
        let Some(last) = sights.last().map(|sight| sight.nth) else { return };
        self.sights_wait = self.updates.try_send(Update::Sights(sights)).is_err();
        if !self.sights_wait {
            self.told = last;
        }
    }
}
