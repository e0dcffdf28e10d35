//! What becomes of drafts.

use super::*;

#[test]
fn what_was_written_is_there_after_a_restart() {
    let rig = Rig::new();
    let (mut store, restored) = rig.open();
    assert_eq!((restored.head.seq, restored.tail.len()), (Seq(0), 0));
    let rename = Draft {
        by: member("a", "수아", 0),
        what: Happening::Renamed { from: Nickname::parse("민지").unwrap() },
        at: 6_000,
    };
    let written = store.write(vec![say(minji(), "m", "안녕 <b>\n둘째 줄"), rename]).unwrap();
    let head = store.head().clone();
    drop(store);
    let (_, restored) = rig.open();
    let entries: Vec<Written> = restored.tail.into_iter().map(Written::New).collect();
    assert_eq!(entries, written);
    assert_eq!(restored.head, head);
    assert_eq!(restored.members, [(MemberId::parse("a").unwrap(), 0)]);
}

#[test]
fn the_same_message_again_is_known_also_within_a_batch_and_after_a_restart() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let batch = vec![
        say(minji(), "m", "안녕"),
        say(minji(), "m", "안녕"),
        say(minji(), "m", "딴말"),
        say(member("b", "준호", 1), "m", "딴말"),
    ];
    let written = store.write(batch).unwrap();
    let Written::New(first) = &written[0] else { panic!("{written:?}") };
    assert_eq!(written[1..3], [Written::Known(first.clone()), Written::IdReused]);
    assert!(
        matches!(&written[3], Written::New(entry) if entry.seq == Seq(2)),
        "another member's own name for it"
    );
    drop(store);
    let (mut store, _) = rig.open();
    let mut later = say(member("a", "수아", 0), "m", "안녕");
    later.at = 9_999;
    assert_eq!(
        store.write(vec![later]).unwrap(),
        [Written::Known(first.clone())],
        "as it was the first time"
    );
    assert_eq!(store.head().seq, Seq(2));
}

#[test]
fn a_kind_that_this_version_does_not_know_keeps_its_row_and_its_place() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    said(&mut store, "m1", "하나");
    store
        .transact(|conn| conn.execute("UPDATE entries SET kind = 'poll', text = '{}' WHERE seq = 1", ()))
        .unwrap();
    said(&mut store, "m2", "둘");
    drop(store);
    let (mut store, restored) = rig.open();
    assert_eq!(restored.tail[0].what, Happening::Unknown);
    tend_all(&mut store);
    assert_eq!(seqs(&all(&rig.reader())), [1, 2]);
    let kind = |conn: &rusqlite::Connection| {
        conn.query_row("SELECT kind FROM entries WHERE seq = 1", (), |row| row.get::<_, String>(0))
    };
    assert_eq!(store.transact(kind).unwrap(), "poll");
}

#[test]
fn nothing_to_write_writes_nothing() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    assert_eq!(store.write(Vec::new()), Ok(Vec::new()));
}
