//! What a row has found, as a table for people and as JSON for programs. Judges by the targets, never by feeling.

use serde_json::{Value, json};

/// What one row has found.
#[derive(Debug, Default)]
pub struct Row {
    /// How it is asked for.
    pub key: &'static str,
    /// What it shows.
    pub title: String,
    /// How it is measured, in a sentence or two.
    pub says: String,
    /// The heads of the columns, the server's apart.
    pub columns: Vec<String>,
    /// One for each server: its name, what it has on disk, and the cells.
    pub lines: Vec<Vec<String>>,
    /// What is to be reached, and was or was not.
    pub targets: Vec<Target>,
    /// What could not be measured, and why.
    pub left_out: Vec<String>,
    /// What must never happen and did.
    pub faults: Vec<String>,
    /// Every single value.
    pub raw: Value,
}

/// A figure to be reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What, in words with the bound in them.
    pub words: String,
    /// What came out; none where a side of the comparison is missing.
    pub measured: Option<f64>,
    /// What must be reached.
    pub bound: Bound,
}

/// A side that a figure must be on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// Not above.
    AtMost(f64),
    /// Not below.
    AtLeast(f64),
    /// Nothing: told as it is.
    Reported,
}

impl Target {
    /// Compares what was measured with the bound.
    pub fn new(words: impl Into<String>, measured: Option<f64>, bound: Bound) -> Self {
        Self { words: words.into(), measured, bound }
    }

    /// Whether it is reached; none where nothing can be said.
    pub fn is_reached(&self) -> Option<bool> {
        let measured = self.measured?;
        match self.bound {
            Bound::AtMost(bound) => Some(measured <= bound),
            Bound::AtLeast(bound) => Some(measured >= bound),
            Bound::Reported => None,
        }
    }

    fn word(&self) -> &'static str {
        match (self.measured, self.is_reached()) {
            (None, _) => "not measured",
            (_, Some(true)) => "reached",
            (_, Some(false)) => "NOT reached",
            (_, None) => "reported",
        }
    }

    fn line(&self) -> String {
        let bound = match self.bound {
            Bound::AtMost(bound) => format!("≤ {}", figure(Some(bound))),
            Bound::AtLeast(bound) => format!("≥ {}", figure(Some(bound))),
            Bound::Reported => "–".into(),
        };
        format!("| {} | {bound} | {} | {} |", self.words, figure(self.measured), self.word())
    }
}

impl Row {
    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("### {} (`--only {}`)\n\n{}\n\n", self.title, self.key, self.says);
        if !self.lines.is_empty() {
            text += &format!("| server | on disk first | {} |\n", self.columns.join(" | "));
            text += &format!("|---|---|{}\n", "--:|".repeat(self.columns.len()));
            for line in &self.lines {
                text += &format!("| {} |\n", line.join(" | "));
            }
            text += "\n";
        }
        if !self.targets.is_empty() {
            text += &targets(std::slice::from_ref(self));
            text += "\n";
        }
        for left_out in &self.left_out {
            text += &format!("- left out: {left_out}\n");
        }
        for fault in &self.faults {
            text += &format!("- **fault**: {fault}\n");
        }
        text
    }

    /// For the file of a run.
    pub fn json(&self) -> Value {
        let targets = self.targets.iter().map(|target| {
            json!({
                "what": target.words, "measured": target.measured, "bound": format!("{:?}", target.bound),
                "reached": target.is_reached(),
            })
        });
        json!({
            "row": self.key, "title": self.title, "targets": targets.collect::<Vec<_>>(),
            "left_out": self.left_out, "faults": self.faults, "rounds": self.raw,
        })
    }
}

/// The targets of some rows as one table.
pub fn targets(rows: &[Row]) -> String {
    let mut text = String::from("| target | bound | measured | |\n|---|--:|--:|---|\n");
    for target in rows.iter().flat_map(|row| &row.targets) {
        text += &format!("{}\n", target.line());
    }
    text
}

/// Three figures that mean something.
pub fn figure(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value.abs() >= 10_000_000.0 => format!("{:.1} M", value / 1e6),
        Some(value) if value.abs() >= 10_000.0 => format!("{:.0} k", value / 1e3),
        Some(value) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(value) if value.abs() >= 1.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.3}"),
    }
}

/// A ratio, where both sides are there.
pub fn ratio(of: Option<f64>, to: Option<f64>) -> Option<f64> {
    of.zip(to).filter(|(_, to)| *to > 0.0).map(|(of, to)| of / to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_reached_on_its_side_only_and_not_without_a_figure() {
        assert_eq!(Target::new("", Some(1.3), Bound::AtMost(1.3)).is_reached(), Some(true));
        assert_eq!(Target::new("", Some(1.31), Bound::AtMost(1.3)).is_reached(), Some(false));
        assert_eq!(Target::new("", Some(29.0), Bound::AtLeast(30.0)).is_reached(), Some(false));
        assert_eq!(Target::new("", None, Bound::AtMost(1.3)).is_reached(), None);
        assert_eq!(ratio(Some(1.0), None), None);
    }

    #[test]
    fn a_target_that_is_missed_is_shouted() {
        let row = Row { targets: vec![Target::new("x", Some(2.0), Bound::AtMost(1.3))], ..Row::default() };
        assert!(row.markdown().contains("| x | ≤ 1.30 | 2.00 | NOT reached |"), "{}", row.markdown());
    }

    #[test]
    fn figures_are_short() {
        let shown = [0.1234, 1.234, 12.34, 123.4, 12_345.0, 12_345_678.0].map(|value| figure(Some(value)));
        assert_eq!(shown, ["0.123", "1.23", "12.3", "123", "12 k", "12.3 M"]);
    }
}
