//! Exports and backups, and the log that goes on from one.

use maru_room::{FormerEpoch, Standing};

use super::*;
use crate::{BackupError, ExportFormat, LOG_FILE};

/// Puts a backup where a room's log belongs, as a person would.
fn restore(backup: &Path, rig: &Rig) {
    fs::copy(backup, rig.path().join(LOG_FILE)).unwrap();
}

#[test]
fn a_restored_backup_that_moves_on_differently_is_a_new_epoch() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 5);
    let within = store.head().clone();
    let backup = rig.path().join("backup");
    store.reader().unwrap().back_up(&backup).unwrap();
    say_many(&mut store, 10);
    let beyond = store.head().clone();
    drop(store);
    restore(&backup, &rig);
    let (mut store, restored) = rig.open();
    assert_eq!(
        (restored.head.epoch.as_str(), restored.head.seq, restored.head.hash),
        ("e2", Seq(5), within.hash)
    );
    assert_eq!(restored.formers, [FormerEpoch { epoch: Epoch::parse("e1").unwrap(), end: Seq(5) }]);
    let drafts = (0..20).map(|i| say(minji(), &format!("n{i}"), "다르게")).collect();
    store.write(drafts).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.standing(&within), Ok(Standing::Here(Seq(5))), "what both share goes on");
    assert_eq!(reader.standing(&beyond), Ok(Standing::Diverged));
    drop(store);
    let again = StoreOptions { next_epoch: Epoch::parse("e3").unwrap(), ..options(Keeps::Everything) };
    let (_, restored) = Store::open(rig.path(), &again).unwrap();
    assert_eq!(restored.head.epoch.as_str(), "e2", "a restart is none");
}

#[test]
fn what_the_replaced_log_left_beside_it_is_not_taken_for_a_part_of_the_backup() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 5);
    let backup = rig.path().join("backup");
    let reader = store.reader().unwrap();
    reader.back_up(&backup).unwrap();
    say_many(&mut store, 50);
    let wal = rig.path().join("log.sqlite3-wal");
    let left = fs::read(&wal).unwrap();
    assert!(left.len() > 4_096);
    drop((store, reader));
    restore(&backup, &rig);
    fs::write(&wal, &left).unwrap();
    assert_eq!(seqs(&all(&rig.reader())), [1, 2, 3, 4, 5]);
    let (mut store, restored) = rig.open();
    assert_eq!(seqs(&restored.tail), [1, 2, 3, 4, 5]);
    say_many(&mut store, 1);
    assert_eq!(seqs(&all(&rig.reader())), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn the_latest_sixteen_former_epochs_are_remembered() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let mut places = vec![store.head().clone()];
    for round in 2..=20 {
        say_many(&mut store, 1);
        places.push(store.head().clone());
        let backup = rig.path().join(format!("backup{round}"));
        store.reader().unwrap().back_up(&backup).unwrap();
        drop(store);
        restore(&backup, &rig);
        let next_epoch = Epoch::parse(&format!("e{round}")).unwrap();
        store =
            Store::open(rig.path(), &StoreOptions { next_epoch, ..options(Keeps::Everything) }).unwrap().0;
    }
    drop(store);
    let (store, restored) = rig.open();
    let formers: Vec<String> = restored.formers.iter().map(|former| former.epoch.to_string()).collect();
    assert_eq!(formers, (4..=19).map(|i| format!("e{i}")).collect::<Vec<_>>());
    assert_eq!(restored.formers[15].end, Seq(19));
    let reader = store.reader().unwrap();
    assert_eq!(reader.standing(&places[4]), Ok(Standing::Here(Seq(4))));
    assert_eq!(reader.standing(&places[1]), Ok(Standing::NewEpoch), "it slept too long");
}

#[test]
fn a_backup_is_one_moment_of_a_room_that_goes_on() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    for _ in 0..5 {
        say_many(&mut store, 2_000);
    }
    let reader = store.reader().unwrap();
    let to = rig.path().join("backup");
    let target = to.clone();
    let copying = std::thread::spawn(move || reader.back_up(&target));
    while !copying.is_finished() {
        say_many(&mut store, 10);
    }
    copying.join().unwrap().unwrap();
    let back = Rig::new();
    restore(&to, &back);
    let (_, restored) = back.open();
    let entries = all(&back.reader());
    assert!(entries.len() >= 10_000);
    assert_eq!(seqs(&entries), (1..=restored.head.seq.0).collect::<Vec<_>>());
    let healthy: String = rusqlite::Connection::open(&to)
        .unwrap()
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(healthy, "ok");
}

#[test]
fn a_backup_replaces_nothing_and_leaves_no_half() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 5);
    let reader = store.reader().unwrap();
    assert_eq!(reader.back_up(&rig.path().join(LOG_FILE)), Err(BackupError::Exists));
    assert!(matches!(reader.back_up(&rig.path().join("no/such/folder")), Err(BackupError::Io(_))));
    reader.back_up(&rig.path().join("backup")).unwrap();
    let left = fs::read_dir(rig.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.contains("partial")).count(), 0);
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::new();
    let to = rig.path().join("backup");
    rig.open().0.reader().unwrap().back_up(&to).unwrap();
    assert_eq!(fs::metadata(to).unwrap().permissions().mode() & 0o777, 0o600);
}

fn exported(reader: &Reader, format: ExportFormat) -> (u64, String) {
    let mut bytes = Vec::new();
    let count = reader.export(format, "마루 <방>", &mut bytes).unwrap();
    (count, String::from_utf8(bytes).unwrap())
}

#[test]
fn an_export_in_lines_holds_every_entry_as_it_travels() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(3);
    say_many(&mut store, 5);
    let reader = store.reader().unwrap();
    let (count, lines) = exported(&reader, ExportFormat::Jsonl);
    let entries: Vec<Entry> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((count, entries), (3, all(&reader)), "and nothing that is trimmed");
}

#[test]
fn an_exported_page_is_text_and_nothing_else() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let rename = Draft {
        by: member("a", "수아", 0),
        what: Happening::Renamed { from: Nickname::parse("<i>민지").unwrap() },
        at: 6_000,
    };
    store.write(vec![say(minji(), "m", "<script>alert(1)</script> & \"'"), rename]).unwrap();
    let (count, page) = exported(&store.reader().unwrap(), ExportFormat::Html);
    assert_eq!(count, 2);
    assert!(page.contains("<title>마루 &#60;방&#62;</title>"));
    assert!(page.contains("<li value=\"1\"><b>민지</b> <time datetime=\"1970-01-01T00:00:05Z\">"));
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;&#39;"));
    assert!(page.contains("&#60;i&#62;민지 → 수아"));
    assert!(!page.contains("<script") && !page.contains("<i>"));
}

#[test]
fn an_export_that_finds_no_room_says_so() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 5);
    let outcome = store.reader().unwrap().export(ExportFormat::Jsonl, "방", &mut Full);
    assert!(matches!(outcome, Err(crate::ExportError::Write(_))), "{outcome:?}");
}

#[cfg(unix)]
#[test]
fn a_backup_is_written_into_nothing_that_lies_in_its_way() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 3);
    let place = tempfile::tempdir().unwrap();
    let (to, theirs) = (place.path().join("backup.sqlite3"), place.path().join("theirs"));
    fs::write(&theirs, "theirs").unwrap();
    std::os::unix::fs::symlink(&theirs, place.path().join("backup.sqlite3.partial")).unwrap();
    rig.reader().back_up(&to).unwrap();
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    assert!(fs::symlink_metadata(&to).unwrap().is_file());
}
