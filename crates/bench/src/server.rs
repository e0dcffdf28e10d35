//! A server under test while it runs: started on its core, ended by its process id, its folder removed.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::contestant::{Contestant, Places};
use crate::ending;
use crate::process::{self, Cores, Memory};

/// A process of ours.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
    room: Option<String>,
}

/// Why a server does not run.
#[derive(Debug)]
pub enum NotStarted {
    /// The program or its folder.
    Io(io::Error),
    /// It ended, or said something else than its port.
    NoPort(&'static str, String),
}

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "a server could not be started: {error}"),
            Self::NoPort(name, line) => write!(f, "{name} did not say its port but {line:?}"),
        }
    }
}

impl From<io::Error> for NotStarted {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Server {
    /// Starts it on the server's core and waits for its port.
    pub fn start(
        contestant: Contestant,
        places: &Places,
        cores: Cores,
        members_max: usize,
    ) -> Result<Self, NotStarted> {
        let folder = tempfile::Builder::new().prefix("room-").tempdir_in(&places.work)?;
        let mut command = contestant.command(places, folder.path(), members_max);
        command.env("LC_ALL", "C").env("NODE_ENV", "production").env_remove("NODE_OPTIONS");
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        // What is started stays where the one who starts it is.
        process::stay_on(cores.server)?;
        let child = command.spawn().inspect(|child| ending::remember(child.id()));
        process::stay_on(cores.generator)?;
        let mut server = Self { child: child?, folder, port: 0, room: None };
        let mut output = BufReader::new(server.child.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        output.read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
        let port = said["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        server.port = port.ok_or(NotStarted::NoPort(contestant.name(), line))?;
        server.room = said["room"].as_str().map(str::to_owned);
        drain(output);
        Ok(server)
    }

    /// Where it listens, on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The room's id, of a Maru room.
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Where it keeps what it keeps.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Seconds of CPU it has taken.
    pub fn cpu_seconds(&self) -> f64 {
        process::cpu_seconds(self.child.id())
    }

    /// Its memory.
    pub fn memory(&self) -> Memory {
        process::memory(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        ending::forget(self.child.id());
        let _ = self.child.wait();
    }
}

/// Reads on, so that the server never waits for a reader of its output.
fn drain(mut output: BufReader<ChildStdout>) {
    std::thread::spawn(move || {
        let mut rest = [0; 4096];
        while output.read(&mut rest).is_ok_and(|count| count > 0) {}
    });
}
