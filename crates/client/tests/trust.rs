//! By which certificate a room is known: real rooms over TLS, and others that pretend to be them.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

#[path = "real_room/guest.rs"]
mod guest;
#[path = "trust/others.rs"]
mod others;

use std::sync::Arc;

use maru_client::{Endpoint, Fault, Finder, FirstUse, JoinOptions, RoomEvent, Security, Target, Trust};
use maru_server::tls::Identity;
use maru_server::{Host, HostOptions, PortChoice};
use maru_wire::{ByeCode, RoomId};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use tokio::sync::watch;

use guest::{Guest, open, options, soon};
use others::{counting_tls, passage, stripper};

/// A certificate signed by itself.
fn identity() -> Identity {
    let (certificate, key) = certificate();
    Identity::from_der(vec![certificate], &key).unwrap()
}

/// The same, and its key.
fn certificate() -> (Vec<u8>, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["maru.test".into()]).unwrap().self_signed(&key).unwrap();
    (certificate.der().to_vec(), key.serialize_der())
}

async fn host(identity: &Identity, options: HostOptions) -> Host {
    Host::start(HostOptions { tls: Some(identity.clone()), ..options }).await.unwrap()
}

fn joining(address: &str, trust: &Arc<FirstUse>) -> JoinOptions {
    let trust = Arc::clone(trust) as Arc<dyn Trust>;
    JoinOptions { trust, ..Guest::options(address, "민지") }
}

