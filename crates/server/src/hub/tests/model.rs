//! Everything at once: people come, say, rename, go and come back at random, and whoever listens must have
//! heard one log without a hole and know who is here.

use std::collections::BTreeMap;

use maru_wire::identity::member_id;
use maru_wire::{CaughtUp, Happening, Member, MemberId};

use super::*;

/// What a client makes of what it hears.
#[derive(Default)]
struct Reader {
    log: Vec<Entry>,
    epoch: Option<Epoch>,
    here: BTreeMap<u32, Member>,
    count: u32,
    /// The roster of the welcome knows of all renames up to here.
    roster_as_of: Seq,
}

impl Reader {
    fn cursor(&self) -> Option<Cursor> {
        let last = self.log.last()?;
        Some(Cursor { epoch: self.epoch.clone()?, seq: last.seq, hash: last.hash })
    }

    fn hear(&mut self, frame: RoomFrame) {
        match frame {
            RoomFrame::Welcome { head, caught_up, entries, count, members, .. } => {
                assert!(matches!(caught_up, CaughtUp::First | CaughtUp::Resumed));
                assert_eq!(caught_up == CaughtUp::Resumed, !self.log.is_empty());
                self.epoch = Some(head.epoch);
                self.roster_as_of = head.seq;
                self.count = count;
                self.here = members.into_iter().map(|member| (member.number, member)).collect();
                entries.into_iter().for_each(|entry| self.append(entry));
            }
            RoomFrame::Page { entries, .. } => entries.into_iter().for_each(|entry| self.append(entry)),
            RoomFrame::Entry(entry) => self.append(entry),
            RoomFrame::Joined { member, count, .. } => {
                self.count = count;
                self.here.insert(member.number, member);
            }
            RoomFrame::Left { member, count, .. } => {
                self.count = count;
                self.here.remove(&member.number);
            }
            RoomFrame::Presence { count, joined, left, .. } => {
                self.count = count;
                left.into_iter().for_each(|member| drop(self.here.remove(&member.number)));
                self.here.extend(joined.into_iter().map(|member| (member.number, member)));
            }
            RoomFrame::Room { .. }
            | RoomFrame::Challenge { .. }
            | RoomFrame::Authenticated { .. }
            | RoomFrame::Roster { .. }
            | RoomFrame::Typing { .. }
            | RoomFrame::Found { .. }
            | RoomFrame::Disk { .. }
            | RoomFrame::Refused { .. } => {}
            RoomFrame::Bye { .. } => panic!("a bye is the connection's to say"),
        }
    }

    fn append(&mut self, entry: Entry) {
        if let Some(last) = self.log.last() {
            if entry.seq <= last.seq {
                // One's own message said again: the first entry of it.
                assert_eq!(self.log[(entry.seq.0 - self.log[0].seq.0) as usize], entry);
                return;
            }
            assert_eq!(entry.seq, last.seq.next(), "a hole");
        }
        if let Happening::Renamed { .. } = entry.what
            && entry.seq > self.roster_as_of
            && let Some(member) = self.here.get_mut(&entry.by.number)
        {
            member.nickname = entry.by.nickname.clone();
        }
        self.log.push(entry);
    }
}

/// Somebody with a key, who keeps what they heard when they go.
struct Person {
    key: u8,
    id: MemberId,
    seat: Option<SeatId>,
    reader: Reader,
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

struct Story {
    seed: u64,
    bench: Bench,
    people: Vec<Person>,
    chance: Chance,
    names: usize,
}

impl Story {
    fn new(seed: u64) -> Self {
        let limits = HostLimits { rate_per_second: 1_000_000, ..HostLimits::default() };
        let people = (1..=12)
            .map(|key| Person { key, id: id_of(key), seat: None, reader: Reader::default() })
            .collect();
        Self { seed, bench: Bench::with(limits), people, chance: Chance(seed), names: 0 }
    }

    fn step(&mut self) {
        let who = self.chance.below(self.people.len());
        let seat = self.people[who].seat;
        match (self.chance.below(10), seat) {
            (0..5, None) => self.come(who),
            (_, None) => {}
            (0, Some(seat)) => {
                self.people[who].seat = None;
                self.listen();
                if self.chance.below(2) == 0 {
                    self.bench.frame(seat, ClientFrame::Leave);
                }
                self.bench.gone(seat);
            }
            (1, Some(seat)) => {
                let nickname = self.fresh_name();
                self.bench.frame(seat, rename(&nickname));
            }
            (2, Some(seat)) => self.bench.frame(seat, ClientFrame::Typing { active: true }),
            (3, Some(seat)) => {
                let known = self.people[who].reader.log.iter().rev().find_map(|entry| match &entry.what {
                    Happening::Said { id, text } if entry.by.id == self.people[who].id => {
                        Some((id.clone(), text.clone()))
                    }
                    _ => None,
                });
                if let Some((id, text)) = known.filter(|_| self.bench.ears[&seat].live) {
                    self.bench.frame(seat, ClientFrame::Say { id, text });
                }
            }
            (4 | 5, Some(seat)) => drop(self.bench.ready(seat)),
            (6, Some(_)) => {
                let time = Duration::from_millis(self.chance.below(2_000) as u64);
                self.bench.wait(time);
            }
            (_, Some(seat)) => {
                for _ in 0..=self.chance.below(20) {
                    self.names += 1;
                    self.bench.say(seat, &format!("m{}", self.names), "안녕");
                }
            }
        }
        self.listen();
    }

    fn come(&mut self, who: usize) {
        let seat = self.bench.knock();
        let nickname = self.fresh_name();
        let cursor = self.people[who].reader.cursor();
        self.bench.hello_signed(seat, &nickname, self.people[who].key, cursor);
        self.people[who].seat = Some(seat);
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("손님{}", self.names)
    }

    fn listen(&mut self) {
        for person in &mut self.people {
            let Some(seat) = person.seat else { continue };
            for frame in self.bench.heard(seat) {
                person.reader.hear(frame);
            }
        }
    }

    fn check(&mut self) {
        while self.people.iter().filter_map(|p| p.seat).any(|seat| self.bench.ready(seat)) {}
        self.listen();
        let (roster, more) = self.bench.hub.room().roster().first_page();
        let seed = self.seed;
        assert!(!more, "seed {seed}");
        let head = self.bench.head();
        for person in self.people.iter().filter(|person| person.seat.is_some()) {
            let reader = &person.reader;
            assert_eq!(reader.cursor().map_or(Seq(0), |cursor| cursor.seq), head.seq, "seed {seed}");
            for entry in reader.log.iter().rev().take(1_000) {
                let kept = self.bench.hub.room().log().entry(entry.seq);
                assert_eq!(kept, Some(entry), "all heard the same, seed {seed}");
            }
            assert_eq!(reader.here.values().cloned().collect::<Vec<_>>(), roster, "seed {seed}");
            assert_eq!(reader.count as usize, roster.len(), "seed {seed}");
        }
    }
}

fn id_of(key: u8) -> MemberId {
    member_id(SigningKey::from_bytes(&[key; 32]).verifying_key().as_bytes())
}

#[test]
fn whoever_listens_has_heard_one_log_without_a_hole_and_knows_who_is_here() {
    for seed in 0..5 {
        let mut story = Story::new(seed);
        for _ in 0..8 {
            (0..60).for_each(|_| story.step());
            story.check();
        }
        for person in 0..story.people.len() {
            if let Some(seat) = story.people[person].seat.take() {
                story.bench.gone(seat);
            }
        }
        story.bench.assert_empty();
    }
}
