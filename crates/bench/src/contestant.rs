//! The servers that are measured, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sealed;
use crate::tongue::Tongue;

/// One server under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contestant {
    /// A hosted room as people get it.
    Maru,
    /// A hosted room that keeps nothing.
    MaruNothing,
    /// A hosted room as people get it, all of whose members come over TLS.
    MaruTls,
    /// A hosted room as people get it, all of whose members speak Socket.IO.
    MaruSocketIo,
    /// The floor: a loop of raw writes, which passes on what it hears.
    Limit,
    /// The same with frames filled up to the length of Maru's.
    LimitOfMarusLength,
    /// tokio-tungstenite with a `broadcast` channel.
    Broadcast,
    /// Bun's `publish`.
    Bun,
    /// Node's `ws` with `forEach(send)`.
    Ws,
    /// Socket.IO 4.
    SocketIo,
}

/// Where the programs are.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder of the release binaries.
    pub binaries: PathBuf,
    /// The folder of the peers' scripts and packages.
    pub peers: PathBuf,
    /// Where rooms and results go: on a disk, not in memory.
    pub work: PathBuf,
    /// What this build of `maru` can do.
    pub abilities: Abilities,
}

/// What a build of `maru` can do, by its own help.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    /// `maru host --keep nothing`; without it no build keeps anything on disk.
    pub keep: bool,
    /// `maru host --cert`, and with it TLS at all.
    pub tls: bool,
    /// `maru export`.
    pub export: bool,
}

impl Abilities {
    /// Asks the program.
    pub fn of(maru: &Path) -> Self {
        let says = |words: &[&str], what: &str| {
            let output = Command::new(maru).args(words).env("LC_ALL", "C").output();
            output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(what))
        };
        let hosts = |what| says(&["host", "--help"], what);
        Self { keep: hosts("--keep"), tls: hosts("--cert"), export: says(&["--help"], "\n  export") }
    }
}

impl Places {
    /// The program `maru`.
    pub fn maru(&self) -> PathBuf {
        self.binaries.join("maru")
    }
}

impl Contestant {
    /// All of them, ours first.
    pub const ALL: [Self; 10] = [
        Self::Maru,
        Self::MaruNothing,
        Self::MaruTls,
        Self::MaruSocketIo,
        Self::Limit,
        Self::LimitOfMarusLength,
        Self::Broadcast,
        Self::Bun,
        Self::Ws,
        Self::SocketIo,
    ];

    /// Those people could use, the floor apart.
    pub fn products() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|one| !matches!(one, Self::Limit | Self::LimitOfMarusLength))
    }

    /// As it is named in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Maru => "Maru",
            Self::MaruNothing => "Maru, nothing kept",
            Self::MaruTls => "Maru, TLS members",
            Self::MaruSocketIo => "Maru, Socket.IO members",
            Self::Limit => "limit",
            Self::LimitOfMarusLength => "limit, frames of Maru's length",
            Self::Broadcast => "tokio-tungstenite + broadcast",
            Self::Bun => "Bun publish",
            Self::Ws => "Node ws forEach(send)",
            Self::SocketIo => "Socket.IO 4",
        }
    }

    /// What is on disk before anybody hears it.
    pub fn durable(self, abilities: Abilities) -> &'static str {
        match self {
            Self::Maru | Self::MaruTls | Self::MaruSocketIo if abilities.keep => "everything",
            Self::Maru | Self::MaruTls | Self::MaruSocketIo => "nothing (this build has no disk)",
            _ => "nothing",
        }
    }

    /// How its members talk.
    pub fn tongue(self) -> Tongue {
        match self {
            Self::Maru | Self::MaruNothing | Self::MaruTls => Tongue::Maru,
            Self::SocketIo => Tongue::SocketIo,
            Self::MaruSocketIo => Tongue::MarusSocketIo,
            _ => Tongue::Plain,
        }
    }

    /// Whether its members come over TLS.
    pub fn is_sealed(self) -> bool {
        self == Self::MaruTls
    }

    /// Why it cannot be started here, if so.
    pub fn missing(self, places: &Places) -> Option<&'static str> {
        let peer = |file: &str| places.peers.join("node_modules").join(file).exists();
        match self {
            Self::MaruTls if !places.abilities.tls => Some("`maru host` speaks no TLS in this build"),
            Self::MaruNothing if !places.abilities.keep => Some("`maru host` knows no --keep in this build"),
            Self::Bun if !peer("bun/bin/bun.exe") => Some("the peers are not installed"),
            Self::Ws | Self::SocketIo if !peer("ws") => Some("the peers are not installed"),
            _ => None,
        }
    }

    /// The command that starts it on a free port of loopback, `folder` for what it keeps. It says the port on its first
    /// line of output, as JSON.
    pub fn command(self, places: &Places, folder: &Path, members_max: usize) -> Command {
        let script = |program: PathBuf, file: &str| {
            let mut command = Command::new(program);
            command.arg(places.peers.join(file));
            command
        };
        match self {
            Self::Maru | Self::MaruNothing | Self::MaruTls | Self::MaruSocketIo => {
                self.maru(places, folder, members_max)
            }
            Self::Limit => Command::new(places.binaries.join("maru-bench-limit")),
            Self::LimitOfMarusLength => {
                let mut command = Command::new(places.binaries.join("maru-bench-limit"));
                command.arg(MARU_ENTRY_BYTES_MORE.to_string());
                command
            }
            Self::Broadcast => Command::new(places.binaries.join("maru-bench-broadcast")),
            Self::Bun => script(places.peers.join("node_modules/bun/bin/bun.exe"), "bun.mjs"),
            Self::Ws => script("node".into(), "ws.mjs"),
            Self::SocketIo => script("node".into(), "socketio.mjs"),
        }
    }

    fn maru(self, places: &Places, folder: &Path, members_max: usize) -> Command {
        let mut command = Command::new(places.maru());
        command.args(["host", "--json", "--no-qr", "--bind", "127.0.0.1", "--port", "0", "--rate", RATE]);
        command.arg("--max-members").arg(members_max.to_string());
        command.arg("--data-dir").arg(folder);
        if self == Self::MaruTls
            && let Ok((certificate, key)) = sealed::files(folder)
        {
            // Without them it has a certificate that nobody here trusts, and the members say so.
            command.arg("--cert").arg(certificate).arg("--key").arg(key);
        }
        if self == Self::MaruNothing {
            command.args(["--keep", "nothing"]);
        }
        command
    }
}

/// The most that `--rate` takes: the members must not be held back by what is a guard against strangers.
const RATE: &str = "100000";

/// What an `entry` is longer than the `say` it came from: its place, time, hash and author.
const MARU_ENTRY_BYTES_MORE: usize = 160;
