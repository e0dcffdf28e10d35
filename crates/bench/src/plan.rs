//! What is asked for, and how long each thing takes.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::rows::Kind;

/// What one run does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The project's folder.
    pub project: PathBuf,
    /// Where cargo has put the release binaries' folder.
    pub target: PathBuf,
    /// Fewer rounds, and shorter.
    pub quick: bool,
    /// Rounds, where neither the quick nor the full number will do.
    pub rounds: Option<usize>,
    /// The rows, in their order.
    pub rows: Vec<Kind>,
    /// Whether the tables go into the project's pages.
    pub write_docs: bool,
}

/// A command line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadOrder {
    /// No such word.
    Unknown(String),
    /// No such row.
    UnknownRow(String),
    /// A word that wants another one after it.
    Unfinished(&'static str),
    /// A part of a run is no table for the pages.
    PartForDocs,
}

impl fmt::Display for BadOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = || Kind::ALL.map(Kind::key).join(", ");
        match self {
            Self::Unknown(word) => write!(f, "`{word}` is not understood\n{HELP}\nrows: {}", rows()),
            Self::UnknownRow(row) => write!(f, "there is no row `{row}`; there are {}", rows()),
            Self::Unfinished(word) => write!(f, "`{word}` wants something after it"),
            Self::PartForDocs => write!(f, "--write-docs wants a full run: no --quick, --only or --rounds"),
        }
    }
}

impl Plan {
    /// Reads a command line, without the program's name.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, BadOrder> {
        let mut plan = Self {
            project: ".".into(),
            target: "target".into(),
            quick: false,
            rounds: None,
            rows: Vec::new(),
            write_docs: false,
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut after = |name| words.next().ok_or(BadOrder::Unfinished(name));
            match word.as_str() {
                "--project" => plan.project = after("--project")?.into(),
                "--target" => plan.target = after("--target")?.into(),
                "--quick" => plan.quick = true,
                "--write-docs" => plan.write_docs = true,
                "--rounds" => {
                    let rounds = after("--rounds")?;
                    let rounds = rounds.parse().ok().filter(|rounds| *rounds > 0);
                    plan.rounds = Some(rounds.ok_or(BadOrder::Unfinished("--rounds"))?);
                }
                "--only" => {
                    let key = after("--only")?;
                    plan.rows.push(Kind::of_key(&key).ok_or(BadOrder::UnknownRow(key))?);
                }
                _ => return Err(BadOrder::Unknown(word)),
            }
        }
        if plan.write_docs && (plan.quick || plan.rounds.is_some() || !plan.rows.is_empty()) {
            return Err(BadOrder::PartForDocs);
        }
        if plan.rows.is_empty() {
            plan.rows = Kind::ALL.to_vec();
        }
        Ok(plan)
    }

    /// How often everything is measured; the median is told.
    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { 5 })
    }

    /// The same where one round takes long.
    pub fn long_rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { 3 })
    }

    /// One of two spans: the full one or the quick one.
    pub fn span(&self, full_ms: u64, quick_ms: u64) -> Duration {
        Duration::from_millis(if self.quick { quick_ms } else { full_ms })
    }
}

/// What the command takes.
pub const HELP: &str = "cargo xtask bench [--quick] [--rounds N] [--only ROW]… [--write-docs]";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Plan, BadOrder> {
        Plan::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_a_word_every_row_is_measured_in_full() {
        let plan = read("").unwrap();
        assert_eq!((plan.rows.len(), plan.rounds(), plan.write_docs), (Kind::ALL.len(), 5, false));
    }

    #[test]
    fn rows_and_rounds_can_be_chosen() {
        let plan = read("--quick --only single --only memory --rounds 2").unwrap();
        assert_eq!((plan.rows, plan.quick), (vec![Kind::Single, Kind::Memory], true));
        assert_eq!(read("--rounds 2").unwrap().long_rounds(), 2);
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        assert_eq!(read("--only sing"), Err(BadOrder::UnknownRow("sing".into())));
        assert_eq!(read("--rounds"), Err(BadOrder::Unfinished("--rounds")));
        assert_eq!(read("--rounds 0"), Err(BadOrder::Unfinished("--rounds")));
        assert_eq!(read("fast"), Err(BadOrder::Unknown("fast".into())));
    }

    #[test]
    fn a_part_of_a_run_does_not_go_into_the_pages() {
        assert_eq!(read("--quick --write-docs"), Err(BadOrder::PartForDocs));
        assert_eq!(read("--only single --write-docs"), Err(BadOrder::PartForDocs));
    }
}
