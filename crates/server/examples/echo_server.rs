//! `echo_server PORT`: the product's connection code with an echo behind it, for conformance suites.

mod echo;

use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use maru_server::PortChoice;
use maru_server::listener::bind;
use tokio::sync::watch;

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]
async fn main() -> ExitCode {
    let Some(port) = std::env::args().nth(1).and_then(|port| port.parse().ok()) else {
        eprintln!("usage: echo_server PORT (0 for any that is free)");
        return ExitCode::from(2);
    };
    let listener = match bind(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exactly(port)) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("port {port} could not be taken: {error}");
            return ExitCode::FAILURE;
        }
    };
    match listener.local_addr() {
        Ok(address) => println!("{address}"),
        Err(error) => eprintln!("the address could not be found out: {error}"),
    }
    let (_stop, stopped) = watch::channel(false);
    echo::echo(listener, stopped).await;
    ExitCode::SUCCESS
}
