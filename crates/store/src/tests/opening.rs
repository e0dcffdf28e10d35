//! What may be opened, by whom, and what is refused as it lies there.

use maru_wire::Cursor;

use super::*;
use crate::schema::Schema;
use crate::{LOG_FILE, OpenError};

fn opened(rig: &Rig) -> Result<(), OpenError> {
    Store::open(rig.path(), &options(Keeps::Everything)).map(|_| ())
}

/// A refusal leaves every byte of the log where it was.
fn refused(rig: &Rig) -> OpenError {
    let file = rig.path().join(LOG_FILE);
    let before = fs::read(&file).unwrap();
    let error = opened(rig).unwrap_err();
    assert_eq!(Reader::open(rig.path(), &room()).unwrap_err(), error, "a reader hears the same");
    assert!(fs::read(&file).unwrap() == before, "the file is as it was");
    error
}

#[test]
fn a_second_writer_hears_who_the_first_is() {
    let rig = Rig::new();
    let (store, _) = rig.open();
    let Err(OpenError::Busy { by }) = opened(&rig) else { panic!("two writers") };
    assert!(by.contains(&format!("process {}", std::process::id())), "{by}");
    drop(store);
    assert_eq!(opened(&rig), Ok(()));
}

#[test]
fn a_newer_log_is_refused_untouched() {
    let rig = Rig::new();
    drop(rig.open());
    let newer = Schema::current().with_next("CREATE TABLE reactions (seq INTEGER PRIMARY KEY) STRICT;");
    drop(Store::open_with(&newer, rig.path(), &options(Keeps::Everything)).unwrap());
    assert_eq!(refused(&rig), OpenError::Newer { version: 2 });
}

#[test]
fn the_log_of_another_room_is_refused_untouched() {
    let rig = Rig::new();
    let other = StoreOptions { room: RoomId::parse("other").unwrap(), ..options(Keeps::Everything) };
    drop(Store::open(rig.path(), &other).unwrap());
    assert_eq!(refused(&rig), OpenError::OtherRoom { room: "other".into() });
}

#[test]
fn what_is_no_log_is_refused_untouched() {
    let foreign = |path: &Path| {
        rusqlite::Connection::open(path).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    };
    let torn = |path: &Path| {
        let rig = Rig::new();
        drop(rig.open());
        let bytes = fs::read(rig.path().join(LOG_FILE)).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    type Make<'a> = &'a dyn Fn(&Path);
    let makers: [(&str, Make<'_>); 4] = [
        ("text", &|path| fs::write(path, "x".repeat(5_000)).unwrap()),
        ("a few bytes", &|path| fs::write(path, "SQLite").unwrap()),
        ("a foreign database", &foreign),
        ("half a file", &torn),
    ];
    for (what, make) in makers {
        let rig = Rig::new();
        make(&rig.path().join(LOG_FILE));
        assert!(matches!(refused(&rig), OpenError::Broken(_)), "{what}");
    }
}

#[test]
fn a_beginning_that_was_cut_short_is_begun_again() {
    let rig = Rig::new();
    fs::write(rig.path().join(LOG_FILE), "").unwrap();
    assert_eq!(opened(&rig), Ok(()));
    let rig = Rig::new();
    let conn = rusqlite::Connection::open(rig.path().join(LOG_FILE)).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    drop(conn);
    assert_eq!(opened(&rig), Ok(()));
}

#[test]
fn a_reader_begins_no_log_and_nothing_kept_has_none() {
    let rig = Rig::new();
    assert_eq!(Reader::open(rig.path(), &room()).unwrap_err(), OpenError::Missing);
    let nothing = Store::open(rig.path(), &options(Keeps::Nothing)).map(|_| ());
    assert_eq!(nothing, Err(OpenError::KeepsNothing));
    assert_eq!(fs::read_dir(rig.path()).unwrap().count(), 0);
}

#[test]
fn a_migration_copies_what_was_there_before() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let entry = said(&mut store, "m", "안녕");
    drop(store);
    let newer = Schema::current().with_next("ALTER TABLE entries ADD COLUMN redacted INTEGER;");
    let (_, restored) = Store::open_with(&newer, rig.path(), &options(Keeps::Everything)).unwrap();
    assert_eq!(restored.tail, std::slice::from_ref(&entry));
    assert_eq!(restored.head.epoch.as_str(), "e1", "a newer version goes on with the same log");
    let back = Rig::new();
    fs::copy(rig.path().join("log.before-v2.sqlite3"), back.path().join(LOG_FILE)).unwrap();
    assert_eq!(back.open().1.tail, [entry]);
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let entry = said(&mut store, "m", "안녕");
    drop(store);
    let broken =
        Schema::current().with_next("ALTER TABLE entries ADD COLUMN redacted INTEGER; SELECT nonsense;");
    Store::open_with(&broken, rig.path(), &options(Keeps::Everything)).unwrap_err();
    assert_eq!(rig.open().1.tail, [entry]);
}

#[test]
fn the_log_of_every_released_version_opens() {
    for version in 1..=Schema::current().latest() {
        let rig = Rig::new();
        fs::copy(fixture_of(version), rig.path().join(LOG_FILE)).unwrap();
        let (mut store, restored) = rig.open();
        let texts: Vec<Happening> = restored.tail.iter().map(|entry| entry.what.clone()).collect();
        assert_eq!(texts, fixture().into_iter().map(|draft| draft.what).collect::<Vec<_>>(), "{version}");
        assert_eq!(restored.head.epoch.as_str(), "e2", "a fixture is a backup");
        said(&mut store, "next", "이어서");
        assert_eq!(found(&rig.reader(), "점심"), [1]);
    }
}

fn fixture_of(version: i64) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/v{version}.sqlite3"))
}

