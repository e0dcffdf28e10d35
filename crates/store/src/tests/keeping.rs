//! What is kept, what goes, and how thoroughly.

use maru_room::Standing;
use maru_wire::limits::MESSAGE_ID_KNOWN_MS;

use super::*;

#[test]
fn what_is_beyond_the_last_ones_is_hidden_at_once_and_then_gone() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(10);
    say_many(&mut store, 30);
    let reader = store.reader().unwrap();
    let check = || {
        assert_eq!(seqs(&all(&reader)), (21..=30).collect::<Vec<_>>());
        let page = reader.before(Seq(25)).unwrap();
        assert_eq!((seqs(&page.entries), page.more), (vec![21, 22, 23, 24], false));
        assert_eq!(found(&reader, "말 5"), [25], "and 5 and 15 are not");
    };
    check();
    assert_eq!(tend_all(&mut store), Some(Seq(20)));
    check();
    let count = |conn: &rusqlite::Connection| {
        conn.query_row("SELECT count(*) FROM entries", (), |row| row.get::<_, i64>(0))
    };
    assert_eq!(store.transact(count).unwrap(), 10);
    drop(store);
    let (_, restored) = rig.open_keeping(10);
    assert_eq!((restored.trimmed, restored.tail.len()), (Seq(20), 10));
}

#[test]
fn trimmed_text_is_nowhere_in_the_files() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(200);
    let long = format!("secretlongword {}", "z".repeat(20_000));
    store.write(vec![say(minji(), "m1", "비밀이야기 topsecretword"), say(minji(), "m2", &long)]).unwrap();
    say_many(&mut store, 150);
    tend_all(&mut store);
    say_many(&mut store, 100);
    store.connection().unwrap().execute_batch("PRAGMA wal_checkpoint(PASSIVE)").unwrap();
    assert!(
        rig.holds("비밀이야기") && rig.holds("topsecretword") && rig.holds("secretlongword"),
        "hidden only"
    );
    tend_all(&mut store);
    assert_eq!(store.marks.deleted, Seq(52));
    for text in ["비밀이야기", "topsecretword", "secretlongword", "zzzz", "비밀", "밀이"] {
        assert!(!rig.holds(text), "{text}");
    }
}

#[test]
fn what_trimmed_text_was_found_by_goes_with_its_generation() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(3_000);
    said(&mut store, "m1", "비밀이야기");
    let oldest = |conn: &rusqlite::Connection| {
        let oldest = crate::generations::latest_first(conn)?.pop().unwrap();
        let sql = format!("SELECT count(*) FROM {0} WHERE {0} MATCH '\"비밀\"'", oldest.words);
        Ok((oldest.begins_after, conn.query_row(&sql, (), |row| row.get::<_, i64>(0))?))
    };
    let mut say_and_tend = |count| {
        for _ in 0..count / 100 {
            say_many(&mut store, 100);
        }
        tend_all(&mut store);
        (rig.holds("비밀이야기"), store.transact(oldest).unwrap())
    };
    assert_eq!(say_and_tend(2_500), (true, (Seq(0), 1)));
    assert_eq!(say_and_tend(600), (false, (Seq(0), 1)), "its pieces are left, with those of its neighbours");
    assert_eq!(found(&rig.reader(), "비밀"), [0; 0], "and nothing is found by them");
    let (_, (begins_after, pieces)) = say_and_tend(1_100);
    assert!(begins_after >= Seq(1_000) && pieces == 0);
    assert_eq!(found(&rig.reader(), "말 2000"), [2_000], "the others are still found");
}

#[test]
fn what_was_hidden_stays_hidden_when_more_is_kept() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, 20);
    drop(store);
    let (mut store, restored) = rig.open_keeping(5);
    assert_eq!(restored.trimmed, Seq(15));
    say_many(&mut store, 5);
    drop(store);
    let (mut store, restored) = rig.open();
    assert_eq!(restored.trimmed, Seq(20), "also what nobody had taken out yet");
    say_many(&mut store, 5);
    assert_eq!(seqs(&all(&rig.reader())), (21..=30).collect::<Vec<_>>());
    tend_all(&mut store);
    assert_eq!(seqs(&all(&rig.reader())), (21..=30).collect::<Vec<_>>());
    assert_eq!(store.marks.deleted, Seq(20));
}

