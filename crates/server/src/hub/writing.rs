//! What is on its way to the disk: drafts wait while others are written, and nobody hears of any before it is. A
//! disk that fails refuses them all, so that no order is lost; one that stalls makes them wait, within a bound.

use std::collections::VecDeque;
use std::time::Duration;

use maru_room::{Draft, Written};
use maru_wire::limits::{DRAFTS_BYTES_MAX, PING_INTERVAL_MS, PINGS_MISSED_MAX};
use maru_wire::{Happening, MessageId, RefusalCode, RoomFrame};

use super::{Hub, Later, Now, SeatId};

/// The drafts of a room that a store writes.
#[derive(Debug, Default)]
pub(super) struct Writing {
    waiting: VecDeque<(Waiting, Draft)>,
    /// Bytes of text of those that wait.
    bytes: usize,
    /// Those that are being written; none while nothing is.
    under_way: Option<Vec<Waiting>>,
    /// Since the disk failed: when to see whether it is well again.
    probe_due: Option<Duration>,
}

/// Who waits for a draft to be written.
#[derive(Debug)]
struct Waiting {
    seat: SeatId,
    share: u32,
    /// The type of the frame, for a refusal.
    frame: &'static str,
    message: Option<MessageId>,
}

impl Writing {
    pub(super) fn poll_drafts(&mut self, now: Duration) -> Option<Vec<Draft>> {
        let is_probe_due = self.probe_due.is_some_and(|due| due <= now);
        if self.under_way.is_some() || (self.waiting.is_empty() && !is_probe_due) {
            return None;
        }
        if is_probe_due {
            self.probe_due = Some(now + PROBE);
        }
        let count = self.waiting.len().min(BATCH_MAX);
        let (waiting, drafts): (Vec<_>, Vec<_>) = self.waiting.drain(..count).unzip();
        self.bytes -= drafts.iter().map(text_bytes).sum::<usize>();
        self.under_way = Some(waiting);
        Some(drafts)
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.probe_due.filter(|_| self.under_way.is_none())
    }

    /// Takes everybody who waits; what they said will not be written.
    fn drop_all(&mut self) -> Vec<Waiting> {
        self.bytes = 0;
        let waiting = self.waiting.drain(..).map(|(waiting, _)| waiting);
        self.under_way.take().into_iter().flatten().chain(waiting).collect()
    }
}

impl Hub {
    /// Has a draft written: at once in a room without a store, else when its turn comes.
    pub(super) fn write(
        &mut self,
        seat: SeatId,
        draft: Draft,
        share: u32,
        now: Now,
    ) -> Result<Option<Later>, RefusalCode> {
        let waiting = Waiting::of(seat, share, &draft);
        if !self.room.has_store() {
            let written = self.room.write(draft);
            self.tell_written(waiting.seat, waiting.message, waiting.frame, written);
            return Ok(None);
        }
        if self.is_out_of_turn(seat, waiting.message.as_ref(), now) {
            self.room.drop_draft(&draft);
            return Err(RefusalCode::Unavailable);
        }
        let bytes = self.writing.bytes + text_bytes(&draft);
        if bytes > DRAFTS_BYTES_MAX {
            self.room.drop_draft(&draft);
            self.refused_until_said_again(&waiting, now.since_start);
            return Err(RefusalCode::Unavailable);
        }
        self.writing.bytes = bytes;
        self.writing.waiting.push_back((waiting, draft));
        Ok(Some(Later))
    }

    /// What became of the drafts of [`Hub::poll_write`], in their order; an error where none of them is kept.
    pub fn handle_written(&mut self, written: Result<Vec<Written>, DiskFailed>, now: Now) {
        self.clock = now;
        let Ok(written) = written else { return self.handle_disk_failed() };
        if self.writing.probe_due.take().is_some() {
            self.announce(RoomFrame::Disk { well: true });
        }
        let waiting = self.writing.under_way.take().unwrap_or_default();
        debug_assert_eq!(waiting.len(), written.len(), "each draft became something");
        for (Waiting { seat, share, frame, message }, written) in waiting.into_iter().zip(written) {
            if let Written::New(entry) = &written {
                self.room.record(entry.clone());
            }
            self.tell_written(seat, message, frame, written);
            self.answered(seat, share);
        }
    }

