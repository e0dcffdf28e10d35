//! A log as a file for people or programs: one state of it, entry by entry, in as much memory as one entry takes.

use std::io::{self, Write};

use maru_wire::{Entry, Happening};

use crate::reader::{ReadError, Reader};
use crate::rows::{COLUMNS, Rows, sql_seq};

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A line of JSON for each entry, as it travels (`docs/PROTOCOL.md`).
    Jsonl,
    /// A page for a browser, without scripts and without anything to load.
    Html,
}

/// Why an export ended before its end.
#[derive(Debug)]
pub enum ExportError {
    /// The log could not be read.
    Read(ReadError),
    /// It could not be written where it was to go.
    Write(io::Error),
}

impl std::fmt::Display for ExportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::Write(error) => write!(f, "the export could not be written: {error}"),
        }
    }
}

impl std::error::Error for ExportError {}

impl Reader {
    /// Writes all that is kept of the log of a room with this name, and returns how many entries that were.
    pub fn export(
        &self,
        format: ExportFormat,
        name: &str,
        into: &mut impl Write,
    ) -> Result<u64, ExportError> {
        let mut failed = None;
        let count = self
            .view(|view| {
                let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq > ?1 ORDER BY seq");
                let mut statement = view.conn.prepare(&sql)?;
                let mut rows = statement.query([sql_seq(view.trimmed)])?;
                let (mut reading, mut count) = (Rows::default(), 0);
                failed = format.begin(name, into).err();
                while failed.is_none()
                    && let Some(row) = rows.next()?
                {
                    failed = format.entry(&reading.entry(row)?, into).err();
                    count += 1;
                }
                Ok(count)
            })
            .map_err(ExportError::Read)?;
        match failed {
            Some(error) => Err(ExportError::Write(error)),
            None => format.end(into).map(|()| count).map_err(ExportError::Write),
        }
    }
}

impl ExportFormat {
    fn begin(self, name: &str, into: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Jsonl => Ok(()),
            Self::Html => write!(into, "{HTML_HEAD}<title>{0}</title>\n<h1>{0}</h1>\n<ol>\n", Escaped(name)),
        }
    }

    fn entry(self, entry: &Entry, into: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Jsonl => {
                serde_json::to_writer(&mut *into, entry)?;
                into.write_all(b"\n")
            }
            Self::Html => html_entry(entry, into),
        }
    }

    fn end(self, into: &mut impl Write) -> io::Result<()> {
        if self == Self::Html {
            into.write_all(b"</ol>\n")?;
        }
        into.flush()
    }
}

/// Without words of its own, so that it speaks every language.
fn html_entry(entry: &Entry, into: &mut impl Write) -> io::Result<()> {
    let (name, time) = (Escaped(entry.by.nickname.as_str()), Moment(entry.at));
    write!(into, "<li value=\"{}\"><b>{name}</b> <time datetime=\"{time}\">{time}</time>", entry.seq.0)?;
    match &entry.what {
        Happening::Said { text, .. } => write!(into, "<p dir=\"auto\">{}</p>", Escaped(text.as_str()))?,
        Happening::Renamed { from } => write!(into, "<p>{} → {name}</p>", Escaped(from.as_str()))?,
        Happening::Unknown => into.write_all("<p>⋯</p>".as_bytes())?,
    }
    into.write_all(b"</li>\n")
}

/// Text that is nothing but text in HTML, inside elements and quoted attributes.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            write!(f, "&#{};", rest.as_bytes()[at])?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// A moment in milliseconds since the Unix epoch, in UTC to the second (RFC 3339).
struct Moment(u64);

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0 / 1_000;
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        // Years that begin in March have their leap day last (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

const HTML_HEAD: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
    <meta name=\"viewport\" content=\"width=device-width\">\n\
    <style>body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}\
    ol{list-style:none;padding:0}time{color:GrayText;font-size:.8em}\
    p{margin:0 0 .75rem;white-space:pre-wrap;overflow-wrap:anywhere}</style>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_in_utc() {
        for (seconds, told) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_772_323_200, "2026-03-01T00:00:00Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment(seconds * 1_000).to_string(), told);
        }
    }

    #[test]
    fn markup_in_a_text_is_text() {
        let escaped = Escaped("<b class='x'>가 & \"나\"</b>").to_string();
        assert_eq!(escaped, "&#60;b class=&#39;x&#39;&#62;가 &#38; &#34;나&#34;&#60;/b&#62;");
    }
}
