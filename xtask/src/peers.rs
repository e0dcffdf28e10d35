//! The programs that people learn WebSocket with, each from its own registry, and the test in which Maru talks to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::project::{Obstacle, Project, answer, on_path, run_within};

/// Installs them under the target folder, each version as it is pinned, and runs the test.
pub(crate) fn peers(project: &Project) -> Result<(), Obstacle> {
    let python = on_path(&["python3"]).ok_or_else(|| Obstacle::Missing("there is no python3".into()))?;
    if answer(project.command("python3").args(["-m", "pip", "--version"])).is_none() {
        return Err(Obstacle::Missing(format!("{} has no pip", python.display())));
    }
    let (sources, installed) = (project.path(SOURCES), project.target().join("peers"));
    let (node, packages) = (installed.join("node_modules"), installed.join("python"));
    if !is_current(&sources, &installed) {
        install(project, &sources, &installed, &packages)?;
    }
    let mut command = project.command("node");
    command
        .args(["--test", "--test-reporter=spec", "--test-timeout=540000"])
        .arg(sources.join("peers.test.mjs"))
        .env("MARU_BIN", project.binary("maru"))
        .env("PEERS_NODE", node)
        .env("PEERS_PYTHON", packages);
    run_within(&mut command, TEST_MAX)
}

fn install(project: &Project, sources: &Path, installed: &Path, packages: &Path) -> Result<(), Obstacle> {
    let failed = |error: std::io::Error| Obstacle::Failed(format!("{}: {error}", installed.display()));
    if installed.exists() {
        fs::remove_dir_all(installed).map_err(failed)?;
    }
    fs::create_dir_all(installed).map_err(failed)?;
    let npm = ["package.json", "package-lock.json"];
    for file in npm {
        fs::copy(sources.join(file), installed.join(file)).map_err(failed)?;
    }
    let mut command = project.npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    run_within(command.current_dir(installed), INSTALL_MAX)?;
    let mut command = project.command("python3");
    command.args(["-m", "pip", "install", "--quiet", "--target"]).arg(packages);
    run_within(command.arg("--requirement").arg(sources.join(REQUIREMENTS)), INSTALL_MAX)?;
    // Last, so that it is there only when everything else is.
    fs::copy(sources.join(REQUIREMENTS), installed.join(REQUIREMENTS)).map_err(failed)?;
    Ok(())
}

/// Whether what is installed is what is pinned.
fn is_current(sources: &Path, installed: &Path) -> bool {
    let read = |folder: &Path, file: &str| -> Option<Vec<u8>> {
        let file: PathBuf = folder.join(file);
        fs::read(file).ok()
    };
    ["package-lock.json", REQUIREMENTS]
        .into_iter()
        .all(|file| read(sources, file).is_some() && read(sources, file) == read(installed, file))
}

const SOURCES: &str = "crates/cli/tests/peers";
const REQUIREMENTS: &str = "requirements.txt";

/// A few megabytes from two registries.
const INSTALL_MAX: Duration = Duration::from_secs(5 * 60);

/// Each conversation has bounds of its own; this is all of them, on a busy machine.
const TEST_MAX: Duration = Duration::from_secs(10 * 60);
