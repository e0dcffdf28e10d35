//! `cargo xtask powercut`: what a disk holds when the power goes. Linux and root: the log lies on ext4 in an image
//! file, and the image on XFS, where a copy of the file at an instant is what the disk held at that instant. Every
//! entry that was acknowledged before it must be in the copy; and with weaker commits planted, some must be lost,
//! or the test would see nothing.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::project::{Obstacle, Project, answer, run};

/// Cuts the power `rest[0]` times (20 unless told otherwise) while a log is written, and as often with weaker
/// commits planted.
pub(crate) fn powercut(project: &Project, rest: &[String]) -> Result<(), Obstacle> {
    let cuts = match rest.first().map(|word| word.parse::<u32>()) {
        None => CUTS_DEFAULT,
        Some(Ok(cuts)) if (1..=CUTS_MAX).contains(&cuts) => cuts,
        Some(_) => return Err(Obstacle::Failed(format!("powercut takes a number from 1 to {CUTS_MAX}"))),
    };
    if !cfg!(target_os = "linux") {
        return Err(Obstacle::Missing("powercut: skipped, loop mounts are Linux's".into()));
    }
    let build = ["build", "-p", "maru-store", "--example", "powercut", "--features", "faults"];
    run(&mut project.cargo(&build))?;
    let program = project.target().join("debug/examples/powercut");
    let full = lost(&program, "full", cuts)?;
    println!(
        "powercut: with the commits of the product, {} of {cuts} cuts lost acknowledged entries",
        full.len()
    );
    let normal = lost(&program, "normal", cuts)?;
    println!("powercut: with weaker ones planted, {} of {cuts} cuts did", normal.len());
    match (full.first(), normal.is_empty()) {
        (Some(lost), _) => Err(Obstacle::Failed(format!("acknowledged entries are lost: {lost}"))),
        (None, true) => {
            Err(Obstacle::Failed("the planted fault was not found, so this test sees nothing".into()))
        }
        (None, false) => Ok(()),
    }
}

/// The cuts after which acknowledged entries were lost, in words.
fn lost(program: &Path, commits: &str, cuts: u32) -> Result<Vec<String>, Obstacle> {
    let bench = Bench::set_up()?;
    let acked = cut(&bench, program, commits, cuts)?;
    let mut lost = Vec::new();
    for (number, acked) in (0..).zip(acked) {
        let mount = Mount::of(&bench.copy(number), &bench.folder.join("cut"))?;
        let mut check = Command::new(program);
        check.arg("check").arg(mount.0.join("room")).arg(acked.to_string());
        let output =
            check.output().map_err(|error| Obstacle::Failed(format!("the check did not start: {error}")))?;
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match output.status.code() {
            Some(0) => {}
            Some(LOST) => lost.push(said(&output.stdout)),
            _ => return Err(Obstacle::Failed(format!("cut {number}: {}", said(&output.stderr)))),
        }
    }
    Ok(lost)
}

/// Writes, and cuts at random moments. Returns what was acknowledged before each cut.
fn cut(bench: &Bench, program: &Path, commits: &str, cuts: u32) -> Result<Vec<u64>, Obstacle> {
    let writing = Command::new(program)
        .arg("write")
        .arg(bench.disk().join("room"))
        .arg(commits)
        .stdout(Stdio::piped())
        .spawn();
    let mut writing =
        Writing(writing.map_err(|error| Obstacle::Failed(format!("the writer did not start: {error}")))?);
    let acked = Arc::new(AtomicU64::new(0));
    let lines = BufReader::new(writing.0.stdout.take().expect("its output is a pipe")).lines();
    let heard = Arc::clone(&acked);
    let listening = thread::spawn(move || {
        for seq in lines.map_while(|line| line.ok()?.parse().ok()) {
            heard.store(seq, Ordering::SeqCst);
        }
    });
    let mut before_each = Vec::new();
    for number in 0..cuts {
        thread::sleep(Duration::from_millis(PAUSE_MS_MIN + random(PAUSE_MS_SPREAD)));
        before_each.push(acked.load(Ordering::SeqCst));
        let copied =
            answer(Command::new("cp").arg("--reflink=always").arg(bench.image()).arg(bench.copy(number)));
        copied.ok_or_else(|| Obstacle::Failed("the image could not be copied".into()))?;
    }
    drop(writing);
    // It ends with the writer's output.
    let _ = listening.join();
    if before_each.last() == Some(&0) {
        return Err(Obstacle::Failed("the writer wrote nothing".into()));
    }
    Ok(before_each)
}

