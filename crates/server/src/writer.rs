//! The thread that writes a room's log: it takes drafts from the keeper, commits them in one transaction and says
//! what became of them. While nothing waits it tends the store. A disk that stalls stalls this thread alone.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use maru_room::{Draft, Written};
use maru_store::{Store, TEND_INTERVAL_MS, Tended};
use tokio::sync::mpsc::WeakSender;
use tokio::sync::watch;

use crate::hub::DiskFailed;
use crate::keeper::Request;

/// How the keeper reaches the writer. It ends when this is dropped.
pub(crate) struct Writer(SyncSender<Vec<Draft>>);

impl Writer {
    /// Starts the thread. What became of drafts goes to `keeper`, as long as anybody else knows it. `closed` is dropped
    /// once the store is.
    pub(crate) fn start(
        store: Store,
        keeper: WeakSender<Vec<Request>>,
        closed: watch::Sender<()>,
    ) -> std::io::Result<Self> {
        // The hub has one list under way at a time.
        let (batches, taken) = sync_channel(1);
        std::thread::Builder::new().name("maru-writer".into()).spawn(move || {
            let _closed = closed;
            let desk = Desk { store, keeper };
            desk.run(taken);
        })?;
        Ok(Self(batches))
    }

    /// Has drafts written; an empty list asks whether the disk is well.
    pub(crate) fn write(&self, drafts: Vec<Draft>) -> Result<(), DiskFailed> {
        self.0.send(drafts).map_err(|_| DiskFailed)
    }
}

/// The writer's own end.
struct Desk {
    store: Store,
    keeper: WeakSender<Vec<Request>>,
}

impl Desk {
    /// Where this fails, the way for drafts is closed before it is said: none is lost between the two.
    fn run(mut self, batches: Receiver<Vec<Draft>>) {
        let mut rests = Duration::ZERO;
        loop {
            rests = match batches.recv_timeout(rests) {
                Ok(drafts) => match self.write(drafts) {
                    Ok(true) => Duration::ZERO,
                    // What the disk does not take now is not tended at once either.
                    Ok(false) => TEND_INTERVAL,
                    Err(KeeperGone) => return,
                },
                Err(RecvTimeoutError::Timeout) if self.tend() => Duration::ZERO,
                Err(RecvTimeoutError::Timeout) => TEND_INTERVAL,
                Err(RecvTimeoutError::Disconnected) => return,
            };
        }
    }

    /// Writes drafts and says what became of them. Returns whether the disk took them.
    fn write(&mut self, drafts: Vec<Draft>) -> Result<bool, KeeperGone> {
        let written = self.commit(drafts);
        let is_well = written.is_ok();
        let keeper = self.keeper.upgrade().ok_or(KeeperGone)?;
        keeper.blocking_send(vec![Request::Written(written)]).map_err(|_| KeeperGone)?;
        Ok(is_well)
    }

    fn commit(&mut self, drafts: Vec<Draft>) -> Result<Vec<Written>, DiskFailed> {
        let is_probe = drafts.is_empty();
        let written =
            if is_probe { self.store.probe().map(|()| Vec::new()) } else { self.store.write(drafts) };
        written.map_err(|error| {
            tracing::error!(%error, "what was said could not be kept");
            DiskFailed
        })
    }

    /// One step of housekeeping. Returns whether more is left to do.
    fn tend(&mut self) -> bool {
        match self.store.tend(unix_ms()) {
            Ok(Tended { trimmed, more }) => {
                if let (Some(up_to), Some(keeper)) = (trimmed, self.keeper.upgrade()) {
                    // A keeper that is gone has no log to trim.
                    let _ = keeper.blocking_send(vec![Request::Trimmed { up_to }]);
                }
                more
            }
            Err(error) => {
                tracing::warn!(%error, "the room's log could not be tended");
                false
            }
        }
    }
}

impl Drop for Desk {
    /// Nobody must wait for ever for what was under way when this thread failed.
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(keeper) = self.keeper.upgrade()
        {
            let _ = keeper.blocking_send(vec![Request::Written(Err(DiskFailed))]);
        }
    }
}

/// There is nobody to write for any more.
struct KeeperGone;

/// Milliseconds since the Unix epoch; 0 where the clock stands before it.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

const TEND_INTERVAL: Duration = Duration::from_millis(TEND_INTERVAL_MS);
