//! Acked is durable: nobody hears what the disk does not have.

use std::time::Duration;

use maru_wire::limits::{DRAFTS_BYTES_MAX, MESSAGE_BYTES_MAX, REFUSALS_MAX};
use maru_wire::{Happening, RefusalCode, RoomFrame, Seq};

use super::*;

fn bodies(frames: &[RoomFrame]) -> Vec<String> {
    entries(frames)
        .iter()
        .filter_map(|entry| match &entry.what {
            Happening::Said { id, .. } => Some(id.to_string()),
            _ => None,
        })
        .collect()
}

fn refused(frames: &[RoomFrame]) -> Vec<(RefusalCode, Option<String>)> {
    frames
        .iter()
        .filter_map(|frame| match frame {
            RoomFrame::Refused { code, id, .. } => Some((*code, id.as_ref().map(ToString::to_string))),
            _ => None,
        })
        .collect()
}

fn unavailable(id: &str) -> (RefusalCode, Option<String>) {
    (RefusalCode::Unavailable, Some(id.into()))
}

#[test]
fn nobody_hears_a_line_before_it_is_on_disk() {
    let mut bench = Bench::kept(0, 100);
    let (minji, junho) = (bench.enter("민지"), bench.enter("준호"));
    bench.hush();
    bench.disk().is_stalled = true;
    bench.say(minji, "m1", "안녕");
    bench.say(minji, "m2", "다들");
    assert_eq!((bench.heard(minji), bench.heard(junho)), (vec![], vec![]));
    assert_eq!(bench.head().seq, Seq(0));
    bench.disk().is_stalled = false;
    bench.settle();
    assert_eq!(bodies(&bench.heard(minji)), ["m1", "m2"]);
    assert_eq!(bodies(&bench.heard(junho)), ["m1", "m2"]);
    assert_eq!(bench.head(), bench.disk().log().head());
}

#[test]
fn what_comes_while_the_disk_is_busy_is_written_together_afterwards() {
    let mut bench = Bench::kept(0, 100);
    let minji = bench.enter("민지");
    bench.disk().is_stalled = true;
    for i in 0..10 {
        bench.say(minji, &format!("m{i}"), "안녕");
    }
    assert_eq!(bench.disk().under_way.as_ref().map(Vec::len), Some(1), "one commit at a time");
    bench.disk().is_stalled = false;
    bench.write();
    bench.carry_out();
    bench.disk().is_stalled = true;
    bench.write();
    assert_eq!(bench.disk().under_way.as_ref().map(Vec::len), Some(9));
}

#[test]
fn a_stalled_disk_delays_acknowledgements_alone() {
    let mut bench = Bench::kept(10, 100);
    let minji = bench.enter("민지");
    bench.disk().is_stalled = true;
    bench.say(minji, "m1", "안녕");
    bench.hush();
    let junho = bench.enter("준호");
    bench.frame(junho, ClientFrame::Typing { active: true });
    bench.frame(junho, ClientFrame::History { before: Seq(5) });
    assert_eq!(seqs(&entries(&bench.heard(junho))), [1, 2, 3, 4].map(Seq));
    assert!(bench.heard(minji).iter().any(|frame| matches!(frame, RoomFrame::Typing { .. })));
    assert_eq!(bench.ears[&minji].answered, 1, "the hello; what it said holds its share");
    bench.disk().is_stalled = false;
    bench.settle();
    assert_eq!(bench.ears[&minji].answered, 2);
}

#[test]
fn a_disk_that_fails_refuses_everything_in_order_and_nobody_hears_it() {
    let mut bench = Bench::kept(0, 100);
    let (minji, junho) = (bench.enter("민지"), bench.enter("준호"));
    bench.hush();
    bench.disk().is_stalled = true;
    for id in ["m1", "m2", "m3"] {
        bench.say(minji, id, "안녕");
    }
    (bench.disk().is_stalled, bench.disk().is_full) = (false, true);
    bench.settle();
    let heard = bench.heard(minji);
    assert_eq!(heard[0], RoomFrame::Disk { well: false });
    assert_eq!(refused(&heard), [unavailable("m1"), unavailable("m2"), unavailable("m3")]);
    assert_eq!(bench.heard(junho), [RoomFrame::Disk { well: false }], "they are told, and hear none of it");
    assert_eq!(bench.head().seq, Seq(0));
    assert_eq!(bench.ears[&minji].answered, 4, "the hello and three lines");
}

