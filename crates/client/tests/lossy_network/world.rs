//! Everybody, the host and its disk, in the order that chance chooses, and what has to hold of them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use maru_server::hub::SeatId;
use maru_wire::{ChainHash, Happening};

use super::chance::Chance;
use super::disk::Disk;
use super::edge::{Edge, Opened, epoch};
use super::person::Person;
use super::wires::Wire;

/// What may go wrong besides what always does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Troubles {
    /// The room is in memory only.
    pub(crate) forgets: bool,
    /// The disk stalls, is full, and fails.
    pub(crate) disk: bool,
    /// The host is killed and opens its log again.
    pub(crate) crashes: bool,
    /// The host comes back without its log, or with an older one.
    pub(crate) loses: bool,
    /// Old entries go.
    pub(crate) trims: bool,
    /// Much more is said.
    pub(crate) talkative: bool,
}

pub(crate) struct World {
    troubles: Troubles,
    pub(super) chance: Chance,
    pub(super) now: Duration,
    epochs: u64,
    pub(super) lines: u64,
    pub(super) edge: Edge,
    pub(super) host_back_at: Duration,
    pub(super) people: Vec<Person>,
    /// Which member each of them is: two of them may be one, over two connections.
    pub(super) members: Vec<usize>,
    pub(super) wires: BTreeMap<SeatId, Wire>,
}

impl World {
    pub(crate) fn new(seed: u64, troubles: Troubles) -> Self {
        let mut chance = Chance(seed);
        let people = chance.up_to(3) as usize + 2;
        let mut members: Vec<usize> = (0..people).collect();
        if chance.one_in(3) {
            members[people - 1] = 0;
        }
        let members_max = people + chance.up_to(3) as usize;
        let rate_per_second = chance.one_of(&[20, 100, 1_000]);
        let tail = (!troubles.forgets).then(|| chance.one_of(&[1, 3, 10, 40, 500]));
        let disk = Disk::new(epoch(1), Chance(chance.up_to(u64::MAX)));
        let now = Duration::ZERO;
        Self {
            troubles,
            now,
            epochs: 1,
            lines: 0,
            edge: Edge::new(disk, Opened { members_max, rate_per_second, tail }),
            host_back_at: now,
            people: (0..people).map(|number| Person::new(number, seed + number as u64, now)).collect(),
            members,
            wires: BTreeMap::new(),
            chance,
        }
    }

    /// Returns how it ended: when everything was quiet, and with which log.
    pub(crate) fn run(mut self) -> (Duration, ChainHash) {
        self.edge.disk.is_unsound = self.troubles.disk;
        while self.is_troubled() {
            self.trouble();
            self.step();
        }
        self.edge.disk.is_unsound = false;
        let quiet_by = self.now + QUIET;
        while !self.is_settled() {
            assert!(self.now < quiet_by, "it never comes to rest: {}", self.unsettled());
            self.step();
        }
        self.assert_all_arrived();
        (self.now, self.edge.disk.head().hash)
    }

    pub(super) fn is_troubled(&self) -> bool {
        self.now < TROUBLED
    }

    /// Something happens that nobody wished for, or somebody says something.
    fn trouble(&mut self) {
        let who = self.chance.up_to(self.people.len() as u64) as usize;
        let now = self.now;
        let lines = if self.troubles.talkative { 7 } else { 2 };
        match self.chance.up_to(if self.troubles.talkative { 60 } else { 100 }) {
            0..=12 => (0..=self.chance.up_to(lines)).for_each(|_| self.people[who].say(now)),
            13..=14 => self.cut(who),
            15 => self.stall(who),
            16 => self.stall_up(who),
            17 => self.people[who].session.handle_wake(now),
            18 => self.people[who].session.set_typing(true, now),
            19..=20 => self.people[who].session.load_history(now),
            21 => self.people[who].search(now),
            22 => {
                let place = self.chance.up_to(self.edge.disk.head().seq.0 + 2);
                self.people[who].look_at(place, now);
            }
            23 if self.chance.one_in(3) => self.people[who].rename(now),
            24 if self.chance.one_in(3) => self.start_again(who),
            25 => self.people[who].notebook.write(),
            26..=27 if self.chance.one_in(4) => self.trouble_host(),
            28 if self.troubles.disk => self.trouble_disk(),
            29 if self.troubles.trims => self.edge.disk.trim(10 + self.chance.up_to(200)),
            30 if self.troubles.loses && !self.troubles.forgets => self.edge.disk.back_up(),
            _ => {}
        }
    }

    fn trouble_disk(&mut self) {
        let until = self.now + self.chance.ms_up_to(8_000);
        if self.chance.one_in(2) {
            self.edge.disk.stalled_until = until;
        } else {
            self.edge.disk.full_until = until;
        }
    }

