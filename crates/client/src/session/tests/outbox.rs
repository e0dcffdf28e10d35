//! What is said here, until the room's own entry of it comes back.

use maru_wire::RefusalCode;
use maru_wire::limits::OUTBOX_MESSAGES_MAX;

use super::*;
use crate::session::outbox::OutboxFull;

#[test]
fn a_line_said_live_is_shown_sent_and_acknowledged_by_its_own_entry() {
    let mut bench = Bench::live();
    bench.say("x1");
    let queued = RoomEvent::Queued { id: message("x1"), text: words("안녕"), at: 1_000 };
    assert_eq!(bench.events(), [queued]);
    assert_eq!(bench.said(), ["x1"]);
    bench.hears(&entry_by("m2", "지수", 0, 1, "x1"));
    assert_eq!(bench.shown.pending.len(), 1, "somebody else's message of that name is another");
    bench.hears(&own(2, "x1"));
    assert!(bench.shown.pending.is_empty());
    bench.comes_back();
    bench.enter(&welcome("resumed", 2, &[], false));
    assert!(bench.said().is_empty(), "never again");
}

#[test]
fn a_line_said_offline_waits_and_arrives_once() {
    let mut bench = Bench::new();
    bench.say("x1");
    bench.say("x2");
    assert_eq!(bench.actions(), [Action::Dial], "nothing is said to a stranger");
    bench.enter(&welcome("first", 0, &[], false));
    assert_eq!(bench.said(), ["x1", "x2"]);
    bench.say("x1");
    assert!(bench.said().is_empty(), "saying it again is harmless");
    bench.hears(&own(1, "x1"));
    bench.hears(&own(2, "x2"));
    assert!(bench.shown.pending.is_empty());
}

#[test]
fn what_was_not_acknowledged_is_said_again_in_order_after_coming_back() {
    let mut bench = Bench::live();
    for id in ["x1", "x2", "x3"] {
        bench.say(id);
    }
    bench.hears(&own(1, "x1"));
    bench.closes(Closed::Lost);
    bench.actions();
    bench.say("x4");
    bench.wait_for_dial();
    bench.enter(&welcome("resumed", 1, &[], false));
    assert_eq!(bench.said(), ["x2", "x3", "x4"]);
}

#[test]
fn a_welcome_that_holds_what_was_said_acknowledges_it() {
    for caught_up in ["resumed", "trimmed", "new_epoch"] {
        let mut bench = Bench::live();
        bench.say("x1");
        bench.say("x2");
        bench.comes_back();
        bench.enter(&welcome(caught_up, 2, &[entry(1), own(2, "x1")], false));
        assert_eq!(bench.said(), ["x2"], "{caught_up}");
    }
}

#[test]
fn what_was_missed_is_heard_before_anything_is_said_again() {
    let mut bench = Bench::live();
    bench.say("x1");
    bench.say("x2");
    bench.comes_back();
    bench.enter(&welcome("resumed", 3, &entries(1..=1), true));
    bench.say("x3");
    assert!(bench.said().is_empty());
    bench.hears(&page("missed", &entries(2..=2), true));
    assert!(bench.said().is_empty());
    bench.hears(&page("missed", &[own(3, "x1")], false));
    assert_eq!(bench.said(), ["x2", "x3"]);
    assert_eq!(bench.heard(), [1, 2, 3]);
}

#[test]
fn one_of_ours_from_before_a_gap_is_shown_as_taken() {
    let mut bench = Bench::live_with(&welcome("first", 5, &entries(5..=5), true));
    bench.say("x1");
    bench.comes_back();
    bench.enter(&welcome("trimmed", 900, &entries(899..=900), true));
    assert_eq!(bench.said(), ["x1"]);
    bench.hears(&own(6, "x1"));
    assert!(bench.shown.pending.is_empty(), "the line that waits must not wait for ever");
    assert_eq!(bench.heard(), [899, 900]);
    bench.hears(&entry(901));
    assert_eq!(bench.heard(), [899, 900, 901]);
}

#[test]
fn a_line_that_is_refused_fails_and_can_be_said_again_under_its_name() {
    let mut bench = Bench::live();
    bench.say("x1");
    bench.say("x2");
    bench.actions();
    bench.events();
    bench.hears(&refused("too_long", "say", Some("x1")));
    assert_eq!(bench.events(), [RoomEvent::Unsent { id: message("x1"), code: RefusalCode::TooLong }]);
    assert_eq!(bench.shown.pending[&message("x1")], Some(RefusalCode::TooLong));
    bench.comes_back();
    bench.enter(&welcome("resumed", 0, &[], false));
    assert_eq!(bench.said(), ["x2"], "what failed is not said by itself");
    bench.say("x1");
    assert_eq!(bench.said(), ["x1"]);
    bench.hears(&own(1, "x2"));
    bench.hears(&own(2, "x1"));
    assert!(bench.shown.pending.is_empty());
}

