//! What is tested: one entry a step, and beside it how it is done. The order is the order of the list.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::packages::{BROWSERS, Purpose};
use crate::page::{self, files_under};
use crate::project::{Obstacle, Project, answer, on_path, run_within};
use crate::{networks, notices, peers, powercut, setup, tidy};

/// One thing that is tested, or that others need before they can be.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    /// The steps that must have passed before; they run first even where only this one is asked for.
    pub(crate) after: &'static [&'static str],
    pub(crate) needs: &'static [Purpose],
    pub(crate) place: Place,
    pub(crate) run: fn(&Project) -> Result<(), Obstacle>,
}

/// Where a step means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    Linux,
    /// Linux, and what it needs may be out of reach of a machine that is all right otherwise: the workflow for that
    /// platform tests the same and more. It may be skipped even where nothing else may.
    LinuxIfAtHand,
}

/// Every step, in the order in which they run: the quick answers first.
pub(crate) const STEPS: &[Step] = &[
    step("fmt", "the Rust code is formatted", &[], &[], fmt),
    step("tidy", "nothing drifts from ARCHITECTURE.md", &[], &[], tidy::tidy),
    step("ui-install", "the page's packages are installed", &[], &[], page::install),
    step("ui-lint", "the page is formatted and without warnings", &["ui-install"], &[], ui_lint),
    step("ui-check", "the page's types hold", &["ui-install"], &[], ui_check),
    step("ui-test", "the page's own tests", &["ui-install"], &[], ui_test),
    step("ui-build", "the page is built", &["ui-install"], &[], page::build),
    step("clippy", "the Rust code is without warnings", &["ui-build"], WEBVIEW, clippy),
    step("tests", "the Rust tests", &["ui-build"], WEBVIEW, tests),
    step(
        "generated",
        "the page's generated types are those of the Rust code",
        &["tests"],
        WEBVIEW,
        generated,
    ),
    step("build", "Maru is built, with and without a window", &["ui-build"], WEBVIEW, build),
    on_linux(
        "peers",
        "others' clients and servers, and ours, talk to each other",
        &["build"],
        WEBVIEW,
        peers::peers,
    ),
    on_linux(
        "e2e-harness",
        "the end-to-end tests see the faults they look for",
        &["ui-install"],
        E2E,
        e2e_harness,
    ),
    on_linux("e2e-browser", "a guest's browser in a hosted room", &["build"], E2E, e2e_browser),
    on_linux("e2e-window", "the real window", &["build"], E2E, e2e_window),
    Step {
        name: "powercut",
        says: "what was acknowledged outlasts a power cut",
        after: &[],
        needs: &[Purpose::Compile, Purpose::PowerCut],
        place: Place::LinuxIfAtHand,
        run: power_cut,
    },
    Step {
        name: "lan",
        says: "rooms are found on networks made for it",
        after: &["ui-build"],
        needs: &[Purpose::Compile, Purpose::Networks],
        place: Place::LinuxIfAtHand,
        run: networks::test,
    },
    Step {
        name: "windows",
        says: "the code without the window is right for Windows",
        after: &["ui-build"],
        needs: &[Purpose::Compile, Purpose::Windows],
        place: Place::LinuxIfAtHand,
        run: windows,
    },
    step("notices", "the licences of what ships can be told", &["ui-install"], &[], notices::write),
    step("deny", "licences, bans and sources of what is built in", &[], &[], deny),
];

/// The part of it that answers while one still remembers the change.
pub(crate) const QUICK: &[&str] = &["fmt", "tidy", "ui-lint", "ui-check", "clippy"];

const fn step(
    name: &'static str,
    says: &'static str,
    after: &'static [&'static str],
    needs: &'static [Purpose],
    run: fn(&Project) -> Result<(), Obstacle>,
) -> Step {
    Step { name, says, after, needs, place: Place::Anywhere, run }
}

const fn on_linux(
    name: &'static str,
    says: &'static str,
    after: &'static [&'static str],
    needs: &'static [Purpose],
    run: fn(&Project) -> Result<(), Obstacle>,
) -> Step {
    Step { name, says, after, needs, place: Place::Linux, run }
}

fn fmt(project: &Project) -> Result<(), Obstacle> {
    setup::component(project, "rustfmt")?;
    run_within(&mut project.cargo(&["fmt", "--all", "--check"]), QUICK_MAX)
}

fn clippy(project: &Project) -> Result<(), Obstacle> {
    setup::component(project, "clippy")?;
    let mut command = project.cargo(&["clippy", "--workspace", "--all-targets"]);
    run_within(command.args(AS_SHIPPED).args(["--", "-D", "warnings"]), BUILD_MAX)
}

/// The tests write the generated types into a folder of their own, which `generated` compares with the page's.
fn tests(project: &Project) -> Result<(), Obstacle> {
    let made = made_types(project);
    if made.exists() {
        fs::remove_dir_all(&made)
            .map_err(|error| Obstacle::Failed(format!("{}: {error}", made.display())))?;
    }
    let cargo = |words: &[&str]| {
        let mut command = project.cargo(words);
        command.args(["--workspace"]).args(AS_SHIPPED).env("TS_RS_EXPORT_DIR", &made);
        run_within(&mut command, BUILD_MAX)
    };
    if answer(&mut project.cargo(&["nextest", "--version"])).is_none() {
        return cargo(&["test", "--no-fail-fast"]);
    }
    cargo(&["nextest", "run", "--no-fail-fast"])?;
    cargo(&["test", "--doc"])
}

