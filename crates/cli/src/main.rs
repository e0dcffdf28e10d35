//! The binary `maru`: host, join and send without a window, for servers, scripts and bots. Puts the other
//! crates together for a terminal; owns no rule of the chat.
//!
//! # Layout
//! - [`arguments`]: what was asked for. [`words`]: all that a person reads, in two languages.
//! - [`host`], [`join`], [`send`]: the three commands in a room. [`visit`]: what the latter two share, a room joined.
//!   [`nearby`]: the rooms that can be found.
//! - [`export`], [`backup`]: what is kept of a room hosted here, written out. [`disk`]: where it comes from.
//! - [`hearing`]: what a room tells, as a sequence of [`events`] without a repetition. [`outstanding`]: what was said and
//!   is not acknowledged.
//! - [`lines`]: standard input. [`output`]: standard output; [`shown`]: events as lines for a person; [`sights`]: what
//!   goes over the wire, likewise.
//! - [`person`]: who this person is. [`trust`]: the certificates they know. [`secret`]: a room's passphrase, as it comes in.
//! - [`signals`], [`ending`]: how it all ends, and with which exit code.

mod arguments;
mod backup;
mod disk;
mod ending;
mod events;
mod export;
mod hearing;
mod host;
mod join;
mod lines;
mod nearby;
mod output;
mod outstanding;
mod person;
mod secret;
mod send;
mod shown;
mod sights;
mod signals;
mod trust;
mod visit;
mod words;

use std::process::ExitCode;

use arguments::{Arguments, Asked};
use ending::Ending;
use maru_home::NoHome;
use person::Person;
use signals::Signals;
use words::Words;

fn main() -> ExitCode {
    let words = Words::of_this_system();
    let ending = match arguments::parse(std::env::args_os(), words) {
        Ok(arguments) => run(arguments, words),
        Err(shown) => return shown.print(),
    };
    if let Some(reason) = ending.words(words) {
        output::complain(&reason);
    }
    ending.exit_code()
}

fn run(arguments: Arguments, words: Words) -> Ending {
    let person = match Person::open(arguments.data_dir.as_deref(), words) {
        Ok(person) => person,
        Err(NoHome) => return Ending::NoHome,
    };
    match arguments.asked {
        Asked::Host(options) => online(|signals| host::run(options, &person, words, signals)),
        Asked::Join(options) => online(|signals| join::run(options, &person, words, signals)),
        Asked::Nearby(options) => online(|signals| nearby::run(options, words, signals)),
        Asked::Send(options) => online(|signals| send::run(options, &person, words, signals)),
        // Files alone: a signal ends them as it ends any program.
        Asked::Export(options) => export::run(options, &person),
        Asked::Backup(options) => backup::run(options, &person, words),
    }
}

/// Runs what has to do with a room that is open, until it ends or a signal ends it.
fn online<Act: Future<Output = Ending>>(act: impl FnOnce(Signals) -> Act) -> Ending {
    // The driver of a room goes on while this thread waits for whoever reads the output.
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(error.to_string()),
    };
    let ending = runtime.block_on(async {
        match Signals::listen() {
            Ok(signals) => act(signals).await,
            Err(error) => Ending::Failed(error.to_string()),
        }
    });
    // Nothing that is still under way is worth waiting for.
    runtime.shutdown_background();
    ending
}