#[test]
fn a_line_that_failed_is_forgotten_once_the_room_has_it_after_all() {
    let mut bench = Bench::live();
    bench.say("x1");
    bench.hears(&refused("id_reused", "say", Some("x1")));
    bench.hears(&own(1, "x1"));
    assert!(bench.shown.pending.is_empty());
}

#[test]
fn too_fast_pauses_and_says_it_again_in_order() {
    let mut bench = Bench::live();
    for id in ["x1", "x2", "x3"] {
        bench.say(id);
    }
    bench.actions();
    bench.hears(&own(1, "x1"));
    bench.hears(&refused("too_fast", "say", Some("x2")));
    bench.hears(&refused("too_fast", "say", Some("x3")));
    bench.say("x4");
    assert!(bench.said().is_empty());
    bench.wait(Duration::from_millis(999));
    assert!(bench.said().is_empty());
    bench.wait(SECOND);
    assert_eq!(bench.said(), ["x2", "x3", "x4"]);
    assert!(!bench.events().iter().any(|event| matches!(event, RoomEvent::Unsent { .. })));
}

#[test]
fn a_room_that_could_not_keep_it_is_asked_again_later() {
    let mut bench = Bench::live();
    bench.say("x1");
    bench.actions();
    bench.hears(&refused("unavailable", "say", Some("x1")));
    bench.wait(SECOND * 2);
    assert_eq!(bench.said(), ["x1"]);
}

#[test]
fn an_emptied_outbox_stays_below_the_rooms_rate_and_burst() {
    let (rate, burst) = (100, 200);
    let mut bench = Bench::new();
    for i in 0..OUTBOX_MESSAGES_MAX {
        bench.say(&format!("x{i}"));
    }
    bench.actions();
    bench.enter(&welcome_limited("민지", "first", 0, &[], false, (rate, burst)));
    let (began, mut sent, mut acknowledged) = (bench.now, Vec::new(), 0);
    while acknowledged < OUTBOX_MESSAGES_MAX {
        // The room answers at once, so that only the pace holds anything back.
        let said = bench.said();
        for id in &said {
            sent.push((bench.now - began, id.clone()));
            acknowledged += 1;
            bench.session.handle_text(&own(acknowledged as u64, id), bench.now);
        }
        if said.is_empty()
            && let Some(due) = bench.session.poll_timeout()
        {
            bench.now = bench.now.max(due);
            bench.session.handle_timeout(bench.now);
        }
    }
    let names: Vec<String> = (0..OUTBOX_MESSAGES_MAX).map(|i| format!("x{i}")).collect();
    assert!(sent.iter().map(|(_, id)| id).eq(&names), "in order");
    for (i, (at, _)) in sent.iter().enumerate() {
        let allowed = f64::from(burst) + f64::from(rate) * at.as_secs_f64();
        assert!((i as f64) < allowed, "{i} after {at:?}");
    }
    let took = sent.last().unwrap().0;
    assert!(took < SECOND * 12, "and not much below it: {took:?}");
}

#[test]
fn only_so_much_is_under_way_at_once() {
    let mut bench = Bench::live();
    for i in 1..=100 {
        bench.say(&format!("x{i}"));
    }
    let first = bench.said();
    assert_eq!(first.len(), 32);
    bench.wait(SECOND * 10);
    assert!(bench.said().is_empty());
    bench.hears(&own(1, "x1"));
    assert_eq!(bench.said(), ["x33"]);
    bench.hears(&refused("empty", "say", Some("x2")));
    assert_eq!(bench.said(), ["x34"]);
}

#[test]
fn a_full_outbox_takes_no_more_until_something_is_taken_from_it() {
    let mut bench = Bench::live();
    for i in 0..OUTBOX_MESSAGES_MAX {
        bench.say(&format!("x{i}"));
    }
    bench.events();
    let full = bench.session.say(message("y"), words("한 줄 더"), 0, bench.now);
    assert_eq!(full, Err(OutboxFull));
    bench.say("x0");
    assert_eq!(bench.events(), [], "what waits already has its place");
    bench.hears(&own(1, "x0"));
    bench.say("y");
}

