//! Those who speak another dialect, and what is heard of them. The transcripts are those of the programs from which
//! people learn: a page with `{"type":"nickname"}`, `wscat`, a page with `socket.emit`.

use maru_wire::limits::{FOREIGN_DECIDE_MS, MESSAGE_BYTES_MAX, RATE_REFUSALS_MAX};

use super::super::Utterance;
use super::*;
use crate::options::Language;

const DECIDE: Duration = Duration::from_millis(FOREIGN_DECIDE_MS);

impl Bench {
    /// Opens a connection that negotiated nothing.
    fn knock_unknown(&mut self) -> SeatId {
        self.knock_from("192.0.2.1", None)
    }

    /// Opens a connection that says nothing until it is let in; what it heard is forgotten.
    fn enter_plain(&mut self) -> SeatId {
        let seat = self.knock_from("192.0.2.1", Some(Dialect::Plain));
        assert_eq!(self.lines(seat).len(), 1, "the greeting");
        seat
    }

    fn utter(&mut self, seat: SeatId, text: &str) {
        self.utterance(seat, Utterance::Text(text.into()));
    }

    fn utterance(&mut self, seat: SeatId, said: Utterance) {
        self.hub.handle_utterance(seat, said, 1, self.clock());
        self.settle();
    }

    /// Takes the text that a connection has heard since.
    fn lines(&mut self, seat: SeatId) -> Vec<String> {
        std::mem::take(&mut self.ears.get_mut(&seat).unwrap().lines)
    }

    fn closed(&self, seat: SeatId) -> Option<u16> {
        self.ears[&seat].closed
    }

    fn names(&self) -> Vec<String> {
        let (members, _) = self.hub.room().roster().first_page();
        members.into_iter().map(|member| member.nickname.into()).collect()
    }
}

/// What frames tell, in short.
fn told(frames: Vec<RoomFrame>) -> Vec<String> {
    let tell = |frame| match frame {
        RoomFrame::Joined { member, .. } => format!("+ {}", member.nickname),
        RoomFrame::Left { member, .. } => format!("- {}", member.nickname),
        RoomFrame::Entry(Entry { by, what: maru_wire::Happening::Said { text, .. }, .. }) => {
            format!("{}: {}", by.nickname, text.as_str())
        }
        RoomFrame::Entry(Entry { by, what: maru_wire::Happening::Renamed { from }, .. }) => {
            format!("{from} > {}", by.nickname)
        }
        other => format!("{other:?}"),
    };
    frames.into_iter().map(tell).collect()
}

