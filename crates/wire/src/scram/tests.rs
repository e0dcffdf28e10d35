//! Both sides against each other, and against the example of RFC 7677.

use proptest::prelude::*;

use super::*;
use crate::limits::{PASSPHRASE_ITERATIONS_MAX, PASSPHRASE_ITERATIONS_MIN};

const EXPORTER: [u8; 32] = [5; 32];

fn passphrase(text: &str) -> Passphrase {
    Passphrase::parse(text).unwrap()
}

fn verifier() -> Verifier {
    Verifier::derive(&passphrase("열린 마루"), [3; 16], PASSPHRASE_ITERATIONS_MIN)
}

/// A whole conversation, as far as it gets; what the room answers at the end, and whether the member believes it.
fn shown(
    verifier: &Verifier,
    typed: &str,
    binding: Binding,
    exporter: Option<&[u8; 32]>,
) -> Result<bool, ScramError> {
    let opening = Opening::new(binding, [1; 16]);
    let (challenge, awaited) =
        verifier.challenge(opening.mechanism(), &opening.first(), "server", exporter)?;
    let asked = opening.challenged(&challenge)?;
    let salted = passphrase(typed).salted(asked.salt(), asked.iterations());
    let (last, promise) = asked.answer(&salted);
    Ok(promise.is_kept(&verifier.verify(&awaited, &last)?))
}

#[test]
fn the_example_of_rfc_7677_comes_out_as_there() {
    let salted = passphrase("pencil").salted(&data_encoding::BASE64.decode(SALT).unwrap(), 4096);
    let salt: Vec<u8> = data_encoding::BASE64.decode(SALT).unwrap();
    let verifier = Verifier::derive(&passphrase("pencil"), salt.clone().try_into().unwrap(), 4096);
    let (challenge, awaited) = verifier.challenge(SHA_256, FIRST, SERVER_NONCE, None).unwrap();
    assert_eq!(challenge, CHALLENGE);
    assert_eq!(verifier.verify(&awaited, LAST).unwrap(), ANSWER);
    let asked = Asked {
        mechanism: SHA_256,
        first_bare: FIRST.strip_prefix("n,,").unwrap().into(),
        challenge: CHALLENGE.into(),
        last_without_proof: LAST.rsplit_once(",p=").unwrap().0.into(),
        salt,
        iterations: 4096,
    };
    let (last, promise) = asked.answer(&salted);
    assert_eq!(last, LAST);
    assert!(promise.is_kept(ANSWER));
}

const SALT: &[u8] = b"W22ZaJ0SNY7soEsUEjb6gQ==";
const SERVER_NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const CHALLENGE: &str =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const LAST: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const ANSWER: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

#[test]
fn who_has_the_passphrase_is_let_in_and_knows_that_the_room_has_it_too() {
    let room = verifier();
    assert_eq!(shown(&room, "열린 마루", Binding::None, None), Ok(true));
    assert_eq!(shown(&room, "열린 마루", Binding::None, Some(&EXPORTER)), Ok(true), "as a browser does");
    assert_eq!(shown(&room, "열린 마루", Binding::NotOffered, None), Ok(true));
    assert_eq!(shown(&room, "열린 마루", Binding::Exporter(EXPORTER), Some(&EXPORTER)), Ok(true));
    let decomposed = "\u{110B}\u{1167}\u{11AF}\u{1105}\u{1175}\u{11AB} 마루";
    assert_eq!(shown(&room, decomposed, Binding::None, None), Ok(true));
    assert_eq!(shown(&room, "닫힌 마루", Binding::None, None), Err(ScramError::Wrong));
}

#[test]
fn whoever_stands_in_between_gets_nowhere() {
    let room = verifier();
    let other = Binding::Exporter([6; 32]);
    assert_eq!(shown(&room, "열린 마루", other, Some(&EXPORTER)), Err(ScramError::Channel));
    let downgraded = Binding::NotOffered;
    assert_eq!(shown(&room, "열린 마루", downgraded, Some(&EXPORTER)), Err(ScramError::Channel));
    let bound = Binding::Exporter(EXPORTER);
    assert_eq!(shown(&room, "열린 마루", bound, None), Err(ScramError::Unsupported));
    // What was said elsewhere is worth nothing here.
    let begin = || Opening::new(Binding::None, [1; 16]);
    let (challenge, _) = room.challenge(SHA_256, &begin().first(), "elsewhere", None).unwrap();
    let asked = begin().challenged(&challenge).unwrap();
    let salted = passphrase("열린 마루").salted(asked.salt(), asked.iterations());
    let (_, here) = room.challenge(SHA_256, &begin().first(), "here", None).unwrap();
    assert_eq!(room.verify(&here, &asked.answer(&salted).0), Err(ScramError::Malformed));
}

