//! A room that asks for a passphrase.

use std::sync::OnceLock;

use maru_wire::limits::{PASSPHRASE_ITERATIONS_MIN, PASSPHRASE_MS_MAX};
use maru_wire::scram::{Awaited, Passphrase, SHA_256, SHA_256_PLUS, Verifier};

use super::super::door::Channel;
use super::*;
use crate::event::Security;

const EXPORTER: [u8; 32] = [5; 32];

const BOTH: &str = r#"["SCRAM-SHA-256-PLUS","SCRAM-SHA-256"]"#;

fn verifier() -> &'static Verifier {
    static ONCE: OnceLock<Verifier> = OnceLock::new();
    ONCE.get_or_init(|| Verifier::derive(&passphrase("열린 마루"), [3; 16], PASSPHRASE_ITERATIONS_MIN))
}

fn passphrase(typed: &str) -> Passphrase {
    Passphrase::parse(typed).unwrap()
}

fn room(mechanisms: &str) -> String {
    format!(r#"{{"type":"room","id":"r1","name":"점심 모임","nonce":"n1","mechanisms":{mechanisms}}}"#)
}

impl Bench {
    fn knowing(typed: Option<&str>, is_host: bool) -> Self {
        let options = SessionOptions { nickname: name("민지"), room: None, restored: None, seed: 7 };
        let session = Session::new(options, Duration::ZERO).showing(typed.map(passphrase), is_host);
        let mut bench = Self { session, now: Duration::ZERO, events: Vec::new(), shown: Shown::default() };
        bench.settle();
        bench
    }

    /// A dial that is under way leads to a guarded room.
    fn at_the_door(&mut self, security: Security, exporter: Option<[u8; 32]>, mechanisms: &str) {
        self.actions();
        self.session.handle_channel(Channel { security, exporter, chance: [9; 16] });
        self.session.handle_connected(self.now);
        self.hears(&room(mechanisms));
    }

    /// What we say to prove that we have the passphrase.
    fn authenticates(&mut self) -> (String, String) {
        match &self.actions()[..] {
            [Action::Send(ClientFrame::Authenticate { mechanism, data })] => {
                (mechanism.clone(), data.clone())
            }
            other => panic!("{other:?}"),
        }
    }

    /// The room takes our first text, and we work out what it asks for where we have not yet.
    fn challenged(&mut self, exporter: Option<&[u8; 32]>) -> Awaited {
        let (mechanism, first) = self.authenticates();
        let (challenge, awaited) = verifier().challenge(&mechanism, &first, "n1", exporter).unwrap();
        self.hears(&format!(r#"{{"type":"challenge","data":"{challenge}"}}"#));
        awaited
    }

    fn salts(&mut self) {
        match self.actions().remove(0) {
            Action::Salt { passphrase, salt, iterations } => {
                self.session.handle_salted(passphrase.salted(&salt, iterations));
            }
            other => panic!("{other:?}"),
        }
    }

    fn is_answered(&mut self, answer: &str) {
        self.hears(&format!(r#"{{"type":"authenticated","data":"{answer}"}}"#));
    }
}

#[test]
fn over_tls_the_passphrase_is_shown_bound_to_the_channel_before_anything_else_is_said() {
    let mut bench = Bench::knowing(Some("열린 마루"), false);
    bench.at_the_door(Security::Pinned, Some(EXPORTER), BOTH);
    let awaited = bench.challenged(Some(&EXPORTER));
    bench.salts();
    let (mechanism, last) = bench.authenticates();
    assert_eq!(mechanism, SHA_256_PLUS);
    bench.is_answered(&verifier().verify(&awaited, &last).unwrap());
    assert!(matches!(bench.actions()[..], [Action::Prove { .. }]));
    bench.session.handle_proof(Some(proof()));
    assert!(matches!(bench.actions()[..], [Action::Send(ClientFrame::Hello { .. })]));
    bench.hears(&welcome("first", 0, &[], false));
    assert_eq!(bench.link(), Link::Live);
    // Coming back needs no second of computing again.
    bench.comes_back();
    bench.at_the_door(Security::Pinned, Some(EXPORTER), BOTH);
    let awaited = bench.challenged(Some(&EXPORTER));
    let (_, last) = bench.authenticates();
    assert!(verifier().verify(&awaited, &last).is_ok());
}

#[test]
fn without_a_passphrase_it_is_asked_for_and_nothing_is_said() {
    let mut bench = Bench::knowing(None, false);
    bench.at_the_door(Security::Pinned, Some(EXPORTER), BOTH);
    assert_eq!((bench.ended(), bench.actions()), (Some(Fault::PassphraseNeeded), vec![Action::HangUp]));
    bench.session.show(passphrase("열린 마루"));
    bench.settle();
    assert_eq!(bench.actions(), [Action::Dial]);
    bench.at_the_door(Security::Pinned, Some(EXPORTER), BOTH);
    bench.challenged(Some(&EXPORTER));
}

#[test]
fn a_passphrase_is_not_shown_where_somebody_could_stand_in_between() {
    for (security, exporter, mechanisms) in [
        (Security::Plain, None, BOTH),
        (Security::Plain, Some(EXPORTER), BOTH),
        (Security::FirstSeen, Some(EXPORTER), r#"["SCRAM-SHA-256"]"#),
        (Security::Pinned, Some(EXPORTER), r#"["SCRAM-SHA-256"]"#),
        (Security::Pinned, None, BOTH),
    ] {
        for typed in [Some("열린 마루"), None] {
            let mut bench = Bench::knowing(typed, false);
            bench.at_the_door(security, exporter, mechanisms);
            let (ended, done) = (bench.ended(), bench.actions());
            assert_eq!((ended, done), (Some(Fault::PassphraseUnguarded), vec![Action::HangUp]));
        }
    }
    let mut bench = Bench::knowing(Some("열린 마루"), false);
    bench.session.handle_connected(bench.now);
    bench.hears(&room(BOTH));
    assert_eq!(bench.ended(), Some(Fault::PassphraseUnguarded), "nothing is known of the connection");
}

#[test]
fn behind_a_proxy_that_an_authority_vouches_for_we_say_that_nothing_could_be_bound() {
    let mut bench = Bench::knowing(Some("열린 마루"), false);
    bench.at_the_door(Security::Authority, Some(EXPORTER), r#"["SCRAM-SHA-256"]"#);
    let (mechanism, first) = bench.authenticates();
    assert_eq!(mechanism, SHA_256);
    assert!(first.starts_with("y,,"), "{first}");
}

#[test]
fn a_room_that_does_not_prove_that_it_has_the_passphrase_is_left() {
    for answer in ["v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "", "e=other-error"] {
        let mut bench = Bench::knowing(Some("열린 마루"), false);
        bench.at_the_door(Security::FirstSeen, Some(EXPORTER), BOTH);
        bench.challenged(Some(&EXPORTER));
        bench.salts();
        bench.authenticates();
        bench.is_answered(answer);
        let (ended, done) = (bench.ended(), bench.actions());
        assert_eq!((ended, done), (Some(Fault::WrongPassphrase), vec![Action::HangUp]), "{answer}");
    }
}

#[test]
fn a_room_that_asks_for_no_passphrase_where_we_know_one_is_left_unless_its_certificate_is_known() {
    for (security, exporter) in [(Security::FirstSeen, Some(EXPORTER)), (Security::Plain, None)] {
        let mut bench = Bench::knowing(Some("열린 마루"), false);
        bench
            .session
            .say(MessageId::parse("x1").unwrap(), MessageText::parse("a").unwrap(), 0, bench.now)
            .unwrap();
        bench.at_the_door(security, exporter, "[]");
        let (ended, done) = (bench.ended(), bench.actions());
        assert_eq!((ended, done), (Some(Fault::WrongPassphrase), vec![Action::HangUp]), "{security:?}");
    }
    for security in [Security::Pinned, Security::Authority] {
        let mut bench = Bench::knowing(Some("열린 마루"), false);
        bench.at_the_door(security, Some(EXPORTER), "[]");
        assert!(matches!(bench.actions()[..], [Action::Prove { .. }]), "its host may have opened it to all");
    }
}

#[test]
fn a_room_that_lets_us_in_before_it_has_proven_itself_is_not_listened_to() {
    let mut bench = Bench::knowing(Some("열린 마루"), false);
    bench.at_the_door(Security::FirstSeen, Some(EXPORTER), BOTH);
    for _ in 0..3 {
        bench.is_answered("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        bench.hears(&welcome("first", 1, &entries(1..=1), false));
        bench.session.handle_proof(Some(proof()));
        assert!(matches!(bench.link(), Link::Connecting { .. }), "{:?}", bench.link());
        assert!(bench.heard().is_empty());
        let sent = bench.actions();
        assert!(!sent.iter().any(|it| matches!(it, Action::Send(ClientFrame::Hello { .. }))), "{sent:?}");
        if let Some(Action::Send(ClientFrame::Authenticate { mechanism, data })) = sent.first() {
            let (challenge, _) = verifier().challenge(mechanism, data, "n1", Some(&EXPORTER)).unwrap();
            bench.hears(&format!(r#"{{"type":"challenge","data":"{challenge}"}}"#));
        }
    }
}

#[test]
fn a_room_that_asks_for_too_much_work_is_left() {
    for iterations in ["1", "4095", "1000001", "4294967295", "99999999999"] {
        let mut bench = Bench::knowing(Some("열린 마루"), false);
        bench.at_the_door(Security::Pinned, Some(EXPORTER), BOTH);
        let (mechanism, first) = bench.authenticates();
        let (challenge, _) = verifier().challenge(&mechanism, &first, "n1", Some(&EXPORTER)).unwrap();
        let challenge = challenge.replace("i=4096", &format!("i={iterations}"));
        bench.hears(&format!(r#"{{"type":"challenge","data":"{challenge}"}}"#));
        assert_eq!((bench.ended(), bench.actions()), (Some(Fault::NotARoom), vec![Action::HangUp]));
    }
}

#[test]
fn each_way_of_being_turned_away_is_told_and_waits_for_a_person() {
    for (code, fault) in [
        ("wrong_passphrase", Fault::WrongPassphrase),
        ("passphrase_needed", Fault::PassphraseNeeded),
        ("too_many_attempts", Fault::TooManyAttempts),
    ] {
        let mut bench = Bench::live();
        bench.comes_back();
        bench.session = bench.session.showing(Some(passphrase("닫힌 마루")), false);
        bench.at_the_door(Security::Pinned, Some(EXPORTER), BOTH);
        bench.hears(&bye(code, "stop"));
        bench.closes(Closed::Lost);
        assert_eq!(bench.ended(), Some(fault));
        assert_eq!(bench.session.poll_timeout(), None, "nothing more by itself");
    }
}

#[test]
fn the_hosts_own_window_shows_its_key_alone() {
    let mut bench = Bench::knowing(None, true);
    bench.at_the_door(Security::Plain, None, BOTH);
    assert!(matches!(bench.actions()[..], [Action::Prove { .. }]));
    bench.session.handle_proof(Some(proof()));
    assert!(matches!(bench.actions()[..], [Action::Send(ClientFrame::Hello { .. })]));
    bench.hears(&refused("passphrase_first", "hello", None));
    assert_eq!(bench.ended(), Some(Fault::PassphraseNeeded), "of another room than ours");
}

#[test]
fn a_room_has_half_a_minute_since_we_need_some_of_it() {
    let mut bench = Bench::knowing(Some("열린 마루"), false);
    bench.at_the_door(Security::Pinned, Some(EXPORTER), BOTH);
    bench.challenged(Some(&EXPORTER));
    bench.wait(Duration::from_millis(PASSPHRASE_MS_MAX - 1));
    assert_eq!(bench.ended(), None);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.ended(), Some(Fault::Timeout));
    // What was worked out for it comes too late, and is of use the next time.
    bench.salts();
    assert_eq!(bench.actions(), []);
}
