//! Coming back: what was missed, and the seam between it and what is live.

use maru_wire::frames::PageOf;
use maru_wire::limits::{MESSAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use maru_wire::{CaughtUp, ChainHash};

use super::*;

/// A room whose entries are said by its first member.
fn room_with(count: usize) -> (Bench, SeatId) {
    let mut bench = Bench::with(HostLimits { rate_per_second: 1_000_000, ..HostLimits::default() });
    let seat = bench.enter("민지");
    say_more(&mut bench, seat, count);
    bench.hush();
    (bench, seat)
}

fn say_more(bench: &mut Bench, seat: SeatId, count: usize) {
    for _ in 0..count {
        let next = bench.head().seq.next();
        bench.say(seat, &format!("x{}", next.0), "안녕");
    }
}

/// Comes back to a place, and returns what the welcome says of it.
fn come_back(bench: &mut Bench, nickname: &str, cursor: Cursor) -> (SeatId, CaughtUp, Vec<Seq>, bool) {
    let seat = bench.knock();
    bench.heard(seat);
    bench.frame(seat, hello(nickname, Some(cursor)));
    let RoomFrame::Welcome { caught_up, entries, more, .. } = bench.heard_one(seat) else { panic!() };
    (seat, caught_up, seqs(&entries), more)
}

fn run(from: u64, to: usize) -> Vec<Seq> {
    (from..=to as u64).map(Seq).collect()
}

#[test]
fn who_missed_little_hears_it_in_the_welcome_and_is_live_at_once() {
    let (mut bench, host) = room_with(3);
    let cursor = bench.head();
    say_more(&mut bench, host, 2);
    let (seat, caught_up, missed, more) = come_back(&mut bench, "준호", cursor);
    assert_eq!((caught_up, missed, more), (CaughtUp::Resumed, run(4, 5), false));
    say_more(&mut bench, host, 1);
    assert_eq!(seqs(&entries(&bench.heard(seat))), run(6, 6));
    assert!(!bench.ready(seat));
}

#[test]
fn who_missed_nothing_is_told_nothing_and_is_live() {
    let (mut bench, host) = room_with(3);
    let cursor = bench.head();
    let (seat, caught_up, missed, more) = come_back(&mut bench, "준호", cursor);
    assert_eq!((caught_up, missed, more), (CaughtUp::Resumed, vec![], false));
    say_more(&mut bench, host, 1);
    assert_eq!(seqs(&entries(&bench.heard(seat))), run(4, 4));
}

#[test]
fn who_missed_much_hears_it_in_pages_and_what_is_said_meanwhile_follows_without_hole_or_overlap() {
    for said_meanwhile in [0, 1, 40, PAGE_ENTRIES_MAX, 3 * PAGE_ENTRIES_MAX] {
        let (mut bench, host) = room_with(0);
        let cursor = bench.head();
        let missed = 2 * PAGE_ENTRIES_MAX + 5;
        say_more(&mut bench, host, missed);
        let (seat, caught_up, mut heard, more) = come_back(&mut bench, "준호", cursor);
        assert_eq!((caught_up, heard.len(), more), (CaughtUp::Resumed, PAGE_ENTRIES_MAX, true));
        say_more(&mut bench, host, said_meanwhile);
        assert_eq!(bench.heard(seat), [], "nothing live before the seam");
        while bench.ready(seat) {
            let frames = bench.heard(seat);
            let last = bench.ears[&seat].live;
            assert!(
                matches!(&frames[..], [RoomFrame::Page { of: PageOf::Missed, more, .. }] if *more != last)
            );
            heard.extend(seqs(&entries(&frames)));
        }
        say_more(&mut bench, host, 2);
        heard.extend(seqs(&entries(&bench.heard(seat))));
        assert_eq!(heard, run(1, missed + said_meanwhile + 2));
    }
}

#[test]
fn a_place_at_a_full_pages_end_needs_no_further_page() {
    let (mut bench, host) = room_with(0);
    let cursor = bench.head();
    say_more(&mut bench, host, PAGE_ENTRIES_MAX);
    let (seat, _, missed, more) = come_back(&mut bench, "준호", cursor);
    assert_eq!((missed, more), (run(1, PAGE_ENTRIES_MAX), false));
    assert!(bench.ears[&seat].live);
}

#[test]
fn ready_from_who_is_owed_nothing_does_nothing() {
    let (mut bench, host) = room_with(1);
    let stranger = bench.knock();
    bench.hush();
    for seat in [host, stranger, SeatId(999)] {
        bench.hub.handle_ready(seat);
    }
    bench.settle();
    assert_eq!((bench.heard(host), bench.heard(stranger)), (vec![], vec![]));
}

#[test]
fn who_comes_and_goes_meanwhile_is_told_at_the_seam_and_after_the_last_page() {
    let (mut bench, host) = room_with(0);
    let cursor = bench.head();
    let going = bench.enter("갈사람");
    say_more(&mut bench, host, 2 * PAGE_ENTRIES_MAX);
    let (seat, ..) = come_back(&mut bench, "준호", cursor);
    bench.gone(going);
    let coming = bench.enter("올사람");
    bench.frame(coming, rename("온사람"));
    let briefly = bench.enter("잠깐");
    bench.gone(briefly);
    while bench.ready(seat) {}
    let heard = bench.heard(seat);
    let [.., RoomFrame::Page { more: false, .. }, RoomFrame::Presence { count, joined, left, after }] =
        &heard[..]
    else {
        panic!("{heard:?}")
    };
    let names = |members: &[maru_wire::Member]| {
        members.iter().map(|member| member.nickname.to_string()).collect::<Vec<_>>()
    };
    assert_eq!((*count, *after), (3, bench.head().seq));
    assert_eq!((names(joined), names(left)), (vec!["온사람".into()], vec!["갈사람".into(), "잠깐".into()]));
    bench.gone(coming);
    assert!(matches!(bench.heard_one(seat), RoomFrame::Left { count: 2, .. }), "and live from there");
}

#[test]
fn without_a_cursor_the_latest_page_is_told() {
    let (mut bench, _) = room_with(PAGE_ENTRIES_MAX + 5);
    let seat = bench.knock();
    bench.heard(seat);
    bench.hello(seat, "준호");
    let RoomFrame::Welcome { caught_up, entries, more, .. } = bench.heard_one(seat) else { panic!() };
    assert_eq!((caught_up, more), (CaughtUp::First, true), "there is older history to ask for");
    assert_eq!(seqs(&entries), run(6, PAGE_ENTRIES_MAX + 5));
    assert!(bench.ears[&seat].live, "and nothing follows by itself");
}

#[test]
fn a_place_of_another_life_or_another_past_is_told_as_a_gap() {
    let (mut bench, _) = room_with(3);
    let head = bench.head();
    let gaps = [
        (Cursor { epoch: Epoch::parse("e0").unwrap(), ..head.clone() }, CaughtUp::NewEpoch),
        (Cursor { hash: ChainHash([9; 16]), ..head.clone() }, CaughtUp::Diverged),
        (Cursor { seq: Seq(4), ..head.clone() }, CaughtUp::Diverged),
        (Cursor { seq: Seq(u64::MAX), ..head }, CaughtUp::Diverged),
    ];
    for (i, (cursor, gap)) in gaps.into_iter().enumerate() {
        let (seat, caught_up, latest, more) = come_back(&mut bench, &format!("손님{i}"), cursor);
        assert_eq!((caught_up, latest, more), (gap, run(1, 3), false));
        assert!(bench.ears[&seat].live);
    }
}

/// Says so much that the log keeps nothing of what was said before.
fn trim(bench: &mut Bench, seat: SeatId) {
    let long = "\"".repeat(MESSAGE_BYTES_MAX);
    let kept = maru_wire::limits::LOG_BYTES_MAX / (2 * MESSAGE_BYTES_MAX) + 1;
    for _ in 0..kept {
        let next = bench.head().seq.next();
        bench.say(seat, &format!("x{}", next.0), &long);
        bench.hush();
    }
}

#[test]
fn a_place_that_is_not_kept_any_more_is_told_as_trimmed() {
    let (mut bench, host) = room_with(1);
    let cursor = bench.head();
    say_more(&mut bench, host, 1);
    trim(&mut bench, host);
    let (_, caught_up, latest, more) = come_back(&mut bench, "준호", cursor);
    assert_eq!((caught_up, latest, more), (CaughtUp::Trimmed, vec![bench.head().seq], true));
}

#[test]
fn who_catches_up_slower_than_the_log_is_trimmed_is_sent_back_to_hear_of_the_gap() {
    let (mut bench, host) = room_with(0);
    let cursor = bench.head();
    say_more(&mut bench, host, 3 * PAGE_ENTRIES_MAX);
    let (seat, _, _, more) = come_back(&mut bench, "준호", cursor);
    assert!(more);
    trim(&mut bench, host);
    assert!(bench.ready(seat));
    assert_eq!((bench.heard(seat), bench.bye(seat)), (vec![], Some(ByeCode::TooSlow)));
    bench.gone(host);
    bench.assert_empty();
}
