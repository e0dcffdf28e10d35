//! Pages, excerpts and places.

use maru_room::Standing;
use maru_room::log::travel_bytes;
use maru_wire::limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, TAIL_BYTES_MAX, TAIL_ENTRIES_MAX};
use maru_wire::{ChainHash, Cursor};

use super::*;

#[test]
fn pages_are_bounded_and_follow_each_other() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    say_many(&mut store, PAGE_ENTRIES_MAX as u64 + 5);
    let reader = store.reader().unwrap();
    let page = reader.after(Seq(0)).unwrap();
    assert_eq!((page.entries.len(), page.more), (PAGE_ENTRIES_MAX, true));
    assert_eq!(seqs(&reader.after(Seq(103)).unwrap().entries), [104, 105]);
    let page = reader.before(Seq(4)).unwrap();
    assert_eq!((seqs(&page.entries), page.more), (vec![1, 2, 3], false));
    let page = reader.before(Seq(u64::MAX)).unwrap();
    assert_eq!((page.entries[0].seq, page.more), (Seq(6), true));
    said(&mut store, "big", &"가".repeat(PAGE_BYTES_MAX / 3 + 1));
    let page = reader.before(Seq(107)).unwrap();
    assert_eq!((seqs(&page.entries), page.more), (vec![106], true), "one that is larger comes alone");
}

#[test]
fn an_excerpt_begins_at_its_place_or_the_nearest_one() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(5);
    say_many(&mut store, 8);
    let reader = store.reader().unwrap();
    assert_eq!(seqs(&reader.from(Seq(6)).unwrap().entries), [6, 7, 8]);
    assert_eq!(seqs(&reader.from(Seq(1)).unwrap().entries), [4, 5, 6, 7, 8], "from the oldest that is kept");
    assert_eq!(seqs(&reader.from(Seq(99)).unwrap().entries), [8]);
    assert_eq!(seqs(&reader.from(Seq(u64::MAX)).unwrap().entries), [8]);
}

#[test]
fn a_place_is_known_by_epoch_seq_and_hash() {
    let rig = Rig::new();
    let (mut store, _) = rig.open_keeping(3);
    let places: Vec<Cursor> = (0..5)
        .map(|i| {
            said(&mut store, &format!("m{i}"), "말");
            store.head().clone()
        })
        .collect();
    let reader = store.reader().unwrap();
    let check = |store: &mut Store| {
        assert_eq!(reader.standing(&places[4]), Ok(Standing::Here(Seq(5))));
        assert_eq!(reader.standing(&places[1]), Ok(Standing::Here(Seq(2))), "the one before the oldest kept");
        assert_eq!(reader.standing(&places[0]), Ok(Standing::Trimmed));
        let other = |change: &dyn Fn(&mut Cursor)| {
            let mut cursor = places[3].clone();
            change(&mut cursor);
            reader.standing(&cursor).unwrap()
        };
        assert_eq!(other(&|c| c.epoch = Epoch::parse("x").unwrap()), Standing::NewEpoch);
        assert_eq!(other(&|c| c.hash = ChainHash([9; 16])), Standing::Diverged);
        assert_eq!(other(&|c| c.seq = Seq(6)), Standing::Diverged, "from the future");
        assert_eq!(other(&|c| c.seq = Seq(u64::MAX)), Standing::Diverged);
        tend_all(store)
    };
    assert_eq!(check(&mut store), Some(Seq(2)), "readers know it before it is gone");
    check(&mut store);
}

#[test]
fn a_room_gets_the_latest_entries_in_order_and_the_hash_before_them() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    for _ in 0..3 {
        say_many(&mut store, TAIL_ENTRIES_MAX as u64 / 2);
    }
    drop(store);
    let (mut store, restored) = rig.open();
    assert_eq!(restored.tail.len(), TAIL_ENTRIES_MAX);
    assert_eq!(restored.head, *store.head());
    let before = &rig.reader().before(restored.tail[0].seq).unwrap().entries;
    assert_eq!(restored.base, before.last().unwrap().hash);
    let large =
        (0..TAIL_BYTES_MAX / 60_000 + 5).map(|i| say(minji(), &format!("big{i}"), &"x".repeat(60_000)));
    store.write(large.collect()).unwrap();
    drop(store);
    let (_, restored) = rig.open();
    let bytes: usize = restored.tail.iter().map(travel_bytes).sum();
    assert!(bytes <= TAIL_BYTES_MAX && bytes + 61_000 > TAIL_BYTES_MAX, "{bytes}");
}

#[test]
fn readers_see_what_is_written_meanwhile_and_stand_in_nobodys_way() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let reader = store.reader().unwrap();
    let beside = std::thread::spawn(move || {
        let mut place = Seq(0);
        while place < Seq(2_000) {
            let page = reader.after(place).unwrap();
            for entry in page.entries {
                assert_eq!(entry.seq, place.next(), "without a hole");
                place = entry.seq;
            }
        }
    });
    for _ in 0..100 {
        say_many(&mut store, 20);
        store.tend(0).unwrap();
    }
    beside.join().unwrap();
}
