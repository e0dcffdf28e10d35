//! What of the joined rooms outlasts this run, on disk: a notebook for each, with what was heard, the place, and the
//! lines still to be said. Each is written on a thread of its own by the one program that holds its lock. Knows no
//! connection; what belongs into a notebook is decided by the session.
//!
//! # Layout
//! - [`Notebooks`]: where they lie. [`Notebook`]: one that is open, and its thread.
//! - `place`: folder, lock, setting aside, forgetting. `file`: the SQLite file.

mod file;
mod place;

use std::path::PathBuf;

use maru_wire::RoomId;
use tokio::sync::{mpsc, oneshot};

use crate::event::NotebookFault;
use crate::session::{Keeping, Restored};

/// Where notebooks lie: in a folder for each room, named after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notebooks {
    folder: PathBuf,
    bytes_max: u64,
}

/// Why a room was not forgotten.
#[derive(Debug)]
pub enum ForgetError {
    /// It is open, here or in another program: leave it first.
    InUse,
    /// The system does not let us.
    Io(std::io::Error),
}

/// An open notebook. Dropped, it is closed in the background.
#[derive(Debug)]
pub(crate) struct Notebook {
    pub(crate) room: RoomId,
    jobs: mpsc::Sender<Job>,
    closed: oneshot::Receiver<()>,
}

/// What is to be written, all of it or nothing, and who is told whether it was.
struct Job {
    keepings: Vec<Keeping>,
    written: oneshot::Sender<bool>,
}

impl Notebooks {
    /// Names the folder; nothing need be there.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), bytes_max: NOTEBOOK_BYTES_MAX }
    }

    /// The same with another bound for each of them.
    #[must_use]
    pub fn of_at_most(self, bytes_max: u64) -> Self {
        Self { bytes_max, ..self }
    }

    /// Whether anything is kept of a room.
    pub fn hold(&self, room: &RoomId) -> bool {
        place::holds(&self.folder.join(room.as_str()))
    }

    /// Forgets all that was heard in a room and what was still to be said there. Who the person is there stays known
    /// to those who keep their keys.
    pub fn forget(&self, room: &RoomId) -> Result<(), ForgetError> {
        place::forget(&self.folder.join(room.as_str()))
    }

    /// Opens the notebook of a room, made if there was none. With what it holds comes what is to be told of how it
    /// was found.
    pub(crate) async fn open(
        &self,
        room: &RoomId,
    ) -> Result<(Notebook, Restored, Option<NotebookFault>), NotebookFault> {
        let (jobs, waiting) = mpsc::channel(JOBS_MAX);
        let (opened, opening) = oneshot::channel();
        let (ended, closed) = oneshot::channel();
        let (folder, of, bytes_max) = (self.folder.join(room.as_str()), room.clone(), self.bytes_max);
        let thread = move || {
            work(&folder, &of, bytes_max, opened, waiting);
            // Whoever closed it may have gone on without waiting.
            let _ = ended.send(());
        };
        let started = std::thread::Builder::new().name("maru-notebook".into()).spawn(thread);
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for a notebook");
            return Err(NotebookFault::Unwritable);
        }
        let (restored, fault) = opening.await.unwrap_or(Err(NotebookFault::Unwritable))?;
        Ok((Notebook { room: room.clone(), jobs, closed }, restored, fault))
    }
}

impl Notebook {
    /// Hands over what is to be written; waits where much is under way. What comes back tells whether it is on disk.
    pub(crate) async fn write(&self, keepings: Vec<Keeping>) -> oneshot::Receiver<bool> {
        let (written, told) = oneshot::channel();
        // A thread that is gone drops the job, which tells that it was not written.
        let _ = self.jobs.send(Job { keepings, written }).await;
        told
    }

    /// Waits until all is written and the lock is free.
    pub(crate) async fn close(self) {
        drop(self.jobs);
        let _ = self.closed.await;
    }
}

type Found = Result<(Restored, Option<NotebookFault>), NotebookFault>;

fn work(
    folder: &std::path::Path,
    room: &RoomId,
    bytes_max: u64,
    opened: oneshot::Sender<Found>,
    mut jobs: mpsc::Receiver<Job>,
) {
    let mut notebook = match place::open(folder, room, bytes_max) {
        Ok(notebook) => notebook,
        Err(fault) => {
            let _ = opened.send(Err(fault));
            return;
        }
    };
    let empty = Restored { room: room.clone(), kept: None, waiting: Vec::new(), failed: Vec::new() };
    let restored = std::mem::replace(&mut notebook.restored, empty);
    if opened.send(Ok((restored, notebook.fault))).is_err() {
        return;
    }
    while let Some(Job { keepings, written }) = jobs.blocking_recv() {
        let result = notebook.file.write(&keepings);
        if let Err(error) = &result {
            tracing::warn!(%room, %error, "what was heard and said is not kept");
        }
        // Whoever asked may have gone on without waiting.
        let _ = written.send(result.is_ok());
    }
}

impl std::fmt::Display for ForgetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse => f.write_str("the room is open: leave it, here and in every other window, first"),
            Self::Io(error) => write!(f, "what was kept of the room could not be removed: {error}"),
        }
    }
}

impl std::error::Error for ForgetError {}

/// Writes that may wait for the thread: one under way and one behind it.
const JOBS_MAX: usize = 1;

/// Bytes of one notebook: an outbox of the longest messages, as many failed ones, and the mirror, with as much again to
/// spare for what SQLite needs to change them.
const NOTEBOOK_BYTES_MAX: u64 = 512 * 1024 * 1024;
