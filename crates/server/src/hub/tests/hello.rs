//! From stranger to member.

use maru_wire::identity::member_id;
use maru_wire::limits::HELLO_MS_MAX;
use maru_wire::{CaughtUp, Member, MemberId};

use super::*;

/// Who a welcome says one is.
fn welcomed(bench: &mut Bench, seat: SeatId) -> Member {
    let heard = bench.heard(seat);
    let you = heard.iter().find_map(|frame| match frame {
        RoomFrame::Welcome { you, .. } => Some(you.clone()),
        _ => None,
    });
    you.unwrap_or_else(|| panic!("{heard:?}"))
}

#[test]
fn a_stranger_is_told_first_of_all_which_room_this_is_and_nothing_else() {
    let mut bench = Bench::new();
    let inside = bench.enter("민지");
    let stranger = bench.knock();
    bench.say(inside, "x1", "비밀");
    let RoomFrame::Room { id, name, nonce, mechanisms } = bench.heard_one(stranger) else { panic!() };
    assert_eq!((id, name.as_str()), (room_id(), "점심 모임"));
    assert!(mechanisms.is_empty(), "there is no passphrase");
    let other = bench.knock();
    assert_ne!(bench.nonce(other), nonce, "a nonce is used once");
}

#[test]
fn a_nickname_alone_is_enough_and_the_welcome_tells_all_there_is() {
    let mut bench = Bench::new();
    let host = bench.enter("민지");
    bench.say(host, "x1", "안녕");
    let seat = bench.knock();
    bench.heard(seat);
    bench.hello(seat, "준호");
    let head = bench.head();
    let RoomFrame::Welcome {
        you,
        name,
        head: told,
        caught_up,
        entries,
        more,
        count,
        members,
        limits,
        can,
        keeps,
    } = bench.heard_one(seat)
    else {
        panic!()
    };
    assert_eq!((you.nickname.as_str(), you.number, you.host), ("준호", 1, false));
    assert_eq!((name.as_str(), told, caught_up, more, count), ("점심 모임", head, CaughtUp::First, false, 2));
    assert_eq!(seqs(&entries), [Seq(1)]);
    assert_eq!(members.iter().map(|m| m.nickname.as_str()).collect::<Vec<_>>(), ["민지", "준호"]);
    assert_eq!((limits.rate_per_second, limits.rate_burst, limits.members), (1_000, 2_000, 10_000));
    assert_eq!(can, ["history", "roster", "typing", "excerpt"]);
    assert_eq!(keeps, maru_wire::Keeps::Nothing);
}

#[test]
fn members_without_a_key_are_each_somebody_else() {
    let mut bench = Bench::new();
    let (one, other) = (bench.knock(), bench.knock());
    bench.hello(one, "민지");
    bench.hello(other, "준호");
    assert_ne!(welcomed(&mut bench, one).id, welcomed(&mut bench, other).id);
}

#[test]
fn a_key_is_the_same_member_each_time() {
    let mut bench = Bench::new();
    let mut ids: Vec<MemberId> = Vec::new();
    for nickname in ["민지", "민지2"] {
        let seat = bench.knock();
        bench.hello_signed(seat, nickname, 7, None);
        let you = welcomed(&mut bench, seat);
        assert_eq!((you.number, you.nickname.as_str()), (0, nickname));
        ids.push(you.id);
        bench.gone(seat);
    }
    let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
    assert_eq!(ids, [member_id(key.as_bytes()), member_id(key.as_bytes())]);
}

#[test]
fn the_hosts_key_is_shown_as_the_host_and_no_other() {
    let key = SigningKey::from_bytes(&[1; 32]).verifying_key();
    let options = HostOptions { host: Some(member_id(key.as_bytes())), ..HostOptions::new(room_id(), "방") };
    let mut bench = Bench::of(options);
    let (host, guest) = (bench.knock(), bench.knock());
    bench.hello_signed(host, "민지", 1, None);
    bench.hello_signed(guest, "준호", 2, None);
    assert!(welcomed(&mut bench, host).host);
    assert!(!welcomed(&mut bench, guest).host);
}

