//! A room with a passphrase.

use std::sync::OnceLock;

use maru_wire::identity::member_id;
use maru_wire::limits::{
    PASSPHRASE_ADDRESSES_MAX, PASSPHRASE_ITERATIONS_MIN, PASSPHRASE_MS_MAX, PASSPHRASE_TRIES_MAX,
};
use maru_wire::scram::{
    Binding, Opening, Passphrase, Promise, SHA_256, SHA_256_PLUS, Salted, Verifier, offered,
};

use super::*;

const RIGHT: &str = "열린 마루";

pub(super) fn verifier() -> Verifier {
    static ONCE: OnceLock<Verifier> = OnceLock::new();
    let derive = || Verifier::derive(&Passphrase::parse(RIGHT).unwrap(), [3; 16], PASSPHRASE_ITERATIONS_MIN);
    ONCE.get_or_init(derive).clone()
}

/// What a passphrase is worth to the room, worked out once: a test with ten thousand guesses takes no ten minutes.
fn salted(typed: &str) -> Salted {
    static ONCE: OnceLock<[Salted; 2]> = OnceLock::new();
    let salt = |typed: &str| Passphrase::parse(typed).unwrap().salted(&[3; 16], PASSPHRASE_ITERATIONS_MIN);
    let [right, wrong] = ONCE.get_or_init(|| [salt(RIGHT), salt("닫힌 마루")]);
    if typed == RIGHT { right.clone() } else { wrong.clone() }
}

fn guarded() -> Bench {
    let limits = HostLimits { members_max: 100_000, per_address_max: 100_000, ..HostLimits::default() };
    let options = HostOptions::new(room_id(), "점심 모임");
    Bench::of(HostOptions { limits, passphrase: Some(verifier()), ..options })
}

fn authenticate(mechanism: &str, data: &str) -> ClientFrame {
    ClientFrame::Authenticate { mechanism: mechanism.into(), data: data.into() }
}

/// Says the first text, and hears a challenge; none where the room has let us go.
fn begun(bench: &mut Bench, seat: SeatId) -> Option<maru_wire::scram::Asked> {
    bench.heard(seat);
    let opening = Opening::new(Binding::None, [1; 16]);
    bench.frame(seat, authenticate(SHA_256, &opening.first()));
    bench.bye(seat).is_none().then(|| match bench.heard_one(seat) {
        RoomFrame::Challenge { data } => opening.challenged(&data).unwrap(),
        other => panic!("{other:?}"),
    })
}

fn ended(bench: &mut Bench, seat: SeatId, asked: maru_wire::scram::Asked, typed: &str) -> Promise {
    let (last, promise) = asked.answer(&salted(typed));
    bench.frame(seat, authenticate(SHA_256, &last));
    promise
}

/// Tries a passphrase over a connection of its own from an address. None where it was let in.
fn tried(bench: &mut Bench, address: &str, typed: &str) -> Option<ByeCode> {
    let seat = bench.knock_from(address, Some(Dialect::Maru));
    if let Some(asked) = begun(bench, seat) {
        ended(bench, seat, asked, typed);
    }
    let bye = bench.bye(seat);
    bench.gone(seat);
    bye
}

/// A member who has shown the passphrase.
fn inside(bench: &mut Bench, nickname: &str) -> SeatId {
    let seat = bench.knock_from("192.0.2.200", Some(Dialect::Maru));
    let asked = begun(bench, seat).unwrap();
    ended(bench, seat, asked, RIGHT);
    bench.hello(seat, nickname);
    let heard = bench.heard(seat);
    assert!(heard.iter().any(|frame| matches!(frame, RoomFrame::Welcome { .. })), "{heard:?}");
    seat
}

#[test]
fn who_shows_the_passphrase_is_let_in_and_the_room_proves_that_it_has_it_too() {
    let mut bench = guarded();
    let seat = bench.knock();
    let RoomFrame::Room { mechanisms, .. } = &bench.ears[&seat].heard[0] else { panic!() };
    assert_eq!(*mechanisms, offered(false), "there is no TLS here");
    let asked = begun(&mut bench, seat).unwrap();
    let promise = ended(&mut bench, seat, asked, RIGHT);
    let RoomFrame::Authenticated { data } = bench.heard_one(seat) else { panic!() };
    assert!(promise.is_kept(&data));
    bench.hello(seat, "민지");
    assert!(matches!(bench.heard_one(seat), RoomFrame::Welcome { .. }));
    bench.frame(seat, authenticate(SHA_256, "n,,n=maru,r=abc"));
    assert_eq!(bench.refusal(seat), RefusalCode::AlreadyHere);
    assert!(bench.hub.tries.is_forgotten(), "whoever is right does not count");
}

