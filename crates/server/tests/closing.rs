//! A room that closes, is dropped or cannot be opened.

mod common;

use std::net::{IpAddr, Ipv4Addr};

use common::guest::{Guest, UNHURRIED, host, host_at, host_with, small_reader};
use common::{CLOSE, Raw, TEXT, closing, frame, soon};
use maru_server::{Host, HostLimits, HostOptions, PortChoice};
use maru_wire::limits::MESSAGE_BYTES_MAX;
use maru_wire::{ByeCode, RoomFrame, RoomId};

#[tokio::test]
async fn closing_the_room_says_so_to_all_and_frees_the_port_at_once() {
    let host = host().await;
    let address = host.address();
    let mut member = Guest::join(address, "민지").await;
    let mut stranger = Guest(Raw::open(address).await);
    stranger.hear().await;
    let stopped = tokio::spawn(host.stop(ByeCode::RoomClosed));
    for guest in [&mut member, &mut stranger] {
        let bye = guest.0.text().await;
        assert_eq!(
            bye,
            r#"{"type":"bye","code":"room_closed","then":"stop","message":"the host closed the room"}"#
        );
        assert_eq!(guest.0.next().await, Some((CLOSE, closing(4500, "stop"))));
        guest.0.send(CLOSE, &closing(4500, "")).await;
        assert_eq!(guest.0.next().await, None);
    }
    soon(stopped).await.unwrap();
    let again = host_at(address.port(), HostLimits::default()).await;
    Guest::join(again.address(), "민지").await;
}

#[tokio::test]
async fn closing_waits_for_nobody_who_does_not_answer_or_does_not_even_read() {
    let host = host_with(UNHURRIED).await;
    let address = host.address();
    let silent = Guest::join(address, "민지").await;
    let mut sayer = Guest::join(address, "준호").await;
    let mut deaf = small_reader(address).await;
    let hello = frame(TEXT, r#"{"type":"hello","nickname":"느림보"}"#.as_bytes());
    let bytes = [common::handshake(address, common::MARU).as_bytes(), &hello].concat();
    tokio::io::AsyncWriteExt::write_all(&mut deaf, &bytes).await.unwrap();
    while !matches!(sayer.hear().await, RoomFrame::Joined { .. }) {}
    for i in 0..60 {
        sayer.say(&format!("x{i}"), &"\"".repeat(MESSAGE_BYTES_MAX)).await;
        sayer.entry().await;
    }
    soon(host.stop(ByeCode::Restarting)).await;
    drop((silent, deaf));
    let again = host_at(address.port(), HostLimits::default()).await;
    Guest::join(again.address(), "민지").await;
}

#[tokio::test]
async fn a_room_that_is_dropped_takes_its_connections_with_it() {
    let host = host().await;
    let mut guest = Guest::join(host.address(), "민지").await;
    drop(host);
    assert_eq!(guest.0.next().await, None);
}

#[tokio::test]
async fn a_taken_port_is_named_as_such_and_the_next_one_is_found() {
    let first = host().await;
    let options = |port| HostOptions {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port,
        ..HostOptions::new(RoomId::parse("r2").unwrap(), "방")
    };
    let port = first.address().port();
    let taken = Host::start(options(PortChoice::Exactly(port))).await;
    assert!(matches!(taken, Err(maru_server::HostError::PortTaken)));
    let next = Host::start(options(PortChoice::From(port))).await.unwrap();
    assert_ne!(next.address().port(), port);
}
