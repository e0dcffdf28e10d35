//! What a crowd does to a room: as much as it can take, or so much a second. Each ends with everybody having heard
//! everything, or with the fault.

use std::time::Duration;

use crate::crowd::{Crowd, Heard, Trouble};
use crate::figures::Waits;
use crate::order::Order;
use crate::server::Server;

/// What came of saying as much as the room takes.
#[derive(Debug, Clone, Copy)]
pub struct Flood {
    /// Messages times members.
    pub deliveries: u64,
    /// For how long.
    pub seconds: f64,
    /// CPU the server took meanwhile.
    pub cpu_seconds: f64,
    /// Bytes all members read meanwhile.
    pub bytes: u64,
}

impl Flood {
    /// Seconds of the server's CPU for a million deliveries.
    pub fn cpu_seconds_per_million(&self) -> f64 {
        self.cpu_seconds / self.deliveries as f64 * 1e6
    }

    /// Deliveries a second.
    pub fn per_second(&self) -> f64 {
        self.deliveries as f64 / self.seconds
    }

    /// Bytes on the wire for one delivery.
    pub fn bytes_per_delivery(&self) -> f64 {
        self.bytes as f64 / self.deliveries as f64
    }
}

/// Who says the next message, and when.
#[derive(Debug)]
pub struct Talk {
    /// Each of them has one message under way and says the next when they have heard their own: what comes during a sweep
    /// is there for the next one. Empty where one message is under way at a time, said by all in turn.
    speakers: Vec<usize>,
    /// Speakers who may say something now.
    ready: Vec<usize>,
    turn: usize,
}

impl Talk {
    /// That many speakers, spread over the members.
    pub fn of_speakers(speakers: usize, members: usize) -> Self {
        let speakers: Vec<_> = (0..speakers).map(|number| number * members / speakers).collect();
        Self { ready: speakers.clone(), speakers, turn: 0 }
    }

    /// The next message when everybody has heard the last.
    pub fn one_at_a_time() -> Self {
        Self { speakers: Vec::new(), ready: Vec::new(), turn: 0 }
    }

    fn go_on(&mut self, crowd: &mut Crowd) -> Result<(), Trouble> {
        while let Some(speaker) = self.ready.pop() {
            let now = crowd.now();
            crowd.say(speaker, TEXT_BYTES, now)?;
        }
        if self.speakers.is_empty() && crowd.order().outstanding() == 0 {
            let now = crowd.now();
            crowd.say(self.turn % crowd.present(), TEXT_BYTES, now)?;
            self.turn += TURN_STEP;
        }
        crowd.poll(Some(Duration::from_millis(5)), &mut |order, heard| {
            if self.speakers.binary_search(&heard.member).is_ok() {
                let own = |place: &u64| order.delivery(*place).said.sender as usize == heard.member;
                self.ready.extend(heard.places.filter(own).map(|_| heard.member));
            }
        })
    }

    fn go_on_for(&mut self, crowd: &mut Crowd, span: Duration) -> Result<(), Trouble> {
        let until = crowd.now() + nanos(span);
        while crowd.now() < until {
            self.go_on(crowd)?;
        }
        Ok(())
    }
}

/// Says messages of [`TEXT_BYTES`] as fast as they are heard.
pub fn flood(
    crowd: &mut Crowd,
    server: &Server,
    mut talk: Talk,
    warm_up: Duration,
    span: Duration,
) -> Result<Flood, Trouble> {
    talk.go_on_for(crowd, warm_up)?;
    let before = (crowd.order().heard(), crowd.now(), server.cpu_seconds(), crowd.bytes_heard());
    talk.go_on_for(crowd, span)?;
    let flood = Flood {
        deliveries: crowd.order().heard() - before.0,
        seconds: (crowd.now() - before.1) as f64 / 1e9,
        cpu_seconds: server.cpu_seconds() - before.2,
        bytes: crowd.bytes_heard() - before.3,
    };
    crowd.conclude(&mut |_, _| {})?;
    Ok(flood)
}