#[test]
fn who_comes_while_the_disk_fails_is_told_and_all_are_once_it_is_well() {
    let mut bench = Bench::kept(0, 100);
    let minji = bench.enter("민지");
    bench.disk().is_full = true;
    bench.say(minji, "m1", "안녕");
    let junho = bench.knock();
    bench.hello(junho, "준호");
    assert_eq!(bench.heard(junho).last(), Some(&RoomFrame::Disk { well: false }));
    bench.hush();
    bench.wait(Duration::from_secs(10));
    assert_eq!(bench.heard(junho), [], "nothing new, however often it is tried");
    bench.disk().is_full = false;
    bench.wait(Duration::from_secs(3));
    assert_eq!(bench.heard_one(junho), RoomFrame::Disk { well: true }, "though nobody said anything");
    bench.say(minji, "m1", "안녕");
    assert_eq!(bodies(&bench.heard(junho)), ["m1"]);
}

#[test]
fn what_follows_a_refused_line_does_not_overtake_it() {
    let mut bench = Bench::kept(0, 100);
    let minji = bench.enter("민지");
    bench.disk().is_full = true;
    bench.say(minji, "m1", "하나");
    bench.disk().is_full = false;
    bench.hush();
    bench.say(minji, "m2", "둘");
    assert_eq!(refused(&bench.heard(minji)), [unavailable("m2")], "it was on its way already");
    bench.say(minji, "m1", "하나");
    bench.say(minji, "m2", "둘");
    let heard = bench.heard(minji);
    assert_eq!((bodies(&heard), refused(&heard)), (vec!["m1".to_owned(), "m2".to_owned()], vec![]));
}

#[test]
fn what_was_on_its_way_for_long_does_not_overtake_what_was_refused() {
    let mut bench = Bench::kept(0, 100);
    let minji = bench.enter("민지");
    bench.disk().is_full = true;
    bench.say(minji, "m1", "하나");
    bench.disk().is_full = false;
    bench.wait(Duration::from_secs(50));
    bench.hush();
    bench.say(minji, "m2", "둘");
    assert_eq!(refused(&bench.heard(minji)), [unavailable("m2")], "a slow reader has not seen it yet");
}

#[test]
fn who_does_not_say_it_again_may_go_on_after_a_minute() {
    let mut bench = Bench::kept(0, 100);
    let minji = bench.enter("민지");
    bench.disk().is_full = true;
    bench.say(minji, "m1", "하나");
    bench.disk().is_full = false;
    bench.wait(Duration::from_secs(60));
    bench.hush();
    bench.say(minji, "m2", "둘");
    assert_eq!(bodies(&bench.heard(minji)), ["m2"]);
}

#[test]
fn what_waits_for_a_stalled_disk_is_bounded() {
    let mut bench = Bench::kept(0, 100);
    bench.disk().is_stalled = true;
    let text = "x".repeat(MESSAGE_BYTES_MAX);
    let members: Vec<SeatId> = (0..8).map(|i| bench.enter(&format!("손님 {i}"))).collect();
    bench.hush();
    let lines = DRAFTS_BYTES_MAX / MESSAGE_BYTES_MAX + 8;
    for i in 0..lines {
        bench.say(members[i % members.len()], &format!("m{i}"), &text);
    }
    let refused: usize = members.iter().map(|member| refused(&bench.heard(*member)).len()).sum();
    assert!((1..=16).contains(&refused), "{refused}");
    bench.disk().is_stalled = false;
    bench.settle();
    assert_eq!(bench.head().seq, Seq((lines - refused) as u64));
}

#[test]
fn what_waited_longest_is_said_again_first_also_where_the_bound_refused_what_followed() {
    let mut bench = Bench::kept(0, 100);
    bench.disk().is_stalled = true;
    let text = "x".repeat(MESSAGE_BYTES_MAX);
    let members: Vec<SeatId> = (0..8).map(|i| bench.enter(&format!("손님 {i}"))).collect();
    let (minji, others) = members.split_first().unwrap();
    bench.say(*minji, "m1", "하나");
    for i in 0..DRAFTS_BYTES_MAX / MESSAGE_BYTES_MAX {
        bench.say(others[i % others.len()], &format!("x{i}"), &text);
    }
    bench.hush();
    bench.say(*minji, "m2", &text);
    assert_eq!(refused(&bench.heard(*minji)), [unavailable("m2")], "no room for it");
    (bench.disk().is_stalled, bench.disk().is_full) = (false, true);
    bench.settle();
    bench.disk().is_full = false;
    bench.hush();
    bench.say(*minji, "m2", &text);
    bench.say(*minji, "m1", "하나");
    bench.say(*minji, "m2", &text);
    let heard = bench.heard(*minji);
    assert_eq!((bodies(&heard), refused(&heard)), (vec!["m1".into(), "m2".into()], vec![unavailable("m2")]));
}