    fn handle_disk_failed(&mut self) {
        let now = self.clock.since_start;
        if self.writing.probe_due.is_none() {
            self.announce(RoomFrame::Disk { well: false });
        }
        self.writing.probe_due = Some(now + PROBE);
        self.room.drop_drafts();
        let dropped = self.writing.drop_all();
        // From the last to the first: it was said before all that was refused while it waited.
        for waiting in dropped.iter().rev() {
            self.refused_until_said_again(waiting, now);
        }
        for waiting in dropped {
            self.refuse(waiting.seat, RefusalCode::Unavailable, Some(waiting.frame), waiting.message);
            self.answered(waiting.seat, waiting.share);
        }
    }

    /// Whether what was said before this, and was refused, has to be said again first: what follows it may be on its
    /// way already, and must not overtake it.
    fn is_out_of_turn(&mut self, seat: SeatId, message: Option<&MessageId>, now: Now) -> bool {
        let Some(seat) = self.seats.get_mut(&seat) else { return false };
        let Some((first, until)) = &seat.refused_first else { return false };
        let is_out_of_turn = message != Some(first) && now.since_start < *until;
        if !is_out_of_turn {
            seat.refused_first = None;
        }
        is_out_of_turn
    }

    fn refused_until_said_again(&mut self, waiting: &Waiting, now: Duration) {
        if let (Some(seat), Some(message)) = (self.seats.get_mut(&waiting.seat), &waiting.message)
            // Who is told in words does not say it again by itself.
            && !seat.is_foreign()
        {
            seat.refused_first = Some((message.clone(), now + OUT_OF_TURN));
        }
    }

    fn tell_written(
        &mut self,
        seat: SeatId,
        message: Option<MessageId>,
        frame: &'static str,
        written: Written,
    ) {
        match written {
            Written::New(entry) => {
                // What was being written is said: the next beginning is news.
                if let Some(seat) = self.seats.get_mut(&seat) {
                    (seat.is_typing, seat.typing_told) = (false, None);
                }
                self.announce(RoomFrame::Entry(entry));
            }
            Written::Known(first) => self.tell_if_here(seat, RoomFrame::Entry(first)),
            Written::IdReused => self.refuse(seat, RefusalCode::IdReused, Some(frame), message),
        }
    }

    fn tell_if_here(&mut self, seat: SeatId, frame: RoomFrame) {
        if self.seats.contains_key(&seat) {
            self.tell(seat, frame);
        }
    }

    /// Whether the disk takes what is said, as far as is known.
    pub(super) fn is_disk_well(&self) -> bool {
        self.writing.probe_due.is_none()
    }
}

/// Nothing of it was kept: the disk is full, or worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskFailed;

impl Waiting {
    fn of(seat: SeatId, share: u32, draft: &Draft) -> Self {
        let (frame, message) = match &draft.what {
            Happening::Said { id, .. } => ("say", Some(id.clone())),
            Happening::Renamed { .. } | Happening::Unknown => ("rename", None),
        };
        Self { seat, share, frame, message }
    }
}

fn text_bytes(draft: &Draft) -> usize {
    DRAFT_OVERHEAD_BYTES
        + match &draft.what {
            Happening::Said { text, .. } => text.as_str().len(),
            Happening::Renamed { .. } | Happening::Unknown => 0,
        }
}

/// What a draft takes besides its text.
const DRAFT_OVERHEAD_BYTES: usize = 200;

/// Drafts of one transaction: more would make the first of them wait for the last.
const BATCH_MAX: usize = 512;

/// From a failure of the disk to the next look at it.
const PROBE: Duration = Duration::from_secs(2);

/// How long what was said after a refused message is refused too. It may be on its way for as long as the connection
/// lives: a member that reads nothing has not seen the refusal, and one that has been silent for so long is gone.
const OUT_OF_TURN: Duration = Duration::from_millis(PING_INTERVAL_MS * (PINGS_MISSED_MAX as u64 + 1));
