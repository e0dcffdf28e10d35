//! `maru send`: one message, and whether the room has it.

use std::io;

use maru_client::Fault;
use maru_wire::{MessageText, MessageTextError};
use tokio::time::Instant;

use crate::arguments::SendArguments;
use crate::ending::Ending;
use crate::events::Event;
use crate::lines::{self, Line};
use crate::output::Output;
use crate::person::Person;
use crate::secret;
use crate::signals::Signals;
use crate::visit::{Visit, Wanted};
use crate::words::{Word, Words};

/// Says one message and leaves once the room has acknowledged it.
pub(crate) async fn run(
    arguments: SendArguments,
    person: &Person,
    words: Words,
    mut signals: Signals,
) -> Ending {
    let typed = match arguments.text.as_str() {
        "-" => tokio::select! {
            input = tokio::task::spawn_blocking(lines::all_of_stdin) => match input {
                Ok(Ok(line)) => line,
                Ok(Err(error)) => return Ending::Failed(error.to_string()),
                Err(error) => return Ending::Failed(error.to_string()),
            },
            signal = signals.first() => return Ending::Stopped(signal),
        },
        text => Line::Text(text.into()),
    };
    let text = match typed {
        Line::Text(text) => MessageText::parse(&text),
        Line::TooLong => Err(MessageTextError::TooLong),
        Line::NotText => return Ending::Usage(words.text(Word::NotText).into()),
    };
    let text = match text {
        Ok(text) => text,
        Err(MessageTextError::Empty) => return Ending::Usage(words.text(Word::Empty).into()),
        Err(MessageTextError::TooLong) => return Ending::Usage(words.text(Word::TooLong).into()),
    };
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
    let mut visit = match Visit::begin(wanted, person, words) {
        Ok(visit) => visit,
        Err(error) => return Ending::Failed(error.to_string()),
    };
    let mut output = Output::open(arguments.json);
    let ending = tokio::select! {
        ending = deliver(&mut visit, text, &mut output, asks.then_some(words)) => {
            ending.unwrap_or_else(Ending::from)
        }
        signal = signals.first() => Ending::Stopped(signal),
    };
    let fault = visit.ended().unwrap_or(Fault::Left);
    visit.leave().await;
    match output.event(&Event::Closed { fault: Some(fault) }) {
        Err(error) if matches!(ending, Ending::Done) => error.into(),
        _ => ending,
    }
}

/// With words, a person is asked for a passphrase where the room wants one.
async fn deliver(
    visit: &mut Visit,
    text: MessageText,
    output: &mut Output,
    mut asks: Option<Words>,
) -> io::Result<Ending> {
    if visit.say(text).await?.is_err() {
        return Ok(Ending::Unacknowledged);
    }
    let mut queued = None;
    loop {
        let patience = visit.patience_until();
        let news = tokio::select! {
            update = visit.told() => visit.hear(update).await,
            () = tokio::time::sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => {
                return Ok(Ending::Unacknowledged);
            }
        };
        for event in news {
            match &event {
                Event::Queued { id, .. } => queued = Some(id.clone()),
                Event::Said { id, .. } if queued.as_ref() == Some(id) => {
                    // The room has it, also where nobody wants to read so.
                    return Ok(output.event(&event).map_or_else(Ending::from, |()| Ending::Done));
                }
                Event::Unsent { code, .. } => {
                    output.event(&event)?;
                    return Ok(Ending::Refused(*code));
                }
                _ => {}
            }
        }
        if let Some(fault) = visit.ended() {
            let asking = if fault == Fault::PassphraseNeeded { asks.take() } else { None };
            let Some(words) = asking else { return Ok(Ending::Fault(fault)) };
            match secret::asked(words).await {
                Ok(passphrase) => visit.show(passphrase).await,
                Err(ending) => return Ok(ending),
            }
        }
        if visit.outstanding() == 0 {
            return Ok(Ending::Done);
        }
    }
}
