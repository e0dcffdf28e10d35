//! Lets a fuzzing server of the Autobahn kind examine the code that dials rooms:
//! `echo_client ws://HOST:PORT AGENT`. Everything it sends is said back to it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for a terminal")]

#[path = "echo_client/suite.rs"]
mod suite;

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, agent] = arguments.as_slice() else {
        eprintln!("usage: echo_client ws://HOST:PORT AGENT");
        return ExitCode::from(2);
    };
    let examined = suite::run(server, agent, |case, of| println!("case {case} of {of}")).await;
    match examined {
        Ok(cases) => {
            println!("{cases} cases done; the server has the report");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the server at {server} could not be asked: {error}");
            ExitCode::FAILURE
        }
    }
}
