//! The thread that writes a room's log: it takes drafts from the keeper, commits them in one transaction and says
//! what became of them. While nothing waits it tends the store. A disk that stalls stalls this thread alone.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::{SystemTime, UNIX_EPOCH};

use maru_room::{Draft, Written};
use maru_store::{Store, Tended};
use tokio::sync::mpsc::WeakSender;

use crate::hub::DiskFailed;
use crate::keeper::Request;

/// How the keeper reaches the writer. It ends when this is dropped.
pub(crate) struct Writer(SyncSender<Vec<Draft>>);

impl Writer {
    /// Starts the thread. What became of drafts goes to `keeper`, as long as anybody else knows it.
    pub(crate) fn start(store: Store, keeper: WeakSender<Request>) -> std::io::Result<Self> {
        // The hub has one list under way at a time.
        let (batches, taken) = sync_channel(1);
        std::thread::Builder::new().name("maru-writer".into()).spawn(move || run(store, &taken, &keeper))?;
        Ok(Self(batches))
    }

    /// Has drafts written. Drafts handed to a writer that is gone are lost with the room.
    pub(crate) fn write(&self, drafts: Vec<Draft>) {
        let _ = self.0.send(drafts);
    }
}

fn run(mut store: Store, batches: &Receiver<Vec<Draft>>, keeper: &WeakSender<Request>) {
    let mut is_tended = false;
    loop {
        let drafts = match batches.try_recv() {
            Ok(drafts) => drafts,
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) if !is_tended => {
                is_tended = tend(&mut store, keeper);
                continue;
            }
            Err(TryRecvError::Empty) => match batches.recv() {
                Ok(drafts) => drafts,
                Err(_) => return,
            },
        };
        let written = write(&mut store, drafts);
        // What the disk does not take now is not tended either until it does.
        is_tended = written.is_err();
        let Some(keeper) = keeper.upgrade() else { return };
        if keeper.blocking_send(Request::Written(written)).is_err() {
            return;
        }
    }
}

/// An empty list asks whether the disk is well.
fn write(store: &mut Store, drafts: Vec<Draft>) -> Result<Vec<Written>, DiskFailed> {
    let written = if drafts.is_empty() { store.probe().map(|()| Vec::new()) } else { store.write(drafts) };
    written.map_err(|error| {
        tracing::error!(%error, "what was said could not be kept");
        DiskFailed
    })
}

/// One step of housekeeping. Returns whether nothing is left to do for now.
fn tend(store: &mut Store, keeper: &WeakSender<Request>) -> bool {
    match store.tend(unix_ms()) {
        Ok(Tended { trimmed, more }) => {
            if let (Some(up_to), Some(keeper)) = (trimmed, keeper.upgrade()) {
                // A keeper that is gone has no log to trim.
                let _ = keeper.blocking_send(Request::Trimmed { up_to });
            }
            !more
        }
        Err(error) => {
            tracing::warn!(%error, "the room's log could not be tended");
            true
        }
    }
}

/// Milliseconds since the Unix epoch; 0 where the clock stands before it.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
