//! The driver on servers that are none of ours: real sockets, and a chat as tutorials build it.

#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

#[path = "real_room/guest.rs"]
mod guest;

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use maru_client::inspector::{Direction, Seen};
use maru_client::{Link, RoomEvent, Security, Update};
use maru_wire::{CaughtUp, Dialect, Happening};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use guest::{Guest, soon};

/// A chat of one member: parses what it hears, and says it to the one who said it. Whoever says `drop` is let go.
async fn zoom() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A question that asks for no WebSocket gets an answer to that effect.
            let Ok(mut socket) = accept_async(stream).await else { continue };
            let mut name = "Anon".to_owned();
            while let Some(Ok(Message::Text(text))) = socket.next().await {
                let said: serde_json::Value =
                    serde_json::from_str(&text).expect("nothing but JSON is said here");
                let payload = said["payload"].as_str().unwrap();
                match said["type"].as_str() {
                    Some("nickname") => name = payload.into(),
                    _ if payload == "drop" => break,
                    _ => socket.send(Message::text(format!("{name}: {payload}"))).await.unwrap(),
                }
            }
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_server_is_found_out_talked_to_and_come_back_to() {
    let address = zoom().await;
    let mut minji = Guest::at(&address.to_string(), "민지");
    minji
        .told(|event| match event {
            RoomEvent::Connected { dialect: Dialect::NicknameJson, security: Security::Plain } => Some(()),
            _ => None,
        })
        .await;
    minji.says_and_hears("x1").await;
    minji.say("x2", "drop").await;
    minji.told(|event| matches!(event, RoomEvent::Link { link: Link::Waiting { .. } }).then_some(())).await;
    minji.say("x3", "다시").await;
    let gap = |event: &RoomEvent| match event {
        RoomEvent::Entered { caught_up, .. } => Some(*caught_up),
        _ => None,
    };
    assert_eq!(minji.told(gap).await, CaughtUp::Trimmed, "what was said meanwhile is missing");
    minji.hears("x3").await;
    minji.joined.snapshot().await;
    let own = |event: &RoomEvent| match event {
        RoomEvent::Entered { caught_up: CaughtUp::First, entries, .. } => Some(entries.clone()),
        _ => None,
    };
    let entries = minji.told(own).await;
    assert!(
        matches!(&entries[..], [one] if matches!(&one.what, Happening::Said { id, .. } if id.as_str() == "x3"))
    );
    assert!(soon(minji.joined.leave()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_later_sees_how_the_connection_was_opened_and_what_goes_over_it() {
    let address = zoom().await;
    let mut minji = Guest::at(&address.to_string(), "민지");
    minji.told(|event| matches!(event, RoomEvent::Link { link: Link::Live }).then_some(())).await;
    minji.says_and_hears("x1").await;
    minji.joined.inspect(true).await;
    minji.say("x2", "둘").await;
    let mut seen = Vec::new();
    let came_back = |what: &Seen| match what {
        Seen::Frame { direction: Direction::In, text, .. } => text == "민지: 둘",
        _ => false,
    };
    while !seen.iter().any(came_back) {
        if let Update::Sights(sights) = soon(minji.updates.recv()).await.unwrap() {
            seen.extend(sights.into_iter().map(|sight| sight.what));
        }
    }
    assert!(matches!(&seen[0], Seen::Request { line, .. } if line == "GET / HTTP/1.1"), "{seen:?}");
    assert!(matches!(&seen[1], Seen::Response { line, .. } if line.contains("101")), "{seen:?}");
    let texts: Vec<&str> = seen
        .iter()
        .filter_map(|what| match what {
            Seen::Frame { direction: Direction::Out, text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, [r#"{"type":"new_message","payload":"둘"}"#], "nothing from before");
    minji.joined.inspect(false).await;
    minji.say("x3", "셋").await;
    minji.hears("x3").await;
    minji.joined.snapshot().await;
    while !matches!(soon(minji.updates.recv()).await.unwrap(), Update::Snapshot(_)) {}
}
