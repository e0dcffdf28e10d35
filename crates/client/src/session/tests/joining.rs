//! From a dial into the room, and every way to be kept out of it.

use maru_wire::{CaughtUp, Dialect};

use super::*;
use crate::event::Security;
use crate::session::Channel;

#[test]
fn a_session_dials_is_told_the_room_proves_itself_says_hello_and_is_let_in() {
    let mut bench = Bench::new();
    assert_eq!(bench.actions(), [Action::Dial]);
    assert_eq!(bench.link(), Link::Connecting { attempt: 0 });
    bench.session.handle_connected(bench.now);
    assert_eq!(bench.actions(), []);
    bench.hears(ROOM);
    let room = RoomId::parse("r1").unwrap();
    let nonce = maru_wire::Nonce::parse("n1").unwrap();
    assert_eq!(bench.actions(), [Action::Prove { room: room.clone(), nonce }]);
    bench.session.handle_proof(Some(proof()));
    let hello = ClientFrame::Hello {
        nickname: name("민지"),
        key: Some("QUJD".into()),
        signature: Some("REVG".into()),
        cursor: None,
    };
    assert_eq!(bench.actions(), [Action::Send(hello)]);
    bench.events();
    bench.hears(&welcome("first", 2, &entries(1..=2), false));
    match &bench.events()[..] {
        [RoomEvent::Entered { room: entered, caught_up, entries, count: 2, .. }, live] => {
            assert_eq!((entered, *caught_up, entries.len()), (&room, CaughtUp::First, 2));
            assert_eq!(*live, RoomEvent::Link { link: Link::Live });
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.session.room(), Some(&room));
}

#[test]
fn whoever_never_got_in_is_told_why_at_once() {
    for fault in
        [Fault::NotFound, Fault::Refused, Fault::Timeout, Fault::Tls, Fault::Forbidden, Fault::NotARoom]
    {
        let mut bench = Bench::new();
        bench.closes(Closed::Dial(fault));
        assert_eq!(bench.ended(), Some(fault));
        assert_eq!(bench.session.poll_timeout(), None, "nothing more by itself");
    }
}

#[test]
fn whoever_was_in_waits_after_the_same_faults_longer_each_time() {
    for fault in
        [Fault::NotFound, Fault::Refused, Fault::Timeout, Fault::Tls, Fault::Forbidden, Fault::NotARoom]
    {
        let mut bench = Bench::live();
        bench.closes(Closed::Lost);
        assert_eq!(bench.waiting(), Some(Fault::Lost));
        for attempt in 2..=8 {
            bench.wait_for_dial();
            bench.actions();
            bench.closes(Closed::Dial(fault));
            assert_eq!(bench.waiting(), Some(fault));
            assert!(matches!(bench.link(), Link::Waiting { attempt: told, .. } if told == attempt));
        }
    }
}

#[test]
fn a_bye_and_a_close_code_say_whether_to_come_back() {
    let cases = [
        ("too_slow", 4000, Fault::Lost, false),
        ("ping_timeout", 4001, Fault::Lost, false),
        ("restarting", 4002, Fault::Lost, false),
        ("room_full", 4003, Fault::RoomFull, false),
        ("address_full", 4004, Fault::AddressFull, false),
        ("room_closed", 4500, Fault::RoomClosed, true),
        ("hello_timeout", 4501, Fault::Rejected, true),
        ("too_fast", 4502, Fault::Rejected, true),
        ("too_many_errors", 4503, Fault::Rejected, true),
        ("too_many_frames", 4504, Fault::Rejected, true),
        ("left", 4505, Fault::Left, true),
    ];
    for (code, number, fault, stops) in cases {
        let mut by_frame = Bench::live();
        by_frame.hears(&bye(code, if stops { "stop" } else { "retry" }));
        assert_eq!(by_frame.link(), Link::Live, "the close follows");
        by_frame.closes(Closed::Lost);
        let mut by_number = Bench::live();
        by_number.closes(Closed::Code(number));
        for bench in [by_frame, by_number] {
            assert_eq!(bench.ended(), stops.then_some(fault), "{code}");
            assert_eq!(bench.waiting(), (!stops).then_some(fault), "{code}");
        }
    }
}

#[test]
fn a_newer_rooms_bye_is_obeyed_by_what_it_says_to_do_then() {
    let mut bench = Bench::live();
    bench.hears(&bye("moonlight", "stop"));
    bench.closes(Closed::Code(4999));
    assert_eq!(bench.ended(), Some(Fault::Rejected));
    let mut bench = Bench::live();
    bench.hears(&bye("moonlight", "retry"));
    bench.closes(Closed::Code(4499));
    assert_eq!(bench.waiting(), Some(Fault::Lost));
}

#[test]
fn a_close_code_of_others_means_what_its_range_says() {
    for (code, fault, stops) in [
        (1000, Fault::Lost, false),
        (1001, Fault::Lost, false),
        (1006, Fault::Lost, false),
        (1011, Fault::Lost, false),
        (4499, Fault::Lost, false),
        (1002, Fault::Rejected, true),
        (1009, Fault::Rejected, true),
        (4999, Fault::Rejected, true),
    ] {
        let mut bench = Bench::live();
        bench.closes(Closed::Code(code));
        assert_eq!(bench.ended(), stops.then_some(fault), "{code}");
        assert_eq!(bench.waiting(), (!stops).then_some(fault), "{code}");
    }
}

#[test]
fn a_bye_is_of_its_own_connection_only() {
    let mut bench = Bench::live();
    bench.hears(&bye("room_full", "retry"));
    bench.comes_back();
    bench.closes(Closed::Lost);
    assert_eq!(bench.waiting(), Some(Fault::Lost));
}

#[test]
fn a_room_that_is_full_at_the_first_join_says_so_at_once() {
    let mut bench = Bench::new();
    bench.actions();
    bench.session.handle_connected(bench.now);
    bench.hears(&bye("room_full", "retry"));
    bench.closes(Closed::Code(4003));
    assert_eq!(bench.ended(), Some(Fault::RoomFull));
    bench.session.retry_now();
    assert_eq!(bench.actions(), [Action::Dial]);
}

#[test]
fn a_nickname_that_is_taken_is_changed_and_tried_again() {
    let mut bench = Bench::new();
    bench.greet();
    bench.hears(&refused("nickname_taken", "hello", None));
    assert_eq!(bench.actions(), [Action::HangUp]);
    assert_eq!(bench.ended(), Some(Fault::NicknameTaken));
    bench.closes(Closed::Lost);
    assert_eq!(bench.ended(), Some(Fault::NicknameTaken), "what comes after the end is not heard");
    bench.session.rename(name("민지 2"), bench.now);
    bench.session.retry_now();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("민지 2")));
    bench.hears(&welcome_as("민지 2", "first", 0, &[], false));
    assert_eq!(bench.link(), Link::Live);
    assert_eq!(bench.actions(), [], "no rename is due");
}

