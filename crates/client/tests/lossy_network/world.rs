//! Everybody, the host and the network between them, in the order that chance chooses.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use maru_client::Fault;
use maru_client::session::Closed;
use maru_server::hub::SeatId;
use maru_wire::Entry;

use super::edge::{Edge, Written};
use super::person::{Person, Wish};

/// What may go wrong besides what always does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Troubles {
    pub(crate) restarts: bool,
    pub(crate) talkative: bool,
}

pub(crate) struct World {
    troubles: Troubles,
    chance: u64,
    now: Duration,
    lives: u64,
    lines: u64,
    edge: Edge,
    people: Vec<Person>,
    wires: BTreeMap<SeatId, Wire>,
    /// Every entry that ever was, by its hash, with the life of the log it belongs to.
    ever: HashMap<[u8; 16], (u64, Entry)>,
    limits: (usize, u32),
}

/// One connection: what is on its way, in order in each direction.
struct Wire {
    person: usize,
    up: VecDeque<(Duration, Up)>,
    down: VecDeque<(Duration, Down)>,
    /// Until when the member reads nothing, so that nothing more is written.
    stalled_until: Duration,
    /// Nothing more gets on its way.
    dead: bool,
    /// When the host learns that it is gone, and when the member does.
    gone_up: Option<Duration>,
    gone_down: Option<Duration>,
}

enum Up {
    Text(String),
    Ping,
}

enum Down {
    Text(String),
    Pong,
    Close(u16),
}

impl World {
    pub(crate) fn new(seed: u64, troubles: Troubles) -> Self {
        let mut world = Self {
            troubles,
            chance: seed,
            now: Duration::ZERO,
            lives: 1,
            lines: 0,
            edge: Edge::new(1, 1, 1),
            people: Vec::new(),
            wires: BTreeMap::new(),
            ever: HashMap::new(),
            limits: (0, 0),
        };
        let people = world.up_to(3) as usize + 2;
        let spare = world.up_to(3) as usize;
        let rate = [20, 100, 1_000][world.up_to(3) as usize];
        world.limits = (people + spare, rate);
        world.edge = Edge::new(1, people + spare, rate);
        world.people =
            (0..people).map(|number| Person::new(number, seed + number as u64, world.now)).collect();
        world
    }

    pub(crate) fn run(mut self) {
        while self.now < TROUBLED {
            self.trouble();
            self.step();
        }
        let quiet_by = self.now + QUIET;
        while !self.is_settled() {
            assert!(self.now < quiet_by, "it never comes to rest: {}", self.unsettled());
            self.step();
        }
        self.assert_all_arrived();
    }

    /// Something happens that nobody wished for, or somebody says something.
    fn trouble(&mut self) {
        let who = self.up_to(self.people.len() as u64) as usize;
        let now = self.now;
        let lines = if self.troubles.talkative { 7 } else { 2 };
        match self.up_to(if self.troubles.talkative { 60 } else { 100 }) {
            0..=12 => (0..=self.up_to(lines)).for_each(|_| self.people[who].say(now)),
            13..=14 => self.cut(who),
            15 => self.stall(who),
            16 => self.people[who].session.handle_wake(now),
            17 => self.people[who].session.set_typing(true, now),
            18 => self.people[who].session.load_history(),
            19 if self.troubles.restarts && self.one_in(8) => self.restart(),
            _ => {}
        }
    }

