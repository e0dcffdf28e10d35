//! What members say.

use maru_wire::Happening;
use maru_wire::frames::PageOf;
use maru_wire::limits::{PAGE_ENTRIES_MAX, PRESENCE_SINGLE_MEMBERS_MAX, REFUSALS_MAX, TYPING_INTERVAL_MS};

use super::*;

const NOTHING: [bool; 0] = [];

#[test]
fn what_one_says_everybody_hears_once_the_sender_too() {
    let mut bench = Bench::new();
    let seats = [bench.enter("민지"), bench.enter("준호"), bench.enter("수아")];
    bench.hush();
    bench.say(seats[1], "x1", "안녕");
    for seat in seats {
        let RoomFrame::Entry(entry) = bench.heard_one(seat) else { panic!() };
        assert_eq!((entry.seq, entry.at, entry.by.nickname), (Seq(1), 1_763_695_166_000, name("준호")));
        let said = Happening::Said {
            id: MessageId::parse("x1").unwrap(),
            text: MessageText::parse("안녕").unwrap(),
        };
        assert_eq!(entry.what, said);
        assert_eq!(entry.hash, bench.head().hash);
    }
}

#[test]
fn a_known_message_is_told_again_to_its_sender_alone() {
    let mut bench = Bench::new();
    let (sender, other) = (bench.enter("민지"), bench.enter("준호"));
    bench.hush();
    bench.say(sender, "x1", "안녕");
    let first = bench.heard_one(sender);
    bench.heard(other);
    bench.wait(Duration::from_secs(1));
    bench.say(sender, "x1", "안녕");
    assert_eq!(bench.heard_one(sender), first);
    assert_eq!(bench.heard(other), []);
}

#[test]
fn another_text_under_a_known_id_is_refused_by_its_id() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    bench.say(seat, "x1", "안녕");
    bench.heard(seat);
    bench.say(seat, "x1", "다른 말");
    let RoomFrame::Refused { code, frame, id, .. } = bench.heard_one(seat) else { panic!() };
    assert_eq!((code, frame.as_deref()), (RefusalCode::IdReused, Some("say")));
    assert_eq!(id.unwrap().as_str(), "x1");
}

#[test]
fn nothing_but_hello_and_leave_is_taken_from_a_stranger() {
    let mut bench = Bench::new();
    let inside = bench.enter("민지");
    let stranger = bench.knock();
    bench.hush();
    let frames = [
        say("x1", "안녕"),
        rename("준호"),
        ClientFrame::Typing { active: true },
        ClientFrame::History { before: Seq(9) },
        ClientFrame::Roster { after: 0 },
    ];
    for frame in frames {
        bench.frame(stranger, frame);
        assert_eq!(bench.refusal(stranger), RefusalCode::HelloFirst);
    }
    assert_eq!(bench.heard(inside), []);
    bench.frame(stranger, ClientFrame::Leave);
    assert_eq!(bench.bye(stranger), Some(ByeCode::Left));
}

#[test]
fn a_rename_is_an_entry_and_a_taken_name_is_refused() {
    let mut bench = Bench::new();
    let (one, other) = (bench.enter("민지"), bench.enter("준호"));
    bench.hush();
    bench.frame(one, rename("준호"));
    assert_eq!(bench.refusal(one), RefusalCode::NicknameTaken);
    bench.frame(one, rename("민지"));
    assert_eq!(bench.heard(one), [], "it is the name they have");
    bench.frame(one, rename("수아"));
    for seat in [one, other] {
        let RoomFrame::Entry(entry) = bench.heard_one(seat) else { panic!() };
        assert_eq!(
            (entry.by.nickname, entry.what),
            (name("수아"), Happening::Renamed { from: name("민지") })
        );
    }
}

#[test]
fn leaving_is_answered_and_the_others_hear_of_it() {
    let mut bench = Bench::new();
    let (one, other) = (bench.enter("민지"), bench.enter("준호"));
    bench.hush();
    bench.frame(one, ClientFrame::Leave);
    assert_eq!(bench.bye(one), Some(ByeCode::Left));
    assert!(matches!(bench.heard_one(other), RoomFrame::Left { count: 1, .. }));
    bench.frame(one, say("x1", "아직"));
    assert_eq!(bench.heard(other), [], "who left says nothing");
}

