//! What is still to be said: in order, under the ids the composer chose, until the room's own entry comes back.

use std::collections::VecDeque;
use std::time::Duration;

use maru_wire::frames::say_cost;
use maru_wire::limits::OUTBOX_MESSAGES_MAX;
use maru_wire::{ClientFrame, MessageId, MessageText, RefusalCode, StatedLimits};

use crate::event::RoomEvent;

/// The messages that are on their way, and those that failed.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Queued>,
    /// In the order they failed.
    failed: VecDeque<(Queued, RefusalCode)>,
    pace: Pace,
}

#[derive(Debug, Clone)]
struct Queued {
    id: MessageId,
    text: MessageText,
    at: u64,
    sent: bool,
}

/// The outbox holds as many messages as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxFull;

impl Outbox {
    /// Takes a message; taking it again is harmless. The event shows it as pending.
    pub(super) fn queue(
        &mut self,
        id: MessageId,
        text: MessageText,
        at: u64,
    ) -> Result<Option<RoomEvent>, OutboxFull> {
        if self.waiting.iter().any(|queued| queued.id == id) {
            return Ok(None);
        }
        if self.waiting.len() >= OUTBOX_MESSAGES_MAX {
            return Err(OutboxFull);
        }
        self.failed.retain(|(failed, _)| failed.id != id);
        let queued = Queued { id, text, at, sent: false };
        let event = queued.event();
        self.waiting.push_back(queued);
        Ok(Some(event))
    }

    /// The room has it. Returns whether it was waited for.
    pub(super) fn handle_said(&mut self, id: &MessageId) -> bool {
        let shown = self.waiting.len() + self.failed.len();
        self.waiting.retain(|queued| queued.id != *id);
        self.failed.retain(|(failed, _)| failed.id != *id);
        self.waiting.len() + self.failed.len() < shown
    }

    /// The room did not take it. Where waiting helps it is said again; otherwise the event tells that it failed.
    pub(super) fn handle_refused(
        &mut self,
        id: &MessageId,
        code: RefusalCode,
        now: Duration,
    ) -> Option<RoomEvent> {
        if matches!(code, RefusalCode::TooFast | RefusalCode::Unavailable | RefusalCode::HelloFirst) {
            // From the first refused one on, so that the order stays.
            let refused = self.waiting.iter().position(|queued| queued.id == *id)?;
            self.waiting.iter_mut().skip(refused).for_each(|queued| queued.sent = false);
            self.pace.pause(now);
            return None;
        }
        self.fail(id, code)
    }

    /// What waits was meant for another room: it fails, and the person may say it here again.
    pub(super) fn handle_moved(&mut self) -> Vec<RoomEvent> {
        let ids: Vec<MessageId> = self.waiting.iter().map(|queued| queued.id.clone()).collect();
        ids.iter().filter_map(|id| self.fail(id, RefusalCode::Unavailable)).collect()
    }

    /// What was sent but not acknowledged has to be sent again.
    pub(super) fn handle_disconnected(&mut self) {
        self.waiting.iter_mut().for_each(|queued| queued.sent = false);
    }

    /// The room's bounds, known from now on.
    pub(super) fn handle_limits(&mut self, limits: &StatedLimits) {
        self.pace = Pace::within(limits);
    }

    /// The next message to send, if one is due.
    pub(super) fn poll_frame(&mut self, now: Duration) -> Option<ClientFrame> {
        if self.in_flight() >= IN_FLIGHT_MAX {
            return None;
        }
        let next = self.waiting.iter_mut().find(|queued| !queued.sent)?;
        if !self.pace.take(now, next.cost()) {
            return None;
        }
        next.sent = true;
        Some(ClientFrame::Say { id: next.id.clone(), text: next.text.clone() })
    }

    /// When the next message may be sent, if one waits.
    pub(super) fn due(&self) -> Option<Duration> {
        let next = self.waiting.iter().find(|queued| !queued.sent)?;
        (self.in_flight() < IN_FLIGHT_MAX).then(|| self.pace.due(next.cost()))
    }

    /// What waits for the room, in order.
    pub(super) fn waiting(&self) -> Vec<(MessageId, MessageText)> {
        self.waiting.iter().map(|queued| (queued.id.clone(), queued.text.clone())).collect()
    }

    /// Everything there is to show of it.
    pub(super) fn events(&self) -> impl Iterator<Item = RoomEvent> + '_ {
        let failed = self.failed.iter().flat_map(|(queued, code)| {
            [queued.event(), RoomEvent::Unsent { id: queued.id.clone(), code: *code }]
        });
        failed.chain(self.waiting.iter().map(Queued::event))
    }

    fn fail(&mut self, id: &MessageId, code: RefusalCode) -> Option<RoomEvent> {
        let failed = self.waiting.iter().position(|queued| queued.id == *id)?;
        let queued = self.waiting.remove(failed)?;
        if self.failed.len() < OUTBOX_MESSAGES_MAX {
            self.failed.push_back((queued, code));
        }
        Some(RoomEvent::Unsent { id: id.clone(), code })
    }

    fn in_flight(&self) -> usize {
        self.waiting.iter().filter(|queued| queued.sent).count()
    }
}

impl Queued {
    fn event(&self) -> RoomEvent {
        RoomEvent::Queued { id: self.id.clone(), text: self.text.clone(), at: self.at }
    }

    fn cost(&self) -> u32 {
        say_cost(self.text.as_str().len())
    }
}

/// Keeps what is sent below the room's rate, so that nothing of an emptied outbox is refused: the generic cell
/// rate algorithm (ITU-T I.371) at nine tenths of the rate and half of the burst.
#[derive(Debug)]
struct Pace {
    interval: Duration,
    tolerance: Duration,
    /// When what was sent is made up for: the next message would be due then without any burst.
    arrival: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { interval: Duration::ZERO, tolerance: Duration::ZERO, arrival: Duration::ZERO }
    }
}

impl Pace {
    fn within(limits: &StatedLimits) -> Self {
        let per_second = f64::from(limits.rate_per_second.max(1)) * 0.9;
        let interval = Duration::from_secs_f64(per_second.recip());
        let tolerance = interval * (limits.rate_burst / 2).saturating_sub(1);
        Self { interval, tolerance, arrival: Duration::ZERO }
    }

    fn take(&mut self, now: Duration, cost: u32) -> bool {
        if self.due(cost) > now {
            return false;
        }
        self.arrival = self.arrival.max(now) + self.interval * cost;
        true
    }

    fn pause(&mut self, now: Duration) {
        self.arrival = self.arrival.max(now + PAUSE + self.tolerance);
    }

    /// When a message of that cost fits into the burst; one that never does, once all before is made up for.
    fn due(&self, cost: u32) -> Duration {
        let rest = self.interval * cost.saturating_sub(1);
        self.arrival.saturating_sub(self.tolerance.saturating_sub(rest))
    }
}

/// Messages sent and not yet acknowledged. Fewer than the answers that a room holds ready for one member, and
/// than the refusals for speed after which it lets go of one; and what is under way costs a bounded amount.
const IN_FLIGHT_MAX: usize = 32;

/// How long the outbox rests after a refusal for speed: the time in which the room's bucket fills.
const PAUSE: Duration = Duration::from_secs(1);