    fn step(&mut self) {
        let passes = 1 + self.up_to(if self.now < TROUBLED { 60 } else { 200 });
        self.now += Duration::from_millis(passes);
        self.edge.tick(self.now);
        self.write();
        self.deliver();
        for who in 0..self.people.len() {
            self.live(who);
        }
        self.remember();
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

    fn grant(&mut self, who: usize, wish: Wish) {
        let due = self.now + Duration::from_millis(self.up_to(80));
        let up = match wish {
            Wish::Dial => {
                self.people[who].dialing = Some(due);
                return;
            }
            Wish::HangUp => {
                self.people[who].dialing = None;
                if let Some(line) = self.people[who].line.take() {
                    let notices = self.now + Duration::from_millis(self.up_to(2_000));
                    let wire = self.wires.get_mut(&line).expect("a line that is open");
                    wire.gone_up.get_or_insert(notices);
                }
                return;
            }
            Wish::Send(frame) => Up::Text(frame.encode()),
            Wish::Ping => Up::Ping,
        };
        let line = self.people[who].line;
        if let Some(wire) = line.and_then(|line| self.wires.get_mut(&line)).filter(|wire| !wire.dead) {
            let after = wire.up.back().map_or(due, |(last, _)| due.max(*last));
            wire.up.push_back((after, up));
        }
    }

    fn connect(&mut self, who: usize) {
        if self.now < TROUBLED && self.one_in(6) {
            return self.people[who].session.handle_closed(Closed::Dial(Fault::Refused), self.now);
        }
        self.lines += 1;
        let line = SeatId(self.lines);
        let wire = Wire {
            person: who,
            up: VecDeque::new(),
            down: VecDeque::new(),
            stalled_until: Duration::ZERO,
            dead: false,
            gone_up: None,
            gone_down: None,
        };
        self.wires.insert(line, wire);
        self.people[who].line = Some(line);
        self.people[who].session.handle_connected(self.now);
        self.edge.open(line, who, self.now);
    }

    /// Each connection that can be written to is written to, a little or a lot.
    fn write(&mut self) {
        let lines: Vec<SeatId> = self.wires.keys().copied().collect();
        for line in lines {
            for _ in 0..=self.up_to(20) {
                let delay = Duration::from_millis(self.up_to(80));
                let wire = self.wires.get_mut(&line).expect("a line that is open");
                if wire.dead || wire.stalled_until > self.now {
                    break;
                }
                let due = (self.now + delay).max(wire.down.back().map_or(self.now, |(last, _)| *last));
                match self.edge.write(line) {
                    Some(Written::Frame(text)) => wire.down.push_back((due, Down::Text(text))),
                    Some(Written::Close(code)) => wire.down.push_back((due, Down::Close(code))),
                    None => break,
                }
            }
        }
    }

    fn deliver(&mut self) {
        let lines: Vec<SeatId> = self.wires.keys().copied().collect();
        for line in lines {
            self.deliver_up(line);
            self.deliver_down(line);
            let wire = &self.wires[&line];
            if wire.up.is_empty() && wire.gone_up.is_some_and(|at| at <= self.now) {
                let unknown_to_member = self.people[wire.person].line == Some(line);
                self.edge.gone(line);
                if !unknown_to_member {
                    self.wires.remove(&line);
                }
            }
        }
    }

    fn deliver_up(&mut self, line: SeatId) {
        while let Some(wire) = self.wires.get_mut(&line)
            && wire.up.front().is_some_and(|(due, _)| *due <= self.now)
            && let Some((_, up)) = wire.up.pop_front()
        {
            match up {
                Up::Text(text) => self.edge.hear(line, &text, self.now),
                Up::Ping => wire.down.push_back((self.now, Down::Pong)),
            }
        }
    }

    fn deliver_down(&mut self, line: SeatId) {
        while let Some(wire) = self.wires.get_mut(&line)
            && self.people[wire.person].line == Some(line)
        {
            let person = &mut self.people[wire.person];
            if wire.gone_down.is_some_and(|at| at <= self.now) && wire.down.is_empty() {
                person.line = None;
                wire.gone_up.get_or_insert(self.now);
                person.session.handle_closed(Closed::Lost, self.now);
                break;
            }
            if wire.stalled_until > self.now || wire.down.front().is_none_or(|(due, _)| *due > self.now) {
                break;
            }
            match wire.down.pop_front() {
                Some((_, Down::Text(text))) => person.session.handle_text(&text, self.now),
                Some((_, Down::Pong)) => person.session.handle_sign_of_life(self.now),
                Some((_, Down::Close(code))) => {
                    person.line = None;
                    wire.gone_up.get_or_insert(self.now);
                    person.session.handle_closed(Closed::Code(code), self.now);
                }
                None => break,
            }
            let who = wire.person;
            while let Some(wish) = self.people[who].wish() {
                self.grant(who, wish);
            }
            self.people[who].show();
        }
    }

    /// The connection is cut somewhere on the way; the ends learn of it now, later, or by silence alone.
    fn cut(&mut self, who: usize) {
        let Some(line) = self.people[who].line else { return };
        let (up, down) = (self.up_to(8) as usize, self.up_to(8) as usize);
        let member_learns = [0, 500, 50_000][self.up_to(3) as usize];
        let host_learns = [0, 500, 50_000][self.up_to(3) as usize];
        let wire = self.wires.get_mut(&line).expect("a line that is open");
        // What comes later goes nowhere: neither end can tell.
        wire.dead = true;
        wire.up.truncate(up);
        wire.down.truncate(down);
        wire.gone_up.get_or_insert(self.now + Duration::from_millis(host_learns));
        wire.gone_down.get_or_insert(self.now + Duration::from_millis(member_learns));
    }

    fn stall(&mut self, who: usize) {
        let until = self.now + Duration::from_millis(self.up_to(20_000));
        if let Some(wire) = self.people[who].line.and_then(|line| self.wires.get_mut(&line))
            && wire.stalled_until < self.now
        {
            wire.stalled_until = until;
        }
    }

    /// The host is gone with all it knew, and comes back with a log that begins anew.
    fn restart(&mut self) {
        self.lives += 1;
        self.edge = Edge::new(self.lives, self.limits.0, self.limits.1);
        self.wires.clear();
        for who in 0..self.people.len() {
            let person = &mut self.people[who];
            let taken = person.said.iter().filter(|(_, taken)| **taken).map(|(id, _)| id.clone());
            person.forgotten.extend(taken);
            if person.line.take().is_some() {
                person.session.handle_closed(Closed::Lost, self.now);
            }
        }
    }

    /// Checks what everybody shows against all that was ever in a log.
    fn remember(&mut self) {
        for entry in self.edge.log.iter().rev() {
            if self.ever.insert(entry.hash.0, (self.lives, entry.clone())).is_some() {
                break;
            }
        }
        for person in &mut self.people {
            for entry in std::mem::take(&mut person.new) {
                let (life, original) = &self.ever[&entry.hash.0];
                assert_eq!(entry, *original, "as it is in the log");
                assert_eq!(person.life.get_or_insert(*life), life, "of one life of the log");
            }
        }
    }

    fn is_settled(&self) -> bool {
        let head = self.edge.log.last().map(|entry| entry.hash);
        self.people.iter().all(|person| {
            let at = person.entries.last().map(|entry| entry.hash);
            person.is_live() && person.pending.is_empty() && at == head
        })
    }

    fn unsettled(&self) -> String {
        let head = self.edge.hub.room().log().head().seq.0;
        let each = self.people.iter().map(|person| {
            let at = person.entries.last().map_or(0, |entry| entry.seq.0);
            format!("{:?} at {at} with {} pending", person.session.link(), person.pending.len())
        });
        format!("head {head}; {}", each.collect::<Vec<_>>().join("; "))
    }

    fn assert_all_arrived(&self) {
        let in_log = self.edge.said();
        for person in &self.people {
            for (id, taken) in &person.said {
                assert!(*taken, "{id} was never seen to be taken");
                let times = in_log.get(id).copied().unwrap_or(0);
                let lost = person.forgotten.contains(id);
                assert!(times == 1 || (times == 0 && lost), "{id} is {times} times in the log");
            }
            let order = self.edge.log.iter().filter_map(|entry| match &entry.what {
                maru_wire::Happening::Said { id, .. } if person.said.contains_key(id.as_str()) => {
                    Some(id.as_str())
                }
                _ => None,
            });
            assert!(order.is_sorted(), "in the order they were said");
        }
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.up_to(of) == 0
    }

    /// A number from 0 to below `end`, by SplitMix64 (Steele, Lea and Flood, 2014).
    fn up_to(&mut self, end: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// How long things go wrong.
const TROUBLED: Duration = Duration::from_secs(15);

/// How long it may take after that until everybody has everything: a dead connection is noticed by silence, and the
/// longest wait for a dial follows.
const QUIET: Duration = Duration::from_secs(240);
