//! What went on, for whoever has to find out why: a log file of bounded size, panics included, and a report
//! that a person can copy. What was said, keys and invites' secrets are in neither.

mod log_file;
mod panics;
mod report;

use std::io;
use std::path::Path;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use log_file::{LOG_FILE_BYTES_MAX, RotatingFile};
pub use report::report;

use log_file::SharedLog;

/// As what the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// With a window.
    Window,
    /// In a terminal, which also shows the log where that was asked for.
    Terminal {
        /// Whether it was.
        verbose: bool,
    },
}

/// The log of this process, held until it ends.
#[derive(Debug)]
pub struct Diagnostics {
    fault: Option<io::Error>,
}

/// Begins to log to `maru.log` in the state folder, and to standard error where `RUST_LOG` is set or a
/// terminal's person asked for it. Once in a process. It never fails: a program without a log still runs.
pub fn init(state: &Path, role: Role) -> Diagnostics {
    let asked = std::env::var("RUST_LOG").ok().filter(|directives| !directives.trim().is_empty());
    let stderr = asked.is_some() || role == Role::Terminal { verbose: true };
    let (file, mut fault) = match RotatingFile::open(state, LOG_FILE_BYTES_MAX) {
        Ok(file) => (Some(file), None),
        Err(error) => (None, Some(error)),
    };
    if let Err(error) = subscriber(asked.as_deref(), file, stderr).try_init() {
        fault = fault.or(Some(io::Error::other(error)));
    }
    panics::log_panics();
    Diagnostics { fault }
}

impl Diagnostics {
    /// Why there is no log file, if there is none.
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }
}

/// What [`init`] makes the process's own.
fn subscriber(
    directives: Option<&str>,
    file: Option<RotatingFile>,
    stderr: bool,
) -> impl Subscriber + Send + Sync + 'static {
    let asked = directives.and_then(|directives| EnvFilter::try_new(directives).ok());
    let file = file
        .map(|file| layer().with_ansi(false).log_internal_errors(false).with_writer(SharedLog::new(file)));
    let stderr = stderr.then(|| layer().log_internal_errors(false).with_writer(io::stderr));
    tracing_subscriber::registry()
        .with(asked.unwrap_or_else(|| EnvFilter::new(DIRECTIVES_DEFAULT)))
        .with(filter_fn(may_be_logged))
        .with(file)
        .with(stderr)
}

/// Libraries trace what passes through them (tungstenite: each message, hyper: each header), so of theirs no
/// more than `info` is logged, whatever `RUST_LOG` asks for.
fn may_be_logged(event: &Metadata<'_>) -> bool {
    event.target().starts_with("maru") || *event.level() <= Level::INFO
}

const DIRECTIVES_DEFAULT: &str = "maru=info,warn";

#[cfg(test)]
mod tests;
