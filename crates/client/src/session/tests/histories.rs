//! What was said before we came: asked for page by page, and kept up to a bound.

use std::time::Duration;

use maru_wire::limits::{MESSAGE_BYTES_MAX, MIRROR_BYTES_MAX, MIRROR_ENTRIES_MAX};

use super::*;

#[test]
fn history_is_asked_for_one_page_at_a_time_and_precedes_what_was_heard() {
    let mut bench = Bench::live_with(&welcome("first", 9, &entries(8..=9), true));
    bench.session.load_history(bench.now);
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::History { before: Seq(8) })]);
    bench.hears(&page("history", &entries(6..=7), true));
    assert_eq!(bench.heard(), [6, 7, 8, 9]);
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::History { before: Seq(6) })]);
    bench.hears(&page("history", &entries(1..=5), false));
    assert!(!bench.shown.older);
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [], "there is no more");
}

#[test]
fn history_can_be_asked_for_again_after_a_refusal_a_loss_or_leaving() {
    let mut bench = Bench::live_with(&welcome("first", 9, &entries(8..=9), true));
    let ask = |bench: &mut Bench| {
        bench.actions();
        bench.session.load_history(bench.now);
        assert_eq!(bench.actions(), [Action::Send(ClientFrame::History { before: Seq(8) })]);
    };
    ask(&mut bench);
    bench.hears(&refused("too_fast", "history", None));
    ask(&mut bench);
    bench.comes_back();
    bench.enter(&welcome("resumed", 9, &[], false));
    ask(&mut bench);
    bench.session.leave();
    bench.session.retry_now();
    bench.settle();
    bench.enter(&welcome("resumed", 9, &[], false));
    ask(&mut bench);
}

#[test]
fn history_that_was_not_asked_for_is_not_shown_and_a_hole_in_it_ends_the_connection() {
    let mut bench = Bench::live_with(&welcome("first", 9, &entries(8..=9), true));
    bench.hears(&page("history", &entries(6..=7), true));
    assert_eq!(bench.heard(), [8, 9]);
    for holed in [entries(5..=6), vec![entry(5), entry(7)], vec![entry(7), entry(6)]] {
        let mut bench = Bench::live_with(&welcome("first", 9, &entries(8..=9), true));
        bench.session.load_history(bench.now);
        bench.hears(&page("history", &holed, true));
        assert_eq!(bench.heard(), [8, 9]);
        assert_eq!(bench.waiting(), Some(Fault::Lost));
    }
}

#[test]
fn an_answer_that_overlaps_what_was_heard_adds_only_what_is_older() {
    let mut bench = Bench::live_with(&welcome("first", 9, &entries(8..=9), true));
    bench.session.load_history(bench.now);
    bench.hears(&page("history", &entries(6..=9), true));
    assert_eq!(bench.heard(), [6, 7, 8, 9]);
}

#[test]
fn an_answer_without_anything_is_the_end_of_history() {
    let mut bench = Bench::live_with(&welcome("first", 9, &entries(8..=9), true));
    bench.session.load_history(bench.now);
    bench.hears(&page("history", &[], true));
    assert!(!bench.shown.older, "a room that says more and tells nothing is not asked for ever");
}

#[test]
fn the_mirror_is_bounded_and_the_oldest_can_be_asked_for_again() {
    let max = MIRROR_ENTRIES_MAX as u64;
    let mut bench = Bench::live();
    for seq in 1..=max + 10 {
        bench.session.handle_text(&entry(seq), bench.now);
    }
    bench.settle();
    bench.assert_shown();
    assert_eq!(bench.heard().len(), MIRROR_ENTRIES_MAX);
    assert!(bench.shown.older);
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::History { before: Seq(11) })]);
    bench.session.handle_text(&page("history", &entries(1..=10), false), bench.now);
    bench.settle();
    assert_eq!(bench.heard(), (1..=max + 10).collect::<Vec<_>>());
    assert!(!bench.shown.older);
    assert_eq!(kept(&mut bench).0, (11..=max + 10).collect::<Vec<_>>(), "it would push out what is live");
}

#[test]
fn scrolling_back_goes_on_to_the_first_entry_and_costs_no_memory_here() {
    let max = MIRROR_ENTRIES_MAX as u64;
    let last = max + 300;
    let mut bench = Bench::live_with(&welcome("first", last, &entries(last - 49..=last), true));
    for first in (1..=last - 149).rev().step_by(100) {
        bench.wait(Duration::from_millis(100));
        bench.session.load_history(bench.now);
        let before = Seq(first + 100);
        assert_eq!(bench.actions(), [Action::Send(ClientFrame::History { before })]);
        let earlier = entries(first..=first + 99);
        bench.session.handle_text(&page("history", &earlier, true), bench.now);
        bench.settle();
    }
    bench.wait(Duration::from_millis(100));
    bench.session.load_history(bench.now);
    bench.actions();
    bench.session.handle_text(&page("history", &entries(1..=50), false), bench.now);
    bench.settle();
    assert_eq!(bench.heard(), (1..=last).collect::<Vec<_>>());
    assert!(!bench.shown.older);
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [], "there is no more");
    bench.hears(&entry(last + 1));
    assert_eq!(bench.heard()[0], 302, "whoever is shown a new line lets go of the oldest again");
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::History { before: Seq(302) })]);
    assert_eq!(kept(&mut bench), ((302..=last + 1).collect(), true));
}

