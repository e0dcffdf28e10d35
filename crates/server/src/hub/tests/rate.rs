//! How fast one may speak.

use maru_wire::limits::{MESSAGE_BYTES_MAX, RATE_REFUSALS_MAX};

use super::*;

/// Ten messages a second, twenty at once.
fn slow_room() -> Bench {
    Bench::with(HostLimits { rate_per_second: 10, ..HostLimits::default() })
}

/// Says until it is too fast, and returns how many messages were taken.
fn said_until_refused(bench: &mut Bench, seat: SeatId, prefix: &str) -> usize {
    (0..100)
        .take_while(|i| {
            bench.say(seat, &format!("{prefix}{i}"), "안녕");
            matches!(bench.heard(seat)[..], [RoomFrame::Entry(_)])
        })
        .count()
}

#[test]
fn a_burst_is_taken_then_the_rate_and_a_refusal_names_the_message() {
    let mut bench = slow_room();
    let seat = bench.enter("민지");
    assert_eq!(said_until_refused(&mut bench, seat, "a"), 19, "the hello was the first of twenty");
    bench.say(seat, "late", "안녕");
    let RoomFrame::Refused { code, frame, id, .. } = bench.heard_one(seat) else { panic!() };
    assert_eq!((code, frame.as_deref()), (RefusalCode::TooFast, Some("say")));
    assert_eq!(id.unwrap().as_str(), "late");
    bench.wait(Duration::from_millis(500));
    assert_eq!(said_until_refused(&mut bench, seat, "b"), 5);
}

#[test]
fn a_message_refused_for_speed_is_taken_when_it_is_said_again() {
    let mut bench = slow_room();
    let seat = bench.enter("민지");
    said_until_refused(&mut bench, seat, "a");
    bench.say(seat, "again", "안녕");
    assert_eq!(bench.refusal(seat), RefusalCode::TooFast);
    bench.wait(Duration::from_millis(100));
    bench.say(seat, "again", "안녕");
    assert!(matches!(bench.heard_one(seat), RoomFrame::Entry(_)));
}

#[test]
fn who_goes_on_too_fast_is_let_go_and_the_others_lose_nothing() {
    let mut bench = slow_room();
    let (seat, other) = (bench.enter("민지"), bench.enter("준호"));
    bench.hush();
    said_until_refused(&mut bench, seat, "a");
    for i in 1..RATE_REFUSALS_MAX {
        bench.say(seat, &format!("b{i}"), "안녕");
        assert_eq!(bench.refusal(seat), RefusalCode::TooFast);
    }
    assert_eq!(bench.bye(seat), None);
    bench.say(seat, "last", "안녕");
    assert_eq!((bench.heard(seat), bench.bye(seat)), (vec![], Some(ByeCode::TooFast)));
    bench.hush();
    assert_eq!(said_until_refused(&mut bench, other, "c"), 19);
}

#[test]
fn a_message_that_is_taken_forgives_the_refusals_before() {
    let mut bench = slow_room();
    let seat = bench.enter("민지");
    for round in 0..4 {
        said_until_refused(&mut bench, seat, &format!("a{round}-"));
        for _ in 0..RATE_REFUSALS_MAX - 1 {
            bench.say(seat, "x", "안녕");
        }
        assert_eq!(bench.bye(seat), None);
        bench.wait(Duration::from_secs(1));
    }
}

#[test]
fn whatever_is_said_counts_understood_or_not() {
    let mut bench = slow_room();
    let seat = bench.enter("민지");
    for _ in 0..19 {
        bench.json(seat, "?");
        assert_eq!(bench.refusal(seat), RefusalCode::NotJson);
    }
    bench.json(seat, r#"{"type":"say","id":"x1","text":" "}"#);
    let RoomFrame::Refused { code, id, .. } = bench.heard_one(seat) else { panic!() };
    assert_eq!((code, id.unwrap().as_str()), (RefusalCode::TooFast, "x1"));
}

/// How many of the same are taken at once.
fn taken(frame: impl Fn(usize) -> ClientFrame) -> usize {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    bench.hush();
    (0..5_000)
        .take_while(|i| {
            bench.frame(seat, frame(*i));
            let refused = |frame: &RoomFrame| matches!(frame, RoomFrame::Refused { .. });
            !bench.heard(seat).iter().any(refused)
        })
        .count()
}

#[test]
fn what_is_large_or_makes_work_is_taken_less_often_at_once() {
    let said = |bytes: usize| {
        taken(|i| ClientFrame::Say {
            id: MessageId::parse(&format!("x{i}")).unwrap(),
            text: MessageText::parse(&"a".repeat(bytes)).unwrap(),
        })
    };
    // The hello took a tenth of a second's worth of the burst of two seconds.
    assert_eq!(said(10), 1_900);
    assert_eq!(said(MESSAGE_BYTES_MAX), 1_900 / 65);
    assert_eq!(taken(|i| ClientFrame::Rename { nickname: name(&format!("민지{i}")) }), 3);
    assert_eq!(taken(|_| ClientFrame::History { before: Seq(9) }), 38);
    assert_eq!(taken(|_| ClientFrame::Roster { after: 0 }), 38);
}
