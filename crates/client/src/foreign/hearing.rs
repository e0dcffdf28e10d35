//! What a foreign server said, as entries and members to show.

use std::time::Duration;

use maru_wire::limits::{MEMBERS_MAX_DEFAULT, MESSAGE_BYTES_MAX, RATE_PER_SECOND_DEFAULT};
use maru_wire::{CaughtUp, Entry, Happening, Keeps, Member, MessageText, StatedLimits};

use super::codec::{By, Told};
use super::{Action, Foreign, Stage};
use crate::event::{Fault, Link, RoomEvent};

impl Foreign {
    pub(super) fn take_in(&mut self, told: Vec<Told>, at: u64, now: Duration) {
        let mut entries = Vec::new();
        for told in told {
            match told {
                Told::LetIn => self.enter(now),
                Told::Answer(text) => self.actions.push_back(Action::Send(text)),
                Told::Line { by, text } => entries.extend(self.hear(by, &text, at, now)),
                Told::Binary { bytes } => {
                    self.show(&mut entries);
                    let by = self.meet(&By::Server);
                    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
                    self.events.push_back(RoomEvent::Binary { by, at, bytes });
                }
                Told::Over(fault) => {
                    self.show(&mut entries);
                    self.actions.push_back(Action::HangUp);
                    self.fail(fault, true, now);
                    return;
                }
                Told::Broken => {
                    self.show(&mut entries);
                    return self.drop_connection(Fault::Lost, now);
                }
            }
        }
        self.show(&mut entries);
    }

    fn show(&mut self, entries: &mut Vec<Entry>) {
        if !entries.is_empty() {
            self.events.push_back(RoomEvent::Entries { entries: std::mem::take(entries) });
        }
    }

    fn enter(&mut self, now: Duration) {
        if !matches!(self.stage, Stage::Opening { .. }) {
            return;
        }
        self.stage = Stage::Live;
        self.live_since = now;
        // What was said while we were away is kept nowhere: whoever reads has to see where it would be.
        let caught_up = if self.been_live { CaughtUp::Trimmed } else { CaughtUp::First };
        self.talk.begin_anew();
        self.been_live = true;
        let entered = self.entered(caught_up, Vec::new());
        self.events.push_back(entered);
        self.show_link(Link::Live);
        self.send_waiting();
    }

    pub(super) fn entered(&self, caught_up: CaughtUp, entries: Vec<Entry>) -> RoomEvent {
        RoomEvent::Entered {
            room: self.room.clone(),
            name: self.people.server().nickname.to_string(),
            you: self.people.you().clone(),
            caught_up,
            entries,
            older: false,
            count: self.people.count(),
            members: self.people.members(),
            limits: StatedLimits::new(RATE_PER_SECOND_DEFAULT, MEMBERS_MAX_DEFAULT),
            can: Vec::new(),
            keeps: Keeps::Nothing,
            kept: false,
        }
    }

    /// A line as an entry; none where it is our own, which shows already, or nothing can be seen of it.
    fn hear(&mut self, by: By, text: &str, at: u64, now: Duration) -> Option<Entry> {
        let text = readable(text)?;
        self.echoes.handle_time(now);
        if let By::Named(name) = &by
            && self.echoes.handle_heard(name.as_str(), &text)
        {
            return None;
        }
        let by = self.meet(&by);
        let id = self.talk.next_id();
        Some(self.talk.add(at, by, Happening::Said { id, text }))
    }

    /// Whoever speaks, as a member; who was not heard before shows as somebody who came.
    fn meet(&mut self, by: &By) -> Member {
        let met = self.people.meet(by);
        if met.shown {
            let members = vec![met.member.clone()];
            self.events.push_back(RoomEvent::Members { members, more: false });
        }
        if !met.joined.is_empty() || !met.left.is_empty() {
            let (joined, left, count) = (met.joined, met.left, self.people.count());
            self.events.push_back(RoomEvent::Presence { joined, left, count });
        }
        met.member
    }
}

/// What a server said, as the text of a message; one that is too long ends in a mark.
fn readable(text: &str) -> Option<MessageText> {
    if text.len() <= MESSAGE_BYTES_MAX {
        return MessageText::parse(text).ok();
    }
    let mut end = MESSAGE_BYTES_MAX - CUT.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    MessageText::parse(&format!("{}{CUT}", &text[..end])).ok()
}

/// Stands where a line was cut.
pub(super) const CUT: &str = "…";