fn typing(bench: &mut Bench, seat: SeatId, active: bool) -> Vec<bool> {
    bench.frame(seat, ClientFrame::Typing { active });
    bench
        .heard(seat)
        .iter()
        .map(|frame| match frame {
            RoomFrame::Typing { active, .. } => *active,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn that_somebody_writes_is_passed_on_at_most_every_two_seconds() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    assert_eq!(typing(&mut bench, seat, false), NOTHING, "nothing has begun");
    assert_eq!(typing(&mut bench, seat, true), [true]);
    bench.wait(Duration::from_millis(TYPING_INTERVAL_MS - 1));
    assert_eq!(typing(&mut bench, seat, true), NOTHING);
    bench.wait(Duration::from_millis(1));
    assert_eq!(typing(&mut bench, seat, true), [true]);
    assert_eq!(typing(&mut bench, seat, false), [false], "that it ended is told at once");
    assert_eq!(typing(&mut bench, seat, false), NOTHING);
}

#[test]
fn beginning_and_ending_by_turns_does_not_get_round_the_two_seconds() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    let notes: usize = (0..100).map(|i| typing(&mut bench, seat, i % 2 == 0).len()).sum();
    assert_eq!(notes, 2, "one beginning, one end");
    bench.wait(Duration::from_millis(TYPING_INTERVAL_MS));
    assert_eq!(typing(&mut bench, seat, true), [true]);
}

#[test]
fn a_message_ends_the_writing_and_the_next_beginning_is_told_at_once() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    assert_eq!(typing(&mut bench, seat, true), [true]);
    bench.say(seat, "x1", "안녕");
    bench.heard(seat);
    assert_eq!(typing(&mut bench, seat, true), [true]);
}

#[test]
fn in_a_crowd_nobody_hears_who_writes() {
    let mut bench = Bench::new();
    let seats: Vec<SeatId> =
        (0..=PRESENCE_SINGLE_MEMBERS_MAX).map(|i| bench.enter(&format!("손님{i}"))).collect();
    bench.hush();
    assert_eq!(typing(&mut bench, seats[0], true), NOTHING);
    bench.gone(seats[1]);
    bench.wait(Duration::from_secs(1));
    bench.hush();
    assert_eq!(typing(&mut bench, seats[0], true), [true]);
}

#[test]
fn history_comes_in_pages_backwards_until_there_is_no_more() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    let count = 2 * PAGE_ENTRIES_MAX as u64 + 5;
    for i in 0..count {
        bench.say(seat, &format!("x{i}"), "안녕");
    }
    bench.heard(seat);
    let mut before = Seq(count + 1);
    let mut all = Vec::new();
    loop {
        bench.frame(seat, ClientFrame::History { before });
        let RoomFrame::Page { of: PageOf::History, entries, more } = bench.heard_one(seat) else { panic!() };
        before = entries[0].seq;
        all = [entries, all].concat();
        if !more {
            break;
        }
    }
    assert_eq!(seqs(&all), (1..=count).map(Seq).collect::<Vec<_>>());
    for before in [Seq(0), Seq(1)] {
        bench.frame(seat, ClientFrame::History { before });
        let nothing = RoomFrame::Page { of: PageOf::History, entries: vec![], more: false };
        assert_eq!(bench.heard_one(seat), nothing);
    }
    bench.frame(seat, ClientFrame::History { before: Seq(u64::MAX) });
    assert_eq!(entries(&bench.heard(seat)).last().unwrap().seq, Seq(count));
}

#[test]
fn the_roster_comes_in_pages_by_number() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    for i in 0..150 {
        bench.enter(&format!("손님{i}"));
    }
    bench.heard(seat);
    let mut after = 0;
    let mut numbers = vec![0];
    loop {
        bench.frame(seat, ClientFrame::Roster { after });
        let RoomFrame::Roster { members, more } = bench.heard_one(seat) else { panic!() };
        numbers.extend(members.iter().map(|member| member.number));
        after = *numbers.last().unwrap();
        if !more {
            break;
        }
    }
    assert_eq!(numbers, (0..=150).collect::<Vec<_>>());
    bench.frame(seat, ClientFrame::Roster { after: u32::MAX });
    assert_eq!(bench.heard_one(seat), RoomFrame::Roster { members: vec![], more: false });
}

#[test]
fn what_is_not_understood_is_refused_until_it_is_too_much() {
    let mut bench = Bench::with(HostLimits { rate_per_second: 10_000, ..HostLimits::default() });
    let (seat, other) = (bench.enter("민지"), bench.enter("준호"));
    bench.hush();
    for _ in 0..REFUSALS_MAX {
        bench.json(seat, "{");
        assert_eq!(bench.refusal(seat), RefusalCode::NotJson);
    }
    assert_eq!(bench.bye(seat), None);
    bench.json(seat, r#"{"type":"moonlight"}"#);
    assert_eq!((bench.heard(seat), bench.bye(seat)), (vec![], Some(ByeCode::TooManyErrors)));
    assert!(matches!(bench.heard_one(other), RoomFrame::Left { .. }));
}