    /// The host's process is gone, and comes back with its log, with an older one, or with none.
    fn trouble_host(&mut self) {
        let Troubles { crashes, loses, forgets, .. } = self.troubles;
        if !crashes && !loses {
            return;
        }
        self.edge.disk.crash(self.now);
        if loses && (!crashes || self.chance.one_in(2)) {
            self.assert_in_order();
            self.epochs += 1;
            let epoch = epoch(self.epochs);
            if forgets || self.chance.one_in(3) {
                self.edge.disk.delete(epoch);
            } else {
                let is_noticed = !self.chance.one_in(4);
                self.edge.disk.restore(is_noticed.then_some(epoch));
            }
        }
        self.cut_all();
        self.edge.reopen(self.now);
        self.host_back_at = self.now + self.chance.ms_up_to(3_000);
    }

    /// A member's program ends and is started again.
    fn start_again(&mut self, who: usize) {
        self.hang_up(who);
        let seed = self.chance.up_to(u64::MAX);
        self.people[who].crash(seed, self.now);
    }

    fn step(&mut self) {
        let passes = 1 + self.chance.up_to(if self.is_troubled() { 60 } else { 200 });
        self.now += Duration::from_millis(passes);
        self.edge.tick(self.now);
        self.write();
        self.deliver();
        for who in 0..self.people.len() {
            self.live(who);
        }
        self.assert_shown_as_written();
    }

    /// What one session does by itself, and what it wishes.
    fn live(&mut self, who: usize) {
        let now = self.now;
        let person = &mut self.people[who];
        if person.is_over() {
            // Nobody was in before the first fault; somebody asks again.
            person.session.retry_now();
        }
        if person.dialing.is_some_and(|due| due <= now) {
            person.dialing = None;
            self.connect(who);
        }
        let person = &mut self.people[who];
        if person.session.poll_timeout().is_some_and(|due| due <= now) {
            person.session.handle_timeout(now);
            let next = person.session.poll_timeout();
            assert!(next.is_none_or(|next| next > now), "a time that has come is used up");
        }
        while let Some(wish) = self.people[who].wish() {
            self.grant(who, wish);
        }
        self.people[who].show();
    }

    /// Whatever is shown was on the disk as it is shown, after what is shown before it.
    fn assert_shown_as_written(&mut self) {
        for person in &mut self.people {
            for (shown_before, entry) in std::mem::take(&mut person.new) {
                let known = self.edge.disk.once_had(entry.hash);
                let (original, before) = known.unwrap_or_else(|| panic!("never written: {entry:?}"));
                assert_eq!(entry, *original, "as it is in the log");
                if let Some(shown_before) = shown_before {
                    assert_eq!(shown_before.hash, *before, "a hole between {shown_before:?} and {entry:?}");
                }
            }
        }
    }

    fn is_settled(&self) -> bool {
        let head = self.edge.disk.log().last().map(|entry| entry.hash);
        self.people.iter().all(|person| {
            let at = person.entries.last().map(|entry| entry.hash);
            let is_answered = person.line.is_some_and(|line| self.edge.has_answered(line));
            person.is_live() && person.pending.is_empty() && is_answered && at == head
        })
    }

    fn unsettled(&self) -> String {
        let head = self.edge.disk.head().seq.0;
        let each = self.people.iter().map(|person| {
            let at = person.entries.last().map_or(0, |entry| entry.seq.0);
            let answered = person.line.is_some_and(|line| self.edge.has_answered(line));
            let (link, pending) = (person.session.link(), person.pending.len());
            format!("{link:?} at {at} with {pending} pending, answered: {answered}")
        });
        format!("head {head}; {}", each.collect::<Vec<_>>().join("; "))
    }

    fn assert_all_arrived(&self) {
        let mut in_log: HashMap<&str, usize> = HashMap::new();
        for entry in self.edge.disk.log() {
            if let Happening::Said { id, .. } = &entry.what {
                *in_log.entry(id.as_str()).or_default() += 1;
            }
        }
        for (id, taken) in self.people.iter().flat_map(|person| &person.said) {
            assert!(*taken, "{id} was never seen to be taken");
            let times = in_log.get(id.as_str()).copied().unwrap_or(0);
            let is_lost = self.edge.disk.lost.contains(id);
            assert!(times == 1 || (times == 0 && is_lost), "{id} is {times} times in the log");
        }
        self.assert_in_order();
    }

    fn assert_in_order(&self) {
        for person in &self.people {
            let lines = self.edge.disk.log().iter().filter_map(|entry| match &entry.what {
                Happening::Said { id, .. } if person.said.contains_key(id.as_str()) => Some(id.as_str()),
                _ => None,
            });
            let lines: Vec<&str> = lines.collect();
            let out_of_order = lines.windows(2).find(|pair| pair[0] >= pair[1]);
            assert_eq!(out_of_order, None, "one before the other");
        }
    }
}

/// How long things go wrong.
const TROUBLED: Duration = Duration::from_secs(15);

/// How long it may take after that until everybody has everything: a dead connection is noticed by silence, and the
/// longest wait for a dial follows.
const QUIET: Duration = Duration::from_secs(240);
