//! What is still to be said: in order, under the ids the composer chose, until the room's own entry comes back.

use std::collections::VecDeque;
use std::time::Duration;

use maru_wire::frames::say_cost;
use maru_wire::limits::OUTBOX_MESSAGES_MAX;
use maru_wire::{ClientFrame, MessageId, MessageText, RefusalCode, StatedLimits};

use super::Line;
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
    line: Line,
    sent: bool,
}

/// The outbox holds as many messages as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxFull;

impl Outbox {
    /// Takes a message; taking it again is harmless. The event shows it as pending.
    pub(super) fn queue(&mut self, line: Line) -> Result<Option<RoomEvent>, OutboxFull> {
        if self.waits(&line.id) {
            return Ok(None);
        }
        if self.waiting.len() >= OUTBOX_MESSAGES_MAX {
            return Err(OutboxFull);
        }
        self.failed.retain(|(failed, _)| failed.line.id != line.id);
        let queued = Queued { line, sent: false };
        let event = queued.event();
        self.waiting.push_back(queued);
        Ok(Some(event))
    }

    /// Takes lines of a run before: they were said first. Returns what shows them, and the lines that were said here
    /// meanwhile and are kept nowhere yet.
    pub(super) fn handle_restored(
        &mut self,
        waiting: Vec<Line>,
        failed: Vec<(Line, RefusalCode)>,
    ) -> (Vec<RoomEvent>, Vec<Line>) {
        let here = std::mem::take(&mut self.waiting);
        let known = |id: &MessageId| waiting.iter().any(|line| line.id == *id);
        let (kept, unkept): (Vec<Queued>, Vec<Queued>) =
            here.into_iter().partition(|queued| known(&queued.line.id));
        let mut events = Vec::new();
        for (line, code) in failed {
            let here = unkept.iter().any(|queued| queued.line.id == line.id) || self.has_failed(&line.id);
            if !here && self.failed.len() < OUTBOX_MESSAGES_MAX {
                let queued = Queued { line, sent: false };
                events.extend([queued.event(), queued.unsent(code)]);
                self.failed.push_back((queued, code));
            }
        }
        for line in waiting.into_iter().take(OUTBOX_MESSAGES_MAX) {
            match kept.iter().find(|queued| queued.line.id == line.id) {
                Some(queued) => self.waiting.push_back(queued.clone()),
                None => {
                    self.failed.retain(|(failed, _)| failed.line.id != line.id);
                    let queued = Queued { line, sent: false };
                    events.push(queued.event());
                    self.waiting.push_back(queued);
                }
            }
        }
        let lines = unkept.iter().map(|queued| queued.line.clone()).collect();
        self.waiting.extend(unkept);
        (events, lines)
    }

    /// The room has it. Returns whether it was waited for.
    pub(super) fn handle_said(&mut self, id: &MessageId, now: Duration) -> bool {
        let shown = self.waiting.len() + self.failed.len();
        self.handle_answered(id, now);
        self.waiting.retain(|queued| queued.line.id != *id);
        self.failed.retain(|(failed, _)| failed.line.id != *id);
        self.waiting.len() + self.failed.len() < shown
    }

    /// The room has dealt with a message.
    fn handle_answered(&mut self, id: &MessageId, now: Duration) {
        if let Some(sent) = self.waiting.iter().find(|queued| queued.sent && queued.line.id == *id) {
            self.pace.charge(sent.cost(), now);
        }
    }

    /// The person has given up a line that failed. Returns whether there was one.
    pub(super) fn dismiss(&mut self, id: &MessageId) -> bool {
        let failed = self.failed.len();
        self.failed.retain(|(failed, _)| failed.line.id != *id);
        self.failed.len() < failed
    }

    /// The room did not take it. Where waiting helps it is said again; otherwise the event tells that it failed.
    pub(super) fn handle_refused(
        &mut self,
        id: &MessageId,
        code: RefusalCode,
        now: Duration,
    ) -> Option<RoomEvent> {
        self.handle_answered(id, now);
        if matches!(code, RefusalCode::TooFast | RefusalCode::Unavailable | RefusalCode::HelloFirst) {
            // From the first refused one on, so that the order stays.
            let refused = self.waiting.iter().position(|queued| queued.line.id == *id)?;
            self.waiting.iter_mut().skip(refused).for_each(|queued| queued.sent = false);
            self.pace.pause(now);
            return None;
        }
        self.fail(id, code)
    }