#[test]
fn names_of_trimmed_messages_are_known_for_thirty_days() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(2);
    let first = said(&mut store, "m", "안녕");
    say_many(&mut store, 4);
    tend_all(&mut store);
    assert!(!rig.holds("안녕"));
    let again = |store: &mut Store, text| {
        let mut draft = say(member("a", "수아", 0), "m", text);
        draft.at = 99_999;
        store.write(vec![draft]).unwrap().remove(0)
    };
    assert_eq!(again(&mut store, "안녕"), Written::Known(first.clone()));
    assert_eq!(again(&mut store, "딴말"), Written::IdReused);
    drop(store);
    let (mut store, _) = rig.open_keeping(2);
    assert_eq!(again(&mut store, "안녕"), Written::Known(first.clone()));
    store.tend(MESSAGE_ID_KNOWN_MS).unwrap();
    assert_eq!(again(&mut store, "안녕"), Written::Known(first));
    store.tend(MESSAGE_ID_KNOWN_MS + 10_000_000).unwrap();
    assert!(matches!(again(&mut store, "안녕"), Written::New(_)));
}

#[test]
fn a_few_wait_a_moment_and_many_do_not() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(1);
    say_many(&mut store, 11);
    assert_eq!(store.tend(0), Ok(Tended { trimmed: Some(Seq(10)), more: false }));
    assert_eq!(store.marks.deleted, Seq(0));
    store.tend(9_999).unwrap();
    assert_eq!(store.marks.deleted, Seq(0));
    store.tend(10_000).unwrap();
    assert_eq!(store.marks.deleted, Seq(10));
    say_many(&mut store, 600);
    assert_eq!(store.tend(10_001), Ok(Tended { trimmed: Some(Seq(610)), more: true }), "one step of several");
    assert_eq!(store.marks.deleted, Seq(10 + 128));
    while store.tend(10_001).unwrap().more {}
    assert_eq!(store.marks.deleted, Seq(610));
}

#[test]
fn a_member_keeps_their_number_when_all_they_said_is_gone() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(1);
    store.write(vec![say(member("b", "준호", 7), "m", "안녕")]).unwrap();
    say_many(&mut store, 3);
    tend_all(&mut store);
    drop(store);
    let (_, restored) = rig.open_keeping(1);
    let numbers: Vec<(&str, u32)> =
        restored.members.iter().map(|(id, number)| (id.as_str(), *number)).collect();
    assert_eq!(numbers, [("a", 0), ("b", 7)]);
}

#[test]
fn the_wal_does_not_grow_with_what_is_said() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let wal = rig.path().join("log.sqlite3-wal");
    let mut largest = 0;
    for batch in 0..2_000 {
        // Each in a transaction of its own, so that pages are written again and again.
        store.write(vec![say(minji(), &format!("m{batch}"), &"말".repeat(1_000))]).unwrap();
        while store.tend(0).unwrap().more {}
        largest = largest.max(fs::metadata(&wal).unwrap().len());
    }
    assert!(largest < 9 * 1024 * 1024, "{largest} bytes");
    assert!(largest > 7 * 1024 * 1024, "it was not emptied for every entry either: {largest} bytes");
}

#[test]
fn a_reader_in_the_middle_of_something_does_not_hold_up_housekeeping() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(1);
    said(&mut store, "m", "topsecretword");
    let reader = store.reader().unwrap();
    reader
        .view(|view| {
            assert_eq!(view.head, Seq(1));
            say_many(&mut store, 600);
            tend_all(&mut store);
            Ok(())
        })
        .unwrap();
    assert!(rig.holds("topsecretword"), "that reader may still need it");
    assert_eq!(reader.standing(store.head()), Ok(Standing::Here(Seq(601))));
    tend_all(&mut store);
    assert!(!rig.holds("topsecretword"));
}