#[test]
fn a_signature_for_anything_else_is_refused_and_another_hello_may_follow() {
    let mut bench = Bench::new();
    let (seat, other) = (bench.knock(), bench.knock());
    let (nonce, others_nonce) = (bench.nonce(seat), bench.nonce(other));
    let elsewhere = RoomId::parse("elsewhere").unwrap();
    let right = || signed_hello("민지", 7, &room_id(), &nonce, &channel_plain(AUTHORITY), None);
    let with = |change: &dyn Fn(&mut Option<String>, &mut Option<String>)| {
        let mut frame = right();
        if let ClientFrame::Hello { key, signature, .. } = &mut frame {
            change(key, signature);
        }
        frame
    };
    let others_key = BASE64URL_NOPAD.encode(SigningKey::from_bytes(&[8; 32]).verifying_key().as_bytes());
    let wrong = [
        signed_hello("민지", 7, &room_id(), &others_nonce, &channel_plain(AUTHORITY), None),
        signed_hello("민지", 7, &elsewhere, &nonce, &channel_plain(AUTHORITY), None),
        signed_hello("민지", 7, &room_id(), &nonce, "tls", None),
        // Asked for under another address, and passed on.
        signed_hello("민지", 7, &room_id(), &nonce, &channel_plain("10.0.0.66:4567"), None),
        with(&|key, _| *key = Some(others_key.clone())),
        with(&|key, _| *key = Some("?".into())),
        with(&|key, _| *key = Some(String::new())),
        with(&|key, _| *key = Some(BASE64URL_NOPAD.encode(&[0xff; 32]))),
        // The neutral point: with it any message would have a valid signature that needs no key.
        with(&|key, signature| {
            let mut neutral = [0; 32];
            neutral[0] = 1;
            *key = Some(BASE64URL_NOPAD.encode(&neutral));
            let mut forged = [0; 64];
            forged[..32].copy_from_slice(&neutral);
            *signature = Some(BASE64URL_NOPAD.encode(&forged));
        }),
        with(&|_, signature| *signature = None),
        with(&|_, signature| *signature = Some("QUJD".into())),
        with(&|_, signature| *signature = Some(BASE64URL_NOPAD.encode(&[0; 64]))),
        with(&|_, signature| signature.as_mut().unwrap().push('=')),
    ];
    bench.heard(seat);
    for frame in wrong {
        bench.frame(seat, frame.clone());
        assert_eq!(bench.refusal(seat), RefusalCode::BadSignature, "{frame:?}");
        assert_eq!(bench.hub.room().roster().count(), 0);
    }
    bench.frame(seat, right());
    assert_eq!(welcomed(&mut bench, seat).nickname, name("민지"));
}

#[test]
fn a_taken_nickname_is_refused_and_another_may_follow() {
    let mut bench = Bench::new();
    bench.enter("Junho");
    let seat = bench.knock();
    bench.heard(seat);
    bench.hello(seat, "junhо");
    assert_eq!(bench.refusal(seat), RefusalCode::NicknameTaken, "it looks like his");
    bench.json(seat, r#"{"type":"hello","nickname":"\u202e"}"#);
    assert_eq!(bench.refusal(seat), RefusalCode::BadNickname);
    bench.hello(seat, "Minji");
    assert_eq!(welcomed(&mut bench, seat).nickname, name("Minji"));
}

#[test]
fn who_is_here_says_hello_once() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    bench.hello(seat, "준호");
    assert_eq!(bench.refusal(seat), RefusalCode::AlreadyHere);
    assert_eq!(bench.hub.room().roster().count(), 1);
}

#[test]
fn who_negotiated_says_hello_within_five_seconds() {
    let mut bench = Bench::new();
    bench.now = Duration::from_secs(100);
    let due = Duration::from_millis(HELLO_MS_MAX);
    let late = bench.knock();
    assert_eq!(bench.hub.poll_timeout(), Some(bench.now + due));
    bench.wait(due - Duration::from_nanos(1));
    assert_eq!(bench.bye(late), None);
    bench.wait(Duration::from_nanos(1));
    assert_eq!(bench.bye(late), Some(ByeCode::HelloTimeout));
    assert_eq!(bench.hub.poll_timeout(), None);
    bench.assert_empty();
}

#[test]
fn who_said_hello_in_time_is_not_hurried() {
    let mut bench = Bench::new();
    let member = bench.enter("민지");
    assert_eq!(bench.hub.poll_timeout(), None);
    bench.wait(Duration::from_secs(3_600));
    assert_eq!(bench.bye(member), None);
}

#[test]
fn a_refused_hello_does_not_win_time() {
    let mut bench = Bench::new();
    bench.enter("민지");
    let seat = bench.knock();
    bench.wait(Duration::from_millis(HELLO_MS_MAX - 1));
    bench.hello(seat, "민지");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.bye(seat), Some(ByeCode::HelloTimeout));
}

#[test]
fn a_name_waits_for_a_member_with_a_key_who_lost_the_connection_but_not_for_one_who_left() {
    let mut bench = Bench::new();
    let lost = bench.knock();
    bench.hello_signed(lost, "민지", 7, None);
    bench.gone(lost);
    let sniper = bench.knock();
    bench.heard(sniper);
    bench.hello(sniper, "민지");
    assert_eq!(bench.refusal(sniper), RefusalCode::NicknameTaken);
    let back = bench.knock();
    bench.hello_signed(back, "민지", 7, None);
    assert_eq!(welcomed(&mut bench, back).nickname, name("민지"));
    bench.frame(back, ClientFrame::Leave);
    bench.hello(sniper, "민지");
    assert_eq!(welcomed(&mut bench, sniper).nickname, name("민지"));
}
