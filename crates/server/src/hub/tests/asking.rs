//! What is not in memory comes from the store, without a hole or an overlap at the seam.

use maru_room::Standing;
use maru_wire::frames::PageOf;
use maru_wire::limits::PAGE_ENTRIES_MAX;
use maru_wire::{CaughtUp, ChainHash, RefusalCode, RoomFrame, SearchWords, Seq};

use super::*;
use crate::hub::Answer;

fn place(bench: &mut Bench, seq: u64) -> Cursor {
    let log = bench.disk().log();
    let hash = log.entry(Seq(seq)).unwrap().hash;
    Cursor { epoch: log.head().epoch, seq: Seq(seq), hash }
}

fn caught_up(frames: &[RoomFrame]) -> Option<CaughtUp> {
    frames.iter().find_map(|frame| match frame {
        RoomFrame::Welcome { caught_up, .. } => Some(*caught_up),
        _ => None,
    })
}

fn numbers(range: impl IntoIterator<Item = u64>) -> Vec<Seq> {
    range.into_iter().map(Seq).collect()
}

#[test]
fn somebody_away_for_long_hears_everything_from_disk_and_then_from_memory() {
    let mut bench = Bench::kept(1_000, 50);
    let junho = bench.enter("준호");
    let cursor = place(&mut bench, 10);
    let minji = bench.knock();
    bench.frame(minji, hello("민지", Some(cursor)));
    let mut said = 0;
    while bench.ready(minji) {
        bench.say(junho, &format!("m{said}"), "그동안에도");
        said += 1;
    }
    bench.say(junho, "last", "끝");
    let heard = bench.heard(minji);
    assert_eq!(caught_up(&heard), Some(CaughtUp::Resumed));
    assert!(said > 5, "it took several pages");
    assert_eq!(seqs(&entries(&heard)), numbers(11..=1_001 + said));
}

#[test]
fn what_the_store_has_and_nobody_was_told_yet_is_not_told_twice() {
    let mut bench = Bench::kept(200, 50);
    let junho = bench.enter("준호");
    let cursor = place(&mut bench, 120);
    bench.disk().is_silent = true;
    let minji = bench.knock();
    bench.frame(minji, hello("민지", Some(cursor)));
    // The store has written a line, and the answer that says so is still on its way.
    bench.disk().is_stalled = true;
    bench.say(junho, "new", "새 말");
    bench.disk().is_stalled = false;
    let written = bench.disk().written().unwrap();
    bench.disk().is_silent = false;
    bench.look_up();
    bench.carry_out();
    let now = bench.clock();
    bench.hub.handle_written(written, now);
    bench.settle();
    while bench.ready(minji) {}
    assert_eq!(seqs(&entries(&bench.heard(minji))), numbers(121..=201));
}

#[test]
fn a_trimmed_place_a_foreign_one_and_one_from_the_future_are_told_apart() {
    let mut bench = Bench::kept(300, 50);
    let mut answer = |cursor: Cursor, trimmed: u64| {
        bench.disk().trimmed = Seq(trimmed);
        let seat = bench.knock();
        bench.frame(seat, hello("민지", Some(cursor)));
        let heard = bench.heard(seat);
        bench.gone(seat);
        let last = entries(&heard).last().map(|last| last.seq);
        (caught_up(&heard).unwrap(), last)
    };
    let cursor = |epoch: &str, seq, hash| Cursor { epoch: Epoch::parse(epoch).unwrap(), seq: Seq(seq), hash };
    let foreign = ChainHash([9; 16]);
    assert_eq!(answer(cursor("e1", 20, foreign), 0), (CaughtUp::Diverged, Some(Seq(300))));
    assert_eq!(answer(cursor("e1", 999, foreign), 0), (CaughtUp::Diverged, Some(Seq(300))));
    assert_eq!(answer(cursor("e9", 20, foreign), 0), (CaughtUp::NewEpoch, Some(Seq(300))));
    let mut bench = Bench::kept(300, 50);
    let old = place(&mut bench, 20);
    bench.disk().trimmed = Seq(100);
    let seat = bench.knock();
    bench.frame(seat, hello("민지", Some(old)));
    assert_eq!(caught_up(&bench.heard(seat)), Some(CaughtUp::Trimmed));
}

