//! Where the project lies, and how another program is called. Knows no step and no package.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Why something did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// It ran and went wrong.
    Failed(String),
    /// It could not run here: something that this machine does not have.
    Missing(String),
}

/// The work tree this command belongs to.
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    pub(crate) fn here() -> Self {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        Self { root: here.parent().map_or_else(|| here.clone(), Path::to_path_buf) }
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), PathBuf::from)
    }

    /// A binary of the workspace, as a debug build leaves it.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A program called from the root of the project.
    ///
    /// What cargo said of this crate is taken out of the environment: build scripts that watch those variables
    /// (ring's does) would otherwise build again each time `cargo` and `cargo xtask` take turns.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            let of_this_crate = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"];
            if name.to_str().is_some_and(|name| of_this_crate.iter().any(|start| name.starts_with(start))) {
                command.env_remove(name);
            }
        }
        command
    }

    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command("cargo");
        command.args(args);
        command
    }

    /// npm, called in the page's folder. On Windows it is a script, which is started by its full name only.
    pub(crate) fn npm(&self, args: &[&str]) -> Command {
        let mut command = self.command(if cfg!(windows) { "npm.cmd" } else { "npm" });
        command.args(args).current_dir(self.path("ui"));
        command
    }
}

/// Runs the program to its end, its output as ours.
pub(crate) fn run(command: &mut Command) -> Result<(), Obstacle> {
    println!("$ {}", line(command));
    let ending = carry_out(command, None);
    judge(command, ending)
}

/// The same for a program that nobody watches: it reads nothing and is stopped when the time is over.
pub(crate) fn run_within(command: &mut Command, time_max: Duration) -> Result<(), Obstacle> {
    println!("$ {}", line(command));
    command.stdin(Stdio::null());
    let ending = carry_out(command, Some(time_max));
    judge(command, ending)
}

/// What the program printed, if it could be started and succeeded.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first of these programs that is on the `PATH`.
pub(crate) fn on_path(programs: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    programs.iter().find_map(|program| {
        let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        folders.iter().map(|folder| folder.join(&name)).find(|file| file.is_file())
    })
}

/// True where nobody sits at the terminal and a skipped step must not pass for a tested one.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

enum Ending {
    Exited(std::process::ExitStatus),
    NotStarted(std::io::Error),
    OutOfTime(Duration),
}

fn carry_out(command: &mut Command, time_max: Option<Duration>) -> Ending {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ending::NotStarted(error),
    };
    let Some(time_max) = time_max else {
        return child.wait().map_or_else(Ending::NotStarted, Ending::Exited);
    };
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ending::Exited(status),
            Ok(None) if started.elapsed() < time_max => std::thread::sleep(POLL_INTERVAL),
            Ok(None) => {
                // It may have ended by itself in between; then there is nothing to kill.
                let _ = child.kill();
                let _ = child.wait();
                return Ending::OutOfTime(time_max);
            }
            Err(error) => return Ending::NotStarted(error),
        }
    }
}

fn judge(command: &Command, ending: Ending) -> Result<(), Obstacle> {
    let line = line(command);
    match ending {
        Ending::Exited(status) if status.success() => Ok(()),
        Ending::Exited(status) => Err(Obstacle::Failed(format!("`{line}` ended with {status}"))),
        Ending::NotStarted(error) => {
            Err(Obstacle::Missing(format!("`{line}` could not be started: {error}")))
        }
        Ending::OutOfTime(time_max) => {
            Err(Obstacle::Failed(format!("`{line}` was stopped after {} s", time_max.as_secs())))
        }
    }
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

const POLL_INTERVAL: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_missing_and_not_failed() {
        let outcome = run(&mut Command::new("maru-no-such-program"));
        assert!(matches!(outcome, Err(Obstacle::Missing(_))), "{outcome:?}");
    }

    #[test]
    fn a_program_that_says_no_has_failed() {
        let outcome = run(Project::here().cargo(&["no-such-subcommand"]).stderr(Stdio::null()));
        assert!(matches!(outcome, Err(Obstacle::Failed(_))), "{outcome:?}");
    }

    #[test]
    fn a_command_does_not_tell_the_next_cargo_which_crate_it_comes_from() {
        let command = Project::here().cargo(&[]);
        let mut taken_out = command.get_envs().filter(|(_, value)| value.is_none());
        assert!(taken_out.any(|(name, _)| name == "CARGO_MANIFEST_DIR"));
    }
}