#[test]
fn a_room_without_the_passphrase_is_not_believed() {
    let room = verifier();
    let opening = Opening::new(Binding::None, [1; 16]);
    let (challenge, awaited) = room.challenge(SHA_256, &opening.first(), "server", None).unwrap();
    let asked = opening.challenged(&challenge).unwrap();
    let salted = passphrase("열린 마루").salted(asked.salt(), asked.iterations());
    let (last, promise) = asked.answer(&salted);
    let answer = room.verify(&awaited, &last).unwrap();
    let other = format!("v={}", data_encoding::BASE64.encode(&[0; 32]));
    for false_answer in ["", "v=", "e=other-error", &answer[2..], &other, &answer.to_lowercase()] {
        assert!(!promise.is_kept(false_answer), "{false_answer}");
    }
    assert!(promise.is_kept(&answer));
}

#[test]
fn a_challenge_that_asks_for_too_much_or_too_little_is_refused() {
    let nonce = format!("{}x", data_encoding::BASE64.encode(&[1; 16]));
    let salt = data_encoding::BASE64.encode(&[0; 16]);
    let challenged = |text: &str| Opening::new(Binding::None, [1; 16]).challenged(text).map(|_| ());
    for (iterations, expected) in [
        (PASSPHRASE_ITERATIONS_MIN, Ok(())),
        (PASSPHRASE_ITERATIONS_MAX, Ok(())),
        (PASSPHRASE_ITERATIONS_MIN - 1, Err(ScramError::OutOfBounds)),
        (PASSPHRASE_ITERATIONS_MAX + 1, Err(ScramError::OutOfBounds)),
    ] {
        assert_eq!(challenged(&format!("r={nonce},s={salt},i={iterations}")), expected, "{iterations}");
    }
    let long = data_encoding::BASE64.encode(&[0; 65]);
    let mine = &nonce[..nonce.len() - 1];
    for (text, error) in [
        (format!("r={nonce},s={salt},i=-1"), ScramError::Malformed),
        (format!("r={nonce},s={salt},i=99999999999999"), ScramError::Malformed),
        (format!("r={nonce},s=AA==,i=5000"), ScramError::OutOfBounds),
        (format!("r={nonce},s={long},i=5000"), ScramError::OutOfBounds),
        (format!("r={mine},s={salt},i=5000"), ScramError::Malformed),
        (format!("r=other,s={salt},i=5000"), ScramError::Malformed),
        (format!("r={nonce}{},s={salt},i=5000", "x".repeat(256)), ScramError::OutOfBounds),
        (format!("m=new,r={nonce},s={salt},i=5000"), ScramError::Unsupported),
        (format!("r={nonce},s={salt},i=5000,{}", "x=y,".repeat(1024)), ScramError::OutOfBounds),
        (format!("r={nonce},s={salt}"), ScramError::Malformed),
        (String::new(), ScramError::Malformed),
    ] {
        assert_eq!(challenged(&text), Err(error), "{text}");
    }
    assert_eq!(challenged(&format!("r={nonce},s={salt},i=5000,x=later")), Ok(()), "an extension");
}

