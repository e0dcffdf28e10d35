//! Standard output and standard error. What a stranger chose goes out as text that no terminal obeys.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use crate::events::Event;

/// Standard output, for a script or for a person.
#[derive(Debug)]
pub(crate) struct Output {
    out: io::Stdout,
    json: bool,
    styled: bool,
}

impl Output {
    /// Standard output; with `json` it holds nothing but events.
    pub(crate) fn open(json: bool) -> Self {
        let out = io::stdout();
        let styled = !json && out.is_terminal() && may_style();
        Self { out, json, styled }
    }

    /// Whether a script reads it.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person looks at it right now.
    pub(crate) fn is_terminal(&self) -> bool {
        self.out.is_terminal()
    }

    /// Whether escape sequences are understood there.
    pub(crate) fn is_styled(&self) -> bool {
        self.styled
    }

    /// Writes an event for a script; a person is shown nothing.
    pub(crate) fn event(&mut self, event: &Event) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        let mut line = escaped(&serde_json::to_string(event)?);
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }

    /// Writes a line for a person; a script is shown nothing.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        self.out.write_all(format!("{line}\n").as_bytes())?;
        self.out.flush()
    }

    /// Writes a line over the last one where that can be done, else a new one.
    pub(crate) fn line_over(&mut self, line: &str, first: bool) -> io::Result<()> {
        let up = if self.styled && !first { "\x1b[1A\x1b[2K" } else { "" };
        self.line(&format!("{up}{line}"))
    }

    /// Writes lines beside what is said, on standard error and fainter where that can be done; a script has its events.
    pub(crate) fn aside(&self, lines: &[String]) {
        if self.json {
            return;
        }
        let err = io::stderr();
        let styled = err.is_terminal() && may_style();
        for line in lines {
            let line = one_line(line);
            // Where nobody looks, nothing is shown.
            let _ = match styled {
                true => writeln!(&err, "\x1b[2m{line}\x1b[0m"),
                false => writeln!(&err, "{line}"),
            };
        }
    }

    /// In bold where that can be done.
    pub(crate) fn bold(&self, text: &str) -> String {
        if self.styled { format!("\x1b[1m{text}\x1b[0m") } else { text.into() }
    }

    /// In a fainter colour where that can be done.
    pub(crate) fn faint(&self, text: &str) -> String {
        if self.styled { format!("\x1b[2m{text}\x1b[0m") } else { text.into() }
    }
}

/// Tells a person on standard error what went wrong or differs from what they asked for.
pub(crate) fn complain(words: &str) {
    // Where nobody can be told, nobody is.
    let _ = writeln!(io::stderr(), "maru: {}", one_line(words));
}

/// Text of a stranger for one line of a terminal: controls (C0, C1, ESC, line ends) and whatever turns the
/// direction of writing are shown as what they are, `\u{1b}`.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_obeyed(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown.into()
}

/// The same for JSON, where `JSON.parse` gives back the character itself. C0 is escaped there already.
fn escaped(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        if is_obeyed(c) {
            line.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            line.push(c);
        }
    }
    line
}

/// What a terminal acts upon instead of showing it. All of it is in the Basic Multilingual Plane.
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn may_style() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    // <https://no-color.org>. The old console of Windows shows escape sequences as they are.
    set("NO_COLOR").is_none()
        && set("TERM").is_none_or(|terminal| terminal != "dumb")
        && (!cfg!(windows) || set("WT_SESSION").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_stranger_moves_a_terminal() {
        assert_eq!(one_line("\x1b[2J\x07\u{9b}31m"), r"\u{1b}[2J\u{7}\u{9b}31m");
        assert_eq!(one_line("a\u{202e}b\r\nc\u{2028}d\u{7f}"), r"a\u{202e}b\u{d}\u{a}c\u{2028}d\u{7f}");
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in ["안녕 👩‍👩‍👧 ❤️", "العربية\u{200f}!", "a\\b \"c\"", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]
        {
            assert_eq!(one_line(text), text);
        }
    }

    #[test]
    fn an_escaped_json_line_reads_as_the_same_value() {
        let text = "\x1b[2J\u{9b}31m\u{202e}안녕";
        let json = escaped(&serde_json::to_string(text).unwrap());
        assert!(!json.contains(is_obeyed), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
