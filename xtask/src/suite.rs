//! Runs steps one after the other, goes on after a failure, and counts honestly.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use crate::packages::Purpose;
use crate::project::{Obstacle, Project, is_ci};
use crate::report::{self, Ending, Record};
use crate::setup;
use crate::steps::{Place, QUICK, STEPS, Step};

/// `cargo xtask test`: all steps, or those named and what they need.
pub(crate) fn test(project: &Project, words: &[String]) -> ExitCode {
    if words.iter().any(|word| word == "--list") {
        for step in here() {
            println!("{:12} {}", step.name, step.says);
        }
        return ExitCode::SUCCESS;
    }
    match plan(&here(), &words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(steps) => carry_out(project, &steps),
        Err(UnknownStep(name)) => {
            eprintln!("There is no step `{name}`; `cargo xtask test --list` names them.");
            ExitCode::from(2)
        }
    }
}

/// `cargo xtask check`: the quick steps.
pub(crate) fn check(project: &Project) -> ExitCode {
    let steps = plan(&here(), QUICK).expect("the quick steps are among the steps");
    carry_out(project, &steps)
}

/// The steps that mean something on this platform.
fn here() -> Vec<&'static Step> {
    STEPS.iter().filter(|step| step.place == Place::Anywhere || cfg!(target_os = "linux")).collect()
}

/// Somebody asked for a step of this name, and there is none on this platform.
#[derive(Debug, PartialEq, Eq)]
struct UnknownStep<'a>(&'a str);

/// The steps asked for (all, when none is named) with everything they come after, in the order of the list.
fn plan<'a>(steps: &[&'a Step], names: &[&'a str]) -> Result<Vec<&'a Step>, UnknownStep<'a>> {
    let mut wanted: BTreeSet<&str> = names.iter().copied().collect();
    if let Some(unknown) = wanted.iter().find(|name| !steps.iter().any(|step| step.name == **name)) {
        return Err(UnknownStep(unknown));
    }
    // A step comes after earlier ones only, so one walk from the end gathers all of them.
    for step in steps.iter().rev() {
        if names.is_empty() || wanted.contains(step.name) {
            wanted.insert(step.name);
            wanted.extend(step.after);
        }
    }
    Ok(steps.iter().copied().filter(|step| wanted.contains(step.name)).collect())
}

fn carry_out(project: &Project, steps: &[&Step]) -> ExitCode {
    let ci = is_ci();
    let mut records = vec![set_up(project, steps, ci)];
    for step in steps {
        println!("\n== {}: {}", step.name, step.says);
        let started = Instant::now();
        let ending = match unmet(step, &records) {
            Some(before) => judge(Err(Obstacle::Missing(format!("`{before}` did not pass"))), ci),
            None => judge(attempt(project, step, &records[0]), ci && step.place != Place::LinuxIfAtHand),
        };
        let took = started.elapsed();
        println!("== {}: {} after {}", step.name, word(&ending), report::seconds(took));
        records.push(Record { name: step.name, ending, took });
    }
    println!("\n{}\n\n{}", report::table(&records), report::closing_line(&records));
    if report::is_green(&records) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All packages of the system at once: one call of the package manager instead of one a step.
fn set_up(project: &Project, steps: &[&Step], ci: bool) -> Record {
    println!("== set-up: this machine has what the steps need");
    let started = Instant::now();
    let outcome = setup::tools(project).and_then(|()| {
        let needs = |step: &&&Step| step.place != Place::LinuxIfAtHand;
        setup::packages(project, &purposes(steps.iter().filter(needs)))
    });
    Record { name: "set-up", ending: judge(outcome, ci), took: started.elapsed() }
}

/// Where the set-up left something out, a step looks for what it needs itself, so that one missing package skips only
/// the steps that need it.
fn attempt(project: &Project, step: &Step, set_up: &Record) -> Result<(), Obstacle> {
    if set_up.ending != Ending::Passed || step.place == Place::LinuxIfAtHand {
        setup::packages(project, &purposes([&step].into_iter()))?;
    }
    (step.run)(project)
}

fn purposes<'a, 'b: 'a>(steps: impl Iterator<Item = &'a &'b Step>) -> BTreeSet<Purpose> {
    steps.flat_map(|step| step.needs).copied().collect()
}

/// The first of the steps that this one comes after and that did not pass.
fn unmet(step: &Step, records: &[Record]) -> Option<&'static str> {
    let passed = |name| records.iter().any(|record| record.name == name && record.ending == Ending::Passed);
    step.after.iter().copied().find(|&name| !passed(name))
}

/// Where `strict`, what could not run has failed.
fn judge(outcome: Result<(), Obstacle>, strict: bool) -> Ending {
    match outcome {
        Ok(()) => Ending::Passed,
        Err(Obstacle::Failed(why)) => Ending::Failed(why),
        Err(Obstacle::Missing(why)) if strict => Ending::Failed(why),
        Err(Obstacle::Missing(why)) => Ending::Skipped(why),
    }
}

fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Passed => "passed",
        Ending::Failed(_) => "FAILED",
        Ending::Skipped(_) => "skipped",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn names(asked: &[&'static str]) -> Vec<&'static str> {
        let all: Vec<&Step> = STEPS.iter().collect();
        plan(&all, asked).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn a_step_brings_what_it_comes_after_in_the_order_of_the_list() {
        assert_eq!(names(&["e2e-window"]), ["ui-install", "ui-build", "build", "e2e-window"]);
        assert_eq!(names(&["deny", "fmt"]), ["fmt", "deny"]);
        assert_eq!(names(&[]).len(), STEPS.len());
    }

    #[test]
    fn a_step_comes_after_earlier_ones_only() {
        for (at, step) in STEPS.iter().enumerate() {
            for before in step.after {
                assert!(STEPS[..at].iter().any(|earlier| earlier.name == *before), "{}: {before}", step.name);
            }
        }
    }

    #[test]
    fn a_step_that_does_not_exist_is_named() {
        let all: Vec<&Step> = STEPS.iter().collect();
        assert_eq!(plan(&all, &["fmt", "fnt"]).err(), Some(UnknownStep("fnt")));
    }

    #[test]
    fn a_skip_counts_as_a_failure_where_nobody_looks() {
        let missing = || Err(Obstacle::Missing("no driver".into()));
        assert_eq!(judge(missing(), false), Ending::Skipped("no driver".into()));
        assert_eq!(judge(missing(), true), Ending::Failed("no driver".into()));
    }

    #[test]
    fn what_comes_after_a_failed_step_does_not_run() {
        let failed = Record { name: "build", ending: Ending::Failed("no".into()), took: Duration::ZERO };
        let step = STEPS.iter().find(|step| step.name == "e2e-window").unwrap();
        assert_eq!(unmet(step, &[failed]), Some("build"));
    }
}