    /// What waits was meant for another room: it fails, and the person may say it here again.
    pub(super) fn handle_moved(&mut self) -> Vec<RoomEvent> {
        let ids: Vec<MessageId> = self.waiting.iter().map(|queued| queued.line.id.clone()).collect();
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

    /// Something else was sent, which takes its part of the room's rate.
    pub(super) fn handle_sent_besides(&mut self, frame: &ClientFrame, now: Duration) {
        self.pace.charge(frame.cost(self.pace.rate_per_second), now);
    }

    /// When something else may be sent within the room's rate, if not for the answers to messages.
    pub(super) fn due_besides(&self, frame: &ClientFrame) -> Option<Duration> {
        let under_way = self.waiting.iter().filter(|queued| queued.sent).map(Queued::cost).sum();
        self.pace.due(frame.cost(self.pace.rate_per_second), under_way)
    }

    /// The next message to send, if one is due.
    pub(super) fn poll_frame(&mut self, now: Duration) -> Option<ClientFrame> {
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        let next = self.waiting.iter_mut().find(|queued| !queued.sent)?;
        next.sent = true;
        Some(ClientFrame::Say { id: next.line.id.clone(), text: next.line.text.clone() })
    }

    /// When the next message may be sent, if one waits and not for the answers to others.
    pub(super) fn due(&self) -> Option<Duration> {
        let next = self.waiting.iter().find(|queued| !queued.sent)?;
        let under_way = self.waiting.iter().filter(|queued| queued.sent);
        let (count, cost) = under_way.fold((0, 0), |(count, cost), sent| (count + 1, cost + sent.cost()));
        if count < IN_FLIGHT_MAX { self.pace.due(next.cost(), cost) } else { None }
    }

    /// What waits for the room, in order.
    pub(super) fn waiting(&self) -> Vec<(MessageId, MessageText)> {
        self.waiting.iter().map(|queued| (queued.line.id.clone(), queued.line.text.clone())).collect()
    }

    /// Everything there is to show of it.
    pub(super) fn events(&self) -> impl Iterator<Item = RoomEvent> + '_ {
        let failed = self.failed.iter().flat_map(|(queued, code)| [queued.event(), queued.unsent(*code)]);
        failed.chain(self.waiting.iter().map(Queued::event))
    }

    fn fail(&mut self, id: &MessageId, code: RefusalCode) -> Option<RoomEvent> {
        let failed = self.waiting.iter().position(|queued| queued.line.id == *id)?;
        let queued = self.waiting.remove(failed)?;
        if self.failed.len() < OUTBOX_MESSAGES_MAX {
            self.failed.push_back((queued, code));
        }
        Some(RoomEvent::Unsent { id: id.clone(), code })
    }

    fn waits(&self, id: &MessageId) -> bool {
        self.waiting.iter().any(|queued| queued.line.id == *id)
    }

    fn has_failed(&self, id: &MessageId) -> bool {
        self.failed.iter().any(|(failed, _)| failed.line.id == *id)
    }
}

impl Queued {
    fn event(&self) -> RoomEvent {
        let Line { id, text, at } = self.line.clone();
        RoomEvent::Queued { id, text, at }
    }

    fn unsent(&self, code: RefusalCode) -> RoomEvent {
        RoomEvent::Unsent { id: self.line.id.clone(), code }
    }

    fn cost(&self) -> u32 {
        say_cost(self.line.text.as_str().len())
    }
}

/// Keeps what is sent below the room's rate, so that nothing of an emptied outbox is refused: the generic cell
/// rate algorithm (ITU-T I.371) at nine tenths of the rate and half of the burst. A message counts in full until it
/// is answered, and is made up for from then on: however long the network holds messages up, and lets them go at once,
/// the room never hears more of them than it takes. The other half of the burst is for what does not wait its turn.
#[derive(Debug)]
struct Pace {
    rate_per_second: u32,
    interval: Duration,
    tolerance: Duration,
    /// When what was answered is made up for: the next message would be due then without any burst.
    arrival: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let (interval, tolerance, arrival) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        Self { rate_per_second: 1, interval, tolerance, arrival }
    }
}

impl Pace {
    fn within(limits: &StatedLimits) -> Self {
        let rate_per_second = limits.rate_per_second.max(1);
        let interval = Duration::from_secs_f64((f64::from(rate_per_second) * 0.9).recip());
        let tolerance = interval * (limits.rate_burst / 2).saturating_sub(1);
        Self { rate_per_second, interval, tolerance, arrival: Duration::ZERO }
    }

    /// The room has taken something of that cost, now at the latest.
    fn charge(&mut self, cost: u32, now: Duration) {
        self.arrival = self.arrival.max(now) + self.interval * cost;
    }

    fn pause(&mut self, now: Duration) {
        self.arrival = self.arrival.max(now + PAUSE + self.tolerance);
    }

    /// When a message of that cost fits into the burst beside those under way. One that never does is due once all
    /// before is made up for; none while that waits for answers.
    fn due(&self, cost: u32, under_way: u32) -> Option<Duration> {
        let rest = self.interval * under_way.saturating_add(cost).saturating_sub(1);
        if rest > self.tolerance && under_way > 0 {
            return None;
        }
        Some(self.arrival.saturating_sub(self.tolerance.saturating_sub(rest)))
    }
}

/// Messages sent and not yet acknowledged. Fewer than the answers that a room holds ready for one member, and
/// than the refusals for speed after which it lets go of one; and what is under way costs a bounded amount.
const IN_FLIGHT_MAX: usize = 32;

/// How long the outbox rests after a refusal for speed: the time in which the room's bucket fills.
const PAUSE: Duration = Duration::from_secs(1);
