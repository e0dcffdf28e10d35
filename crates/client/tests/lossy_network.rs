//! The room's own hub and several real sessions on a virtual clock, with a disk and a network between them that chance
//! makes worse than any that is known. Whatever happens, each session shows a gapless stretch of one log, each
//! message arrives once and in the order it was said, and nobody hears what the disk does not have.
//!
//! `cargo xtask simulate` runs ten times as many seeds. A failure prints its seed and how to run that one alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "it is a test: what goes wrong fails it")]

#[path = "lossy_network/chance.rs"]
mod chance;
#[path = "lossy_network/disk.rs"]
mod disk;
#[path = "lossy_network/edge.rs"]
mod edge;
#[path = "lossy_network/notebook.rs"]
mod notebook;
#[path = "lossy_network/person.rs"]
mod person;
#[path = "lossy_network/wires.rs"]
mod wires;
#[path = "lossy_network/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use world::{Troubles, World};

#[test]
fn each_session_hears_the_whole_log_in_order_and_each_line_arrives_once() {
    run(150, Troubles::default());
}

#[test]
fn so_it_is_where_nothing_is_kept_and_the_host_loses_its_memory() {
    run(100, Troubles { forgets: true, loses: true, ..Troubles::default() });
}

#[test]
fn so_it_is_where_the_disk_stalls_is_full_and_cannot_be_read() {
    run(200, Troubles { disk: true, ..Troubles::default() });
}

#[test]
fn so_it_is_where_the_host_is_killed_and_opens_its_log_again() {
    run(150, Troubles { crashes: true, disk: true, ..Troubles::default() });
}

#[test]
fn so_it_is_where_the_log_is_deleted_or_restored_from_a_backup() {
    run(150, Troubles { loses: true, crashes: true, ..Troubles::default() });
}

#[test]
fn so_it_is_where_more_is_missed_than_a_page_holds_and_old_entries_go() {
    run(100, Troubles { talkative: true, trims: true, ..Troubles::default() });
}

#[test]
fn so_it_is_where_all_of_it_goes_wrong_at_once() {
    let all =
        Troubles { crashes: true, loses: true, trims: true, disk: true, talkative: true, forgets: false };
    run(150, all);
}

#[test]
fn a_seed_is_a_course_of_events() {
    let troubles = Troubles { crashes: true, disk: true, loses: true, ..Troubles::default() };
    for seed in 0..3 {
        assert_eq!(World::new(seed, troubles).run(), World::new(seed, troubles).run());
    }
}

/// Runs that many seeds; with `MARU_SEEDS`, as many of these thousand; with `MARU_SEED`, one alone.
fn run(of_a_thousand: u64, troubles: Troubles) {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seeds = match (number("MARU_SEED"), number("MARU_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(seeds)) => 0..(seeds * of_a_thousand).div_ceil(1_000),
        (None, None) => 0..of_a_thousand,
    };
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| World::new(seed, troubles).run())) {
            let thread = std::thread::current();
            let test = thread.name().unwrap_or_default();
            println!("seed {seed} of {troubles:?}; alone:");
            println!("MARU_SEED={seed} cargo test -p maru-client --test lossy_network -- --exact {test}");
            resume_unwind(panic);
        }
    }
}