#[test]
fn a_hello_is_refused_for_good_or_for_now() {
    for (code, fault) in [("bad_nickname", Fault::BadNickname), ("bad_signature", Fault::Rejected)] {
        let mut bench = Bench::live();
        bench.comes_back();
        bench.greet();
        bench.hears(&refused(code, "hello", None));
        assert_eq!(bench.ended(), Some(fault));
    }
    for code in ["unavailable", "too_fast"] {
        let mut bench = Bench::live();
        bench.comes_back();
        bench.greet();
        bench.hears(&refused(code, "hello", None));
        assert_eq!(bench.waiting(), Some(Fault::Lost));
        assert_eq!(bench.actions(), [Action::HangUp]);
    }
}

#[test]
fn another_room_than_the_invites_is_left_before_a_word_is_said() {
    let mut bench = Bench::expecting(Some("other"));
    bench.actions();
    bench.session.handle_connected(bench.now);
    bench.hears(ROOM);
    assert_eq!(bench.actions(), [Action::HangUp]);
    assert_eq!(bench.ended(), Some(Fault::OtherRoom));
    let mut bench = Bench::expecting(Some("r1"));
    bench.enter(&welcome("first", 0, &[], false));
    assert_eq!(bench.link(), Link::Live);
}

#[test]
fn who_is_not_told_the_room_is_let_in_nowhere() {
    for frame in
        [welcome("first", 1, &entries(1..=1), false), entry(1), refused("nickname_taken", "hello", None)]
    {
        let mut bench = Bench::expecting(Some("other"));
        bench.actions();
        bench.session.handle_connected(bench.now);
        bench.hears(&frame);
        assert_eq!(bench.link(), Link::Connecting { attempt: 0 }, "{frame}");
        assert_eq!(bench.actions(), []);
    }
}

#[test]
fn nothing_is_heard_from_a_peer_that_did_not_let_us_in_again() {
    let mut bench = Bench::live_with(&welcome("first", 1, &entries(1..=1), false));
    bench.comes_back();
    bench.actions();
    bench.session.handle_connected(bench.now);
    bench.hears(&entry(2));
    bench.hears(ROOM);
    bench.hears(&entry(2));
    assert_eq!(bench.heard(), [1]);
}

