//! The project's own commands: `cargo xtask run | test | simulate | check | bench | tidy | notices | powercut | bundle`.
//!
//! # Layout
//! - `project`: where things lie, and how another program is called.
//! - `packages`, `setup`: what this machine must have, and how it gets it.
//! - `page`: the page's packages and its build.
//! - `run`: from a bare machine to Maru on the screen, and `bundle` to the files people install.
//! - `steps`, `suite`, `report`: what is tested, in which order, and what is said of it.
//! - `simulate`: the same for longer than a test may take.
//! - `bench`: builds and starts what measures a hosted room beside its peers.
//! - `tidy`: what drifts unless somebody looks.
//! - `notices`: the licences of what ships.
//! - `networks`: machines on networks of their own, where rooms are found.
//! - `powercut`: what a room's log is worth when the power goes.
//!
//! Uses the standard library only, so that it builds in seconds on a machine that has nothing yet.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks on its terminal")]

mod bench;
mod networks;
mod notices;
mod packages;
mod page;
mod peers;
mod powercut;
mod project;
mod report;
mod run;
mod setup;
mod simulate;
mod steps;
mod suite;
mod tidy;

use std::process::ExitCode;

use project::{Obstacle, Project};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let project = Project::here();
    let Some((order, rest)) = words.split_first() else {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    };
    match order.as_str() {
        "run" => finish(run::run(&project, rest)),
        "test" => suite::test(&project, rest),
        "simulate" => finish(simulate::simulate(&project, rest)),
        "check" => suite::check(&project),
        "bench" => finish(bench::bench(&project, rest)),
        "tidy" => finish(tidy::tidy(&project)),
        "notices" => finish(notices::write(&project)),
        "powercut" => finish(powercut::powercut(&project, rest)),
        "bundle" => finish(run::bundle(&project, rest)),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        unknown => {
            eprintln!("There is no `cargo xtask {unknown}`.\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

fn finish(outcome: Result<(), Obstacle>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Obstacle::Failed(why) | Obstacle::Missing(why)) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

const HELP: &str = "\
cargo xtask run [--no-start] [-- ARGS]   set up, build and start Maru (without a display: `maru host`)
cargo xtask test [STEP…] [--list]        set up and run every test, or the steps named
cargo xtask simulate [--seeds N] [--crashes N]   the simulated room and the killed one, for longer
cargo xtask check                        the fast part of it: format, lints, types, drift
cargo xtask bench [--quick] [--only ROW] measure a hosted room beside its peers (docs/BENCHMARKS.md)
cargo xtask tidy                         drift alone
cargo xtask notices                      write THIRD-PARTY-NOTICES.md
cargo xtask powercut [CUTS]              cut the power under a room's log (Linux, root, xfsprogs)
cargo xtask bundle [-- ARGS]             build the installers of this platform (ARGS go to `tauri build`)";
