//! Coming back: where one stood is said, and what was missed is heard without a hole, or the gap is told.

use maru_wire::CaughtUp;

use super::*;

#[test]
fn a_session_comes_back_with_its_cursor_and_hears_what_it_missed() {
    let mut bench = Bench::live_with(&welcome("first", 2, &entries(1..=2), false));
    bench.hears(&entry(3));
    bench.comes_back();
    assert_eq!(bench.cursor(), Some(place(3)));
    bench.hears(&welcome("resumed", 5, &entries(4..=5), false));
    match &bench.events()[..] {
        [RoomEvent::Entered { caught_up: CaughtUp::Resumed, entries, .. }, _] => assert_eq!(entries.len(), 2),
        other => panic!("{other:?}"),
    }
    bench.hears(&entry(6));
    assert_eq!(bench.heard(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn what_was_missed_comes_in_pages_and_goes_on_live() {
    let mut bench = Bench::live_with(&welcome("first", 1, &entries(1..=1), false));
    bench.comes_back();
    bench.enter(&welcome("resumed", 6, &entries(2..=3), true));
    bench.hears(&page("missed", &entries(4..=5), true));
    bench.hears(&page("missed", &entries(6..=7), false));
    bench.hears(&entry(8));
    assert_eq!(bench.heard(), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_connection_lost_between_pages_goes_on_from_there() {
    let mut bench = Bench::live_with(&welcome("first", 1, &entries(1..=1), false));
    bench.comes_back();
    bench.enter(&welcome("resumed", 9, &entries(2..=3), true));
    bench.hears(&page("missed", &entries(4..=5), true));
    bench.comes_back();
    assert_eq!(bench.cursor(), Some(place(5)));
}

#[test]
fn a_hole_between_pages_is_none_of_them_shown() {
    let mut bench = Bench::live_with(&welcome("first", 1, &entries(1..=1), false));
    bench.comes_back();
    bench.enter(&welcome("resumed", 9, &entries(2..=3), true));
    bench.hears(&page("missed", &entries(5..=6), true));
    assert_eq!(bench.waiting(), Some(Fault::Lost));
    assert_eq!(bench.heard(), [1, 2, 3]);
}

#[test]
fn a_gap_is_told_and_hearing_begins_anew_behind_it() {
    for (caught_up, told) in [
        ("new_epoch", CaughtUp::NewEpoch),
        ("trimmed", CaughtUp::Trimmed),
        ("diverged", CaughtUp::Diverged),
        ("first", CaughtUp::NewEpoch),
    ] {
        let mut bench = Bench::live_with(&welcome("first", 2, &entries(1..=2), false));
        bench.comes_back();
        bench.enter(&welcome(caught_up, 90, &entries(89..=90), true));
        assert_eq!(bench.shown.gaps, [told]);
        assert_eq!(bench.heard(), [89, 90]);
        assert!(bench.shown.older);
        bench.hears(&entry(91));
        bench.comes_back();
        assert_eq!(bench.cursor(), Some(place(91)), "{caught_up}");
    }
}

#[test]
fn an_empty_new_log_is_a_gap_too() {
    let mut bench = Bench::live_with(&welcome("first", 2, &entries(1..=2), false));
    bench.comes_back();
    bench.enter(&welcome("new_epoch", 0, &[], false));
    assert_eq!(bench.shown.gaps, [CaughtUp::NewEpoch]);
    bench.hears(&entry(1));
    assert_eq!(bench.heard(), [1]);
}

#[test]
fn a_welcome_that_does_not_fit_what_was_heard_is_not_shown() {
    for unfitting in [
        welcome("resumed", 5, &entries(4..=5), false),
        welcome("resumed", 5, &[entry(3), entry(5)], false),
        welcome("resumed", 5, &entries(3..=4), false),
        welcome("resumed", 5, &[], false),
        welcome("trimmed", 9, &[entry(7), entry(9)], true),
        welcome("trimmed", 9, &entries(5..=6), true),
    ] {
        let mut bench = Bench::live_with(&welcome("first", 2, &entries(1..=2), false));
        bench.comes_back();
        bench.enter(&unfitting);
        assert_eq!(bench.waiting(), Some(Fault::Lost), "{unfitting}");
        assert_eq!(bench.heard(), [1, 2]);
        bench.wait_for_dial();
        assert_eq!(bench.cursor(), Some(place(2)), "and the place is kept");
    }
}

#[test]
fn a_restored_room_resumes_in_a_new_epoch_what_both_share() {
    let mut bench = Bench::live_with(&welcome("first", 2, &entries(1..=2), false));
    bench.comes_back();
    bench.enter(&welcome("resumed", 4, &entries(3..=3), true).replace(r#""e1""#, r#""e2""#));
    bench.comes_back();
    let epoch = maru_wire::Epoch::parse("e2").unwrap();
    assert_eq!(bench.cursor(), Some(Cursor { epoch, ..place(3) }), "the place is one of the new epoch");
    bench.hears(&welcome("resumed", 4, &entries(4..=4), false).replace(r#""e1""#, r#""e2""#));
    assert_eq!((bench.heard(), &bench.shown.gaps[..]), (vec![1, 2, 3, 4], &[][..]));
}

#[test]
fn who_never_was_there_cannot_resume() {
    let mut bench = Bench::new();
    bench.enter(&welcome("resumed", 2, &entries(1..=2), false));
    assert_eq!(bench.ended(), Some(Fault::Lost));
}
