//! One session, and what a window would show of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use maru_client::session::Action;
use maru_client::{Link, RoomEvent, Session, SessionOptions};
use maru_server::hub::SeatId;
use maru_wire::{CaughtUp, ClientFrame, Entry, Happening, MemberId, MessageId, MessageText, Nickname};

pub(crate) struct Person {
    pub(crate) session: Session,
    pub(crate) line: Option<SeatId>,
    pub(crate) dialing: Option<Duration>,
    /// What is shown since the last gap.
    pub(crate) entries: Vec<Entry>,
    /// What of it is not compared with the log yet, and the life of the log it has to be of.
    pub(crate) new: Vec<Entry>,
    pub(crate) life: Option<u64>,
    pub(crate) pending: BTreeSet<String>,
    /// What was said, and whether it was seen to be taken.
    pub(crate) said: BTreeMap<String, bool>,
    /// What was seen to be taken but is in no log any more, because the host lost its memory.
    pub(crate) forgotten: BTreeSet<String>,
    me: Option<MemberId>,
    number: usize,
}

/// What the network has to do for a session.
pub(crate) enum Wish {
    Dial,
    Send(ClientFrame),
    Ping,
    HangUp,
}

impl Person {
    pub(crate) fn new(number: usize, seed: u64, now: Duration) -> Self {
        let nickname = Nickname::parse(&format!("민지 {number}")).unwrap();
        Self {
            session: Session::new(SessionOptions { nickname, room: None, restored: None, seed }, now),
            line: None,
            dialing: None,
            entries: Vec::new(),
            new: Vec::new(),
            life: None,
            pending: BTreeSet::new(),
            said: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            me: None,
            number,
        }
    }

    pub(crate) fn say(&mut self, now: Duration) {
        // Names that sort in the order they are said.
        let id = format!("p{}-{:05}", self.number, self.said.len());
        let name = MessageId::parse(&id).unwrap();
        let text = MessageText::parse(&format!("{id} 안녕")).unwrap();
        if self.session.say(name, text, now.as_millis() as u64, now).is_ok() {
            self.said.insert(id, false);
        }
        self.show();
    }

    pub(crate) fn wish(&mut self) -> Option<Wish> {
        loop {
            return Some(match self.session.poll_action()? {
                Action::Dial => Wish::Dial,
                Action::Send(frame) => Wish::Send(frame),
                Action::Ping => Wish::Ping,
                Action::HangUp => Wish::HangUp,
                // The edge knows who is who without a key, since signing thousands of hellos takes minutes.
                Action::Prove { .. } => {
                    self.session.handle_proof(None);
                    continue;
                }
            });
        }
    }

    pub(crate) fn show(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                RoomEvent::Entered { you, caught_up, entries, .. } => {
                    self.me = Some(you.id);
                    if caught_up != CaughtUp::Resumed {
                        self.entries.clear();
                        self.life = None;
                    }
                    self.hear(entries);
                }
                RoomEvent::Entries { entries } => self.hear(entries),
                RoomEvent::History { mut entries, .. } => {
                    self.new.extend(entries.iter().cloned());
                    let (last, first) = (entries.last(), self.entries.first());
                    if let (Some(last), Some(first)) = (last, first) {
                        assert_eq!(last.seq.next(), first.seq, "a hole in history");
                    }
                    entries.append(&mut self.entries);
                    self.entries = entries;
                }
                RoomEvent::Queued { id, .. } => drop(self.pending.insert(id.to_string())),
                RoomEvent::Unsent { id, code } => panic!("{id} failed: {code:?}"),
                RoomEvent::Link { .. }
                | RoomEvent::Members { .. }
                | RoomEvent::Presence { .. }
                | RoomEvent::Typing { .. }
                | RoomEvent::Refused { .. }
                | RoomEvent::Excerpt { .. }
                | RoomEvent::Found { .. }
                | RoomEvent::Disk { .. }
                | RoomEvent::Notebook { .. } => {}
            }
        }
    }

    fn hear(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            if let Happening::Said { id, .. } = &entry.what
                && Some(&entry.by.id) == self.me.as_ref()
                && let Some(taken) = self.said.get_mut(id.as_str())
            {
                *taken = true;
                self.pending.remove(id.as_str());
            }
            let last = self.entries.last().map(|last| last.seq);
            if last.is_none_or(|last| entry.seq > last) {
                assert!(
                    last.is_none_or(|last| entry.seq == last.next()),
                    "a hole between {last:?} and {entry:?}"
                );
                self.new.push(entry.clone());
                self.entries.push(entry);
            }
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        *self.session.link() == Link::Live
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.session.link(), Link::Ended { .. })
    }
}