/// The writer, ended whatever happens.
struct Writing(Child);

impl Drop for Writing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two file systems in image files, one inside the other, in a folder that goes when the test ends.
struct Bench {
    // The inner one is taken away first.
    _disk: Mount,
    _floor: Mount,
    folder: Scratch,
}

impl Bench {
    fn set_up() -> Result<Self, Obstacle> {
        let folder = Scratch::make()?;
        let outer = folder.join("outer.img");
        make_image(&outer, OUTER_BYTES, "mkfs.xfs", &["-q", "-m", "reflink=1"])?;
        let floor = Mount::of(&outer, &folder.join("floor"))?;
        let inner = floor.0.join("disk.img");
        make_image(&inner, INNER_BYTES, "mkfs.ext4", &["-q", "-F"])?;
        let disk = Mount::of(&inner, &folder.join("disk"))?;
        Ok(Self { _disk: disk, _floor: floor, folder })
    }

    fn disk(&self) -> PathBuf {
        self.folder.join("disk")
    }

    fn image(&self) -> PathBuf {
        self.folder.join("floor/disk.img")
    }

    fn copy(&self, number: u32) -> PathBuf {
        self.folder.join(&format!("floor/cut-{number}.img"))
    }
}

fn make_image(path: &Path, bytes: u64, program: &str, options: &[&str]) -> Result<(), Obstacle> {
    fs::File::create(path)
        .and_then(|file| file.set_len(bytes))
        .map_err(|error| Obstacle::Failed(format!("{}: {error}", path.display())))?;
    answer(Command::new(program).args(options).arg(path))
        .map(|_| ())
        .ok_or_else(|| Obstacle::Missing(format!("powercut: skipped, {program} is not at hand or failed")))
}

/// A file system that is taken away when it is dropped.
struct Mount(PathBuf);

impl Mount {
    fn of(image: &Path, at: &Path) -> Result<Self, Obstacle> {
        fs::create_dir_all(at).map_err(|error| Obstacle::Failed(format!("{}: {error}", at.display())))?;
        answer(Command::new("mount").args(["-o", "loop"]).arg(image).arg(at))
            .map(|_| Self(at.to_path_buf()))
            .ok_or_else(|| {
                Obstacle::Missing("powercut: skipped, images cannot be mounted here (root?)".into())
            })
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// A folder of its own that goes when it is dropped, after what is mounted in it.
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> Result<Self, Obstacle> {
        let folder = std::env::temp_dir().join(format!("maru-powercut-{:016x}", random(u64::MAX)));
        fs::create_dir(&folder)
            .map_err(|error| Obstacle::Failed(format!("{}: {error}", folder.display())))?;
        Ok(Self(folder))
    }

    fn join(&self, inside: &str) -> PathBuf {
        self.0.join(inside)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is still mounted must not be emptied.
        for left in ["outer.img", "floor", "disk", "cut"] {
            let path = self.0.join(left);
            let _ = if path.is_dir() { fs::remove_dir(&path) } else { fs::remove_file(&path) };
        }
        let _ = fs::remove_dir(&self.0);
    }
}

/// Chance from what the standard library seeds its maps with.
fn random(below: u64) -> u64 {
    RandomState::new().hash_one(0) % below
}

const CUTS_DEFAULT: u32 = 20;
/// More copies would not fit the outer image.
const CUTS_MAX: u32 = 100;
/// The writer begins anew after each cut's pause with pages that are not on the disk yet.
const PAUSE_MS_MIN: u64 = 100;
const PAUSE_MS_SPREAD: u64 = 700;
/// What the example answers where acknowledged entries are lost.
const LOST: i32 = 3;
const INNER_BYTES: u64 = 256 * 1024 * 1024;
/// The copies share what has not changed between them. Sparse: it takes what is written.
const OUTER_BYTES: u64 = 8 * 1024 * 1024 * 1024;
