//! The network: what is on its way between each member and the host, how long it takes, and where it ends.

use std::collections::VecDeque;
use std::time::Duration;

use maru_client::Fault;
use maru_client::session::Closed;
use maru_server::hub::SeatId;

use super::edge::Written;
use super::person::Wish;
use super::world::World;

/// One connection: what is on its way, in order in each direction.
pub(super) struct Wire {
    person: usize,
    up: VecDeque<(Duration, Up)>,
    down: VecDeque<(Duration, Down)>,
    /// Until when the member reads nothing, so that nothing more is written.
    stalled_until: Duration,
    /// Until when nothing arrives at the host.
    up_stalled_until: Duration,
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

impl Wire {
    fn of(person: usize) -> Self {
        Self {
            person,
            up: VecDeque::new(),
            down: VecDeque::new(),
            stalled_until: Duration::ZERO,
            up_stalled_until: Duration::ZERO,
            dead: false,
            gone_up: None,
            gone_down: None,
        }
    }
}

impl World {
    pub(super) fn grant(&mut self, who: usize, wish: Wish) {
        let due = self.now + self.chance.ms_up_to(80);
        let up = match wish {
            Wish::Dial => {
                self.people[who].dialing = Some(due);
                return;
            }
            Wish::HangUp => {
                self.people[who].dialing = None;
                return self.hang_up(who);
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

    /// The member closes; the host hears what is on its way, and learns of the end some time.
    pub(super) fn hang_up(&mut self, who: usize) {
        if let Some(line) = self.people[who].line.take() {
            let notices = self.now + self.chance.ms_up_to(2_000);
            let wire = self.wires.get_mut(&line).expect("a line that is open");
            wire.gone_up.get_or_insert(notices);
        }
    }

    pub(super) fn connect(&mut self, who: usize) {
        let is_refused = self.now < self.host_back_at || (self.is_troubled() && self.chance.one_in(6));
        if is_refused {
            return self.people[who].session.handle_closed(Closed::Dial(Fault::Refused), self.now);
        }
        self.lines += 1;
        let line = SeatId(self.lines);
        self.wires.insert(line, Wire::of(who));
        self.people[who].line = Some(line);
        self.people[who].session.handle_connected(self.now);
        self.edge.open(line, self.members[who], self.now);
    }

    /// Each connection that can be written to is written to, a little or a lot.
    pub(super) fn write(&mut self) {
        let lines: Vec<SeatId> = self.wires.keys().copied().collect();
        for line in lines {
            for _ in 0..=self.chance.up_to(20) {
                let delay = self.chance.ms_up_to(80);
                let wire = self.wires.get_mut(&line).expect("a line that is open");
                if wire.dead || wire.stalled_until > self.now {
                    break;
                }
                let due = (self.now + delay).max(wire.down.back().map_or(self.now, |(last, _)| *last));
                match self.edge.write(line, self.now) {
                    Some(Written::Frame(text)) => wire.down.push_back((due, Down::Text(text))),
                    Some(Written::Close(code)) => wire.down.push_back((due, Down::Close(code))),
                    None => break,
                }
            }
        }
    }

    pub(super) fn deliver(&mut self) {
        let lines: Vec<SeatId> = self.wires.keys().copied().collect();
        for line in lines {
            self.deliver_up(line);
            self.deliver_down(line);
            let wire = &self.wires[&line];
            let is_heard = wire.up.is_empty() || !self.edge.listens(line);
            if is_heard && wire.gone_up.is_some_and(|at| at <= self.now) {
                let unknown_to_member = self.people[wire.person].line == Some(line);
                self.edge.gone(line, self.now);
                if !unknown_to_member {
                    self.wires.remove(&line);
                }
            }
        }
    }

    fn deliver_up(&mut self, line: SeatId) {
        while let Some(wire) = self.wires.get_mut(&line)
            && wire.up_stalled_until <= self.now
            && self.edge.listens(line)
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
    pub(super) fn cut(&mut self, who: usize) {
        let Some(line) = self.people[who].line else { return };
        let (up, down) = (self.chance.up_to(8) as usize, self.chance.up_to(8) as usize);
        let [member_learns, host_learns] = [(); 2].map(|()| self.chance.one_of(&[0, 500, 50_000]));
        let wire = self.wires.get_mut(&line).expect("a line that is open");
        // What comes later goes nowhere: neither end can tell.
        wire.dead = true;
        wire.up.truncate(up);
        wire.down.truncate(down);
        wire.gone_up.get_or_insert(self.now + Duration::from_millis(host_learns));
        wire.gone_down.get_or_insert(self.now + Duration::from_millis(member_learns));
    }

    /// The host is gone from one instant to the next: members may still hear what it had sent.
    pub(super) fn cut_all(&mut self) {
        for line in self.wires.keys().copied().collect::<Vec<_>>() {
            let down = self.chance.up_to(8) as usize;
            let member_learns = self.chance.one_of(&[0, 0, 500, 50_000]);
            let wire = self.wires.get_mut(&line).expect("a line that is open");
            wire.dead = true;
            wire.up.clear();
            wire.down.truncate(down);
            wire.gone_up = Some(self.now);
            wire.gone_down.get_or_insert(self.now + Duration::from_millis(member_learns));
        }
    }

    /// The member reads nothing for a while.
    pub(super) fn stall(&mut self, who: usize) {
        let until = self.now + self.chance.ms_up_to(20_000);
        if let Some(wire) = self.people[who].line.and_then(|line| self.wires.get_mut(&line))
            && wire.stalled_until < self.now
        {
            wire.stalled_until = until;
        }
    }

    /// What the member says takes a while to arrive.
    pub(super) fn stall_up(&mut self, who: usize) {
        let until = self.now + self.chance.ms_up_to(UP_STALL_MS_MAX);
        if let Some(wire) = self.people[who].line.and_then(|line| self.wires.get_mut(&line)) {
            wire.up_stalled_until = wire.up_stalled_until.max(until);
        }
    }
}

/// Longer than any retransmission of a connection that lives.
const UP_STALL_MS_MAX: u64 = 5_000;
