//! A run that is interrupted leaves nothing behind: no server, no room's folder. Ends only what it started, by process id.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

/// The servers that run now.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A server runs from here on.
pub fn remember(process: u32) {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(process);
}

/// A server is about to be waited for, after which its number may be another's.
pub fn forget(process: u32) {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|running| *running != process);
}

/// A folder for this run alone. Those of runs that were killed are removed.
pub fn folder_of_run(work: &Path) -> io::Result<PathBuf> {
    for entry in fs::read_dir(work)?.flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix(RUN)).and_then(|id| id.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new("/proc").join(process.to_string()).exists()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    let folder = work.join(format!("{RUN}{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// From here on an interruption ends the servers, removes the folder and then this program.
pub fn clean_up_when_interrupted(folder: PathBuf) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("interruptions".into()).spawn(move || {
        runtime.block_on(async {
            let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return };
            let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            clean_up(&folder);
            std::process::exit(INTERRUPTED);
        });
    })?;
    Ok(())
}

fn clean_up(folder: &Path) {
    for process in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let process = i32::try_from(*process).ok().and_then(Pid::from_raw);
        // One that has ended by itself needs no ending.
        let _ = process.map(|process| kill_process(process, Signal::KILL));
    }
    // What cannot be removed now is removed by the next run.
    let _ = fs::remove_dir_all(folder);
}

const RUN: &str = "run-";
/// As a shell says of a program that was interrupted.
const INTERRUPTED: i32 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_others_keep_is_not() {
        let work = tempfile::tempdir().unwrap();
        for name in ["run-4294967295/room-x", "17.json", "run-away"] {
            fs::create_dir_all(work.path().join(name)).unwrap();
        }
        let folder = folder_of_run(work.path()).unwrap();
        let again = folder_of_run(work.path()).unwrap();
        assert_eq!(folder, again);
        let mut left: Vec<_> =
            fs::read_dir(work.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["17.json", &format!("run-{}", std::process::id()), "run-away"]);
    }
}
