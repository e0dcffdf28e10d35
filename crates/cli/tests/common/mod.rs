//! The real binary under test: started with a folder of its own, read line by line with a deadline, killed when
//! the test is over.
#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A `maru` that runs.
pub(crate) struct Maru {
    child: Child,
    stdin: Option<ChildStdin>,
    out: mpsc::Receiver<String>,
    err: mpsc::Receiver<String>,
    pub(crate) seen: Vec<String>,
    _folder: Option<TempDir>,
}

/// A `maru` that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A command with a fresh folder and nothing of the machine's language or terminal.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_maru"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in ["MARU_PASSPHRASE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "RUST_LOG", "NO_COLOR"] {
        command.env_remove(variable);
    }
    command.env("LANG", "C.UTF-8").env("USER", "tester").env("TZ", "UTC");
    command
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

impl Maru {
    /// Runs with a data folder of its own.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = folder();
        let path = folder.path().to_str().unwrap().to_owned();
        let mut all = arguments.to_vec();
        all.extend(["--data-dir", &path]);
        let mut maru = Self::run(command(&all));
        maru._folder = Some(folder);
        maru
    }

    /// Runs a command with this data folder, which goes when it has ended.
    pub(crate) fn run_with_folder(mut command: Command, folder: TempDir) -> Self {
        command.arg("--data-dir").arg(folder.path());
        let mut maru = Self::run(command);
        maru._folder = Some(folder);
        maru
    }

    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = child.stdout.take().map(lines_of).unwrap_or_else(|| mpsc::channel().1);
        let err = child.stderr.take().map(lines_of).unwrap_or_else(|| mpsc::channel().1);
        let stdin = child.stdin.take();
        Self { child, stdin, out, err, seen: Vec::new(), _folder: None }
    }

    pub(crate) fn host(arguments: &[&str]) -> (Self, String) {
        let mut all = vec!["host", "--json", "--bind", "127.0.0.1", "--port", "0"];
        all.extend(arguments);
        Self::start(&all).listening()
    }

    pub(crate) fn listening(mut self) -> (Self, String) {
        let listening = self.event("listening");
        let url = listening["url"].as_str().unwrap().to_owned();
        (self, url)
    }

    /// A member whom a script drives, in the room.
    pub(crate) fn join(url: &str, nick: &str) -> Self {
        let mut member = Self::start(&["join", url, "--nick", nick, "--json"]);
        member.event("entered");
        member
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        self.type_bytes(format!("{line}\n").as_bytes());
    }

    pub(crate) fn type_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("the input is open");
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    pub(crate) fn close_input(&mut self) {
        self.stdin = None;
    }

    /// The next line for which `is` says yes.
    pub(crate) fn line(&mut self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.out.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if is(&line) {
                        return line;
                    }
                }
                Err(error) => panic!(
                    "no {what} ({error}); seen {:#?}; said {:#?}",
                    self.seen,
                    self.err.try_iter().collect::<Vec<_>>()
                ),
            }
        }
    }

    /// The next event of that name.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        self.event_that(name, |event| event["event"] == name)
    }

    pub(crate) fn event_that(&mut self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let line = self.line(what, |line| is(&json(line)));
        json(&line)
    }

    /// The next message that says this.
    pub(crate) fn said(&mut self, text: &str) -> Value {
        self.event_that(text, |event| event["event"] == "said" && event["text"] == text)
    }

    /// The next line on standard error.
    pub(crate) fn complaint(&mut self) -> String {
        self.err.recv_timeout(DEADLINE).expect("a line on standard error")
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        // A process that is told to stop goes on for a moment.
        while name == "STOP" && !self.is_stopped() {
            std::thread::yield_now();
        }
    }

    #[cfg(unix)]
    fn is_stopped(&self) -> bool {
        let state = Command::new("ps").args(["-o", "stat=", "-p", &self.child.id().to_string()]).output();
        state.unwrap().stdout.trim_ascii_start().starts_with(b"T")
    }

    /// The process's own number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it ends by itself.
    pub(crate) fn ended(mut self) -> Ended {
        let deadline = Instant::now() + DEADLINE;
        // Its output ends when it does.
        loop {
            match self.out.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let said: Vec<_> = self.err.try_iter().collect();
                    panic!("it does not end; wrote {:#?}; said {said:#?}", self.seen);
                }
            }
        }
        let status = self.child.wait().unwrap();
        let out = self.seen.drain(..).map(|line| line + "\n").collect();
        let err = self.err.iter().map(|line| line + "\n").collect();
        Ended { code: status.code(), out, err }
    }
}

impl Drop for Maru {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs it to its end, with nothing on its input.
pub(crate) fn finished(mut command: Command) -> Ended {
    command.stdin(Stdio::null());
    Maru::run(command).ended()
}

pub(crate) fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn lines_of(pipe: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (lines, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { return };
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    heard
}

const DEADLINE: Duration = Duration::from_secs(45);
