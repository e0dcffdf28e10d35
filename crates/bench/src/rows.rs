//! What is measured: one file a row. A row starts its servers, measures by turns, so that a noisy moment hits all of
//! them alike, and compares with its targets.

mod acks;
mod deaf;
mod memory;
mod paced;
mod presence;
mod saturated;
mod single;
mod slow;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::contestant::{Contestant, Places};
use crate::crowd::{Crowd, Trouble};
use crate::figures::{median, spread_percent};
use crate::plan::Plan;
use crate::process::Cores;
use crate::report::Row;
use crate::server::Server;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As much as the room takes.
    Saturated,
    /// One message at a time.
    Single,
    /// At a pace.
    Paced,
    /// Of idle members.
    Memory,
    /// Some never read.
    Slow,
    /// Many come in.
    Presence,
    /// Acknowledgements while others make the room work.
    Acks,
    /// Many never read.
    Deaf,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Saturated,
        Self::Single,
        Self::Paced,
        Self::Memory,
        Self::Slow,
        Self::Presence,
        Self::Acks,
        Self::Deaf,
    ];

    /// How it is asked for.
    pub fn key(self) -> &'static str {
        match self {
            Self::Saturated => "saturated",
            Self::Single => "single",
            Self::Paced => "paced",
            Self::Memory => "memory",
            Self::Slow => "slow",
            Self::Presence => "presence",
            Self::Acks => "acks",
            Self::Deaf => "deaf",
        }
    }

    /// The row of that key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Measures it.
    pub fn measure(self, stage: &Stage) -> Row {
        let row = match self {
            Self::Saturated => saturated::measure(stage),
            Self::Single => single::measure(stage),
            Self::Paced => paced::measure(stage),
            Self::Memory => memory::measure(stage),
            Self::Slow => slow::measure(stage),
            Self::Presence => presence::measure(stage),
            Self::Acks => acks::measure(stage),
            Self::Deaf => deaf::measure(stage),
        };
        Row { key: self.key(), ..row }
    }
}

/// What every row needs.
pub struct Stage {
    /// Where the programs are.
    pub places: Places,
    /// Who runs where.
    pub cores: Cores,
    /// How long and how often.
    pub plan: Plan,
    /// Sockets that one process may hold.
    pub sockets_max: u64,
}

impl Stage {
    /// A server with that many members in it, at rest.
    fn room(&self, contestant: Contestant, members: usize) -> Result<(Server, Crowd), Trouble> {
        let server = Server::start(contestant, &self.places, self.cores, members + MEMBERS_SPARE)?;
        let mut crowd = Crowd::new(contestant, server.port(), members)?;
        crowd.join(members, None)?;
        crowd.settle(if contestant.tongue().tells_presence() { SETTLE } else { SETTLE_SILENT })?;
        Ok((server, crowd))
    }

    /// Whether that many members can be had on both sides.
    fn holds(&self, members: usize) -> bool {
        self.sockets_max >= (members + SOCKETS_SPARE) as u64
    }

    /// One of the others' names for a line of a table, and what it has on disk.
    fn line(&self, contestant: Contestant) -> Vec<String> {
        let durable = contestant.durable(self.places.abilities);
        vec![contestant.name().to_owned(), durable.to_owned()]
    }
}

/// What was measured of each server, round by round.
struct Samples<T>(BTreeMap<Contestant, Vec<T>>);

impl<T> Samples<T> {
    /// Measures all of them by turns. Whatever goes wrong is told in the row and ends that server's turn.
    fn take(
        stage: &Stage,
        row: &mut Row,
        what: &str,
        contestants: &[Contestant],
        rounds: usize,
        mut once: impl FnMut(Contestant, u64) -> Result<T, Trouble>,
    ) -> Self {
        let mut samples = BTreeMap::new();
        for round in 0..rounds {
            for contestant in contestants {
                if let Some(why) = contestant.missing(&stage.places) {
                    let left_out = format!("{}: {why}", contestant.name());
                    if !row.left_out.contains(&left_out) {
                        row.left_out.push(left_out);
                    }
                    continue;
                }
                progress(&format!("{what}, round {} of {rounds}: {}", round + 1, contestant.name()));
                match once(*contestant, round as u64 + 1) {
                    Ok(sample) => samples.entry(*contestant).or_insert_with(Vec::new).push(sample),
                    Err(trouble) => row.faults.push(format!("{what}, {}: {trouble}", contestant.name())),
                }
            }
        }
        Self(samples)
    }

    fn values(&self, contestant: Contestant, figure: impl Fn(&T) -> f64) -> Vec<f64> {
        self.0.get(&contestant).map_or_else(Vec::new, |samples| samples.iter().map(figure).collect())
    }

    fn median(&self, contestant: Contestant, figure: impl Fn(&T) -> f64) -> Option<f64> {
        median(&self.values(contestant, figure))
    }

    fn spread(&self, contestant: Contestant, figure: impl Fn(&T) -> f64) -> String {
        format!("{:.0} %", spread_percent(&self.values(contestant, figure)))
    }

    fn measured(&self) -> Vec<Contestant> {
        self.0.keys().copied().collect()
    }

    fn json(&self, figures: impl Fn(&T) -> Value) -> Value {
        let lines = self.0.iter().map(|(contestant, samples)| {
            (contestant.name().to_owned(), samples.iter().map(&figures).collect::<Value>())
        });
        json!(lines.collect::<serde_json::Map<_, _>>())
    }
}

/// The two of ours, as far as they were measured.
fn ours<T>(samples: &Samples<T>) -> Vec<Contestant> {
    samples
        .measured()
        .into_iter()
        .filter(|one| matches!(one, Contestant::Maru | Contestant::MaruNothing))
        .collect()
}

#[expect(clippy::print_stderr, reason = "a run takes minutes, and somebody waits")]
fn progress(words: &str) {
    eprintln!("  {words}");
}

/// One figure of a sample.
type Figure<T> = fn(&T) -> f64;

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

/// Seats and sockets beyond the members: those who disturb, and what a program has open anyway.
const MEMBERS_SPARE: usize = 100;
const SOCKETS_SPARE: usize = 300;
/// Members of the others hear nothing of each other's coming, but a server may still be busy with it.
const SETTLE_SILENT: Duration = Duration::from_millis(300);
/// What members hear of each other's coming, once a second, comes to rest.
const SETTLE: Duration = Duration::from_millis(1_200);
