//! `maru join`: a room in a terminal, or for a script. Lines of standard input are said, what happens is printed.

use std::io::{self, IsTerminal};

use maru_client::Fault;
use maru_wire::limits::OUTBOX_MESSAGES_MAX;
use maru_wire::{MessageText, MessageTextError, Nickname, RefusalCode};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::arguments::JoinArguments;
use crate::ending::Ending;
use crate::events::Event;
use crate::lines::{self, Line};
use crate::output::{Output, complain};
use crate::person::Person;
use crate::secret;
use crate::shown::Shown;
use crate::sights;
use crate::signals::Signals;
use crate::visit::{Visit, Wanted};
use crate::words::{Word, Words};

/// Joins until the room, the input or a signal ends it.
pub(crate) async fn run(
    arguments: JoinArguments,
    person: &Person,
    words: Words,
    mut signals: Signals,
) -> Ending {
    let passphrase = match secret::given(arguments.passphrase_file.as_deref(), words) {
        Ok(passphrase) => passphrase,
        Err(ending) => return ending,
    };
    let asks = passphrase.is_none() && secret::may_ask();
    let wanted = Wanted {
        target: arguments.target,
        dialect: arguments.dialect,
        nickname: arguments.nickname,
        passphrase,
        take_certificate: arguments.take_certificate,
    };
    let visit = match Visit::begin_remembered(wanted, person, words) {
        Ok(visit) => visit,
        Err(error) => return Ending::Failed(error.to_string()),
    };
    if arguments.inspect {
        visit.inspect().await;
    }
    let output = Output::open(arguments.json);
    let typed = output.is_terminal() && io::stdin().is_terminal();
    let shown = Shown::new(words, typed);
    let mut talk =
        Talk { visit, input: Input::new(asks, arguments.listen), output, shown, words, lines_read: 0 };
    let ending = tokio::select! {
        ending = talk.run() => Ok(ending),
        signal = signals.first() => Err(signal),
    };
    let ending = match ending {
        Ok(ending) => ending.unwrap_or_else(Ending::from),
        Err(_) if talk.visit.outstanding() == 0 => Ending::Done,
        // What is on its way may still arrive, but nobody waits to know.
        Err(signal) => Ending::Stopped(signal),
    };
    let fault = talk.visit.ended().unwrap_or(Fault::Left);
    talk.visit.leave().await;
    let closed = talk.output.event(&Event::Closed { fault: Some(fault) });
    match closed {
        Err(error) if matches!(ending, Ending::Done) => error.into(),
        _ => ending,
    }
}

struct Talk {
    visit: Visit,
    input: Input,
    output: Output,
    shown: Shown,
    words: Words,
    lines_read: u64,
}

/// What is typed, and whether to go on when it ends.
struct Input {
    /// None while it is not read yet: a terminal may first be asked for the passphrase.
    lines: Option<mpsc::Receiver<Line>>,
    asks: bool,
    ended: bool,
    listen: bool,
}

/// What a typed line asks for.
enum Typed {
    Say(String),
    Rename(String),
    Quit,
    Unknown,
}

impl Talk {
    async fn run(&mut self) -> io::Result<Ending> {
        loop {
            if let Some(fault) = self.visit.ended() {
                if fault != Fault::PassphraseNeeded || !std::mem::take(&mut self.input.asks) {
                    return Ok(Ending::Fault(fault));
                }
                match secret::asked(self.words).await {
                    Ok(passphrase) => self.visit.show(passphrase).await,
                    Err(ending) => return Ok(ending),
                }
            }
            if self.visit.entered() || self.visit.away().is_some() {
                self.input.asks = false;
            }
            self.input.begin()?;
            let leaves = self.input.ended && !self.input.listen;
            if leaves && self.visit.entered() && self.visit.outstanding() == 0 {
                return Ok(Ending::Done);
            }
            let patience = self.visit.patience_until().filter(|_| leaves);
            let may_say = !self.input.ended && self.visit.outstanding() < OUTBOX_MESSAGES_MAX;
            tokio::select! {
                update = self.visit.told() => {
                    for event in self.visit.hear(update).await {
                        self.show(&event)?;
                    }
                }
                line = next(&mut self.input.lines), if may_say => match line {
                    Some(line) => {
                        self.lines_read += 1;
                        if let Some(ending) = self.typed(line).await? {
                            return Ok(ending);
                        }
                    }
                    None => self.input.ended = true,
                },
                () = tokio::time::sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => {
                    return Ok(match self.visit.away() {
                        Some(fault) if self.visit.outstanding() == 0 => Ending::Fault(fault),
                        _ if self.visit.is_kept() => Ending::Kept,
                        _ => Ending::Unacknowledged,
                    });
                }
            }
        }
    }

