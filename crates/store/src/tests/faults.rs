//! A disk that is full or fails: refused, alive, intact, and well again when the disk is.

use super::*;
use crate::WriteError;

/// Nothing of the refused batch is there, the log hangs together, and the store goes on.
fn assert_alive_and_intact(rig: &Rig, mut store: Store, refused: &str) {
    let before = store.head().seq;
    let entry = said(&mut store, "after", "다시");
    assert_eq!(entry.seq, before.next(), "no place is lost");
    let healthy = |conn: &rusqlite::Connection| {
        conn.query_row("PRAGMA integrity_check", (), |row| row.get::<_, String>(0))
    };
    assert_eq!(store.transact(healthy).unwrap(), "ok");
    assert!(!all(&rig.reader()).iter().any(|entry| entry.by.id.as_str() == refused));
    drop(store);
    let (_, restored) = rig.open();
    assert_eq!(restored.tail.last(), Some(&entry));
    assert!(!restored.tail.iter().any(|entry| entry.by.id.as_str() == refused));
}

fn large_batch(by: &str, count: usize) -> Vec<Draft> {
    (0..count).map(|i| say(member(by, "준호", 1), &format!("m{i}"), &"가".repeat(20_000))).collect()
}

#[test]
fn a_log_that_may_not_grow_refuses_and_recovers() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 100);
    let pages = |store: &mut Store| -> i64 {
        store.transact(|conn| conn.pragma_query_value(None, "page_count", |row| row.get(0))).unwrap()
    };
    let limit = |store: &mut Store, pages: i64| {
        store.connection().unwrap().pragma_update(None, "max_page_count", pages).unwrap();
    };
    let now = pages(&mut store);
    limit(&mut store, now + 20);
    for round in 0..3 {
        let before = store.head().clone();
        assert_eq!(store.write(large_batch("b", 10)), Err(WriteError::DiskFull));
        assert_eq!(*store.head(), before);
        said(&mut store, &format!("small{round}"), "작은 말은 들어간다");
        store.tend(0).unwrap();
    }
    limit(&mut store, 1_000_000);
    assert_alive_and_intact(&rig, store, "b");
}

/// A file system of its own, taken away again when the test ends.
#[cfg(target_os = "linux")]
struct SmallDisk(TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=2m,mode=700", "maru-test"]).arg(folder.path());
        let mounted = mount.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success());
        mounted.then_some(Self(folder))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn a_full_disk_refuses_and_takes_again_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: a small disk cannot be mounted here");
        return;
    };
    let folder = disk.0.path().join("room");
    let keeps = options(Keeps::Everything);
    let (mut store, _) = Store::open(&folder, &keeps).unwrap();
    say_many(&mut store, 100);
    let ballast = disk.0.path().join("ballast");
    let mut kept = 100;
    for round in 0..4 {
        // Fails at the end, when there is nothing left.
        let _ = fs::write(&ballast, vec![0; 4 * 1024 * 1024]);
        let before = store.head().clone();
        assert_eq!(store.write(large_batch("b", 10)), Err(WriteError::DiskFull), "round {round}");
        assert_eq!(*store.head(), before);
        assert_eq!(all(&store.reader().unwrap()).len(), kept, "it can be read");
        fs::remove_file(&ballast).unwrap();
        say_many(&mut store, 10);
        kept += 10;
    }
    drop(store);
    let (mut store, restored) = Store::open(&folder, &keeps).unwrap();
    assert_eq!(restored.tail.len(), kept);
    let healthy: String =
        store.transact(|conn| conn.query_row("PRAGMA integrity_check", (), |row| row.get(0))).unwrap();
    assert_eq!(healthy, "ok");
}

/// Runs one of the children below in a process of its own, which a file that grows too large does not kill.
#[cfg(target_os = "linux")]
fn run_child(name: &str, folder: &Path, before: &[&str]) -> bool {
    let mut child = std::process::Command::new("sh");
    child.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).args(before).arg(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("tests::faults::{name}"), "--ignored", "--nocapture"]);
    child.env(CHILD_FOLDER, folder).status().unwrap().success()
}

#[cfg(target_os = "linux")]
const CHILD_FOLDER: &str = "MARU_TEST_FOLDER";

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_the_system_lets_grow_no_further_refuses_and_recovers() {
    let rig = Rig::new();
    assert!(run_child("child_whose_files_may_not_grow", rig.path(), &[]));
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "a child of the test above"]
fn child_whose_files_may_not_grow() {
    use rlimit::{INFINITY, Resource};
    let folder = std::path::PathBuf::from(std::env::var_os(CHILD_FOLDER).unwrap());
    let keeps = options(Keeps::Everything);
    let (mut store, _) = Store::open(&folder, &keeps).unwrap();
    say_many(&mut store, 100);
    for _ in 0..3 {
        let before = store.head().clone();
        rlimit::setrlimit(Resource::FSIZE, 512 * 1024, INFINITY).unwrap();
        assert!(matches!(store.write(large_batch("b", 20)), Err(WriteError::Io(_))));
        assert_eq!(*store.head(), before);
        rlimit::setrlimit(Resource::FSIZE, INFINITY, INFINITY).unwrap();
        say_many(&mut store, 10);
    }
    let head = store.head().clone();
    drop(store);
    let (mut store, restored) = Store::open(&folder, &keeps).unwrap();
    assert_eq!((restored.head, restored.tail.len()), (head, 130));
    let healthy: String =
        store.transact(|conn| conn.query_row("PRAGMA integrity_check", (), |row| row.get(0))).unwrap();
    assert_eq!(healthy, "ok");
}

#[test]
fn a_refused_batch_that_is_found_again_goes() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 3);
    let head = store.head().clone();
    // As after a commit that reached the disk though the system said it had not.
    store.write(large_batch("b", 2)).unwrap();
    store.forget_to(head);
    assert_alive_and_intact(&rig, store, "b");
}

#[test]
fn housekeeping_that_is_found_again_stays_done() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(2);
    say_many(&mut store, 600);
    let marks = store.marks.clone();
    tend_all(&mut store);
    // As after a commit that reached the disk though the system said it had not.
    store.forget_marks(marks);
    store.probe().unwrap();
    drop(store);
    let (_, restored) = rig.open_keeping(2);
    assert_eq!((restored.trimmed, restored.tail.len()), (Seq(598), 2));
}