fn generated(project: &Project) -> Result<(), Obstacle> {
    let (kept, made) = (project.path("ui/src/bridge/generated"), made_types(project));
    let made_files = files_under(&made);
    let stale = files_under(&kept).into_iter().filter(|file| !made.join(under(&kept, file)).exists());
    let mut wrong: Vec<String> =
        stale.map(|file| format!("{}: nothing makes it any more", file.display())).collect();
    for file in &made_files {
        let target = kept.join(under(&made, file));
        if fs::read(file).ok() != fs::read(&target).ok() {
            wrong.push(format!("{}: differs; `cargo test --workspace` writes it anew", target.display()));
        }
    }
    match (wrong.is_empty(), made_files.is_empty()) {
        (true, false) => Ok(()),
        (true, true) => Err(Obstacle::Failed("the Rust tests made no types".into())),
        (false, _) => Err(Obstacle::Failed(wrong.join("\n"))),
    }
}

fn ui_lint(project: &Project) -> Result<(), Obstacle> {
    run_within(&mut project.npm(&["run", "lint"]), QUICK_MAX)
}

fn ui_check(project: &Project) -> Result<(), Obstacle> {
    run_within(&mut project.npm(&["run", "check"]), QUICK_MAX)
}

fn ui_test(project: &Project) -> Result<(), Obstacle> {
    run_within(&mut project.npm(&["test"]), QUICK_MAX)
}

fn build(project: &Project) -> Result<(), Obstacle> {
    run_within(project.cargo(&["build", "--workspace", "--bins"]).args(AS_SHIPPED), BUILD_MAX)
}

fn e2e_harness(project: &Project) -> Result<(), Obstacle> {
    end_to_end(project, "ui/e2e/harness")
}

fn e2e_browser(project: &Project) -> Result<(), Obstacle> {
    end_to_end(project, "ui/e2e/browser")
}

fn e2e_window(project: &Project) -> Result<(), Obstacle> {
    end_to_end(project, "ui/e2e/window")
}

/// One file after the other, because each brings its own screen and its own input method. The time-out is a file's.
fn end_to_end(project: &Project, folder: &str) -> Result<(), Obstacle> {
    let files: Vec<PathBuf> = files_under(&project.path(folder))
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    if files.is_empty() {
        return Err(Obstacle::Failed(format!("{folder} holds no test")));
    }
    let mut command = project.command("node");
    command
        .args(["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=900000"])
        .args(files);
    command.env("MARU_BIN", project.binary("maru")).env("MARU_DESKTOP_BIN", project.binary("maru-desktop"));
    for (name, programs) in [
        ("CHROMIUM", &BROWSERS[..]),
        ("FIREFOX", &["firefox-esr", "firefox"]),
        ("WEBKIT_DRIVER", &["WebKitWebDriver"]),
    ] {
        if let Some(program) = on_path(programs) {
            command.env(name, &program).env(format!("{name}_BIN"), program);
        }
    }
    run_within(&mut command, BUILD_MAX)
}

fn power_cut(project: &Project) -> Result<(), Obstacle> {
    powercut::powercut(project, &["5".into()])
}

fn windows(project: &Project) -> Result<(), Obstacle> {
    let libraries = answer(project.command("rustc").args(["--print", "target-libdir", "--target", WINDOWS]));
    if !libraries.is_some_and(|folder| Path::new(&folder).exists()) {
        run_within(project.command("rustup").args(["target", "add", WINDOWS]), QUICK_MAX)
            .map_err(|_| Obstacle::Missing(format!("the target {WINDOWS} cannot be had here")))?;
    }
    let without_window = ["check", "--workspace", "--exclude", "maru-desktop", "--target", WINDOWS];
    run_within(&mut project.cargo(&without_window), BUILD_MAX)
}

fn deny(project: &Project) -> Result<(), Obstacle> {
    if answer(&mut project.cargo(&["deny", "--version"])).is_none() {
        let install = ["install", "cargo-deny", "--locked", "--version", CARGO_DENY];
        run_within(&mut project.cargo(&install), BUILD_MAX)
            .map_err(|_| Obstacle::Missing(format!("cargo-deny {CARGO_DENY} could not be installed")))?;
    }
    run_within(&mut project.cargo(&["deny", "check", "bans", "licenses", "sources"]), QUICK_MAX)
}

fn made_types(project: &Project) -> PathBuf {
    project.target().join("generated-types")
}

fn under<'a>(folder: &Path, file: &'a Path) -> &'a Path {
    file.strip_prefix(folder).expect("a file found under a folder begins with it")
}

/// Everything is built the way it ships, so that no step builds Tauri a second time.
const AS_SHIPPED: [&str; 2] = ["--features", "tauri/custom-protocol"];
const WEBVIEW: &[Purpose] = &[Purpose::Compile, Purpose::Webview];
const E2E: &[Purpose] = &[Purpose::Compile, Purpose::Webview, Purpose::Browser, Purpose::Window];
const WINDOWS: &str = "x86_64-pc-windows-gnu";
const CARGO_DENY: &str = "0.20.2";
/// For what builds nothing: tens of seconds on two cores.
const QUICK_MAX: Duration = Duration::from_secs(10 * 60);
/// For what may build everything: some minutes on two cores, and the whole run has 90.
const BUILD_MAX: Duration = Duration::from_secs(30 * 60);