fn fixture() -> Vec<Draft> {
    vec![
        say(minji(), "m1", "점심시간에 만나요"),
        Draft {
            by: member("a", "수아", 0),
            what: Happening::Renamed { from: Nickname::parse("민지").unwrap() },
            at: 6_000,
        },
        say(member("b", "Junho", 1), "m1", "See you <there> & \"then\""),
    ]
}

/// Writes the fixture of the current version; to be called once for a release that changes the tables.
#[test]
#[ignore = "it writes into the source"]
fn write_the_fixture() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    store.write(fixture()).unwrap();
    let to = fixture_of(Schema::current().latest());
    store.reader().unwrap().back_up(&to).unwrap();
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_a_log() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::new();
    let folder = rig.path().join("rooms/one");
    let (mut store, _) = Store::open(&folder, &options(Keeps::Everything)).unwrap();
    said(&mut store, "m", "안녕");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{file:?}");
    }
}

#[test]
fn the_index_is_built_in() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let uses = |conn: &rusqlite::Connection| {
        conn.query_row("SELECT sqlite_compileoption_used('ENABLE_FTS5')", (), |row| row.get::<_, bool>(0))
    };
    assert!(store.transact(uses).unwrap());
}

#[test]
fn a_store_promises_durability_and_keeps_no_deleted_text() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let conn = store.connection().unwrap();
    let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(["synchronous", "secure_delete", "foreign_keys"].map(pragma), [2, 1, 1]);
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn an_empty_log_is_a_place_too() {
    let rig = Rig::new();
    let (store, restored) = rig.open();
    let head: Cursor = restored.head;
    assert_eq!(head.hash, maru_room::log::first_hash(&Epoch::parse("e1").unwrap()));
    assert_eq!(store.reader().unwrap().standing(&head), Ok(maru_room::Standing::Here(Seq(0))));
}

/// Does something to a log that no store does.
fn tampered(sql: &str) -> Rig {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    store.write((1..=3).map(|i| say(minji(), &format!("m{i}"), "안녕")).collect()).unwrap();
    drop(store);
    rusqlite::Connection::open(rig.path().join(LOG_FILE)).unwrap().execute_batch(sql).unwrap();
    rig
}

#[test]
fn nothing_in_a_log_that_was_put_here_does_anything_by_itself() {
    let rig = tampered(
        "CREATE TRIGGER forge AFTER INSERT ON entries BEGIN \
             UPDATE entries SET text = '다른 말' WHERE seq = new.seq; \
         END",
    );
    let (mut store, _) = rig.open();
    let written = store.write(vec![say(minji(), "m4", "안녕")]).unwrap();
    let [Written::New(entry)] = &written[..] else { panic!("{written:?}") };
    let kept = rig.reader().after(Seq(3)).unwrap().entries;
    assert_eq!(kept.first(), Some(entry), "what was said is what is kept");
}

#[test]
fn a_log_that_contradicts_itself_is_broken() {
    for sql in [
        "DELETE FROM entries WHERE seq = 2",
        "UPDATE entries SET seq = -seq",
        "UPDATE marks SET indexed = 9",
        "UPDATE marks SET deleted = 3",
        "UPDATE marks SET deleted = 9, trimmed = 9, indexed = 9",
    ] {
        assert!(matches!(opened(&tampered(sql)), Err(OpenError::Broken(_))), "{sql}");
    }
}
