//! One session, and what a window would show of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use maru_client::session::Action;
use maru_client::{Link, RoomEvent, Session, SessionOptions};
use maru_server::hub::SeatId;
use maru_wire::{
    CaughtUp, ClientFrame, Entry, Happening, MemberId, MessageId, MessageText, Nickname, RoomId, SearchWords,
    Seq,
};

use super::notebook::Notebook;

pub(crate) struct Person {
    pub(crate) session: Session,
    pub(crate) line: Option<SeatId>,
    pub(crate) dialing: Option<Duration>,
    /// What is shown since the last gap.
    pub(crate) entries: Vec<Entry>,
    /// What was shown anew and is not compared with the log yet, each with what is shown before it.
    pub(crate) new: Vec<(Option<Entry>, Entry)>,
    pub(crate) pending: BTreeSet<String>,
    /// What was said, and whether it was seen to be taken.
    pub(crate) said: BTreeMap<String, bool>,
    pub(crate) notebook: Notebook,
    me: Option<MemberId>,
    number: usize,
    names: usize,
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
        let mut notebook = Notebook::empty(RoomId::parse("r1").unwrap());
        let nickname = name(number, 0);
        let restored = Some(notebook.after_a_crash());
        Self {
            session: Session::new(SessionOptions { nickname, room: None, restored, seed }, now),
            line: None,
            dialing: None,
            entries: Vec::new(),
            new: Vec::new(),
            pending: BTreeSet::new(),
            said: BTreeMap::new(),
            notebook,
            me: None,
            number,
            names: 0,
        }
    }

    /// Their program ends without a word and is started again, on what was written down.
    pub(crate) fn crash(&mut self, seed: u64, now: Duration) {
        let restored = Some(self.notebook.after_a_crash());
        let nickname = name(self.number, self.names);
        self.session = Session::new(SessionOptions { nickname, room: None, restored, seed }, now);
        (self.line, self.dialing) = (None, None);
        self.entries.clear();
        self.pending.clear();
        self.show();
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

    pub(crate) fn rename(&mut self, now: Duration) {
        self.names += 1;
        self.session.rename(name(self.number, self.names), now);
    }

    pub(crate) fn search(&mut self, now: Duration) {
        let before = self.entries.first().map(|first| first.seq);
        self.session.search(SearchWords::parse("안녕").unwrap(), before, now);
    }

    pub(crate) fn look_at(&mut self, place: u64, now: Duration) {
        self.session.load_excerpt(Seq(place), now);
    }

    pub(crate) fn wish(&mut self) -> Option<Wish> {
        loop {
            self.keep();
            return Some(match self.session.poll_action()? {
                Action::Dial => Wish::Dial,
                Action::Send(frame) => Wish::Send(frame),
                Action::Ping => Wish::Ping,
                Action::HangUp => Wish::HangUp,
                Action::Salt { .. } => unreachable!("this room has no passphrase"),
                // The edge knows who is who without a key, since signing thousands of hellos takes minutes.
                Action::Prove { .. } => {
                    self.session.handle_proof(None);
                    continue;
                }
            });
        }
    }

    pub(crate) fn show(&mut self) {
        self.keep();
        while let Some(event) = self.session.poll_event() {
            match event {
                RoomEvent::Entered { you, caught_up, entries, .. } => {
                    self.me = Some(you.id);
                    if caught_up != CaughtUp::Resumed {
                        self.entries.clear();
                    }
                    self.hear(entries);
                }
                RoomEvent::Entries { entries } => self.hear(entries),
                RoomEvent::History { entries, .. } => self.show_before(entries),
                RoomEvent::Queued { id, .. } => drop(self.pending.insert(id.to_string())),
                RoomEvent::Unsent { id, code } => panic!("{id} failed: {code:?}"),
                RoomEvent::Found { entries, .. } => {
                    assert!(entries.is_sorted_by_key(|entry| entry.seq), "found in order");
                    self.new.extend(entries.into_iter().map(|entry| (None, entry)));
                }
                RoomEvent::Excerpt { entries, .. } => self.show_apart(&entries),
                RoomEvent::Link { .. }
                | RoomEvent::Members { .. }
                | RoomEvent::Presence { .. }
                | RoomEvent::Typing { .. }
                | RoomEvent::Refused { .. }
                | RoomEvent::Disk { .. }
                | RoomEvent::Connected { .. }
                | RoomEvent::Binary { .. }
                | RoomEvent::Notebook { .. } => {}
            }
        }
    }

    fn keep(&mut self) {
        while let Some(keeping) = self.session.poll_keeping() {
            self.notebook.take(keeping);
        }
    }

    fn hear(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.acknowledge(&entry);
            let last = self.entries.last();
            if last.is_none_or(|last| entry.seq > last.seq) {
                self.new.push((last.cloned(), entry.clone()));
                self.entries.push(entry);
            }
        }
    }

    fn acknowledge(&mut self, entry: &Entry) {
        if let Happening::Said { id, .. } = &entry.what
            && Some(&entry.by.id) == self.me.as_ref()
            && let Some(taken) = self.said.get_mut(id.as_str())
        {
            *taken = true;
            self.pending.remove(id.as_str());
        }
    }

    fn show_before(&mut self, mut entries: Vec<Entry>) {
        self.show_apart(&entries);
        if let (Some(last), Some(first)) = (entries.last(), self.entries.first()) {
            self.new.push((Some(last.clone()), first.clone()));
        }
        entries.append(&mut self.entries);
        self.entries = entries;
    }

    fn show_apart(&mut self, entries: &[Entry]) {
        let before = std::iter::once(None).chain(entries.iter().cloned().map(Some));
        self.new.extend(before.zip(entries.iter().cloned()));
    }

    pub(crate) fn is_live(&self) -> bool {
        *self.session.link() == Link::Live
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.session.link(), Link::Ended { .. })
    }
}

fn name(person: usize, which: usize) -> Nickname {
    Nickname::parse(&format!("민지 {person} {which}")).unwrap()
}
