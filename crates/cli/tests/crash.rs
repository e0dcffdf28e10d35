//! `maru host` killed under load again and again, without a word, at moments that chance chooses, and opened on the
//! same folder: what anybody heard is still there, once, in the order it was said. `MARU_CRASHES` kills it more often.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "each test file uses some of it")]
#[path = "common/member.rs"]
mod member;

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use common::{Maru, command, folder};
use maru_client::{Link, RoomEvent};
use maru_wire::{CaughtUp, Entry};
use member::{Member, heard, said, soon};
use tokio::sync::watch;

#[tokio::test(flavor = "multi_thread")]
async fn what_anybody_heard_outlives_every_kill_once_and_in_order() {
    let mut chance = Chance::of_now();
    let data = folder();
    let (mut host, url, port) = open(data.path(), 0);
    let (phases, phase) = watch::channel(Phase::Open);
    let (heads, mut head) = watch::channel(0);
    let talkers: Vec<_> = (0..TALKERS)
        .map(|number| {
            let talker = Talker::join(&url, number, heads.clone());
            tokio::spawn(talker.talk(phase.clone()))
        })
        .collect();
    // A talker that fails is not waited for.
    drop(heads);
    for _ in 0..crashes() {
        let until = *head.borrow() + chance.up_to(LINES_BETWEEN_MAX);
        soon(head.wait_for(|head| *head >= until)).await.unwrap();
        phases.send_replace(Phase::Killed);
        host.kill();
        host = open(data.path(), port).0;
        phases.send_replace(Phase::Open);
    }
    phases.send_replace(Phase::Over);
    let mut records = Vec::new();
    for talker in talkers {
        records.push(soon(talker).await.unwrap());
    }
    let log = Member::whole_log(&url).await;
    records.iter().for_each(|record| record.assert_kept(&log));
    assert_said_again_is_answered_by_the_first(&url, &records[0]).await;
}

/// A line that is said again after all this is answered by its first entry.
async fn assert_said_again_is_answered_by_the_first(url: &str, record: &Record) {
    let mut talker = Member::in_room(url, &nickname(0)).await;
    let (id, first) = record.own.first_key_value().expect("something was said");
    talker.say(id, &text(id)).await;
    assert_eq!(talker.hears(id).await, *first);
}

/// Opens the room of a folder, on any port or on that one.
fn open(data: &Path, port: u16) -> (Maru, String, u16) {
    let port = port.to_string();
    let words = ["host", "--json", "--bind", "127.0.0.1", "--port", &port, "--name", "Crash"];
    let mut host = command(&words);
    host.args(["--rate", "100000", "--data-dir", data.to_str().unwrap()]);
    let mut host = Maru::run(host);
    let listening = host.event("listening");
    let port = listening["port"].as_u64().unwrap() as u16;
    (host, listening["url"].as_str().unwrap().to_owned(), port)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Killed,
    /// Nothing more is said.
    Over,
}

/// Somebody who says one line after the other, a few at a time, and remembers all they hear.
struct Talker {
    member: Member,
    number: usize,
    said: usize,
    heads: watch::Sender<u64>,
    record: Record,
}

/// What one member was told.
#[derive(Default)]
struct Record {
    /// All of the log since they came, by place.
    heard: BTreeMap<u64, Entry>,
    /// Their own lines, by name.
    own: BTreeMap<String, Entry>,
}

impl Talker {
    fn join(url: &str, number: usize, heads: watch::Sender<u64>) -> Self {
        let member = Member::join(url, &nickname(number));
        Self { member, number, said: 0, heads, record: Record::default() }
    }

    async fn talk(mut self, mut phase: watch::Receiver<Phase>) -> Record {
        loop {
            let now = *phase.borrow();
            if now == Phase::Over && self.record.own.len() == self.said {
                soon(self.member.joined.leave()).await;
                return self.record;
            }
            self.say_more(now).await;
            tokio::select! {
                event = self.member.next() => {
                    self.hear(&event);
                    let waits = matches!(event, RoomEvent::Link { link: Link::Waiting { .. } });
                    if waits && *phase.borrow() != Phase::Killed {
                        self.member.joined.retry_now().await;
                    }
                }
                // Nobody waits longer than the host is away, or this would take hours.
                Ok(()) = phase.changed() => self.member.joined.retry_now().await,
            }
        }
    }

    async fn say_more(&mut self, phase: Phase) {
        while phase != Phase::Over && self.said < self.record.own.len() + UNANSWERED_MAX {
            let id = format!("t{}-{:06}", self.number, self.said);
            self.member.say(&id, &text(&id)).await;
            self.said += 1;
        }
    }

    fn hear(&mut self, event: &RoomEvent) {
        if let RoomEvent::Entered { caught_up, .. } = event {
            let is_gap = !matches!(caught_up, CaughtUp::Resumed | CaughtUp::First);
            assert!(!is_gap, "t{} is told of a gap: {caught_up:?}", self.number);
        }
        for entry in heard(event) {
            let place = entry.seq.0;
            match self.record.heard.last_key_value() {
                Some((last, _)) if *last < place => assert_eq!(place, last + 1, "a hole"),
                Some(_) => assert_eq!(self.record.heard.get(&place), Some(entry), "heard before, otherwise"),
                None => {}
            }
            if let Some(id) = said(entry).filter(|id| id.starts_with(&format!("t{}-", self.number))) {
                self.record.own.insert(id.to_owned(), entry.clone());
            }
            self.record.heard.insert(place, entry.clone());
            self.heads.send_if_modified(|head| std::mem::replace(head, place.max(*head)) < place);
        }
    }
}

impl Record {
    /// Everything that was heard is in the log as it was heard, and every line of its own once, in order.
    fn assert_kept(&self, log: &[Entry]) {
        assert!(log.iter().map(|entry| entry.seq.0).eq(1..=log.len() as u64), "the log is whole");
        for (place, entry) in &self.heard {
            assert_eq!(log.get(*place as usize - 1), Some(entry), "heard, and not there any more");
        }
        let lines: Vec<&str> = log.iter().filter_map(said).filter(|id| self.own.contains_key(*id)).collect();
        assert!(
            lines.iter().eq(self.own.keys().collect::<Vec<_>>().iter()),
            "each once, in order: {lines:?}"
        );
    }
}

fn nickname(number: usize) -> String {
    format!("talker {number}")
}

fn text(id: &str) -> String {
    format!("{id} says something, and 무언가를 말해요")
}

fn crashes() -> u64 {
    std::env::var("MARU_CRASHES").ok().and_then(|crashes| crashes.parse().ok()).unwrap_or(CRASHES)
}

/// Moments to kill at. Nothing of it can be repeated: what the machine does meanwhile is chance, too.
struct Chance(u64);

impl Chance {
    fn of_now() -> Self {
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        println!("the moments of {seed}");
        Self(seed)
    }

    /// A number from 0 to below `end`, by SplitMix64 (Steele, Lea and Flood, 2014).
    fn up_to(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

const TALKERS: usize = 4;

/// Lines of one member that wait for their entry.
const UNANSWERED_MAX: usize = 16;

/// Lines between two kills: now in the middle of opening, now in the middle of a long conversation.
const LINES_BETWEEN_MAX: u64 = 300;

const CRASHES: u64 = 20;
