//! The session driven by hand with literal frames on a virtual clock: no socket, no waiting. After everything it
//! hears, what was shown event by event is compared with the snapshot.

mod door;
mod entries;
mod histories;
mod hostile;
mod joining;
mod keeping;
mod liveness;
mod outbox;
mod people;
mod resuming;
mod shown;

use std::time::Duration;

use maru_wire::{ClientFrame, Cursor, MessageId, MessageText, Nickname, RoomId, Seq};

use super::{Action, Closed, Proof, Restored, Session, SessionOptions};
use crate::event::{Fault, Link, RoomEvent};
use shown::Shown;

/// A session, a clock, and what a window would show of it.
struct Bench {
    session: Session,
    now: Duration,
    events: Vec<RoomEvent>,
    shown: Shown,
}

impl Bench {
    fn new() -> Self {
        Self::expecting(None)
    }

    fn expecting(room: Option<&str>) -> Self {
        Self::with(room, None)
    }

    fn with(room: Option<&str>, restored: Option<Restored>) -> Self {
        let room = room.map(|id| RoomId::parse(id).unwrap());
        let options = SessionOptions { nickname: name("민지"), room, restored, seed: 7 };
        let session = Session::new(options, Duration::ZERO);
        let mut bench = Self { session, now: Duration::ZERO, events: Vec::new(), shown: Shown::default() };
        bench.settle();
        bench
    }

    /// In a room of which nothing was said yet, everything of the way there forgotten.
    fn live() -> Self {
        Self::live_with(&welcome("first", 0, &[], false))
    }

    fn live_with(welcome: &str) -> Self {
        let mut bench = Self::new();
        bench.enter(welcome);
        assert_eq!(bench.link(), Link::Live);
        bench.events();
        bench
    }

    /// From a dial that is under way into the room. What had to be sent stays to be looked at.
    fn enter(&mut self, welcome: &str) {
        self.greet();
        self.hears(welcome);
    }

    /// From a dial that is under way up to the hello.
    fn greet(&mut self) {
        assert!(matches!(self.link(), Link::Connecting { .. }), "dialing");
        self.actions();
        self.session.handle_connected(self.now);
        self.hears(ROOM);
        assert!(matches!(self.actions()[..], [Action::Prove { .. }]));
        self.session.handle_proof(Some(proof()));
        assert!(matches!(self.actions()[..], [Action::Send(ClientFrame::Hello { .. })]));
    }

    /// The hello that a dial which is under way leads to.
    fn hello(&mut self) -> ClientFrame {
        assert!(matches!(self.link(), Link::Connecting { .. }), "dialing");
        self.actions();
        self.session.handle_connected(self.now);
        self.hears(ROOM);
        self.actions();
        self.session.handle_proof(None);
        match self.actions().remove(0) {
            Action::Send(hello) => hello,
            other => panic!("{other:?}"),
        }
    }

    fn cursor(&mut self) -> Option<Cursor> {
        match self.hello() {
            ClientFrame::Hello { cursor, .. } => cursor,
            other => panic!("{other:?}"),
        }
    }

    fn hears(&mut self, text: &str) {
        self.session.handle_text(text, self.now);
        self.settle();
        self.assert_shown();
    }

    fn say(&mut self, id: &str) {
        self.session.say(message(id), words("안녕"), 1_000, self.now).unwrap();
        self.settle();
    }

    fn closes(&mut self, closed: Closed) {
        self.session.handle_closed(closed, self.now);
        self.settle();
    }

    /// The connection is lost, and the wait is over.
    fn comes_back(&mut self) {
        self.closes(Closed::Lost);
        self.wait_for_dial();
        self.events();
    }

    fn wait_for_dial(&mut self) {
        let Link::Waiting { retry_in_ms, .. } = self.link() else { panic!("{:?}", self.link()) };
        self.actions();
        self.wait(Duration::from_millis(retry_in_ms.into()));
        assert!(matches!(self.link(), Link::Connecting { .. }));
    }

    /// Lets time pass, stopping wherever the session wants to be woken.
    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.session.handle_timeout(self.now);
            let next = self.session.poll_timeout();
            assert!(next.is_none_or(|next| next > self.now), "a time that has come is used up: {next:?}");
            self.settle();
        }
        self.now = until;
    }

    fn settle(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.shown.apply(&event);
            self.events.push(event);
        }
    }

    fn assert_shown(&mut self) {
        let anew = self.session.snapshot(self.now);
        assert_eq!(self.shown.comparable(), Shown::of(&anew).comparable());
    }

    /// Takes what is to be done.
    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.session.poll_action()).collect()
    }

    /// Takes the names of the messages to be sent, in order.
    fn said(&mut self) -> Vec<String> {
        let said = |action| match action {
            Action::Send(ClientFrame::Say { id, .. }) => Some(id.to_string()),
            _ => None,
        };
        self.actions().into_iter().filter_map(said).collect()
    }

    /// Takes what was shown.
    fn events(&mut self) -> Vec<RoomEvent> {
        std::mem::take(&mut self.events)
    }

    fn link(&self) -> Link {
        self.session.link().clone()
    }

    /// Why it is over, if it is.
    fn ended(&self) -> Option<Fault> {
        if let Link::Ended { fault } = self.link() { Some(fault) } else { None }
    }

    /// Why it waits, if it does.
    fn waiting(&self) -> Option<Fault> {
        if let Link::Waiting { fault, .. } = self.link() { Some(fault) } else { None }
    }

    fn heard(&self) -> Vec<u64> {
        self.shown.entries.iter().map(|entry| entry.seq.0).collect()
    }
}

