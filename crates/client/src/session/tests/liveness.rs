//! Noticing that the other side is gone, although the socket looks alive.

use super::*;

#[test]
fn after_a_while_of_silence_a_ping_is_sent_and_after_two_the_connection_is_dead() {
    let mut bench = Bench::live();
    bench.wait(Duration::from_millis(19_999));
    assert_eq!(bench.actions(), []);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.actions(), [Action::Ping]);
    bench.wait(SECOND * 20);
    assert_eq!(bench.actions(), [Action::Ping]);
    bench.wait(Duration::from_millis(4_999));
    assert_eq!(bench.link(), Link::Live);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.actions(), [Action::HangUp]);
    assert_eq!(bench.waiting(), Some(Fault::Lost));
}

#[test]
fn any_sign_of_life_holds_the_connection() {
    let mut bench = Bench::live();
    for i in 1..=20 {
        bench.wait(SECOND * 15);
        if i % 2 == 0 { bench.session.handle_sign_of_life(bench.now) } else { bench.hears("{}") }
    }
    assert_eq!((bench.actions(), bench.link()), (vec![], Link::Live));
}

#[test]
fn after_a_wake_the_connection_is_asked_at_once_and_has_five_seconds() {
    let mut bench = Bench::live();
    bench.session.handle_wake(bench.now);
    assert_eq!(bench.actions(), [Action::Ping]);
    bench.wait(SECOND * 2);
    bench.session.handle_wake(bench.now);
    bench.actions();
    bench.wait(SECOND * 3 - Duration::from_millis(1));
    assert_eq!(bench.link(), Link::Live);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.waiting(), Some(Fault::Lost), "another wake does not lengthen the wait");
    let mut bench = Bench::live();
    bench.session.handle_wake(bench.now);
    bench.wait(SECOND * 4);
    bench.session.handle_sign_of_life(bench.now);
    bench.wait(SECOND * 10);
    assert_eq!(bench.link(), Link::Live);
}

#[test]
fn a_wake_ends_a_wait() {
    let mut bench = Bench::live();
    bench.closes(Closed::Lost);
    bench.session.handle_wake(bench.now);
    assert_eq!(bench.actions(), [Action::Dial]);
    let mut ended = Bench::new();
    ended.closes(Closed::Dial(Fault::Refused));
    ended.actions();
    ended.session.handle_wake(ended.now);
    assert_eq!(ended.actions(), [], "what is over stays over");
}

#[test]
fn a_machine_that_slept_for_hours_finds_out_at_once() {
    let mut bench = Bench::live();
    bench.now += SECOND * 36_000;
    bench.session.handle_wake(bench.now);
    bench.session.handle_timeout(bench.now);
    assert_eq!(bench.waiting(), Some(Fault::Lost), "more than silence allows");
}

#[test]
fn what_a_dead_connection_left_does_not_count_against_the_next() {
    let mut bench = Bench::live();
    bench.session.handle_wake(bench.now);
    bench.comes_back();
    bench.enter(&welcome("resumed", 0, &[], false));
    bench.wait(SECOND * 19);
    assert_eq!(bench.link(), Link::Live);
}

#[test]
fn pings_that_are_answered_hold_the_connection_and_the_second_missed_one_ends_it() {
    let mut bench = Bench::live();
    for _ in 0..10 {
        bench.wait(SECOND * 20);
        assert_eq!(bench.actions(), [Action::Ping]);
        bench.session.handle_sign_of_life(bench.now);
    }
    bench.wait(SECOND * 20);
    bench.wait(SECOND * 20);
    assert_eq!(bench.actions(), [Action::Ping, Action::Ping]);
    assert_eq!(bench.link(), Link::Live, "the second has time for an answer");
    bench.wait(SECOND * 5);
    assert_eq!(bench.waiting(), Some(Fault::Lost));
    bench.wait_for_dial();
    bench.enter(&welcome("resumed", 0, &[], false));
    assert_eq!(bench.link(), Link::Live, "and it comes back by itself");
}
