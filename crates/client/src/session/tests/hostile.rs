//! Whatever a room says, and whatever a person does meanwhile: no panic, no hole, no time that is never used up.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Hear(String),
    Say(u8),
    Wait(u16),
    Connected,
    Proof,
    Closed(u8),
    Wake,
    Retry,
    Typing(bool),
    History,
    Roster,
    Rename(bool),
    Leave,
}

/// Numbers as they are, and as nobody should send them.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..12u64, 1 => Just(u64::MAX), 1 => Just(u64::MAX - 1), 1 => Just(1 << 53), 1 => any::<u64>()]
}

fn one_entry() -> impl Strategy<Value = String> {
    (number(), any::<bool>(), 0..6u8).prop_map(
        |(seq, ours, id)| {
            if ours { own(seq, &format!("x{id}")) } else { entry(seq) }
        },
    )
}

fn run() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        (0..8u64, 0..8u64).prop_map(|(from, count)| entries(from..=from + count)),
        prop::collection::vec(one_entry(), 0..5),
    ]
}

fn frame() -> impl Strategy<Value = String> {
    let caught_up = prop::sample::select(vec!["first", "resumed", "new_epoch", "trimmed", "diverged", "x"]);
    let codes = vec!["too_fast", "empty", "nickname_taken", "unavailable", "moonlight", "hello_first"];
    let about = prop::sample::select(vec!["say", "hello", "rename", "history", "x"]);
    let byes = vec!["room_full", "room_closed", "too_slow", "moonlight"];
    prop_oneof![
        4 => Just(ROOM.to_string()),
        1 => Just(ROOM.replace("r1", "r2")),
        4 => (caught_up, number(), run(), any::<bool>(), number(), number()).prop_map(
            |(caught_up, head, entries, more, rate, burst)| {
                let limits = (rate as u32, burst as u32);
                welcome_limited("민지", caught_up, head, &entries, more, limits)
            }
        ),
        2 => Just(welcome("first", 1, &entries(1..=1), true)),
        8 => one_entry(),
        3 => (run(), any::<bool>()).prop_map(|(run, more)| page("missed", &run, more)),
        3 => (run(), any::<bool>()).prop_map(|(run, more)| page("history", &run, more)),
        2 => (prop::sample::select(codes), about, prop::option::of(0..6u8)).prop_map(|(code, frame, id)| {
            refused(code, frame, id.map(|id| format!("x{id}")).as_deref())
        }),
        1 => (prop::sample::select(byes), any::<bool>())
            .prop_map(|(code, stop)| bye(code, if stop { "stop" } else { "retry" })),
        1 => number().prop_map(|count| format!(
            r#"{{"type":"presence","count":{count},"joined":[{{"id":"m1","nickname":"가","number":0}}],
            "left":[{{"id":"m2","nickname":"나","number":{count}}}],"after":{count}}}"#
        )),
        1 => number().prop_map(|number| format!(
            r#"{{"type":"roster","members":[{{"id":"m7","nickname":"별","number":{}}}],"more":true}}"#,
            number as u32
        )),
        1 => (0..4u8).prop_map(|who| format!(r#"{{"type":"typing","member":"m{who}","active":true,"after":0}}"#)),
        1 => Just(r#"{"type":"joined","member":{"id":"","nickname":"","number":-1},"count":0,"after":0}"#.into()),
    ]
}

/// A frame of which one byte was changed, cut or doubled.
fn broken_frame() -> impl Strategy<Value = String> {
    (frame(), any::<prop::sample::Index>(), 0..3u8, any::<char>()).prop_map(|(frame, at, how, with)| {
        let mut chars: Vec<char> = frame.chars().collect();
        let at = at.index(chars.len());
        match how {
            0 => chars[at] = with,
            1 => chars.truncate(at),
            _ => chars.insert(at, with),
        }
        chars.into_iter().collect()
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => frame().prop_map(Step::Hear),
        3 => broken_frame().prop_map(Step::Hear),
        4 => (0..6u8).prop_map(Step::Say),
        4 => any::<u16>().prop_map(Step::Wait),
        5 => Just(Step::Connected),
        4 => Just(Step::Proof),
        2 => (0..5u8).prop_map(Step::Closed),
        1 => Just(Step::Wake),
        2 => Just(Step::Retry),
        1 => any::<bool>().prop_map(Step::Typing),
        2 => Just(Step::History),
        1 => Just(Step::Roster),
        1 => any::<bool>().prop_map(Step::Rename),
        1 => Just(Step::Leave),
    ]
}

fn take(bench: &mut Bench, step: Step) {
    match step {
        Step::Hear(text) => bench.session.handle_text(&text, bench.now),
        Step::Say(id) => {
            // A full outbox is an answer like any other.
            let _ = bench.session.say(message(&format!("x{id}")), words("안녕"), 0, bench.now);
        }
        Step::Wait(ms) => bench.wait(Duration::from_millis(ms.into())),
        Step::Connected => bench.session.handle_connected(bench.now),
        Step::Proof => bench.session.handle_proof(Some(proof())),
        Step::Closed(how) => {
            let closed = [
                Closed::Lost,
                Closed::Code(4000),
                Closed::Code(4500),
                Closed::Dial(Fault::Refused),
                Closed::Code(0),
            ];
            bench.session.handle_closed(closed[usize::from(how)], bench.now);
        }
        Step::Wake => bench.session.handle_wake(bench.now),
        Step::Retry => bench.session.retry_now(),
        Step::Typing(active) => bench.session.set_typing(active, bench.now),
        Step::History => bench.session.load_history(bench.now),
        Step::Roster => bench.session.load_roster(bench.now),
        Step::Rename(other) => bench.session.rename(name(if other { "별" } else { "민지" }), bench.now),
        Step::Leave => bench.session.leave(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_heard_the_fold_has_no_hole_and_the_snapshot_says_the_same(
        steps in prop::collection::vec(step(), 1..60),
        let_in in any::<bool>(),
    ) {
        let mut bench = if let_in { Bench::live_with(&welcome("first", 3, &entries(2..=3), true)) } else { Bench::new() };
        for step in steps {
            take(&mut bench, step);
            bench.settle();
            bench.assert_shown();
            bench.actions();
            let due = bench.session.poll_timeout();
            if let Some(due) = due.filter(|due| *due <= bench.now) {
                bench.session.handle_timeout(bench.now);
                let next = bench.session.poll_timeout();
                prop_assert!(next.is_none_or(|next| next > bench.now), "{due:?} is never used up");
                bench.settle();
            }
        }
    }
}

#[test]
fn a_room_whose_name_is_none_is_called_by_its_id() {
    for (told, shown) in [
        ("점심 모임", "점심 모임"),
        ("  점심   모임 ", "점심 모임"),
        ("", "r1"),
        ("\u{200b}", "r1"),
        ("a\u{202e}b", "r1"),
    ] {
        let mut bench = Bench::new();
        bench.enter(&welcome("first", 0, &[], false).replace("점심 모임", told));
        assert_eq!(bench.shown.name, shown, "{told:?}");
    }
    let long = "가".repeat(65);
    let mut bench = Bench::new();
    bench.enter(&welcome("first", 0, &[], false).replace("점심 모임", &long));
    assert_eq!(bench.shown.name, "r1");
}

#[test]
fn an_address_that_is_another_room_each_time_is_not_followed_for_ever() {
    let mut bench = Bench::live();
    let mut rooms = 0;
    while bench.ended().is_none() {
        rooms += 1;
        assert!(rooms < 10, "a key and a notebook for each of them");
        bench.comes_back();
        bench.actions();
        bench.session.handle_connected(bench.now);
        bench.hears(&ROOM.replace("r1", &format!("other{rooms}")));
        bench.session.handle_proof(None);
        if bench.ended().is_none() {
            bench.hears(&welcome("first", 0, &[], false));
        }
    }
    assert_eq!((bench.ended(), rooms), (Some(Fault::OtherRoom), 4));
    bench.actions();
    bench.session.retry_now();
    bench.settle();
    bench.session.handle_connected(bench.now);
    bench.hears(&ROOM.replace("r1", "other9"));
    assert_eq!(bench.ended(), None, "a person asked for it");
}

#[test]
fn a_line_under_another_name_renames_nobody() {
    let mut bench = Bench::live_with(&welcome("first", 3, &entries(2..=3), true));
    bench.hears(&entry_by("m1", "a지", 3, 4, "x0"));
    bench.assert_shown();
    assert_eq!(bench.shown.you.as_ref().map(|you| you.nickname.as_str()), Some("민지"));
}