async fn security(guest: &mut Guest) -> Security {
    let told = guest.told(|event| match event {
        RoomEvent::Connected { security, .. } => Some(*security),
        _ => None,
    });
    let security = told.await;
    guest.told(|event| matches!(event, RoomEvent::Entered { .. }).then_some(())).await;
    security
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_known_by_the_certificate_that_it_showed_first() {
    let (trust, identity) = (Arc::default(), identity());
    let host = host(&identity, options(0)).await;
    let address = host.address().to_string();
    let mut first = Guest::of(joining(&address, &trust));
    assert_eq!(security(&mut first).await, Security::FirstSeen);
    assert_eq!(trust.known("r1").as_deref(), Some(identity.pin()));
    first.says_and_hears("x1").await;
    soon(first.joined.leave()).await;
    let mut again = Guest::of(joining(&address, &trust));
    assert_eq!(security(&mut again).await, Security::Pinned);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_than_the_known_one_hears_nothing_until_a_person_takes_it() {
    let (trust, mine, (shown, key)) = (Arc::<FirstUse>::default(), identity(), certificate());
    let other = Identity::from_der(vec![shown.clone()], &key).unwrap();
    trust.remember("r1", mine.pin());
    let (address, heard) = counting_tls(&shown, &key).await;
    for invite in [
        format!("maru://join?a={address}&room=r1"),
        format!("maru://join?a={address}&room=r2&pin={}", mine.pin()),
        format!("http://{address}/#room=r1&pin={}", other.pin()),
    ] {
        let mut guest = Guest::of(joining(&invite, &trust));
        assert_eq!(guest.ended().await, Fault::CertificateChanged, "{invite}");
    }
    assert_eq!(heard.bytes(), 0, "not even a question");
    assert!(heard.connections() >= 3);
    let host = host(&other, options(0)).await;
    let address = host.address().to_string();
    let mut guest = Guest::of(JoinOptions { take_certificate: true, ..joining(&address, &trust) });
    assert_eq!(security(&mut guest).await, Security::FirstSeen);
    assert_eq!(trust.known("r1").as_deref(), Some(other.pin()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_known_by_its_certificate_is_not_entered_without_it() {
    let (trust, mine) = (Arc::<FirstUse>::default(), identity());
    trust.remember("r1", mine.pin());
    for card in ["r1", "r2"] {
        let (address, heard) = stripper(card).await;
        let mut guest = Guest::of(joining(&address.to_string(), &trust));
        assert_eq!(guest.ended().await, Fault::CertificateChanged, "its card says {card}");
        assert_eq!(heard.frames(), 0, "nothing is said to whoever takes the room's name without TLS");
        let (asked, met) = (heard.bytes(), Some(RoomId::parse("r1").unwrap()));
        let mut guest = Guest::of(JoinOptions { met, ..joining(&address.to_string(), &trust) });
        assert!(matches!(guest.ended().await, Fault::Tls | Fault::CertificateChanged));
        assert_eq!(
            (heard.frames(), heard.bytes()),
            (0, asked),
            "where it is expected, there is no question either"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_without_tls_is_a_plain_one() {
    let host = open(0).await;
    let mut guest = Guest::of(joining(&host.address().to_string(), &Arc::default()));
    assert_eq!(security(&mut guest).await, Security::Plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_an_authority_vouches_for_may_be_another_each_time() {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let (authorities, trust) = (Arc::new(roots), Arc::<FirstUse>::default());
    for _ in 0..2 {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".into()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let identity = Identity::from_der(vec![certificate.der().to_vec()], &key.serialize_der()).unwrap();
        let host = host(&identity, options(0)).await;
        let address = format!("https://localhost:{}/", host.address().port());
        let options = joining(&address, &trust);
        let mut guest = Guest::of(JoinOptions { authorities: Arc::clone(&authorities), ..options });
        assert_eq!(security(&mut guest).await, Security::Authority);
        assert_eq!(trust.known("r1"), None);
        guest.says_and_hears("x1").await;
        // Nobody vouches for it here, and a room is known by it all the same.
        let mut other = Guest::of(joining(&address, &Arc::default()));
        assert_eq!(security(&mut other).await, Security::FirstSeen);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_addresses_the_one_that_leads_to_the_right_room_is_taken() {
    let (mine, other) = (identity(), identity());
    let right = host(&mine, options(0)).await;
    let wrong_room = HostOptions {
        port: PortChoice::Exactly(0),
        ..HostOptions::new(RoomId::parse("r2").unwrap(), "다른 방")
    };
    let wrong_room = host(&mine, HostOptions { bind: right.address().ip(), ..wrong_room }).await;
    let wrong_machine = host(&other, options(0)).await;
    let dead = { tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    // The wrong room has answered before the right one is reached.
    let (_open, opens) = watch::channel(true);
    let (to_wrong, answered) = passage(wrong_room.address(), opens).await;
    let (to_right, _) = passage(right.address(), answered).await;
    let addresses = [dead, wrong_machine.address(), to_wrong, to_right];
    let addresses = addresses.map(|address| format!("a={address}&")).concat();
    let invite = format!("maru://join?{addresses}room=r1&pin={}", mine.pin());
    let mut guest = Guest::of(joining(&invite, &Arc::default()));
    assert_eq!(security(&mut guest).await, Security::Pinned);
    soon(right.members().wait_for(|count| *count == 1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_moved_is_followed_where_its_certificate_is() {
    let (mine, other) = (identity(), identity());
    let first = host(&mine, options(0)).await;
    let pretender = host(&other, options(0)).await;
    let (tell, told) = tokio::sync::watch::channel(Vec::<Endpoint>::new());
    let finder: Finder = Arc::new(move |room| {
        assert_eq!(room.as_str(), "r1");
        let found = told.borrow().clone();
        Box::pin(async move { found })
    });
    let options_of = joining(&first.address().to_string(), &Arc::default());
    let mut guest = Guest::of(JoinOptions { finder: Some(finder), ..options_of });
    assert_eq!(security(&mut guest).await, Security::FirstSeen);
    let moved = host(&mine, options(0)).await;
    tell.send(vec![pretender.address().into(), moved.address().into()]).unwrap();
    soon(first.stop(ByeCode::Restarting)).await;
    assert_eq!(security(&mut guest).await, Security::Pinned);
    guest.says_and_hears("x1").await;
    assert_eq!(*moved.members().borrow(), 1);
    assert_eq!(*pretender.members().borrow(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_may_name_its_certificate_beside_its_address() {
    let (mine, other) = (identity(), identity());
    let host = host(&mine, options(0)).await;
    for (pin, fault) in [(mine.pin(), None), (other.pin(), Some(Fault::CertificateChanged))] {
        let target = Target { pin: Some(pin.into()), ..Target::parse(&host.address().to_string()).unwrap() };
        let mut guest = Guest::of(JoinOptions { target, ..joining("127.0.0.1:1", &Arc::default()) });
        match fault {
            Some(fault) => assert_eq!(guest.ended().await, fault),
            None => assert_eq!(security(&mut guest).await, Security::Pinned),
        }
    }
}
