//! Hands what a session wants kept to its notebook: lines at once, and waits until they are on disk; what was heard
//! together with what comes within a moment, so that a fast room costs little. Where that fails the session is told
//! and goes on in memory.

use std::time::Duration;

use maru_wire::RoomId;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use crate::event::NotebookFault;
use crate::notebook::{Notebook, Notebooks};
use crate::session::{Keeping, Restored, Session};

pub(super) struct Keeper {
    notebooks: Option<Notebooks>,
    notebook: Option<Notebook>,
    /// What is to be written, in order.
    pending: Vec<Keeping>,
    pending_entries: usize,
    /// When it is to be written at the latest.
    due: Option<Instant>,
    /// A write that nobody waits for yet.
    under_way: Option<oneshot::Receiver<bool>>,
}

impl Keeper {
    pub(super) fn new(notebooks: Option<Notebooks>) -> Self {
        Self {
            notebooks,
            notebook: None,
            pending: Vec::new(),
            pending_entries: 0,
            due: None,
            under_way: None,
        }
    }

    /// What is kept of a room that was joined before; none where nothing is.
    pub(super) async fn restore(&mut self, room: &RoomId) -> Option<Found> {
        if self.notebooks.as_ref()?.hold(room) { self.open(room).await } else { None }
    }

    /// Whether there is a place for notebooks, and none is open yet.
    pub(super) fn seeks(&self) -> bool {
        self.notebooks.is_some() && self.notebook.is_none()
    }

    /// The connection leads to this room: from here on it is what is kept.
    pub(super) async fn enter(&mut self, session: &mut Session, room: &RoomId) {
        if self.notebook.as_ref().is_some_and(|notebook| notebook.room == *room) {
            return;
        }
        self.close(session).await;
        match self.open(room).await {
            Some(Ok((restored, fault))) => {
                session.handle_restored(restored);
                if fault.is_some() {
                    session.handle_notebook(fault);
                }
            }
            Some(Err(fault)) => session.handle_notebook(Some(fault)),
            None => {}
        }
    }

    /// Takes what the session wants kept. Once it returns, every line of it is on disk, or the session knows that it
    /// is not.
    pub(super) async fn keep(&mut self, session: &mut Session) {
        let mut lines = false;
        while let Some(keeping) = session.poll_keeping() {
            lines |= keeping.is_of_a_line();
            self.pending_entries += keeping.entries();
            self.pending.push(keeping);
        }
        if self.pending.is_empty() {
            return;
        }
        if lines || self.pending.len() + self.pending_entries >= PENDING_MAX {
            self.write(session, lines).await;
        } else {
            self.due.get_or_insert_with(|| Instant::now() + COALESCE);
        }
    }

    /// Waits until there is something to do, for ever where there is not. Dropped at any time it loses nothing.
    pub(super) async fn happens(&mut self) -> Kept {
        match (&mut self.under_way, self.due) {
            (Some(written), _) => Kept::Written(written.await.unwrap_or(false)),
            (None, Some(due)) => {
                tokio::time::sleep_until(due).await;
                Kept::Due
            }
            (None, None) => std::future::pending().await,
        }
    }

    /// Does it.
    pub(super) async fn handle(&mut self, session: &mut Session, kept: Kept) {
        match kept {
            Kept::Written(written) => {
                self.under_way = None;
                if !written {
                    self.fail(session);
                }
            }
            Kept::Due => self.write(session, false).await,
        }
    }

    /// Writes what is left and gives the notebook up.
    pub(super) async fn close(&mut self, session: &mut Session) {
        self.keep(session).await;
        self.write(session, true).await;
        if let Some(notebook) = self.notebook.take() {
            // A disk that takes nothing must not hold up the end.
            let _ = timeout(WRITE_MAX, notebook.close()).await;
        }
    }

    async fn open(&mut self, room: &RoomId) -> Option<Found> {
        let opening = self.notebooks.as_ref()?.open(room);
        let found = timeout(WRITE_MAX, opening).await.unwrap_or(Err(NotebookFault::Unwritable));
        Some(found.map(|(notebook, restored, fault)| {
            self.notebook = Some(notebook);
            (restored, fault)
        }))
    }

    async fn write(&mut self, session: &mut Session, wait: bool) {
        self.due = None;
        self.pending_entries = 0;
        let keepings = std::mem::take(&mut self.pending);
        let Some(notebook) = &self.notebook else { return };
        let before = self.under_way.take();
        let writing = async {
            let before = match before {
                Some(before) => before.await.unwrap_or(false),
                None => true,
            };
            let written = notebook.write(keepings).await;
            if !wait {
                return (before, Some(written));
            }
            (before && written.await.unwrap_or(false), None)
        };
        match timeout(WRITE_MAX, writing).await {
            Ok((true, under_way)) => self.under_way = under_way,
            Ok((false, _)) | Err(_) => self.fail(session),
        }
    }

    /// From here on nothing is kept, until the next connection.
    fn fail(&mut self, session: &mut Session) {
        self.notebook = None;
        self.under_way = None;
        self.pending.clear();
        session.handle_notebook(Some(NotebookFault::Unwritable));
    }
}

/// What a notebook held, or why there is none.
pub(super) type Found = Result<(Restored, Option<NotebookFault>), NotebookFault>;

/// What happened to what is kept.
pub(super) enum Kept {
    /// A write has ended, well or not.
    Written(bool),
    /// It is time for the next one.
    Due,
}

/// How long what was heard may wait for more of it. Lost in a crash, it is heard again.
const COALESCE: Duration = Duration::from_millis(200);

/// Entries and other things that wait to be written together.
const PENDING_MAX: usize = 256;

/// How long a write may take. A disk that stalls for longer takes nothing; meanwhile a room stays connected, since it
/// waits for a sign of life for longer than that.
const WRITE_MAX: Duration = Duration::from_secs(10);