fn welcome(caught_up: &str, head: u64, entries: &[String], more: bool) -> String {
    welcome_as("민지", caught_up, head, entries, more)
}

fn welcome_as(nickname: &str, caught_up: &str, head: u64, entries: &[String], more: bool) -> String {
    welcome_limited(nickname, caught_up, head, entries, more, (1_000, 2_000))
}

fn welcome_limited(
    nickname: &str,
    caught_up: &str,
    head: u64,
    entries: &[String],
    more: bool,
    (rate, burst): (u32, u32),
) -> String {
    let (entries, hash) = (entries.join(","), hash(head));
    format!(
        r#"{{"type":"welcome","you":{{"id":"m1","nickname":"{nickname}","number":3}},"name":"점심 모임",
        "head":{{"epoch":"e1","seq":{head},"hash":"{hash}"}},"caught_up":"{caught_up}","entries":[{entries}],
        "more":{more},"count":2,"members":[{{"id":"m2","nickname":"지수","number":0}},
        {{"id":"m1","nickname":"{nickname}","number":3}}],"limits":{{"message_bytes":65536,
        "nickname_graphemes":32,"rate_per_second":{rate},"rate_burst":{burst},"members":256}},
        "can":["history","roster","typing"],"keeps":{{"kind":"everything"}}}}"#
    )
}

/// A message of somebody else.
fn entry(seq: u64) -> String {
    entry_by("m2", "지수", 0, seq, &format!("theirs-{seq}"))
}

/// A message of ours.
fn own(seq: u64, id: &str) -> String {
    entry_by("m1", "민지", 3, seq, id)
}

fn entry_by(member: &str, nickname: &str, number: u32, seq: u64, id: &str) -> String {
    let hash = hash(seq);
    format!(
        r#"{{"type":"entry","seq":{seq},"at":1763695166000,"hash":"{hash}",
        "by":{{"id":"{member}","nickname":"{nickname}","number":{number}}},"kind":"said","id":"{id}","text":"안녕"}}"#
    )
}

fn renamed(member: &str, number: u32, seq: u64, from: &str, to: &str) -> String {
    let hash = hash(seq);
    format!(
        r#"{{"type":"entry","seq":{seq},"at":1763695166000,"hash":"{hash}",
        "by":{{"id":"{member}","nickname":"{to}","number":{number}}},"kind":"renamed","from":"{from}"}}"#
    )
}

fn entries(seqs: std::ops::RangeInclusive<u64>) -> Vec<String> {
    seqs.map(entry).collect()
}

fn page(of: &str, entries: &[String], more: bool) -> String {
    let entries = entries.join(",");
    format!(r#"{{"type":"page","of":"{of}","entries":[{entries}],"more":{more}}}"#)
}

fn refused(code: &str, frame: &str, id: Option<&str>) -> String {
    let id = id.map_or(String::new(), |id| format!(r#""id":"{id}","#));
    format!(r#"{{"type":"refused","code":"{code}","frame":"{frame}",{id}"message":"no"}}"#)
}

fn bye(code: &str, then: &str) -> String {
    format!(r#"{{"type":"bye","code":"{code}","then":"{then}","message":"bye"}}"#)
}

fn hash(seq: u64) -> String {
    maru_wire::ChainHash([seq as u8; 16]).into()
}

fn place(seq: u64) -> Cursor {
    let epoch = maru_wire::Epoch::parse("e1").unwrap();
    Cursor { epoch, seq: Seq(seq), hash: maru_wire::ChainHash([seq as u8; 16]) }
}

fn name(text: &str) -> Nickname {
    Nickname::parse(text).unwrap()
}

fn message(id: &str) -> MessageId {
    MessageId::parse(id).unwrap()
}

fn words(text: &str) -> MessageText {
    MessageText::parse(text).unwrap()
}

fn proof() -> Proof {
    Proof { key: "QUJD".into(), signature: "REVG".into() }
}

const ROOM: &str = r#"{"type":"room","id":"r1","name":"점심 모임","nonce":"n1"}"#;

const SECOND: Duration = Duration::from_secs(1);