/// The same up to a number of messages.
pub fn fill(crowd: &mut Crowd, messages: u64) -> Result<(), Trouble> {
    let mut talk = Talk::of_speakers(crowd.present().min(OUTSTANDING), crowd.present());
    while crowd.order().said() < messages {
        talk.go_on(crowd)?;
    }
    crowd.conclude(&mut |_, _| {})
}

/// A pace, and who keeps it.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Messages a second, of all senders together, at random moments.
    pub per_second: f64,
    /// Bytes of each text.
    pub text_bytes: usize,
    /// The members from 0 to this one say them by turns.
    pub senders: usize,
    /// Not counted.
    pub warm_up: Duration,
    /// Counted.
    pub span: Duration,
}

/// How long it took from the moment a message was due to be said.
#[derive(Debug, Default, Clone)]
pub struct Heeded {
    /// To each member's hearing it.
    pub by_all: Waits,
    /// To its sender's hearing it, which is the acknowledgement.
    pub by_sender: Waits,
    /// The most memory of the server that was seen meanwhile, in bytes.
    pub resident_most: u64,
}

/// Says messages at a pace. A message that the generator says late counts from when it was due, so that a stall hides
/// nothing.
pub fn pace(crowd: &mut Crowd, server: &Server, pace: Pace, seed: u64) -> Result<Heeded, Trouble> {
    let mut heeded = Heeded::default();
    let counted_from = crowd.now() + nanos(pace.warm_up);
    let until = counted_from + nanos(pace.span);
    let mut witness = |order: &Order, heard: Heard| {
        for place in heard.places {
            let delivery = order.delivery(place);
            if delivery.said_at < counted_from {
                continue;
            }
            let wait = heard.at.saturating_sub(delivery.said_at);
            heeded.by_all.push_nanos(wait);
            if delivery.said.sender as usize == heard.member {
                heeded.by_sender.push_nanos(wait);
            }
        }
    };
    let mut gaps = Gaps::new(seed, pace.per_second);
    let (mut due, mut turn, mut look_at, mut resident_most) = (crowd.now(), 0, 0, 0);
    while due < until {
        let now = crowd.now();
        if now >= due {
            crowd.say(turn % pace.senders, pace.text_bytes, due)?;
            turn += TURN_STEP;
            due += gaps.next();
            continue;
        }
        if now >= look_at {
            resident_most = server.memory().resident.max(resident_most);
            look_at = now + nanos(LOOK_EVERY);
        }
        // The poll counts in whole milliseconds: the last one is spent asking again and again.
        let wait = Duration::from_millis((due - now) / 1_000_000).min(LOOK_EVERY);
        crowd.poll(Some(wait), &mut witness)?;
    }
    crowd.conclude(&mut witness)?;
    heeded.resident_most = server.memory().resident.max(resident_most);
    Ok(heeded)
}

/// Random gaps of a fixed seed: members do not speak in step, and every server hears the same.
struct Gaps {
    state: u64,
    mean_nanos: f64,
}

impl Gaps {
    fn new(seed: u64, per_second: f64) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, mean_nanos: 1e9 / per_second }
    }

    /// Exponentially distributed, of a xorshift generator (Marsaglia 2003).
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let share = (self.state >> 11) as f64 / (1_u64 << 53) as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a gap is some milliseconds"
        )]
        let gap = (-(1.0 - share).ln() * self.mean_nanos) as u64;
        gap
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// Bytes of a message's text.
pub const TEXT_BYTES: usize = 120;
/// Messages outstanding where a room is given as much as it takes.
pub const OUTSTANDING: usize = 64;
/// Neighbours in turn are far apart in the crowd, and everybody comes to speak.
const TURN_STEP: usize = 37;
/// Memory is looked at that often.
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_have_the_mean_that_was_asked_for_and_are_the_same_for_every_server() {
        let gaps = |seed| {
            let mut gaps = Gaps::new(seed, 1_000.0);
            (0..20_000).map(|_| gaps.next()).collect::<Vec<_>>()
        };
        let all = gaps(1);
        let mean = all.iter().sum::<u64>() as f64 / all.len() as f64;
        assert!((mean - 1e6).abs() < 5e4, "{mean}");
        assert_eq!(all, gaps(1));
        assert_ne!(all, gaps(2));
    }
}