#[test]
fn a_place_that_is_trimmed_while_it_is_looked_up_is_told_of_the_gap() {
    let mut bench = Bench::kept(300, 50);
    let cursor = place(&mut bench, 20);
    bench.disk().is_silent = true;
    let seat = bench.knock();
    bench.frame(seat, hello("민지", Some(cursor)));
    // The place was still kept when the reader looked at it, and three entries after it were gone with the page.
    let page = bench.disk().log().after(Seq(23));
    bench.hub.handle_answer(seat, Answer::Resume(Standing::Here(Seq(20)), page));
    bench.settle();
    assert_eq!(caught_up(&bench.heard(seat)), Some(CaughtUp::Trimmed));
}

#[test]
fn history_goes_back_to_the_very_first_entry() {
    let mut bench = Bench::kept(450, 120);
    let minji = bench.enter("민지");
    let mut before = 451;
    let mut all = Vec::new();
    loop {
        bench.hush();
        bench.frame(minji, ClientFrame::History { before: Seq(before) });
        let RoomFrame::Page { of: PageOf::History, entries, more } = bench.heard_one(minji) else { panic!() };
        before = entries[0].seq.0;
        all.splice(0..0, seqs(&entries));
        if !more {
            break;
        }
    }
    assert_eq!(all, numbers(1..=450));
}

#[test]
fn an_excerpt_begins_where_it_was_asked_for() {
    let mut bench = Bench::kept(450, 120);
    let minji = bench.enter("민지");
    for (from, expected, more) in [(7, 7..=106, true), (440, 440..=450, false)] {
        bench.hush();
        bench.frame(minji, ClientFrame::Excerpt { from: Seq(from) });
        let RoomFrame::Page { of: PageOf::Excerpt, entries, more: told } = bench.heard_one(minji) else {
            panic!()
        };
        assert_eq!((seqs(&entries), told), (numbers(expected), more));
        assert!(entries.len() <= PAGE_ENTRIES_MAX);
    }
}

#[test]
fn a_search_is_answered_by_the_store_and_refused_without_one() {
    let search = || ClientFrame::Search { words: SearchWords::parse("447번째").unwrap(), before: None };
    let mut bench = Bench::kept(450, 120);
    let minji = bench.enter("민지");
    bench.hush();
    bench.frame(minji, search());
    let RoomFrame::Found { entries, .. } = bench.heard_one(minji) else { panic!() };
    assert_eq!(seqs(&entries), numbers([448]));
    let mut bench = Bench::new();
    let minji = bench.enter("민지");
    bench.hush();
    bench.frame(minji, search());
    assert_eq!(bench.refusal(minji), RefusalCode::Unavailable);
}

#[test]
fn one_question_of_a_seat_is_under_way_and_its_share_comes_back_with_the_answer() {
    let mut bench = Bench::kept(450, 120);
    let minji = bench.enter("민지");
    bench.hush();
    bench.disk().is_silent = true;
    for before in [300, 200, 100] {
        bench.frame(minji, ClientFrame::History { before: Seq(before) });
    }
    assert_eq!(bench.disk().asked.len(), 1);
    assert_eq!(bench.ears[&minji].answered, 1, "the hello");
    bench.disk().is_silent = false;
    bench.settle();
    assert_eq!(bench.ears[&minji].answered, 4);
    let pages: Vec<Seq> = entries(&bench.heard(minji)).iter().map(|entry| entry.seq).collect();
    assert_eq!(pages, numbers((200..300).chain(100..200).chain(1..100)));
}

#[test]
fn what_cannot_be_read_is_refused_and_who_missed_something_comes_again() {
    let mut bench = Bench::kept(450, 120);
    let minji = bench.enter("민지");
    bench.hush();
    bench.disk().is_unreadable = true;
    bench.frame(minji, ClientFrame::History { before: Seq(100) });
    assert_eq!(bench.refusal(minji), RefusalCode::Unavailable);
    let cursor = place(&mut bench, 20);
    let junho = bench.knock();
    bench.frame(junho, hello("준호", Some(cursor)));
    assert_eq!(bench.bye(junho), Some(ByeCode::Restarting));
}

#[test]
fn a_slow_reader_whose_place_is_trimmed_meanwhile_comes_back_to_hear_of_the_gap() {
    let mut bench = Bench::kept(450, 120);
    let cursor = place(&mut bench, 20);
    let minji = bench.knock();
    bench.frame(minji, hello("민지", Some(cursor)));
    bench.disk().trimmed = Seq(300);
    bench.ready(minji);
    assert_eq!(bench.bye(minji), Some(ByeCode::TooSlow));
}
