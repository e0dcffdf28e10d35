use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A notebook that version 1 has left.
    fn with_fixture() -> Self {
        let desk = Self::new();
        let connection = Connection::open(desk.path()).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        connection.execute_batch(include_str!("../schema.sql")).unwrap();
        connection.execute_batch(include_str!("fixture-1.sql")).unwrap();
        desk
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("notebook.db")
    }

    fn open(&self) -> (NotebookFile, Restored) {
        NotebookFile::open(&self.path(), &room(), BYTES_MAX).unwrap()
    }

    fn change(&self, sql: &str) {
        Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    fn error(&self) -> FileError {
        NotebookFile::open(&self.path(), &room(), BYTES_MAX).unwrap_err()
    }
}

const BYTES_MAX: u64 = 1 << 30;

fn room() -> RoomId {
    RoomId::parse("r1").unwrap()
}

fn line(id: &str, text: &str) -> Line {
    Line { id: MessageId::parse(id).unwrap(), text: MessageText::parse(text).unwrap(), at: 1 }
}

fn ids(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.id.as_str()).collect()
}

fn heard(seq: u64) -> Keeping {
    let hash = ChainHash([seq as u8; 16]);
    let entry = format!(
        r#"{{"seq":{seq},"at":1,"hash":"{}","by":{{"id":"m2","nickname":"지수","number":0}},"kind":"said","id":"y{seq}","text":"안녕"}}"#,
        String::from(hash)
    );
    let cursor = Cursor { epoch: Epoch::parse("e1").unwrap(), seq: Seq(seq), hash };
    Keeping::Heard { cursor, entries: vec![serde_json::from_str(&entry).unwrap()], oldest: Seq(1) }
}

fn seqs(restored: &Restored) -> Vec<u64> {
    restored.kept.as_ref().unwrap().entries.iter().map(|entry| entry.seq.0).collect()
}

#[test]
fn a_notebook_of_version_1_is_read() {
    let (_, restored) = Desk::with_fixture().open();
    assert_eq!(seqs(&restored), [1, 2]);
    let kept = restored.kept.unwrap();
    assert_eq!((kept.known.name.as_str(), kept.cursor.seq, kept.older), ("점심 모임", Seq(2), false));
    assert_eq!(ids(&restored.waiting), ["x1", "x2"]);
    assert_eq!(restored.failed[0].0.text.as_str(), "너무 길다");
    assert_eq!(restored.failed[0].1, RefusalCode::TooLong);
}

#[test]
fn what_is_written_is_read_again_in_its_order() {
    let desk = Desk::with_fixture();
    let (mut file, _) = desk.open();
    let failed = Keeping::Failed { id: MessageId::parse("x1").unwrap(), code: RefusalCode::IdReused };
    let settled = Keeping::Settled(MessageId::parse("x2").unwrap());
    let again = Keeping::Queued(line("x0", "짧게"));
    file.write(&[Keeping::Queued(line("x3", "셋")), failed, settled, again, heard(3)]).unwrap();
    drop(file);
    let (_, restored) = desk.open();
    assert_eq!(ids(&restored.waiting), ["x3", "x0"]);
    assert_eq!((restored.failed[0].0.id.as_str(), restored.failed[0].1), ("x1", RefusalCode::IdReused));
    assert_eq!((restored.failed.len(), seqs(&restored)), (1, vec![1, 2, 3]));
}

#[test]
fn what_lies_before_the_bound_goes_and_can_be_asked_for_again() {
    let desk = Desk::with_fixture();
    let (mut file, _) = desk.open();
    let Keeping::Heard { cursor, entries, .. } = heard(3) else { unreachable!() };
    file.write(&[Keeping::Heard { cursor, entries, oldest: Seq(3) }]).unwrap();
    let restored = file.restored(&room()).unwrap();
    assert_eq!((seqs(&restored), restored.kept.unwrap().older), (vec![3], true));
}

