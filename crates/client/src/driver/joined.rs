//! A room that was joined, as whoever joined it holds it: each thing asked for goes to the driver and is done there.

use maru_wire::scram::Passphrase;
use maru_wire::{MessageId, MessageText, Nickname, SearchWords, Seq};
use tokio::sync::{mpsc, oneshot};

use crate::event::RoomEvent;
use crate::inspector::Sight;
#[cfg(doc)]
use crate::session::Session;

/// What there is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Everything, from an empty room on: whoever shows the room had fallen behind, or asked for it.
    Snapshot(Vec<RoomEvent>),
    /// What happened next.
    Events(Vec<RoomEvent>),
    /// What was seen of the connection, for whoever asked to look.
    Sights(Vec<Sight>),
}

/// A room that was joined. Dropping it leaves the room.
#[derive(Debug)]
pub struct Joined {
    pub(super) asks: mpsc::Sender<Ask>,
}

/// Why a message was not even queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SayError {
    /// The outbox holds as many messages as it may; the text has to be kept by whoever typed it.
    OutboxFull,
    /// The room was left.
    Left,
}

/// What was said and not acknowledged, in order.
pub(super) type Unsaid = Vec<(MessageId, MessageText)>;

/// Whether a message was queued.
pub(super) type Said = Result<(), SayError>;

pub(super) enum Ask {
    Say { id: MessageId, text: MessageText, done: oneshot::Sender<Said> },
    Rename(Nickname),
    SetTyping(bool),
    LoadHistory,
    LoadExcerpt(Seq),
    Search { words: SearchWords, before: Option<Seq> },
    LoadRoster,
    RetryNow,
    Show(Passphrase),
    Snapshot,
    Dismiss(MessageId),
    TakeUpNotebook,
    Inspect(bool),
    Leave { done: oneshot::Sender<Unsaid> },
}

impl Joined {
    /// Queues a message; see [`Session::say`]. Where the room has a notebook, it is on disk once this returns.
    pub async fn say(&self, id: MessageId, text: MessageText) -> Result<(), SayError> {
        let (done, said) = oneshot::channel();
        self.asks.send(Ask::Say { id, text, done }).await.map_err(|_| SayError::Left)?;
        said.await.map_err(|_| SayError::Left)?
    }

    /// See [`Session::rename`].
    pub async fn rename(&self, nickname: Nickname) {
        self.ask(Ask::Rename(nickname)).await;
    }

    /// See [`Session::set_typing`].
    pub async fn set_typing(&self, active: bool) {
        self.ask(Ask::SetTyping(active)).await;
    }

    /// See [`Session::load_history`].
    pub async fn load_history(&self) {
        self.ask(Ask::LoadHistory).await;
    }

    /// See [`Session::load_excerpt`].
    pub async fn load_excerpt(&self, from: Seq) {
        self.ask(Ask::LoadExcerpt(from)).await;
    }

    /// See [`Session::search`].
    pub async fn search(&self, words: SearchWords, before: Option<Seq>) {
        self.ask(Ask::Search { words, before }).await;
    }

    /// See [`Session::load_roster`].
    pub async fn load_roster(&self) {
        self.ask(Ask::LoadRoster).await;
    }

    /// See [`Session::retry_now`].
    pub async fn retry_now(&self) {
        self.ask(Ask::RetryNow).await;
    }

    /// See [`Session::show`].
    pub async fn show(&self, passphrase: Passphrase) {
        self.ask(Ask::Show(passphrase)).await;
    }

    /// Asks for a [`Update::Snapshot`].
    pub async fn snapshot(&self) {
        self.ask(Ask::Snapshot).await;
    }

    /// See [`Session::dismiss`].
    pub async fn dismiss(&self, id: MessageId) {
        self.ask(Ask::Dismiss(id)).await;
    }

    /// Begins to look at the connection, or stops: what is seen comes as [`Update::Sights`], from the handshake of the
    /// present connection on. Nothing of it is kept, and it costs nothing, while nobody looks.
    pub async fn inspect(&self, on: bool) {
        self.ask(Ask::Inspect(on)).await;
    }

    /// Tries again to open the room's notebook, which another may have given up.
    pub async fn take_up_notebook(&self) {
        self.ask(Ask::TakeUpNotebook).await;
    }

    /// Leaves politely and waits, in bounded time, until the connection is closed. Returns what was said and is
    /// not acknowledged, in order: under the same ids it can be said again over another connection. By then all is in
    /// the notebook, and its lock is free.
    pub async fn leave(&self) -> Vec<(MessageId, MessageText)> {
        let (done, left) = oneshot::channel();
        self.ask(Ask::Leave { done }).await;
        left.await.unwrap_or_default()
    }

    async fn ask(&self, ask: Ask) {
        // A driver that is gone has left already.
        let _ = self.asks.send(ask).await;
    }
}
