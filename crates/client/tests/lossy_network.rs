//! The room's own hub and several real sessions on a virtual clock, with a network between them that cuts between any
//! two frames, delays, stalls and forgets to tell. Whatever happens, each session shows a gapless stretch of the
//! hub's log, and each message arrives once. The seed of a failure is printed; `MARU_SEEDS` runs more of them.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "it is a test: what goes wrong fails it")]

#[path = "lossy_network/edge.rs"]
mod edge;
#[path = "lossy_network/person.rs"]
mod person;
#[path = "lossy_network/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use world::{Troubles, World};

#[test]
fn each_session_hears_the_whole_log_in_order_and_each_line_arrives_once() {
    run(120, Troubles::default());
}

#[test]
fn so_it_is_where_the_host_loses_its_memory() {
    run(120, Troubles { restarts: true, ..Troubles::default() });
}

#[test]
fn so_it_is_where_more_is_missed_than_a_page_holds() {
    run(60, Troubles { talkative: true, ..Troubles::default() });
}

fn run(seeds: u64, troubles: Troubles) {
    let seeds: u64 = std::env::var("MARU_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(seeds);
    for seed in 0..seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| World::new(seed, troubles).run())) {
            println!("seed {seed} with {troubles:?}");
            resume_unwind(panic);
        }
    }
}
