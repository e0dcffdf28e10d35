//! What happens in a room, as lines for a person: who said what at which time of day, and notices between.

use chrono::{DateTime, Local, NaiveDate};
use maru_client::Link;
use maru_wire::{CaughtUp, Member};

use crate::events::{Event, GapCause};
use crate::output::{Output, one_line};
use crate::words::{Word, Words};

/// How it is shown, which depends on what was shown before.
#[derive(Debug)]
pub(crate) struct Shown {
    words: Words,
    /// Whether a person types here and may like to know how.
    typed: bool,
    /// The day of the last line.
    day: Option<NaiveDate>,
    waiting: bool,
    explained: bool,
}

impl Shown {
    pub(crate) fn new(words: Words, typed: bool) -> Self {
        Self { words, typed, day: None, waiting: false, explained: false }
    }

    /// The lines for an event; none where a person need not see it.
    pub(crate) fn lines(&mut self, event: &Event, output: &Output) -> Vec<String> {
        if output.is_json() {
            return Vec::new();
        }
        let notice = |words: String| output.faint(&format!("{NOTICE}{words}"));
        let mut lines = Vec::new();
        match event {
            Event::Kept { name, .. } => {
                lines.push(notice(self.words.with(Word::KeptHere, &[("room", &one_line(name))])));
            }
            Event::Entered { name, count, caught_up: CaughtUp::First, keeps, .. } if !self.explained => {
                self.explained = true;
                lines.push(notice(self.words.with(Word::Entered, &[("room", &one_line(name))])));
                lines.push(notice(self.words.member_count(*count)));
                lines.extend(self.words.keeps(*keeps).map(notice));
                if self.typed {
                    lines.push(notice(self.words.text(Word::Commands).into()));
                }
            }
            Event::Said { at, by, text, .. } => {
                let (day, time) = self.at(*at);
                lines.extend(day.map(notice));
                let (time, by) = (output.faint(&time), output.bold(&one_line(by.nickname.as_str())));
                let mut text = text.as_str().lines();
                lines.push(format!("{time} {by}: {}", one_line(text.next().unwrap_or_default())));
                // Indented, so that no line of a message can pass for one of somebody else.
                lines.extend(text.map(|line| format!("{INDENT}{}", one_line(line))));
            }
            Event::Connected { dialect, security } => {
                lines.push(notice(self.words.connection(*dialect, *security)));
            }
            Event::Binary { at, by, bytes } => {
                let (day, time) = self.at(*at);
                lines.extend(day.map(notice));
                let what = self.words.with(Word::BinaryData, &[("n", &bytes.to_string())]);
                let by = output.bold(&one_line(by.nickname.as_str()));
                lines.push(format!("{} {by}: {}", output.faint(&time), output.faint(&what)));
            }
            Event::Renamed { by, from, .. } => {
                let names = [("old", one_line(from.as_str())), ("new", one_line(by.nickname.as_str()))];
                let names = names.each_ref().map(|(name, value)| (*name, value.as_ref()));
                lines.push(notice(self.words.with(Word::Renamed, &names)));
            }
            Event::Unknown { .. } => lines.push(notice(self.words.text(Word::NewerMaru).into())),
            Event::Joined { member, .. } => lines.push(notice(self.about(Word::Joined, member))),
            Event::Left { member, .. } => lines.push(notice(self.about(Word::Left, member))),
            Event::Members { count } => {
                lines.push(notice(self.words.member_count(*count)));
            }
            Event::Gap { why } => lines.push(notice(self.words.text(gap(*why)).into())),
            Event::Disk { well } => {
                let word = if *well { Word::DiskWell } else { Word::DiskFull };
                lines.push(notice(self.words.text(word).into()));
            }
            Event::Link { link: Link::Waiting { .. } } if !self.waiting => {
                self.waiting = true;
                lines.push(notice(self.words.text(Word::Reconnecting).into()));
            }
            Event::Link { link: Link::Live } if std::mem::take(&mut self.waiting) => {
                lines.push(notice(self.words.text(Word::Reconnected).into()));
            }
            // For scripts, told when the program ends, or an error that was told already.
            Event::Entered { .. }
            | Event::Link { .. }
            | Event::Listening { .. }
            | Event::Queued { .. }
            | Event::Sight(_)
            | Event::Notebook { .. }
            | Event::Unsent { .. }
            | Event::Refused { .. }
            | Event::Addresses { .. }
            | Event::Reach { .. }
            | Event::Nearby { .. }
            | Event::Gone { .. }
            | Event::Closed { .. } => {}
        }
        lines
    }

    fn about(&self, word: Word, member: &Member) -> String {
        self.words.with(word, &[("name", &one_line(member.nickname.as_str()))])
    }

    /// The time of day, and the day where it is another one than that of the line before.
    fn at(&mut self, unix_ms: u64) -> (Option<String>, String) {
        let at = i64::try_from(unix_ms).ok().and_then(DateTime::from_timestamp_millis);
        let Some(at) = at.map(|at| at.with_timezone(&Local)) else { return (None, "[--:--]".into()) };
        let day = at.date_naive();
        let before = self.day.replace(day).unwrap_or_else(|| Local::now().date_naive());
        ((day != before).then(|| day.to_string()), at.format("[%H:%M]").to_string())
    }
}

fn gap(why: GapCause) -> Word {
    match why {
        GapCause::NewEpoch => Word::GapNewEpoch,
        GapCause::Trimmed | GapCause::TooSlow => Word::GapTrimmed,
        GapCause::Diverged => Word::GapDiverged,
    }
}

const NOTICE: &str = "— ";

/// As wide as the time of day.
const INDENT: &str = "        ";