#[test]
fn whoever_scrolls_faster_than_the_room_allows_waits_and_is_not_refused() {
    let mut bench = Bench::live_with(&welcome("first", 900, &entries(801..=900), true));
    let (mut asked, mut before) = (0, 801);
    loop {
        bench.session.load_history(bench.now);
        bench.wait(Duration::from_millis(1));
        if bench.actions().is_empty() {
            break;
        }
        asked += 1;
        bench.session.handle_text(&page("history", &entries(before - 10..=before - 1), true), bench.now);
        before -= 10;
    }
    assert!((10..30).contains(&asked), "{asked} at once");
    bench.wait(Duration::from_secs(1));
    assert_eq!(bench.actions().len(), 1, "and goes on by itself");
}

#[test]
fn what_is_shown_anew_is_scrolled_back_from_there() {
    let max = MIRROR_ENTRIES_MAX as u64;
    let mut bench = Bench::live_with(&welcome("first", max + 10, &entries(11..=max + 10), true));
    bench.session.load_history(bench.now);
    bench.session.handle_text(&page("history", &entries(6..=10), true), bench.now);
    bench.session.load_history(bench.now);
    let asked = |before| Action::Send(ClientFrame::History { before: Seq(before) });
    assert_eq!(bench.actions(), [asked(11), asked(6)]);
    bench.session.handle_text(&refused("too_fast", "history", None), bench.now);
    bench.session.snapshot(bench.now);
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [asked(11)]);
}

#[test]
fn history_fills_the_mirror_up_to_its_bound() {
    let max = MIRROR_ENTRIES_MAX as u64;
    let mut bench = Bench::live_with(&welcome("first", max + 10, &entries(11 + 50..=max + 10), true));
    bench.session.load_history(bench.now);
    bench.session.handle_text(&page("history", &entries(5..=60), true), bench.now);
    bench.settle();
    assert_eq!(bench.heard()[0], 5);
    assert_eq!(kept(&mut bench), ((11..=max + 10).collect(), true));
}

#[test]
fn the_mirror_is_bounded_by_bytes_of_text_too() {
    let mut bench = Bench::live();
    for seq in 1..=LONG_MAX + 10 {
        bench.session.handle_text(&long(seq), bench.now);
    }
    assert_eq!(kept(&mut bench), ((11..=LONG_MAX + 10).collect(), true));
    bench.session.load_history(bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::History { before: Seq(11) })]);
    bench.session.handle_text(&page("history", &[long(10)], true), bench.now);
    assert_eq!(kept(&mut bench), ((11..=LONG_MAX + 10).collect(), true), "it would push out what is live");
}

#[test]
fn history_fills_the_mirror_up_to_its_bound_of_bytes() {
    let entries: Vec<String> = (21..=21).map(long).collect();
    let mut bench = Bench::live_with(&welcome("first", 21, &entries, true));
    for seq in 22..=LONG_MAX + 10 {
        bench.session.handle_text(&long(seq), bench.now);
    }
    bench.session.load_history(bench.now);
    let before: Vec<String> = (5..=20).map(long).collect();
    bench.session.handle_text(&page("history", &before, true), bench.now);
    assert_eq!(kept(&mut bench), ((11..=LONG_MAX + 10).collect(), true));
    bench.session.handle_text(&long(LONG_MAX + 11), bench.now);
    assert_eq!(kept(&mut bench), ((12..=LONG_MAX + 11).collect(), true), "what goes can be asked for again");
}

/// The numbers of the entries that are kept, and whether there are older ones to ask for.
fn kept(bench: &mut Bench) -> (Vec<u64>, bool) {
    let entered = bench.session.snapshot(bench.now).into_iter().find_map(|event| match event {
        RoomEvent::Entered { entries, older, .. } => {
            Some((entries.iter().map(|entry| entry.seq.0).collect(), older))
        }
        _ => None,
    });
    entered.expect("it was entered")
}

/// A message as long as one may be.
fn long(seq: u64) -> String {
    entry(seq).replace("안녕", &"a".repeat(MESSAGE_BYTES_MAX))
}

/// So many of them are kept.
const LONG_MAX: u64 = (MIRROR_BYTES_MAX / MESSAGE_BYTES_MAX) as u64;