#[test]
fn the_tutorials_nickname_json_is_heard_by_everybody_and_hears_everybody() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    let seat = bench.knock_unknown();
    bench.utter(seat, r#"{"type":"nickname","payload":"철수"}"#);
    bench.utter(seat, r#"{"type":"new_message","payload":"안녕"}"#);
    bench.say(member, "x1", "반가워요");
    bench.utter(seat, r#"{"type":"nickname","payload":"영희"}"#);
    bench.utter(seat, r#"{"type":"new_message","payload":"또 나"}"#);
    assert_eq!(bench.lines(seat), ["철수: 안녕", "민지: 반가워요", "* 철수 → 영희", "영희: 또 나"]);
    let heard = told(bench.heard(member));
    assert_eq!(heard, ["+ 철수", "철수: 안녕", "민지: 반가워요", "철수 > 영희", "영희: 또 나"]);
    bench.gone(seat);
    assert_eq!(told(bench.heard(member)), ["- 영희"]);
}

#[test]
fn who_never_names_themselves_is_anon_and_the_next_is_anon_2() {
    let mut bench = Bench::new();
    let (one, other) = (bench.knock_unknown(), bench.knock_unknown());
    bench.utter(one, r#"{"type":"new_message","payload":"a"}"#);
    bench.utter(other, r#"{"type":"new_message","payload":"b"}"#);
    assert_eq!(bench.lines(one), ["Anon: a", "Anon 2: b"]);
    assert_eq!(bench.lines(other), ["Anon 2: b"]);
}

#[test]
fn who_names_themselves_late_is_no_guest_any_more() {
    let mut bench = Bench::new();
    let (named, nameless) = (bench.knock_unknown(), bench.knock_unknown());
    bench.wait(DECIDE);
    assert_eq!(bench.names(), ["Guest 1", "Guest 2"]);
    bench.utter(named, r#"{"type":"nickname","payload":"철수"}"#);
    bench.utter(nameless, r#"{"type":"new_message","payload":"안녕"}"#);
    let greeting = "* Welcome to 점심 모임. You are Guest 1 here; /nick NAME changes that.";
    let heard = bench.lines(named);
    assert_eq!(heard, [greeting, "* Guest 1 → 철수", "* Guest 2 → Anon", "Anon: 안녕"]);
    bench.utter(named, "plain text");
    assert!(bench.lines(named)[0].starts_with("* Not understood: "));
}

#[test]
fn a_late_hello_makes_a_member_of_maru_of_a_silent_guest_who_leaves() {
    let mut bench = Bench::new();
    let (member, other) = (bench.enter("민지"), bench.knock_unknown());
    bench.wait(DECIDE);
    let seat = bench.knock_unknown();
    bench.wait(DECIDE);
    bench.say(member, "x1", "안녕");
    assert_eq!(bench.lines(seat).len(), 2, "the greeting, and what was said");
    bench.utter(seat, r#"{"type":"hello","nickname":"준호"}"#);
    let heard = bench.heard(seat);
    assert!(matches!(&heard[..], [RoomFrame::Room { .. }, RoomFrame::Welcome { .. }]), "{heard:?}");
    assert_eq!(entries(&heard).len(), 1);
    bench.utter(seat, r#"{"type":"say","id":"y1","text":"나야"}"#);
    assert_eq!(told(bench.heard(seat)), ["준호: 나야"]);
    assert_eq!(bench.lines(seat), [""; 0]);
    assert_eq!(bench.lines(other)[1..], ["민지: 안녕", "준호: 나야"]);
    assert_eq!(bench.names(), ["민지", "Guest 1", "준호"]);
    let heard = told(bench.heard(member));
    assert_eq!(heard, ["+ Guest 1", "+ Guest 2", "민지: 안녕", "- Guest 2", "+ 준호", "준호: 나야"]);
    bench.gone(seat);
    assert_eq!(told(bench.heard(member)), ["- 준호"]);
    bench.gone(other);
    bench.gone(member);
    bench.assert_empty();
}

#[test]
fn a_late_hello_that_fails_is_refused_and_the_next_is_due_as_any() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    let seat = bench.knock_unknown();
    bench.wait(DECIDE);
    bench.utter(seat, r#"{"type":"hello","nickname":"민지"}"#);
    let heard = bench.heard(seat);
    assert!(matches!(&heard[..], [RoomFrame::Room { .. }, RoomFrame::Refused { .. }]), "{heard:?}");
    bench.say(member, "x1", "비밀");
    assert!(bench.heard(seat).is_empty(), "nobody listens unseen");
    bench.wait(Duration::from_secs(60));
    assert_eq!(bench.bye(seat), Some(ByeCode::HelloTimeout));
    assert_eq!(bench.names(), ["민지"]);
    let spoken = bench.knock_unknown();
    bench.wait(DECIDE);
    bench.utter(spoken, "안녕");
    bench.lines(spoken);
    bench.utter(spoken, r#"{"type":"hello","nickname":"준호"}"#);
    let said = bench.lines(spoken);
    assert_eq!(said, [r#"Guest 2: {"type":"hello","nickname":"준호"}"#], "who has said something speaks so");
}

#[test]
fn a_late_hello_has_to_show_the_passphrase_like_any() {
    let options = HostOptions {
        passphrase: Some(super::door::verifier()),
        lets_foreign_in: true,
        ..HostOptions::new(room_id(), "점심 모임")
    };
    let mut bench = Bench::of(options);
    let seat = bench.knock_unknown();
    bench.wait(DECIDE);
    assert_eq!(bench.names(), ["Guest 1"]);
    bench.utter(seat, r#"{"type":"hello","nickname":"준호"}"#);
    let heard = bench.heard(seat);
    let [RoomFrame::Room { mechanisms, .. }, RoomFrame::Refused { code, .. }] = &heard[..] else {
        panic!("{heard:?}")
    };
    assert!(!mechanisms.is_empty() && *code == RefusalCode::PassphraseFirst);
    assert_eq!(bench.names(), [""; 0]);
}

#[test]
fn plain_text_is_said_under_a_name_of_its_own_choice() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    let seat = bench.knock_unknown();
    bench.utter(seat, "hello");
    bench.utter(seat, "/nick 철수");
    bench.utter(seat, "/nickel is a metal");
    bench.say(member, "x1", "안녕");
    let greeting = "* Welcome to 점심 모임. You are Guest 1 here; /nick NAME changes that.";
    let lines = [greeting, "Guest 1: hello", "* Guest 1 → 철수", "철수: /nickel is a metal", "민지: 안녕"];
    assert_eq!(bench.lines(seat), lines);
    let heard = told(bench.heard(member));
    assert_eq!(heard[..3], ["+ Guest 1", "Guest 1: hello", "Guest 1 > 철수"]);
}

#[test]
fn who_says_nothing_is_told_nothing_until_it_counts_as_plain_text() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    let seat = bench.knock_unknown();
    bench.say(member, "x1", "비밀");
    bench.wait(DECIDE - Duration::from_nanos(1));
    assert!(bench.lines(seat).is_empty() && bench.heard(seat).is_empty());
    assert_eq!(bench.names(), ["민지"]);
    bench.wait(Duration::from_nanos(1));
    assert_eq!(bench.lines(seat).len(), 1);
    assert_eq!(bench.names(), ["민지", "Guest 1"], "nobody listens unseen");
    assert_eq!(bench.hub.poll_timeout(), None);
}

#[test]
fn a_hello_without_a_subprotocol_is_one_and_is_as_due_as_any() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    let seat = bench.knock_unknown();
    bench.utter(seat, r#"{"type":"hello","nickname":"민지"}"#);
    let heard = bench.heard(seat);
    assert!(matches!(&heard[..], [RoomFrame::Room { .. }, RoomFrame::Refused { .. }]), "{heard:?}");
    bench.utter(seat, r#"{"type":"hello","nickname":"준호"}"#);
    bench.utter(seat, r#"{"type":"say","id":"y1","text":"안녕"}"#);
    bench.utterance(seat, Utterance::Bytes(b"{}".to_vec()));
    let heard = bench.heard(seat);
    assert!(matches!(heard[0], RoomFrame::Welcome { .. }));
    assert!(matches!(heard[2], RoomFrame::Refused { code: RefusalCode::NotText, .. }), "{heard:?}");
    assert!(bench.lines(seat).is_empty());
    assert_eq!(told(bench.heard(member)), ["+ 준호", "준호: 안녕"]);
    let late = bench.knock_unknown();
    bench.utter(late, r#"{"type":"hello"}"#);
    bench.wait(Duration::from_secs(60));
    assert_eq!(bench.bye(late), Some(ByeCode::HelloTimeout));
}

#[test]
fn a_text_that_looks_like_a_frame_of_ours_is_text() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    let seat = bench.enter_plain();
    for text in [
        r#"{"type":"say","id":"x1","text":"a"}"#,
        r#"{"type":"rename","nickname":"민지"}"#,
        r#"{"type":"leave"}"#,
        r#"{"type":"nickname","payload":"민지"}"#,
        r#"{"type":"hello","nickname":"민지"}"#,
    ] {
        bench.utter(seat, text);
        assert_eq!(bench.lines(seat), [format!("Guest 1: {text}")]);
    }
    assert_eq!(bench.names(), ["민지", "Guest 1"]);
    assert_eq!(bench.bye(seat), None);
    bench.heard(member);
    let json = bench.knock_unknown();
    bench.utter(json, r#"{"type":"nickname","payload":"철수"}"#);
    bench.utter(json, r#"{"type":"rename","nickname":"민지"}"#);
    bench.utter(json, r#"{"type":"new_message","payload":"{\"type\":\"rename\"}"}"#);
    let heard = bench.lines(json);
    assert!(heard[0].starts_with("* Not understood"));
    assert_eq!(heard[1], r#"철수: {"type":"rename"}"#);
}

#[test]
fn a_name_can_neither_pass_for_anothers_line_nor_for_a_word_of_the_rooms() {
    let mut bench = Bench::new();
    let (ear, forger) = (bench.enter_plain(), bench.enter_plain());
    bench.utter(forger, "/nick 민지: 사랑해");
    bench.utter(forger, "x");
    bench.utter(forger, "/nick * 민지 → 준호");
    bench.utter(forger, "y");
    let lines =
        ["* Guest 2 → 민지∶ 사랑해", "민지∶ 사랑해: x", "* 민지∶ 사랑해 → ∗ 민지 ⟶ 준호", "∗ 민지 ⟶ 준호: y"];
    assert_eq!(bench.lines(ear), lines);
}

#[test]
fn a_taken_name_gets_a_number_and_its_bearer_is_told() {
    let mut bench = Bench::new();
    bench.enter("철수");
    let seat = bench.knock_unknown();
    bench.utter(seat, r#"{"type":"nickname","payload":"철수"}"#);
    assert_eq!(bench.lines(seat), ["* That name is taken. You are 철수 2 here."]);
    let plain = bench.enter_plain();
    bench.utter(plain, "/nick 철수");
    let heard = bench.lines(plain);
    assert_eq!(heard, ["* Guest 1 → 철수 3", "* That name is taken. You are 철수 3 here."]);
    let long = "가".repeat(32);
    bench.enter(&long);
    bench.utter(plain, &format!("/nick {long}"));
    assert!(bench.names().contains(&format!("{} 2", "가".repeat(30))));
}

#[test]
fn what_can_not_be_a_name_is_told_in_words_of_the_hosts_language() {
    let options = HostOptions { language: Language::Korean, ..HostOptions::new(room_id(), "점심 모임") };
    let mut bench = Bench::of(options);
    let seat = bench.knock_from("192.0.2.1", Some(Dialect::Plain));
    for text in ["/nick", "/nick \u{202e}", &format!("/nick {}", "x".repeat(40))] {
        bench.utter(seat, text);
    }
    let heard = bench.lines(seat);
    assert_eq!(heard[0], "* 점심 모임에 오신 것을 환영해요. 여기서 쓰는 이름: 손님 1 (바꾸려면 /nick 이름)");
    assert!(heard.len() == 4 && heard[1..].iter().all(|line| line.starts_with("* 쓸 수 없는 이름이에요.")));
}

#[test]
fn text_may_come_in_binary_and_with_any_line_ends_and_blank_lines_are_nothing() {
    let mut bench = Bench::new();
    let seat = bench.enter_plain();
    bench.utterance(seat, Utterance::Bytes("가\r\n나\r다".into()));
    bench.utter(seat, "");
    bench.utter(seat, " \r\n");
    assert_eq!(bench.lines(seat), ["Guest 1: 가\n나\n다"]);
    assert_eq!(bench.ears[&seat].answered, 3);
    bench.utterance(seat, Utterance::Bytes(vec![0xff]));
    assert_eq!((bench.closed(seat), bench.lines(seat)), (Some(1007), vec![]));
    bench.assert_empty();
}

#[test]
fn too_long_and_too_fast_are_told_in_words_and_too_much_ends_it() {
    let mut bench = Bench::with(HostLimits { rate_per_second: 2, ..HostLimits::default() });
    let seat = bench.enter_plain();
    bench.utter(seat, &"x".repeat(MESSAGE_BYTES_MAX + 1));
    assert_eq!(bench.lines(seat), ["* Not sent: the message is longer than 64 KiB."]);
    for _ in 0..3 {
        bench.utter(seat, "a");
    }
    bench.utter(seat, "too fast");
    let heard = bench.lines(seat);
    assert_eq!(heard.last().unwrap(), "* Not sent: that was too fast. Wait a moment and say it again.");
    for _ in 0..RATE_REFUSALS_MAX {
        bench.utter(seat, "a");
    }
    assert_eq!(bench.closed(seat), Some(ByeCode::TooFast.close_code()));
    assert_eq!(bench.lines(seat).last().unwrap(), "* Too many messages, again and again.");
    bench.assert_empty();
}

#[test]
fn a_member_on_socket_io_hears_text_and_events_and_who_comes_and_goes() {
    let mut bench = Bench::new();
    let plain = bench.enter_plain();
    let socket = bench.knock_from("192.0.2.1", Some(Dialect::SocketIo));
    assert_eq!(bench.lines(socket), ["* Welcome to 점심 모임. You are Guest 2 here."]);
    bench.utter(socket, "/nick is text here");
    bench.utterance(socket, Utterance::Name("소라".into()));
    let member = bench.enter("민지");
    bench.say(member, "x1", "안녕");
    bench.gone(member);
    let lines =
        ["Guest 2: /nick is text here", "* Guest 2 → 소라", "* 민지 joined", "민지: 안녕", "* 민지 left"];
    assert_eq!(bench.lines(socket), lines);
    let events = std::mem::take(&mut bench.ears.get_mut(&socket).unwrap().events);
    let events = told(events);
    assert_eq!(events, ["Guest 2: /nick is text here", "Guest 2 > 소라", "+ 민지", "민지: 안녕", "- 민지"]);
    assert_eq!(bench.lines(plain), ["Guest 2: /nick is text here", "* Guest 2 → 소라", "민지: 안녕"]);
}

#[test]
fn what_the_disk_does_not_take_is_told_in_words_and_the_next_is_not_held_up() {
    let mut bench = Bench::kept(0, 10);
    let seat = bench.enter_plain();
    bench.disk().is_full = true;
    bench.utter(seat, "lost");
    assert_eq!(
        bench.lines(seat),
        ["* Not sent: the host's disk does not take it just now. Say it again later."]
    );
    bench.disk().is_full = false;
    bench.utter(seat, "kept");
    assert_eq!(bench.lines(seat), ["Guest 1: kept"]);
}

#[test]
fn messages_of_one_member_said_at_one_time_have_names_of_their_own() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    let (one, other) = (bench.enter_plain(), bench.enter_plain());
    bench.heard(member);
    for _ in 0..50 {
        bench.utter(one, "같은 말");
        bench.utter(other, "같은 말");
    }
    let ids: std::collections::BTreeSet<_> = bench
        .heard(member)
        .into_iter()
        .map(|frame| match frame {
            RoomFrame::Entry(Entry { what: maru_wire::Happening::Said { id, .. }, .. }) => id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids.len(), 100);
}

#[test]
fn who_is_not_let_in_is_told_why_in_words() {
    let mut bench = Bench::with(HostLimits { members_max: 1, ..HostLimits::default() });
    bench.enter("민지");
    for dialect in [None, Some(Dialect::Plain), Some(Dialect::SocketIo)] {
        let seat = bench.knock_from("192.0.2.1", dialect);
        assert_eq!(bench.lines(seat), ["* This room is full."]);
        assert_eq!(bench.closed(seat), Some(ByeCode::RoomFull.close_code()));
    }
    bench.hub.handle_close(ByeCode::RoomClosed);
    bench.settle();
}

#[test]
fn everybody_is_told_in_their_own_words_that_the_room_closes() {
    let mut bench = Bench::new();
    let (plain, member) = (bench.enter_plain(), bench.enter("민지"));
    bench.hub.handle_close(ByeCode::RoomClosed);
    bench.settle();
    assert_eq!(bench.bye(member), Some(ByeCode::RoomClosed));
    assert_eq!(bench.lines(plain), ["* The host closed the room."]);
    assert_eq!(bench.closed(plain), Some(4500));
    let late = bench.knock_unknown();
    assert_eq!(bench.closed(late), Some(4500));
}

#[test]
fn a_passphrase_keeps_them_out_in_words_unless_the_host_lets_them_in() {
    for (lets_foreign_in, dialect) in [(false, None), (false, Some(Dialect::SocketIo)), (true, None)] {
        let passphrase = Some(super::door::verifier());
        let options = HostOptions { passphrase, lets_foreign_in, ..HostOptions::new(room_id(), "방") };
        let mut bench = Bench::of(options);
        let seat = bench.knock_from("192.0.2.1", dialect);
        bench.utter(seat, "안녕");
        let heard = bench.lines(seat);
        if lets_foreign_in {
            assert_eq!(heard.last().unwrap(), "Guest 1: 안녕");
        } else {
            let words = "* This room asks for a passphrase. Join it with Maru or with a browser.";
            assert_eq!((heard, bench.closed(seat)), (vec![words.to_owned()], Some(4506)));
            bench.assert_empty();
        }
    }
}

#[test]
fn a_hello_without_a_subprotocol_is_asked_for_the_passphrase_like_any() {
    let passphrase = Some(super::door::verifier());
    let mut bench = Bench::of(HostOptions { passphrase, ..HostOptions::new(room_id(), "방") });
    let seat = bench.knock_unknown();
    bench.utter(seat, r#"{"type":"hello","nickname":"민지"}"#);
    let heard = bench.heard(seat);
    let [RoomFrame::Room { mechanisms, .. }, RoomFrame::Refused { code, .. }] = &heard[..] else {
        panic!("{heard:?}")
    };
    assert_eq!((mechanisms.len(), *code), (1, RefusalCode::PassphraseFirst));
}
