//! Who came and who went.

use maru_wire::Member;
use maru_wire::limits::{
    PAGE_ENTRIES_MAX, PRESENCE_INTERVAL_MS, PRESENCE_NAMES_MAX, PRESENCE_SINGLE_MEMBERS_MAX,
};

use super::*;

const SECOND: Duration = Duration::from_millis(PRESENCE_INTERVAL_MS);

/// A room with one member more than are told one by one, after the first second.
fn crowd() -> (Bench, Vec<SeatId>) {
    let mut bench = Bench::new();
    let seats = (0..=PRESENCE_SINGLE_MEMBERS_MAX).map(|i| bench.enter(&format!("손님{i}"))).collect();
    bench.wait(SECOND);
    bench.hush();
    (bench, seats)
}

fn presence(frame: RoomFrame) -> (u32, Vec<String>, Vec<String>) {
    let names = |members: Vec<Member>| members.into_iter().map(|m| m.nickname.to_string()).collect();
    match frame {
        RoomFrame::Presence { count, joined, left, .. } => (count, names(joined), names(left)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn in_a_small_room_each_is_told_by_name_with_the_count_and_the_place() {
    let mut bench = Bench::new();
    let watcher = bench.enter("민지");
    bench.say(watcher, "x1", "안녕");
    bench.hush();
    let other = bench.enter("준호");
    let RoomFrame::Joined { member, count, after } = bench.heard_one(watcher) else { panic!() };
    assert_eq!((member.nickname, count, after), (name("준호"), 2, Seq(1)));
    assert_eq!(bench.heard(other), [], "nobody is told of their own coming");
    bench.gone(other);
    let RoomFrame::Left { member, count, after } = bench.heard_one(watcher) else { panic!() };
    assert_eq!((member.nickname, count, after), (name("준호"), 1, Seq(1)));
}

#[test]
fn the_last_who_is_told_alone_is_the_two_hundredth() {
    let mut bench = Bench::new();
    let watcher = bench.enter("민지");
    for i in 2..=PRESENCE_SINGLE_MEMBERS_MAX {
        bench.enter(&format!("손님{i}"));
        assert!(matches!(bench.heard_one(watcher), RoomFrame::Joined { count, .. } if count as usize == i));
    }
    bench.enter("한 사람 더");
    assert_eq!(bench.heard(watcher), []);
    bench.wait(SECOND);
    assert_eq!(presence(bench.heard_one(watcher)), (201, vec!["한 사람 더".into()], vec![]));
}

#[test]
fn in_a_crowd_presence_is_one_frame_a_second_with_the_exact_count() {
    let (mut bench, seats) = crowd();
    let watcher = seats[0];
    let came: Vec<SeatId> = (0..3).map(|i| bench.enter(&format!("온사람{i}"))).collect();
    bench.gone(seats[1]);
    bench.gone(came[1]);
    assert_eq!(bench.heard(watcher), []);
    bench.wait(SECOND - Duration::from_nanos(1));
    assert_eq!(bench.heard(watcher), []);
    bench.wait(Duration::from_nanos(1));
    let (count, joined, left) = presence(bench.heard_one(watcher));
    assert_eq!(count, 202);
    assert_eq!(
        (joined, left),
        (vec!["온사람0".into(), "온사람2".into()], vec!["손님1".into(), "온사람1".into()])
    );
    bench.wait(10 * SECOND);
    assert_eq!(bench.heard(watcher), [], "nothing happened since");
}

#[test]
fn names_are_bounded_and_the_count_is_exact_all_the_same() {
    let (mut bench, seats) = crowd();
    for i in 0..2 * PRESENCE_NAMES_MAX {
        bench.enter(&format!("온사람{i}"));
    }
    seats[1..=PRESENCE_NAMES_MAX + 1].iter().for_each(|seat| bench.gone(*seat));
    bench.wait(SECOND);
    let (count, joined, left) = presence(bench.heard_one(seats[0]));
    assert_eq!((count, joined.len(), left.len()), (250, PRESENCE_NAMES_MAX, PRESENCE_NAMES_MAX));
}

#[test]
fn whoever_comes_or_goes_while_a_second_is_waiting_waits_with_it() {
    let (mut bench, seats) = crowd();
    let back = bench.knock();
    bench.hello_signed(back, "돌아올사람", 7, None);
    bench.gone(back);
    seats[1..20].iter().for_each(|seat| bench.gone(*seat));
    let again = bench.knock();
    bench.hello_signed(again, "돌아온사람", 7, None);
    assert_eq!(bench.heard(seats[0]), [], "though the room is small again");
    bench.wait(SECOND);
    let (count, joined, left) = presence(bench.heard_one(seats[0]));
    assert_eq!((count, joined, left.len()), (183, vec!["돌아온사람".into()], 19));
    bench.gone(again);
    assert!(matches!(bench.heard_one(seats[0]), RoomFrame::Left { count: 182, .. }));
}

#[test]
fn who_renames_themselves_within_the_second_is_told_by_the_new_name() {
    let (mut bench, seats) = crowd();
    let new = bench.enter("새이름전");
    bench.frame(new, rename("새이름"));
    bench.heard(seats[0]);
    bench.wait(SECOND);
    assert_eq!(presence(bench.heard_one(seats[0])).1, ["새이름"]);
}

#[test]
fn however_many_fall_behind_at_once_are_let_go_one_by_one_without_end() {
    let members_max = 20_000;
    let limits = HostLimits { members_max, per_address_max: members_max, rate_per_second: 1_000_000 };
    let mut bench = Bench::with(limits);
    let sayer = bench.enter("민지");
    let cursor = bench.head();
    for i in 0..=PAGE_ENTRIES_MAX {
        bench.say(sayer, &format!("x{i}"), "안녕");
    }
    bench.hush();
    // Each comes back to a place two pages away, and never asks for the second one.
    let slow: Vec<SeatId> = (0..3_000)
        .map(|i| {
            let seat = bench.knock();
            bench.frame(seat, hello(&format!("느린{i}"), Some(cursor.clone())));
            seat
        })
        .collect();
    for i in 0..500 {
        bench.enter(&format!("손님{i}"));
    }
    assert!(slow.iter().all(|seat| bench.bye(*seat) == Some(ByeCode::TooSlow)));
    assert!(bench.hub.catching_up.is_empty());
    assert_eq!(bench.hub.room().roster().count(), 501);
}

#[test]
fn those_who_leave_a_crowd_without_anybody_coming_are_told_together() {
    let (mut bench, seats) = crowd();
    for i in 0..10 {
        bench.enter(&format!("온사람{i}"));
    }
    bench.wait(SECOND);
    bench.hush();
    seats[1..4].iter().for_each(|seat| bench.gone(*seat));
    assert_eq!(bench.heard(seats[0]), []);
    bench.wait(SECOND);
    let (count, joined, left) = presence(bench.heard_one(seats[0]));
    assert_eq!((count as usize, joined.len(), left.len()), (bench.hub.room().roster().count(), 0, 3));
}