#[test]
fn what_was_meant_for_one_room_is_not_said_in_another_unasked() {
    let mut bench = Bench::live_with(&welcome("first", 1, &entries(1..=1), false));
    bench.closes(Closed::Lost);
    bench.say("x1");
    bench.wait_for_dial();
    bench.actions();
    bench.session.handle_connected(bench.now);
    bench.hears(r#"{"type":"room","id":"r2","name":"다른 방","nonce":"n1"}"#);
    bench.session.handle_proof(None);
    assert!(matches!(&bench.actions()[1], Action::Send(ClientFrame::Hello { cursor: None, .. })));
    bench.hears(&welcome("first", 9, &entries(9..=9), true));
    assert!(bench.said().is_empty());
    assert_eq!(bench.shown.pending[&message("x1")], Some(RefusalCode::Unavailable));
    assert_eq!(bench.shown.gaps, [maru_wire::CaughtUp::NewEpoch]);
    bench.say("x1");
    assert_eq!(bench.said(), ["x1"], "but it can be");
}

#[test]
fn a_long_line_takes_as_much_of_the_pace_as_of_the_rooms_rate() {
    let (rate, burst) = (100, 200);
    let mut bench = Bench::live_with(&welcome_limited("민지", "first", 0, &[], false, (rate, burst)));
    let text = MessageText::parse(&"a".repeat(64 * 1024)).unwrap();
    let cost = f64::from(maru_wire::frames::say_cost(64 * 1024));
    let (began, mut spent) = (bench.now, 0.0);
    for i in 1..=20 {
        let id = format!("x{i}");
        bench.session.say(message(&id), text.clone(), 0, bench.now).unwrap();
        let mut said = bench.said();
        while said.is_empty() {
            bench.now = bench.session.poll_timeout().expect("a line that waits is due").max(bench.now);
            bench.session.handle_timeout(bench.now);
            said = bench.said();
        }
        spent += cost;
        let allowed = f64::from(burst) + f64::from(rate) * (bench.now - began).as_secs_f64();
        assert!(spent <= allowed, "{spent} of {allowed} for {i} lines");
        bench.session.handle_text(&own(i, &id), bench.now);
    }
    assert!(bench.now - began < SECOND * 15, "and not much below it: {:?}", bench.now - began);
}

#[test]
fn a_line_that_costs_more_than_the_whole_burst_is_sent_after_a_rest() {
    let mut bench = Bench::live_with(&welcome_limited("민지", "first", 0, &[], false, (2, 4)));
    let text = MessageText::parse(&"a".repeat(64 * 1024)).unwrap();
    for id in ["x1", "x2"] {
        bench.session.say(message(id), text.clone(), 0, bench.now).unwrap();
    }
    assert_eq!(bench.said(), ["x1"]);
    bench.hears(&own(1, "x1"));
    bench.wait(SECOND * 15);
    assert!(bench.said().is_empty());
    bench.wait(SECOND * 25);
    assert_eq!(bench.said(), ["x2"]);
}

#[test]
fn what_else_is_sent_takes_its_part_of_the_pace() {
    let at_once = |names: &[&str], silence: Duration| {
        let mut bench = Bench::live_with(&welcome_limited("민지", "first", 0, &[], false, (20, 40)));
        bench.now += silence;
        names.iter().for_each(|new| bench.session.rename(name(new), bench.now));
        for i in 0..30 {
            bench.say(&format!("x{i}"));
        }
        bench.said().len()
    };
    assert_eq!(at_once(&[], Duration::ZERO), 20, "half of the burst");
    assert_eq!(at_once(&["수아"], Duration::ZERO), 10, "a name costs the room half a second's worth");
    assert_eq!(at_once(&["수아"], SECOND * 9), 10, "however long the room said nothing before");
}

#[test]
fn what_the_network_holds_up_and_lets_go_at_once_is_within_the_rooms_burst() {
    let (rate, burst) = (20, 40);
    let mut bench = Bench::live_with(&welcome_limited("민지", "first", 0, &[], false, (rate, burst)));
    for i in 0..100 {
        bench.say(&format!("x{i}"));
    }
    let mut under_way = bench.said().len();
    for _ in 0..10 {
        bench.wait(SECOND);
        under_way += bench.said().len();
    }
    assert!(under_way <= burst as usize / 2, "{under_way} lines arrive in one instant");
    bench.hears(&own(1, "x0"));
    bench.wait(SECOND);
    assert_eq!(bench.said().len(), 1, "an answer lets the next one go");
}
