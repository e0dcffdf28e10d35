//! Entries as they come: gapless, each once, or the connection goes.

use super::*;

#[test]
fn entries_follow_each_other_and_one_heard_again_is_passed_over() {
    let mut bench = Bench::live_with(&welcome("first", 2, &entries(1..=2), false));
    bench.hears(&entry(3));
    bench.events();
    bench.hears(&entry(3));
    bench.hears(&entry(1));
    assert_eq!(bench.events(), []);
    bench.hears(&entry(4));
    assert_eq!(bench.heard(), [1, 2, 3, 4]);
}

#[test]
fn a_hole_is_never_shown_the_connection_goes_and_what_is_missing_is_heard() {
    let mut bench = Bench::live_with(&welcome("first", 2, &entries(1..=2), false));
    bench.hears(&entry(4));
    assert_eq!(bench.actions(), [Action::HangUp]);
    assert_eq!(bench.waiting(), Some(Fault::Lost));
    assert_eq!(bench.heard(), [1, 2]);
    bench.hears(&entry(3));
    assert_eq!(bench.heard(), [1, 2], "nothing more is heard on what was given up");
    bench.wait_for_dial();
    assert_eq!(bench.cursor(), Some(place(2)));
    bench.hears(&welcome("resumed", 4, &entries(3..=4), false));
    assert_eq!(bench.heard(), [1, 2, 3, 4]);
}

#[test]
fn an_entry_of_a_kind_from_a_newer_room_keeps_its_place() {
    let mut bench = Bench::live();
    bench.hears(&entry(1).replace(r#""said""#, r#""sang""#));
    bench.hears(&entry(2));
    assert_eq!(bench.heard(), [1, 2]);
}

#[test]
fn what_is_no_frame_of_ours_is_passed_over() {
    let mut bench = Bench::live();
    bench.events();
    for text in
        ["", "null", "[]", "{}", "안녕", r#"{"type":"moonlight"}"#, r#"{"type":"entry"}"#, r#"{"type":7}"#]
    {
        bench.hears(text);
    }
    assert_eq!(bench.events(), []);
    assert_eq!((bench.actions(), bench.link()), (vec![], Link::Live));
    bench.hears(&entry(1).replacen('{', r#"{"colour":"green","#, 1));
    assert_eq!(bench.heard(), [1], "a field of a newer room is no reason either");
}

#[test]
fn a_snapshot_holds_what_waited_to_be_shown_and_nothing_is_shown_twice() {
    let mut bench = Bench::live();
    bench.session.handle_text(&entry(1), bench.now);
    let snapshot = bench.session.snapshot(bench.now);
    assert_eq!(Shown::of(&snapshot).entries.len(), 1);
    assert_eq!(bench.session.poll_event(), None);
}

#[test]
fn a_snapshot_counts_down_from_now() {
    let mut bench = Bench::live();
    bench.closes(Closed::Lost);
    let Link::Waiting { retry_in_ms, .. } = bench.link() else { panic!("{:?}", bench.link()) };
    let later = bench.now + Duration::from_millis(20);
    match bench.session.snapshot(later).last() {
        Some(RoomEvent::Link { link: Link::Waiting { retry_in_ms: left, .. } }) => {
            assert_eq!(*left, retry_in_ms - 20);
        }
        other => panic!("{other:?}"),
    }
}
