//! The binary `maru`: host, join and send without a window, for servers, scripts and bots. Puts the other
//! crates together for a terminal; owns no rule of the chat.
//!
//! # Layout
//! - [`arguments`]: what was asked for. [`words`]: all that a person reads, in two languages.
//! - [`host`], [`join`], [`send`]: the three commands. [`visit`]: what the latter two share, a room joined.
//! - [`hearing`]: what a room tells, as a sequence of [`events`] without a repetition. [`outstanding`]: what was said and
//!   is not acknowledged.
//! - [`lines`]: standard input. [`output`]: standard output; [`shown`]: events as lines for a person.
//! - [`person`]: who this person is. [`signals`], [`ending`]: how it all ends, and with which exit code.

mod arguments;
mod ending;
mod events;
mod hearing;
mod host;
mod join;
mod lines;
mod output;
mod outstanding;
mod person;
mod send;
mod shown;
mod signals;
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
    // The driver of a room goes on while this thread waits for whoever reads the output.
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(error.to_string()),
    };
    let ending = runtime.block_on(async {
        let signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return Ending::Failed(error.to_string()),
        };
        match arguments.asked {
            Asked::Host(options) => host::run(options, &person, words, signals).await,
            Asked::Join(options) => join::run(options, &person, words, signals).await,
            Asked::Send(options) => send::run(options, &person, words, signals).await,
        }
    });
    // Nothing that is still under way is worth waiting for.
    runtime.shutdown_background();
    ending
}
