//! What a person can paste into a bug report. They see it before they send it; still nothing is in it that
//! names them or what was said: no nickname, no room, no address of a room, no home directory.

use std::fmt::Write;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use directories::BaseDirs;

use super::log_file;
use crate::{Folders, Preferences};

/// Version, platform, locale, folders, settings and the last 200 lines of the log.
pub fn report(folders: &Folders, preferences: &Preferences) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_facts(&mut text, folders, preferences);
    text.push_str("log:\n");
    for line in last_lines(&folders.state) {
        text.push_str(&line);
        text.push('\n');
    }
    match BaseDirs::new() {
        Some(base) => shortened(&text, base.home_dir()),
        None => text,
    }
}

fn write_facts(text: &mut String, folders: &Folders, preferences: &Preferences) -> std::fmt::Result {
    let locale = sys_locale::get_locale();
    writeln!(text, "maru: {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(text, "system: {} {}", std::env::consts::OS, std::env::consts::ARCH)?;
    writeln!(text, "locale: {}", locale.as_deref().unwrap_or("unknown"))?;
    writeln!(text, "config: {}", folders.config.display())?;
    writeln!(text, "data: {}", folders.data.display())?;
    writeln!(text, "state: {}", folders.state.display())?;
    let Preferences { version, nickname, language, theme, announce, recent_rooms, window, others } =
        preferences;
    let chosen = if nickname.is_some() { "chosen" } else { "none" };
    writeln!(text, "settings: version {version}, language {language:?}, theme {theme:?}, nickname {chosen}")?;
    writeln!(text, "settings: announce {announce}")?;
    writeln!(text, "settings: {} recent rooms, {} unknown fields", recent_rooms.len(), others.len())?;
    match window {
        Some(window) => writeln!(text, "window: {window:?}"),
        None => writeln!(text, "window: none"),
    }
}

fn last_lines(state: &Path) -> Vec<String> {
    let mut lines: Vec<String> = log_file::files(state).iter().flat_map(|path| tail(path)).collect();
    lines.split_off(lines.len().saturating_sub(LOG_LINES_MAX))
}

/// The whole lines within the last [`TAIL_BYTES_MAX`] of a file; none where it cannot be read.
fn tail(path: &Path) -> Vec<String> {
    let read = || {
        let mut file = File::open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        let start = length.saturating_sub(TAIL_BYTES_MAX);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
        std::io::Result::Ok((bytes, start > 0))
    };
    let Ok((bytes, cut)) = read() else { return Vec::new() };
    let printable = |line: &str| line.chars().filter(|c| !c.is_control()).collect();
    String::from_utf8_lossy(&bytes).lines().skip(usize::from(cut)).map(printable).collect()
}

/// The home directory names its person.
fn shortened(text: &str, home: &Path) -> String {
    let home = home.to_string_lossy();
    if home.len() < 2 {
        return text.to_owned();
    }
    // Paths in fields of the log are escaped as in Rust: `C:\\Users\\…`.
    text.replace(&*home, "~").replace(&home.replace('\\', "\\\\"), "~")
}

/// Lines of the log in a report: an hour of an ordinary day.
const LOG_LINES_MAX: usize = 200;

/// Bytes of each log file that are looked at.
const TAIL_BYTES_MAX: u64 = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_directory_is_a_tilde() {
        let text = "at /home/minji/.local/state and C:\\Users\\민지 and C:\\\\Users\\\\민지\\\\maru";
        let text = shortened(text, Path::new("/home/minji"));
        let text = shortened(&text, Path::new("C:\\Users\\민지"));
        assert_eq!(text, "at ~/.local/state and ~ and ~\\\\maru");
        assert_eq!(shortened("/a/b", Path::new("/")), "/a/b");
    }

    #[test]
    fn only_the_last_lines_are_told_also_those_before_the_file_began_anew() {
        let state = tempfile::tempdir().unwrap();
        let lines = |from: usize, to: usize| (from..to).map(|n| format!("line {n}\n")).collect::<String>();
        std::fs::write(state.path().join("maru.log.1"), lines(0, 150)).unwrap();
        std::fs::write(state.path().join("maru.log"), lines(150, 250)).unwrap();
        let told = last_lines(state.path());
        assert_eq!(told.len(), LOG_LINES_MAX);
        assert_eq!((told[0].as_str(), told[199].as_str()), ("line 50", "line 249"));
    }

    #[test]
    fn of_a_long_log_only_whole_lines_are_told() {
        let state = tempfile::tempdir().unwrap();
        let long = format!("{}\n", "가".repeat(5_000));
        std::fs::write(state.path().join("maru.log"), long.repeat(20)).unwrap();
        let told = last_lines(state.path());
        assert!(!told.is_empty() && told.len() < 20, "{}", told.len());
        assert!(told.iter().all(|line| line.chars().count() == 5_000));
    }
}
