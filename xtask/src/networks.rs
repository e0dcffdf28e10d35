//! Machines on networks of their own, for the tests of finding each other: network namespaces, Linux and root. Whatever
//! becomes of a test, nothing of them stays.

use std::process::Command;
use std::time::Duration;

use crate::project::{Obstacle, Project, answer, run_within};

/// Runs the tests that announce, listen and ask; never on a network of this machine.
pub(crate) fn test(project: &Project) -> Result<(), Obstacle> {
    let run = std::process::id().to_string();
    let _sweeper = Sweeper(prefix(&run));
    let trial = format!("{}trial", prefix(&run));
    let can_make = answer(Command::new("ip").args(["netns", "add", &trial])).is_some()
        && answer(Command::new("ip").args(["netns", "exec", &trial, "nft", "list", "tables"])).is_some();
    if !can_make {
        return Err(Obstacle::Missing("lan: skipped, no network namespaces can be made here (root?)".into()));
    }
    let words = ["test", "-p", "maru-cli", "--test", "networks", "--", "--ignored", "--test-threads", "2"];
    run_within(project.cargo(&words).env(RUN, run), TESTS_MAX)
}

/// Takes away what a test that was killed has left.
struct Sweeper(String);

impl Drop for Sweeper {
    fn drop(&mut self) {
        let list = answer(Command::new("ip").args(["netns", "list"])).unwrap_or_default();
        let names = list.lines().filter_map(|line| line.split_whitespace().next());
        for name in names.filter(|name| name.starts_with(&self.0)) {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

/// How the names of a run begin; the tests make them so, too.
fn prefix(run: &str) -> String {
    format!("maru-{run}-")
}

/// Tells the tests the run they belong to.
const RUN: &str = "MARU_NETWORKS_RUN";
const TESTS_MAX: Duration = Duration::from_secs(15 * 60);
