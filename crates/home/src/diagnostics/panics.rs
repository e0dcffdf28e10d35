//! Panics in the log and on standard error: where, and why as far as that names nothing that a person said.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};

/// Logs every panic from here on. The hook that was there tells it in full, which a service's journal keeps.
pub(super) fn log_panics() {
    panic::set_hook(Box::new(log));
}

fn log(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    let location = location.as_deref().unwrap_or("unknown");
    let reason = reason(info.payload());
    tracing::error!(location, "panicked: {reason}");
    // Places in the code, if `RUST_BACKTRACE` asks for them.
    let backtrace = Backtrace::capture();
    let backtrace =
        if backtrace.status() == BacktraceStatus::Captured { backtrace.to_string() } else { String::new() };
    // Where nobody can be told, nobody is.
    let _ = write!(io::stderr(), "maru: panicked at {location}: {reason}\n{backtrace}");
}

/// The words of a panic. A literal is ours; in a composed one what stands in quotes, or after the colon of an
/// unwrapped error, may be somebody's message (`byte index 1 is not a char boundary … of "안녕"`).
fn reason(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(literal) = payload.downcast_ref::<&'static str>() {
        return clipped(literal);
    }
    match payload.downcast_ref::<String>() {
        Some(composed) => clipped(&without_quoted(composed)),
        None => "no words".into(),
    }
}

/// The first line up to its first quoted part, or up to the value that a failed `expect` shows.
fn without_quoted(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = line.find(['`', '"', '\'', '“']).unwrap_or(line.len());
    let end = line[..end].find(": ").map_or(end, |colon| colon + 1);
    let cut = if end < text.len() { " …" } else { "" };
    format!("{}{cut}", line[..end].trim_end())
}

fn clipped(text: &str) -> String {
    text.chars().take(REASON_CHARS_MAX).collect()
}

/// Characters of a panic's words that are logged.
const REASON_CHARS_MAX: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_of(run: fn()) -> String {
        reason(panic::catch_unwind(run).unwrap_err().as_ref())
    }

    #[test]
    fn our_own_words_are_told() {
        assert_eq!(reason_of(|| panic!("the keeper is gone")), "the keeper is gone");
        assert_eq!(reason_of(|| panic!("{} seats", 3)), "3 seats");
        assert_eq!(reason_of(|| panic::panic_any(7)), "no words");
    }

    #[test]
    fn somebodys_words_are_not() {
        fn refused() -> Result<(), std::io::Error> {
            Err(std::io::Error::other("비밀 이야기"))
        }
        let told = [
            reason_of(|| _ = String::from("비밀 이야기")[1..].len()),
            reason_of(|| refused().unwrap()),
            reason_of(|| refused().expect("the room is there")),
            reason_of(|| assert_eq!(String::from("비밀 이야기"), "a")),
            reason_of(|| panic!("heard {}\n비밀 이야기", String::from("\"비밀 이야기\""))),
        ];
        for told in told {
            assert!(!told.contains("비밀") && !told.is_empty(), "{told}");
        }
    }

    #[test]
    fn standard_error_is_told_as_little_as_the_log() {
        let this = "diagnostics::panics::tests::standard_error_is_told_as_little_as_the_log";
        // The hook is the process's: it is put into one of its own.
        if std::env::var_os(PANICS).is_some() {
            log_panics();
            let told = std::thread::spawn(|| _ = String::from("비밀 이야기")[1..].len()).join();
            assert!(told.is_err());
            return;
        }
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", this, "--nocapture"])
            .env(PANICS, "1")
            .output()
            .unwrap();
        let told = String::from_utf8(child.stderr).unwrap();
        assert!(child.status.success(), "{told}");
        assert!(told.contains("maru: panicked at ") && told.contains("panics.rs"), "{told}");
        assert!(!told.contains("비밀"), "{told}");
    }

    const PANICS: &str = "MARU_TEST_PANICS";
}
