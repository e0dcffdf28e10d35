//! What is said of a run: a table, and a last line that counts. Pure: prints nothing, decides nothing.

use std::time::Duration;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Passed,
    Failed(String),
    /// It did not run here, and why. Never counted as passed.
    Skipped(String),
}

/// One step of a run.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) name: &'static str,
    pub(crate) ending: Ending,
    pub(crate) took: Duration,
}

/// A line for each step, and under it why it did not pass.
pub(crate) fn table(records: &[Record]) -> String {
    let width = records.iter().map(|record| record.name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for record in records {
        let (word, why) = match &record.ending {
            Ending::Passed => ("passed", None),
            Ending::Failed(why) => ("FAILED", Some(why)),
            Ending::Skipped(why) => ("skipped", Some(why)),
        };
        lines.push(format!("{:width$}  {word:7}  {:>8}", record.name, seconds(record.took)));
        lines
            .extend(why.into_iter().flat_map(|why| why.lines()).map(|line| format!("{:width$}  {line}", "")));
    }
    lines.join("\n")
}

/// `N passed, N failed`, alone on the last line, with the skipped behind it when there are any.
pub(crate) fn closing_line(records: &[Record]) -> String {
    let count = |is: fn(&Ending) -> bool| records.iter().filter(|record| is(&record.ending)).count();
    let passed = count(|ending| *ending == Ending::Passed);
    let failed = count(|ending| matches!(ending, Ending::Failed(_)));
    let skipped = match records.len() - passed - failed {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    format!("{passed} passed, {failed} failed{skipped}")
}

/// Whether the whole run is green. A run in which nothing passed has tested nothing.
pub(crate) fn is_green(records: &[Record]) -> bool {
    let none_failed = records.iter().all(|record| !matches!(record.ending, Ending::Failed(_)));
    none_failed && records.iter().any(|record| record.ending == Ending::Passed)
}

pub(crate) fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &'static str, ending: Ending) -> Record {
        Record { name, ending, took: Duration::from_millis(1500) }
    }

    #[test]
    fn the_closing_line_names_the_skipped_only_when_there_are_any() {
        let mut records = vec![record("fmt", Ending::Passed), record("tests", Ending::Failed("no".into()))];
        assert_eq!(closing_line(&records), "1 passed, 1 failed");
        records.push(record("deny", Ending::Skipped("not installed".into())));
        assert_eq!(closing_line(&records), "1 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn a_run_that_tested_nothing_is_not_green() {
        assert!(!is_green(&[]));
        assert!(!is_green(&[record("deny", Ending::Skipped("not installed".into()))]));
        assert!(is_green(&[record("fmt", Ending::Passed)]));
        assert!(!is_green(&[record("fmt", Ending::Passed), record("deny", Ending::Failed("no".into()))]));
    }

    #[test]
    fn the_table_says_why_a_step_did_not_pass() {
        let records =
            [record("fmt", Ending::Passed), record("e2e-window", Ending::Skipped("no driver".into()))];
        let lines = table(&records);
        assert_eq!(
            lines,
            "fmt         passed      1.5 s\ne2e-window  skipped     1.5 s\n            no driver"
        );
    }
}