    fn show(&mut self, event: &Event) -> io::Result<()> {
        if let Event::Unsent { code, .. } = event {
            let why = self.words.text(Word::of_refusal(*code));
            complain(&self.words.with(Word::Unsent, &[("why", why)]));
        }
        if let Event::Refused { code, .. } = event {
            complain(self.words.text(Word::of_refusal(*code)));
        }
        if let Event::Notebook { fault: Some(fault) } = event {
            complain(self.words.text(Word::of_notebook(*fault)));
        }
        self.output.event(event)?;
        if let Event::Sight(sight) = event {
            self.output.aside(&sights::lines(sight));
        }
        for line in self.shown.lines(event, &self.output) {
            self.output.line(&line)?;
        }
        Ok(())
    }

    /// Does what a line asks for. Returns how it ends, if it does.
    async fn typed(&mut self, line: Line) -> io::Result<Option<Ending>> {
        let text = match line {
            Line::Text(text) => text,
            Line::TooLong => return self.not_said(RefusalCode::TooLong).map(|()| None),
            Line::NotText => return self.not_said(RefusalCode::NotText).map(|()| None),
        };
        match if self.output.is_json() { Typed::Say(text) } else { Typed::read(text) } {
            Typed::Quit if self.visit.outstanding() == 0 => return Ok(Some(Ending::Done)),
            // What was said before goes first, for as long as at the end of the input.
            Typed::Quit => (self.input.ended, self.input.listen) = (true, false),
            Typed::Unknown => complain(self.words.text(Word::Commands)),
            Typed::Rename(name) => match Nickname::parse(&name) {
                Ok(name) => self.visit.rename(name).await,
                Err(_) => complain(self.words.text(Word::BadNickname)),
            },
            Typed::Say(text) => match MessageText::parse(&text) {
                Ok(text) => {
                    // A full outbox was ruled out before the line was taken; a session that is gone tells so itself.
                    let _ = self.visit.say(text).await?;
                }
                Err(MessageTextError::Empty) => {}
                Err(MessageTextError::TooLong) => self.not_said(RefusalCode::TooLong)?,
            },
        }
        Ok(None)
    }

    fn not_said(&mut self, code: RefusalCode) -> io::Result<()> {
        self.show(&Event::Unsent { id: None, line: Some(self.lines_read), code })
    }
}

impl Input {
    fn new(asks: bool, listen: bool) -> Self {
        Self { lines: None, asks, ended: false, listen }
    }

    /// Begins to read, unless somebody may still be asked for something else.
    fn begin(&mut self) -> io::Result<()> {
        if self.lines.is_none() && !self.asks {
            self.lines = Some(lines::of_stdin()?);
        }
        Ok(())
    }
}

/// The next line; for ever nothing where none is read.
async fn next(lines: &mut Option<mpsc::Receiver<Line>>) -> Option<Line> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}

impl Typed {
    fn read(line: String) -> Self {
        let Some(command) = line.strip_prefix('/') else { return Self::Say(line) };
        if command.starts_with('/') {
            return Self::Say(command.into());
        }
        match command.split_once(char::is_whitespace).unwrap_or((command, "")) {
            ("nick", name) if !name.trim().is_empty() => Self::Rename(name.into()),
            ("quit", "") => Self::Quit,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_begins_with_a_slash_is_a_command_unless_it_begins_with_two() {
        assert!(matches!(Typed::read("안녕 /quit".into()), Typed::Say(text) if text == "안녕 /quit"));
        assert!(matches!(Typed::read("//usr/bin".into()), Typed::Say(text) if text == "/usr/bin"));
        assert!(matches!(Typed::read("/nick 민지 김".into()), Typed::Rename(name) if name == "민지 김"));
        assert!(matches!(Typed::read("/quit".into()), Typed::Quit));
        for unknown in ["/", "/nick", "/nick ", "/nickname 민지", "/quit now", "/usr/bin"] {
            assert!(matches!(Typed::read(unknown.into()), Typed::Unknown), "{unknown}");
        }
    }
}