#[test]
fn a_crash_leaves_what_was_committed_and_a_torn_tail_is_as_if_it_never_was() {
    let desk = Desk::with_fixture();
    let (mut file, _) = desk.open();
    file.write(&[heard(3), Keeping::Queued(line("x3", "셋"))]).unwrap();
    let whole = fs::metadata(desk.0.path().join("notebook.db-wal")).unwrap().len();
    file.write(&[heard(4), Keeping::Queued(line("x4", "넷"))]).unwrap();
    for torn in [0, 100, 4_000] {
        let crashed = Desk::new();
        fs::copy(desk.path(), crashed.path()).unwrap();
        let wal = crashed.0.path().join("notebook.db-wal");
        fs::copy(desk.0.path().join("notebook.db-wal"), &wal).unwrap();
        fs::OpenOptions::new().write(true).open(&wal).unwrap().set_len(whole + torn).unwrap();
        let (_, restored) = crashed.open();
        assert_eq!(seqs(&restored), [1, 2, 3], "{torn}");
        assert_eq!(ids(&restored.waiting), ["x1", "x2", "x3"]);
    }
}

#[test]
fn a_newer_notebook_is_refused_and_left_as_it_is() {
    let desk = Desk::with_fixture();
    desk.change("ALTER TABLE lines ADD COLUMN colour TEXT; PRAGMA user_version = 2");
    let before = fs::read(desk.path()).unwrap();
    assert!(matches!(desk.error(), FileError::Newer));
    assert_eq!(fs::read(desk.path()).unwrap(), before);
    // Also where the newer program crashed, and its version stands in the journal only.
    let crashed = Desk::new();
    let open = Connection::open(desk.path()).unwrap();
    open.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA user_version = 3")
        .unwrap();
    let names = ["notebook.db", "notebook.db-wal"];
    for name in names {
        fs::copy(desk.0.path().join(name), crashed.0.path().join(name)).unwrap();
    }
    let read = || names.map(|name| fs::read(crashed.0.path().join(name)).unwrap());
    let before = read();
    assert!(matches!(crashed.error(), FileError::Newer));
    assert_eq!(read(), before);
}

#[test]
fn a_full_disk_takes_all_of_a_write_or_nothing() {
    let desk = Desk::with_fixture();
    let (mut file, _) = NotebookFile::open(&desk.path(), &room(), 12 * PAGE_BYTES).unwrap();
    let long = Keeping::Queued(line("x9", &"a".repeat(60_000)));
    assert!(file.write(&[heard(3), long]).is_err());
    file.write(&[Keeping::Queued(line("x3", "셋"))]).unwrap();
    let restored = file.restored(&room()).unwrap();
    assert_eq!((seqs(&restored), ids(&restored.waiting)), (vec![1, 2], vec!["x1", "x2", "x3"]));
}

#[test]
fn what_contradicts_itself_is_broken_and_the_lines_are_saved_from_it() {
    for sql in [
        "DELETE FROM entries WHERE seq = 2",
        "UPDATE entries SET entry = '{}' WHERE seq = 1",
        "UPDATE room SET known = 'nothing'",
        "UPDATE room SET hash = 'x'",
    ] {
        let desk = Desk::with_fixture();
        desk.change(sql);
        match desk.error() {
            FileError::Broken { waiting, failed } => {
                assert_eq!((ids(&waiting), failed.len()), (vec!["x1", "x2"], 1), "{sql}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
    for sql in ["UPDATE room SET id = 'r2'", "UPDATE lines SET text = ''", "DROP TABLE lines"] {
        let desk = Desk::with_fixture();
        desk.change(sql);
        assert!(matches!(desk.error(), FileError::Broken { .. }), "{sql}");
    }
}

#[test]
fn a_room_that_is_called_alike_on_this_disk_leaves_the_notebook_as_it_is() {
    let desk = Desk::with_fixture();
    let other = RoomId::parse(&room().as_str().to_uppercase()).unwrap();
    let found = NotebookFile::open(&desk.path(), &other, BYTES_MAX).map(drop);
    assert!(matches!(found, Err(FileError::SameName)), "{found:?}");
    let (_, restored) = NotebookFile::open(&desk.path(), &room(), BYTES_MAX).unwrap();
    assert_eq!(ids(&restored.waiting), ["x1", "x2"]);
}