#[test]
fn a_room_tells_which_one_it_is_once() {
    let mut bench = Bench::new();
    bench.greet();
    bench.hears(ROOM);
    assert_eq!(bench.actions(), [], "no second hello, and no signature for the asking");
    bench.hears(&welcome("first", 0, &[], false));
    bench.hears(r#"{"type":"room","id":"r2","name":"","nonce":"n2"}"#);
    assert_eq!(bench.actions(), []);
    assert_eq!(bench.session.room().unwrap().as_str(), "r1");
}

#[test]
fn a_peer_that_never_says_which_room_it_is_is_none() {
    let mut bench = Bench::new();
    bench.actions();
    bench.session.handle_connected(bench.now);
    bench.wait(SECOND * 3);
    bench.session.handle_sign_of_life(bench.now);
    bench.hears(r#"{"hello":"world"}"#);
    bench.wait(SECOND * 2 - Duration::from_millis(1));
    assert_eq!(bench.ended(), None);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.ended(), Some(Fault::NotARoom));
    assert_eq!(bench.actions(), [Action::HangUp]);
}

#[test]
fn a_room_that_does_not_answer_a_hello_in_time_is_too_slow() {
    let mut bench = Bench::new();
    bench.greet();
    bench.wait(SECOND * 5);
    assert_eq!(bench.ended(), Some(Fault::Timeout));
}

#[test]
fn a_retry_that_is_asked_for_dials_at_once_but_only_where_nothing_is_under_way() {
    let mut bench = Bench::live();
    bench.session.retry_now();
    assert_eq!(bench.actions(), [], "live");
    bench.closes(Closed::Lost);
    bench.session.retry_now();
    assert_eq!(bench.actions(), [Action::Dial]);
    bench.session.retry_now();
    assert_eq!(bench.actions(), [], "dialing");
    bench.session.handle_connected(bench.now);
    bench.session.retry_now();
    assert_eq!(bench.actions(), [], "opening");
}

#[test]
fn leaving_says_so_where_somebody_listens_and_ends_it_everywhere() {
    let mut bench = Bench::live();
    bench.session.leave();
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::Leave), Action::HangUp]);
    assert_eq!(bench.ended(), Some(Fault::Left));
    let mut bench = Bench::new();
    bench.session.leave();
    assert_eq!(bench.actions(), [Action::Dial, Action::HangUp], "the dial is given up");
    assert_eq!(bench.ended(), Some(Fault::Left));
    bench.session.handle_connected(bench.now);
    bench.hears(ROOM);
    assert_eq!(bench.actions(), []);
    assert_eq!(bench.session.poll_timeout(), None);
}

#[test]
fn a_room_that_lets_in_and_lets_go_at_once_is_dialed_more_and_more_rarely() {
    let mut bench = Bench::live();
    for attempt in 1..=6 {
        bench.closes(Closed::Lost);
        assert!(matches!(bench.link(), Link::Waiting { attempt: told, .. } if told == attempt));
        bench.wait_for_dial();
        bench.enter(&welcome("resumed", 0, &[], false));
    }
    bench.wait(SECOND * 10);
    bench.closes(Closed::Lost);
    assert!(matches!(bench.link(), Link::Waiting { attempt: 1, .. }), "it had held");
}

#[test]
fn what_guards_a_connection_is_told_before_the_room_lets_us_in_and_to_a_new_window_too() {
    let mut bench = Bench::new();
    let security = Security::FirstSeen;
    bench.session.handle_channel(Channel { security, exporter: None, chance: [0; 16] });
    bench.session.handle_connected(bench.now);
    bench.settle();
    bench.hears(ROOM);
    let guarded = |event: &RoomEvent| {
        matches!(event, RoomEvent::Connected { dialect: Dialect::Maru, security: Security::FirstSeen })
    };
    assert!(bench.events.iter().any(guarded));
    assert!(guarded(&bench.session.snapshot(bench.now)[0]));
}

#[test]
fn another_certificate_is_the_end_until_a_person_asks_again() {
    let mut bench = Bench::live();
    bench.comes_back();
    bench.closes(Closed::Dial(Fault::CertificateChanged));
    assert_eq!(bench.link(), Link::Ended { fault: Fault::CertificateChanged });
    assert_eq!(bench.session.poll_timeout(), None);
}
