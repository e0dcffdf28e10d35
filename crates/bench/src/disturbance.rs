//! Those who make a room work while others talk: deep pages, searches, resumes of everything, exports. Each runs on
//! threads of its own until it is ended, and counts what it got.

use std::io;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::contestant::Places;
use crate::process::{self, Cores};
use crate::server::Server;
use crate::visitor::Visitor;

/// One kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Members who read the whole history, page by page, again and again.
    History,
    /// Members who search.
    Search,
    /// Members who come back from long ago, again and again.
    Resume,
    /// `maru export` of the room, again and again.
    Export,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::History, Self::Search, Self::Resume, Self::Export];

    /// As it is named in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::History => "deep history pages",
            Self::Search => "searches",
            Self::Resume => "resumes of everything",
            Self::Export => "exports",
        }
    }

    /// Why it cannot be done here, if so.
    pub fn missing(self, welcome: &Value, places: &Places) -> Option<&'static str> {
        let can =
            |what: &str| welcome["can"].as_array().is_some_and(|can| can.iter().any(|word| word == what));
        match self {
            Self::Search if !can("search") => Some("this build's rooms cannot be searched"),
            Self::Export if !places.abilities.export => Some("`maru` knows no export in this build"),
            _ => None,
        }
    }

    fn threads(self) -> usize {
        if self == Self::Export { 1 } else { 4 }
    }
}

/// A trouble under way.
#[derive(Debug)]
pub struct Disturbance {
    stop: Arc<AtomicBool>,
    got: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
    began: Instant,
    threads: Vec<JoinHandle<()>>,
}

/// What a disturbance got while it lasted.
#[derive(Debug, Clone, Copy)]
pub struct Got {
    /// Answers a second: pages, resumes or exports.
    pub per_second: f64,
    /// Attempts that came to nothing.
    pub failed: u64,
}

/// Whom to disturb.
#[derive(Debug, Clone)]
struct Victim {
    port: u16,
    /// Where one stood long ago.
    cursor: Value,
    export: (std::path::PathBuf, std::path::PathBuf, String),
}

impl Disturbance {
    /// Begins. The cursor is that of an early entry.
    pub fn begin(kind: Kind, server: &Server, places: &Places, cores: Cores, cursor: &Value) -> Self {
        let room = server.room().unwrap_or_default().to_owned();
        let victim = Victim {
            port: server.port(),
            cursor: cursor.clone(),
            export: (places.maru(), server.folder().to_owned(), room),
        };
        let (stop, got, failed) = (Arc::default(), Arc::default(), Arc::default());
        let threads = (0..kind.threads()).map(|number| {
            let (victim, stop, got, failed) =
                (victim.clone(), Arc::clone(&stop), Arc::clone(&got), Arc::clone(&failed));
            std::thread::spawn(move || disturb(kind, &victim, number, cores, &stop, &got, &failed))
        });
        Self { threads: threads.collect(), stop, got, failed, began: Instant::now() }
    }

    /// Ends it.
    pub fn end(self) -> Got {
        let per_second = self.got.load(Ordering::Relaxed) as f64 / self.began.elapsed().as_secs_f64();
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            // One that panicked has said so on standard error.
            let _ = thread.join();
        }
        Got { per_second, failed: self.failed.load(Ordering::Relaxed) }
    }
}

fn disturb(
    kind: Kind,
    victim: &Victim,
    number: usize,
    cores: Cores,
    stop: &AtomicBool,
    got: &AtomicU64,
    failed: &AtomicU64,
) {
    // Where it cannot be moved it disturbs from where it is.
    let _ = process::stay_on(cores.disturbers);
    let mut visit = 0;
    while !stop.load(Ordering::Relaxed) {
        visit += 1;
        let name = format!("guest {kind:?} {number} {visit}");
        let outcome = match kind {
            Kind::History => read_history(victim, &name, stop, got),
            Kind::Search => search(victim, &name, stop, got),
            Kind::Resume => resume(victim, &name, got),
            Kind::Export => export(victim, got),
        };
        if outcome.is_err() {
            failed.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(AFTER_A_FAILURE);
        }
    }
}

fn read_history(victim: &Victim, name: &str, stop: &AtomicBool, got: &AtomicU64) -> io::Result<()> {
    let (mut visitor, welcome) = Visitor::enter(victim.port, name, None)?;
    let head = welcome["head"]["seq"].as_u64().unwrap_or(1);
    let mut before = head;
    while !stop.load(Ordering::Relaxed) {
        visitor.say(&json!({"type": "history", "before": before}))?;
        let page = visitor.wait_for("page")?;
        got.fetch_add(1, Ordering::Relaxed);
        let oldest = page["entries"][0]["seq"].as_u64();
        before = oldest.filter(|_| page["more"] == json!(true)).unwrap_or(head);
        std::thread::sleep(BETWEEN_PAGES);
    }
    Ok(())
}

fn search(victim: &Victim, name: &str, stop: &AtomicBool, got: &AtomicU64) -> io::Result<()> {
    let (mut visitor, _) = Visitor::enter(victim.port, name, None)?;
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        visitor.say(&json!({"type": "search", "words": format!("{number:010}")}))?;
        visitor.wait_for("found")?;
        got.fetch_add(1, Ordering::Relaxed);
        number = (number + 7) % 100;
        std::thread::sleep(BETWEEN_SEARCHES);
    }
    Ok(())
}

fn resume(victim: &Victim, name: &str, got: &AtomicU64) -> io::Result<()> {
    let (mut visitor, welcome) = Visitor::enter(victim.port, name, Some(&victim.cursor))?;
    let mut more = welcome["more"] == json!(true);
    while more {
        more = visitor.wait_for("page")?["more"] == json!(true);
    }
    got.fetch_add(1, Ordering::Relaxed);
    visitor.say(&json!({"type": "leave"}))
}

fn export(victim: &Victim, got: &AtomicU64) -> io::Result<()> {
    let (maru, folder, room) = &victim.export;
    let mut command = Command::new(maru);
    command.arg("export").arg(room).arg("--data-dir").arg(folder).args(["--format", "jsonl"]);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if !status.success() {
        return Err(io::Error::other(status.to_string()));
    }
    got.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Just below what a room allows one member: 20 pages a second.
const BETWEEN_PAGES: Duration = Duration::from_millis(55);
/// The same for searches: 5 a second.
const BETWEEN_SEARCHES: Duration = Duration::from_millis(210);
const AFTER_A_FAILURE: Duration = Duration::from_millis(200);