#[test]
fn a_first_text_has_to_be_of_a_mechanism_and_a_flag_that_fit() {
    let room = verifier();
    let first = |mechanism: &str, text: &str, exporter| {
        room.challenge(mechanism, text, "server", exporter).map(|_| ())
    };
    for (mechanism, text, exporter, expected) in [
        (SHA_256, "n,,n=maru,r=abc", None, Ok(())),
        (SHA_256, "n,,n=anybody,r=abc,x=later", None, Ok(())),
        (SHA_256, "p=tls-exporter,,n=maru,r=abc", Some(&EXPORTER), Err(ScramError::Channel)),
        (SHA_256_PLUS, "n,,n=maru,r=abc", Some(&EXPORTER), Err(ScramError::Channel)),
        (SHA_256_PLUS, "p=tls-unique,,n=maru,r=abc", Some(&EXPORTER), Err(ScramError::Channel)),
        ("SCRAM-SHA-1", "n,,n=maru,r=abc", None, Err(ScramError::Unsupported)),
        (SHA_256, "n,a=minji,n=maru,r=abc", None, Err(ScramError::Malformed)),
        (SHA_256, "n,,m=x,n=maru,r=abc", None, Err(ScramError::Unsupported)),
        (SHA_256, "n,,n=maru", None, Err(ScramError::Malformed)),
        (SHA_256, "n,,n=maru,r=", None, Err(ScramError::Malformed)),
        (SHA_256, "n,,n=maru,r=한글", None, Err(ScramError::Malformed)),
        (SHA_256, "n", None, Err(ScramError::Malformed)),
        (SHA_256, "", None, Err(ScramError::Malformed)),
    ] {
        assert_eq!(first(mechanism, text, exporter), expected, "{mechanism} {text}");
    }
}

#[test]
fn what_a_room_keeps_is_written_down_and_read_again_and_is_not_the_passphrase() {
    let room = verifier();
    let written = serde_json::to_string(&room).unwrap();
    assert_eq!(serde_json::from_str::<Verifier>(&written).unwrap(), room);
    assert!(room.is_of(&passphrase("열린 마루")) && !room.is_of(&passphrase("닫힌 마루")));
    assert!(!written.contains("열린"));
    assert!(!format!("{room:?}").contains("key"));
    for broken in [
        written.replace("4096", "4095"),
        written.replace("4096", "100000000"),
        written.replace("\"salt\":\"", "\"salt\":\"!"),
        written.replace("\"stored_key\":\"", "\"stored_key\":\"AAAA"),
    ] {
        assert!(serde_json::from_str::<Verifier>(&broken).is_err(), "{broken}");
    }
}

proptest! {
    #[test]
    fn no_text_of_a_stranger_is_more_than_refused(
        first in "[npya=,tls\\-xr0-9A-Za-z+/한]{0,60}",
        challenge in "(r=[A-Za-z0-9+/=]{0,40},?)?(s=[A-Za-z0-9+/=]{0,40},?)?(i=[0-9\\-]{0,12})?.{0,8}",
        last in "(c=[A-Za-z=]{0,12},?)?(r=[!-~]{0,50})?(,p=[A-Za-z0-9+/=]{0,50})?.{0,8}",
    ) {
        let room = verifier_once();
        let _ = room.challenge(SHA_256, &first, "server", None);
        let _ = Opening::new(Binding::None, [1; 16]).challenged(&challenge);
        let opening = Opening::new(Binding::None, [1; 16]);
        let (_, awaited) = room.challenge(SHA_256, &opening.first(), "server", None).unwrap();
        prop_assert!(room.verify(&awaited, &last).is_err());
        let nearly = format!("c=biws,r=AQEBAQEBAQEBAQEBAQEBAQ==server{last}");
        prop_assert!(room.verify(&awaited, &nearly).is_err());
    }

    #[test]
    fn one_character_changed_anywhere_in_the_last_text_is_noticed(at in 0usize..1_000, with in "[!-~]") {
        let (room, awaited, last) = conversation_once();
        let at = at % last.len();
        let changed = format!("{}{with}{}", &last[..at], &last[at + 1..]);
        prop_assume!(changed != *last);
        prop_assert!(room.verify(awaited, &changed).is_err(), "{changed}");
    }
}

fn verifier_once() -> &'static Verifier {
    static ONCE: std::sync::OnceLock<Verifier> = std::sync::OnceLock::new();
    ONCE.get_or_init(verifier)
}

fn conversation_once() -> &'static (Verifier, Awaited, String) {
    static ONCE: std::sync::OnceLock<(Verifier, Awaited, String)> = std::sync::OnceLock::new();
    ONCE.get_or_init(|| {
        let room = verifier();
        let opening = Opening::new(Binding::None, [1; 16]);
        let (challenge, awaited) = room.challenge(SHA_256, &opening.first(), "server", None).unwrap();
        let asked = opening.challenged(&challenge).unwrap();
        let salted = passphrase("열린 마루").salted(asked.salt(), asked.iterations());
        let (last, _) = asked.answer(&salted);
        assert!(room.verify(&awaited, &last).is_ok());
        (room, awaited, last)
    })
}