#[test]
fn what_the_disk_does_not_take_is_no_error_of_the_member() {
    let mut bench = Bench::kept(0, 100);
    let minji = bench.enter("민지");
    bench.disk().is_full = true;
    for i in 0..REFUSALS_MAX + 10 {
        bench.say(minji, &format!("m{i}"), "안녕");
        bench.wait(Duration::from_millis(10));
    }
    assert_eq!(bench.bye(minji), None);
}

#[test]
fn a_name_is_shown_once_it_is_written_and_given_back_if_it_is_not() {
    let mut bench = Bench::kept(0, 100);
    let (minji, junho) = (bench.enter("민지"), bench.enter("준호"));
    bench.disk().is_full = true;
    bench.frame(minji, rename("수아"));
    assert_eq!(refused(&bench.heard(minji)), [(RefusalCode::Unavailable, None)]);
    bench.disk().is_full = false;
    bench.frame(junho, rename("수아"));
    assert_eq!(entries(&bench.heard(junho)).last().unwrap().by.nickname, name("수아"));
}

#[test]
fn a_name_that_was_refused_is_nobodys_and_can_be_asked_for_again() {
    let mut bench = Bench::kept(0, 100);
    let (minji, junho) = (bench.enter("민지"), bench.enter("준호"));
    bench.disk().is_full = true;
    bench.say(minji, "m1", "하나");
    bench.disk().is_full = false;
    bench.hush();
    bench.frame(minji, rename("수아"));
    assert_eq!(refused(&bench.heard(minji)), [(RefusalCode::Unavailable, None)], "behind the refused line");
    bench.say(minji, "m1", "하나");
    assert_eq!(entries(&bench.heard(junho)).last().unwrap().by.nickname, name("민지"));
    bench.frame(minji, rename("수아"));
    let heard = entries(&bench.heard(junho)).pop().unwrap();
    assert_eq!((heard.what, heard.by.nickname), (Happening::Renamed { from: name("민지") }, name("수아")));
    bench.frame(junho, rename("민지"));
    assert_eq!(entries(&bench.heard(minji)).last().unwrap().by.nickname, name("민지"), "it is free again");
}

#[test]
fn a_name_on_its_way_to_the_disk_is_its_members_also_while_they_are_away() {
    let mut bench = Bench::kept(0, 100);
    let seat = bench.knock();
    bench.hello_signed(seat, "민지", 7, None);
    bench.disk().is_stalled = true;
    bench.frame(seat, rename("수아"));
    bench.gone(seat);
    let junho = bench.knock();
    bench.hello(junho, "수아");
    assert_eq!(
        bench.heard(junho).pop().map(|frame| refused(&[frame])[0].0),
        Some(RefusalCode::NicknameTaken)
    );
    let seat = bench.knock();
    bench.hello_signed(seat, "민지", 7, None);
    bench.disk().is_stalled = false;
    bench.settle();
    bench.hello(junho, "수아");
    assert_eq!(
        bench.heard(junho).pop().map(|frame| refused(&[frame])[0].0),
        Some(RefusalCode::NicknameTaken)
    );
}

#[test]
fn the_same_line_again_is_answered_with_the_first_also_after_a_restart() {
    let mut bench = Bench::kept(0, 100);
    let seat = bench.knock();
    bench.hello_signed(seat, "민지", 7, None);
    bench.say(seat, "m1", "안녕");
    let first = entries(&bench.heard(seat)).pop().unwrap();
    bench.restart(0);
    let seat = bench.knock();
    bench.hello_signed(seat, "민지", 7, None);
    bench.hush();
    bench.say(seat, "m1", "안녕");
    assert_eq!(bench.heard_one(seat), RoomFrame::Entry(first));
    bench.say(seat, "m1", "다른 말");
    assert_eq!(bench.refusal(seat), RefusalCode::IdReused);
    assert_eq!(bench.head().seq, Seq(1));
}

#[test]
fn a_line_written_for_somebody_who_has_gone_is_heard_by_the_others() {
    let mut bench = Bench::kept(0, 100);
    let (minji, junho) = (bench.enter("민지"), bench.enter("준호"));
    bench.disk().is_stalled = true;
    bench.say(minji, "m1", "안녕");
    bench.gone(minji);
    bench.hush();
    bench.disk().is_stalled = false;
    bench.settle();
    assert_eq!(bodies(&bench.heard(junho)), ["m1"]);
}
