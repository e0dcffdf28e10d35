//! A room with a passphrase, over real sockets.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::net::{IpAddr, Ipv4Addr};

use common::Raw;
use common::guest::Guest;
use maru_server::{Host, HostOptions, PortChoice};
use maru_wire::limits::PASSPHRASE_ITERATIONS_MIN;
use maru_wire::scram::{Binding, Opening, Passphrase, Verifier, offered};
use maru_wire::{ByeCode, RoomFrame, RoomId};

async fn guarded() -> Host {
    let passphrase = Passphrase::parse("열린 마루").unwrap();
    let options = HostOptions {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: PortChoice::Exactly(0),
        passphrase: Some(Verifier::derive(&passphrase, [3; 16], PASSPHRASE_ITERATIONS_MIN)),
        ..HostOptions::new(RoomId::parse("r1").unwrap(), "점심 모임")
    };
    Host::start(options).await.unwrap()
}

/// Goes to the door with a passphrase, up to the room's answer to it.
async fn showing(host: &Host, typed: &str) -> (Guest, Option<RoomFrame>) {
    let mut guest = Guest(Raw::open(host.address()).await);
    let RoomFrame::Room { mechanisms, .. } = guest.hear().await else { panic!() };
    assert_eq!(mechanisms, offered(false));
    let opening = Opening::new(Binding::None, [1; 16]);
    let said = |data: String| {
        serde_json::json!({"type": "authenticate", "mechanism": "SCRAM-SHA-256", "data": data}).to_string()
    };
    guest.0.say(&said(opening.first())).await;
    let RoomFrame::Challenge { data } = guest.hear().await else { panic!() };
    let asked = opening.challenged(&data).unwrap();
    let salted = Passphrase::parse(typed).unwrap().salted(asked.salt(), asked.iterations());
    let (last, promise) = asked.answer(&salted);
    guest.0.say(&said(last)).await;
    if typed != "열린 마루" {
        return (guest, None);
    }
    let RoomFrame::Authenticated { data } = guest.hear().await else { panic!() };
    assert!(promise.is_kept(&data));
    guest.0.say(r#"{"type":"hello","nickname":"민지"}"#).await;
    let welcome = guest.hear().await;
    (guest, Some(welcome))
}

#[tokio::test]
async fn whoever_knows_the_passphrase_talks_and_whoever_does_not_hears_nothing_of_it() {
    let host = guarded().await;
    let (mut inside, welcome) = showing(&host, "열린 마루").await;
    assert!(matches!(welcome, Some(RoomFrame::Welcome { .. })), "{welcome:?}");
    let mut stranger = Guest(Raw::open(host.address()).await);
    assert!(matches!(stranger.hear().await, RoomFrame::Room { .. }));
    inside.say("x1", "비밀").await;
    inside.entry().await;
    stranger.0.say(r#"{"type":"hello","nickname":"준호"}"#).await;
    // The first that it hears since is the refusal, though something was said.
    assert_eq!(stranger.refusal().await, r#""passphrase_first""#);
    let (mut wrong, _) = showing(&host, "닫힌 마루").await;
    wrong.goodbye(ByeCode::WrongPassphrase).await;
    host.stop(ByeCode::RoomClosed).await;
    stranger.goodbye(ByeCode::RoomClosed).await;
}