#[test]
fn a_wrong_passphrase_ends_the_connection() {
    let mut bench = guarded();
    assert_eq!(tried(&mut bench, "192.0.2.1", "닫힌 마루"), Some(ByeCode::WrongPassphrase));
    assert_eq!(tried(&mut bench, "192.0.2.1", RIGHT), None, "and may be corrected");
    bench.assert_empty();
}

#[test]
fn a_stranger_is_refused_everything_and_hears_nothing() {
    let mut bench = guarded();
    let member = inside(&mut bench, "민지");
    bench.say(member, "x1", "비밀");
    let stranger = bench.knock();
    assert!(matches!(bench.heard_one(stranger), RoomFrame::Room { .. }));
    let nonce = |bench: &mut Bench| {
        let other = bench.knock();
        (other, bench.nonce(other))
    };
    let (signing, its_nonce) = nonce(&mut bench);
    let signed = signed_hello("준호", 7, &room_id(), &its_nonce, &channel_plain(AUTHORITY), None);
    let head = bench.head();
    bench.heard(signing);
    for text in [
        r#"{"type":"hello","nickname":"준호"}"#,
        r#"{"type":"say","id":"x2","text":"안녕"}"#,
        r#"{"type":"rename","nickname":"준호"}"#,
        r#"{"type":"typing","active":true}"#,
        r#"{"type":"history","before":42}"#,
        r#"{"type":"excerpt","from":1}"#,
        r#"{"type":"search","words":"비밀"}"#,
        r#"{"type":"roster","after":0}"#,
    ] {
        bench.json(stranger, text);
        assert_eq!(bench.refusal(stranger), RefusalCode::PassphraseFirst, "{text}");
    }
    bench.frame(stranger, hello("준호", Some(head.clone())));
    assert_eq!(bench.refusal(stranger), RefusalCode::PassphraseFirst, "a cursor opens no door");
    bench.frame(signing, signed);
    assert_eq!(bench.refusal(signing), RefusalCode::PassphraseFirst, "nor does a key that anybody may make");
    // What happens inside meanwhile.
    bench.say(member, "x3", "또 비밀");
    bench.frame(member, rename("민지2"));
    bench.frame(member, ClientFrame::Typing { active: true });
    let other = inside(&mut bench, "준호");
    bench.gone(other);
    bench.wait(Duration::from_secs(2));
    assert!(bench.heard(stranger).is_empty());
    assert_eq!(bench.head().seq, Seq(head.seq.0 + 2), "and nothing of theirs is kept");
    bench.json(stranger, "what?");
    assert_eq!(bench.refusal(stranger), RefusalCode::NotJson);
    bench.json(stranger, r#"{"type":"leave"}"#);
    assert_eq!(bench.bye(stranger), Some(ByeCode::Left));
}

#[test]
fn an_authentication_begun_or_failed_opens_nothing() {
    let mut bench = guarded();
    let seat = bench.knock();
    let asked = begun(&mut bench, seat).unwrap();
    bench.hello(seat, "민지");
    assert_eq!(bench.refusal(seat), RefusalCode::PassphraseFirst);
    ended(&mut bench, seat, asked, "닫힌 마루");
    bench.hello(seat, "민지");
    assert_eq!(bench.bye(seat), Some(ByeCode::WrongPassphrase));
    assert!(bench.heard(seat).is_empty());
    let other = bench.knock();
    bench.heard(other);
    for text in ["", "n,,n=maru", "p=tls-exporter,,n=maru,r=abc"] {
        bench.frame(other, authenticate(SHA_256, text));
        assert_eq!(bench.refusal(other), RefusalCode::BadFrame, "{text}");
    }
    bench.frame(other, authenticate(SHA_256_PLUS, "p=tls-exporter,,n=maru,r=abc"));
    assert_eq!(bench.refusal(other), RefusalCode::BadFrame, "it was not offered");
}

#[test]
fn over_tls_the_channel_is_bound_and_a_downgrade_is_refused() {
    let mut bench = guarded();
    let exporter = [5; 32];
    let knock = |bench: &mut Bench| {
        bench.seats += 1;
        let seat = SeatId(bench.seats);
        let channel = format!("tls-exporter {}", BASE64URL_NOPAD.encode(&exporter));
        let address = "192.0.2.1".parse().unwrap();
        bench.ears.insert(seat, Ear::default());
        let visitor = Visitor {
            address,
            dialect: Some(Dialect::Maru),
            channels: vec![channel],
            chance: [seat.0 as u8; 32],
        };
        bench.hub.handle_open(seat, visitor, bench.clock());
        bench.settle();
        let RoomFrame::Room { mechanisms, .. } = bench.heard_one(seat) else { panic!() };
        assert_eq!(mechanisms, offered(true));
        seat
    };
    let whole = |bench: &mut Bench, binding: Binding| {
        let seat = knock(bench);
        let opening = Opening::new(binding, [1; 16]);
        bench.frame(seat, authenticate(opening.mechanism(), &opening.first()));
        let challenge = match bench.heard_one(seat) {
            RoomFrame::Challenge { data } => data,
            RoomFrame::Refused { code: RefusalCode::BadFrame, .. } => return Err(None),
            other => panic!("{other:?}"),
        };
        let asked = opening.challenged(&challenge).unwrap();
        let (last, _) = asked.answer(&salted(RIGHT));
        bench.frame(seat, authenticate(SHA_256_PLUS, &last));
        bench.bye(seat).map_or(Ok(()), |bye| Err(Some(bye)))
    };
    assert_eq!(whole(&mut bench, Binding::Exporter(exporter)), Ok(()));
    assert_eq!(whole(&mut bench, Binding::Exporter([6; 32])), Err(Some(ByeCode::WrongPassphrase)));
    assert_eq!(whole(&mut bench, Binding::NotOffered), Err(None), "somebody took PLUS out of `room`");
    assert_eq!(whole(&mut bench, Binding::None), Ok(()), "as a page in a browser has to");
}

#[test]
fn nobody_stays_at_the_door_for_ever() {
    let mut bench = guarded();
    let (silent, begun_only) = (bench.knock(), bench.knock());
    begun(&mut bench, begun_only).unwrap();
    bench.wait(Duration::from_millis(PASSPHRASE_MS_MAX - 1));
    assert_eq!([silent, begun_only].map(|seat| bench.bye(seat)), [None; 2]);
    bench.wait(Duration::from_millis(1));
    let needed = Some(ByeCode::PassphraseNeeded);
    assert_eq!([silent, begun_only].map(|seat| bench.bye(seat)), [needed; 2]);
    bench.assert_empty();
    // Who has shown the passphrase and says no hello is let go as anywhere.
    let seat = bench.knock();
    let asked = begun(&mut bench, seat).unwrap();
    ended(&mut bench, seat, asked, RIGHT);
    bench.wait(Duration::from_millis(PASSPHRASE_MS_MAX));
    assert_eq!(bench.bye(seat), Some(ByeCode::HelloTimeout));
}

#[test]
fn of_ten_thousand_guesses_in_ten_minutes_sixty_at_most_are_looked_at() {
    for address in ["192.0.2.1", "127.0.0.1", "2001:db8::1"] {
        let mut bench = guarded();
        let mut looked_at = 0;
        for guess in 0..10_000 {
            // Of an IPv6 network of one's own one has as many addresses as one likes.
            let from = if address.contains(':') { format!("2001:db8::{guess:x}") } else { address.into() };
            match tried(&mut bench, &from, "닫힌 마루") {
                Some(ByeCode::WrongPassphrase) => looked_at += 1,
                other => assert_eq!(other, Some(ByeCode::TooManyAttempts)),
            }
            bench.wait(Duration::from_millis(60));
        }
        assert_eq!(bench.now, Duration::from_secs(600));
        assert!((50..=60).contains(&looked_at), "{address}: {looked_at}");
        assert_eq!(
            tried(&mut bench, address, RIGHT).is_some(),
            bench.hub.tries.is_spent(address.parse().unwrap(), bench.now),
            "what is right is not looked at either"
        );
        assert_eq!(tried(&mut bench, "198.51.100.7", RIGHT), None, "who guesses locks nobody else out");
        bench.wait(Duration::from_secs(120));
        assert_eq!(tried(&mut bench, address, RIGHT), None, "nor themselves for ever");
    }
}

#[test]
fn guesses_over_many_connections_at_once_are_no_more() {
    let mut bench = guarded();
    let seats: Vec<SeatId> = (0..10_000).map(|_| bench.knock()).collect();
    let asked: Vec<_> = seats.iter().map(|seat| (*seat, begun(&mut bench, *seat))).collect();
    let mut looked_at = 0;
    for (seat, asked) in asked {
        let asked = asked.expect("nothing was tried yet");
        // The right one among them is not looked at any more than the others.
        ended(&mut bench, seat, asked, if looked_at < PASSPHRASE_TRIES_MAX { "닫힌 마루" } else { RIGHT });
        match bench.bye(seat) {
            Some(ByeCode::WrongPassphrase) => looked_at += 1,
            other => assert_eq!(other, Some(ByeCode::TooManyAttempts)),
        }
    }
    assert_eq!(looked_at, PASSPHRASE_TRIES_MAX);
}

#[test]
fn a_class_that_knows_the_passphrase_comes_in_at_once() {
    let mut bench = guarded();
    for _ in 0..40 {
        assert_eq!(tried(&mut bench, "192.0.2.1", RIGHT), None);
    }
    assert!(bench.hub.tries.is_forgotten());
}

#[test]
fn guesses_from_everywhere_cost_a_bounded_table_and_are_counted_together_past_it() {
    let mut bench = guarded();
    let address = |n: usize| format!("2001:db8:{:x}:{:x}::1", n / 60_000, n % 60_000);
    for n in 0..PASSPHRASE_ADDRESSES_MAX {
        assert_eq!(tried(&mut bench, &address(n), "닫힌 마루"), Some(ByeCode::WrongPassphrase));
    }
    let more = (0..1_000).map(|n| tried(&mut bench, &address(PASSPHRASE_ADDRESSES_MAX + n), "닫힌 마루"));
    let looked_at = more.filter(|bye| *bye == Some(ByeCode::WrongPassphrase)).count();
    assert_eq!(looked_at, PASSPHRASE_TRIES_MAX as usize);
    assert_eq!(bench.hub.tries.counted(), PASSPHRASE_ADDRESSES_MAX);
    bench.wait(Duration::from_secs(12));
    assert_eq!(tried(&mut bench, &address(900_000), "닫힌 마루"), Some(ByeCode::WrongPassphrase));
    assert_eq!(bench.hub.tries.counted(), 1, "what is whole again is forgotten");
}

#[test]
fn the_hosts_own_window_needs_no_passphrase_and_nobody_else_gets_in_that_way() {
    let host = SigningKey::from_bytes(&[1; 32]).verifying_key();
    let options = HostOptions::new(room_id(), "점심 모임");
    let host = Some(member_id(host.as_bytes()));
    let mut bench = Bench::of(HostOptions { host, passphrase: Some(verifier()), ..options });
    let mut let_in = |address: &str, frame: &dyn Fn(&Nonce) -> ClientFrame| {
        let seat = bench.knock_from(address, Some(Dialect::Maru));
        let nonce = bench.nonce(seat);
        bench.heard(seat);
        bench.frame(seat, frame(&nonce));
        let let_in = match bench.heard_one(seat) {
            RoomFrame::Welcome { you, .. } => Some(you.host),
            RoomFrame::Refused { code: RefusalCode::PassphraseFirst, .. } => None,
            other => panic!("{other:?}"),
        };
        bench.gone(seat);
        let_in
    };
    let plain = channel_plain(AUTHORITY);
    let signed = |key: u8, nonce: &Nonce| signed_hello("민지", key, &room_id(), nonce, &plain, None);
    let other_nonce = Nonce::parse("n1").unwrap();
    assert_eq!(let_in("127.0.0.1", &|nonce| signed(1, nonce)), Some(true));
    assert_eq!(let_in("::1", &|nonce| signed(1, nonce)), Some(true));
    assert_eq!(let_in("192.0.2.1", &|nonce| signed(1, nonce)), None, "from elsewhere");
    assert_eq!(let_in("127.0.0.1", &|nonce| signed(2, nonce)), None, "another key");
    assert_eq!(let_in("127.0.0.1", &|_| signed(1, &other_nonce)), None, "said on another connection");
    assert_eq!(let_in("127.0.0.1", &|_| hello("민지", None)), None, "no key");
    let without_signature = |nonce: &Nonce| match signed(1, nonce) {
        ClientFrame::Hello { nickname, key, cursor, .. } => {
            ClientFrame::Hello { nickname, key, signature: None, cursor }
        }
        other => other,
    };
    assert_eq!(let_in("127.0.0.1", &without_signature), None, "no signature");
}

#[test]
fn a_room_without_a_passphrase_asks_for_none() {
    let mut bench = Bench::new();
    let seat = bench.knock();
    bench.heard(seat);
    bench.frame(seat, authenticate(SHA_256, "n,,n=maru,r=abc"));
    assert_eq!(bench.refusal(seat), RefusalCode::AlreadyHere);
    assert!(bench.hub.admits_foreign() && !guarded().hub.admits_foreign());
}
