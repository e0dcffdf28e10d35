//! A hosted room over real sockets: what members hear of each other, and what becomes of peers that break a rule.

mod common;

use common::guest::{Guest, UNHURRIED, host, host_with, small_reader};
use common::{BINARY, PING, PONG, Raw, TEXT, frame, soon};
use futures_util::{SinkExt, StreamExt};
use maru_server::HostLimits;
use maru_wire::limits::{
    CONTROL_FRAMES_MAX, FEED_BYTES_MAX, FRAME_BYTES_MAX, FRAMES_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX,
    REFUSALS_MAX, SOCKETS_SPARE,
};
use maru_wire::{ByeCode, CaughtUp, RoomFrame, Seq};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

#[tokio::test]
async fn the_frames_of_a_conversation_are_as_the_protocol_writes_them() {
    let host = host().await;
    let mut request = format!("ws://{}/any/path", host.address()).into_client_request().unwrap();
    request.headers_mut().insert("Sec-WebSocket-Protocol", "maru.v1".parse().unwrap());
    let (mut socket, response) = soon(tokio_tungstenite::connect_async(request)).await.unwrap();
    assert_eq!(response.headers()["Sec-WebSocket-Protocol"], "maru.v1");
    let mut next = async || {
        let text = soon(socket.next()).await.unwrap().unwrap().into_text().unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let room = next().await;
    assert_eq!((room["type"].as_str(), room["id"].as_str()), (Some("room"), Some("r1")));
    socket.send(Message::text(r#"{"type":"hello","nickname":"민지"}"#)).await.unwrap();
    let mut next = async || {
        let text = soon(socket.next()).await.unwrap().unwrap().into_text().unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let welcome = next().await;
    let epoch = &welcome["head"]["epoch"];
    let hash = &welcome["head"]["hash"];
    let you = serde_json::json!({"id": welcome["you"]["id"], "nickname": "민지", "number": 0});
    let expected = serde_json::json!({
        "type": "welcome", "you": you, "name": "점심 모임",
        "head": {"epoch": epoch, "seq": 0, "hash": hash}, "caught_up": "first",
        "entries": [], "more": false, "count": 1, "members": [you],
        "limits": {"message_bytes": 65536, "nickname_graphemes": 32, "rate_per_second": 1000,
            "rate_burst": 2000, "members": 256},
        "can": ["history", "roster", "typing", "excerpt"], "keeps": {"kind": "nothing"},
    });
    assert_eq!(welcome, expected);
    socket.send(Message::text(r#"{"type":"say","id":"x1","text":"안녕"}"#)).await.unwrap();
    let text = soon(socket.next()).await.unwrap().unwrap().into_text().unwrap();
    let entry: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!({
        "type": "entry", "seq": 1, "at": entry["at"], "hash": entry["hash"], "by": you,
        "kind": "said", "id": "x1", "text": "안녕",
    });
    assert_eq!(entry, expected);
    socket.send(Message::text(r#"{"type":"leave"}"#)).await.unwrap();
    let text = soon(socket.next()).await.unwrap().unwrap().into_text().unwrap();
    assert_eq!(text.as_str(), r#"{"type":"bye","code":"left","then":"stop","message":"good-bye"}"#);
    let Some(Ok(Message::Close(Some(close)))) = soon(socket.next()).await else { panic!() };
    assert_eq!((u16::from(close.code), close.reason.as_str()), (4505, "stop"));
}

#[tokio::test]
async fn three_members_hear_the_same_in_the_same_order_and_of_each_other() {
    let host = host().await;
    let mut members = host.members();
    let mut a = Guest::join(host.address(), "민지").await;
    let mut b = Guest::join(host.address(), "준호").await;
    assert!(matches!(a.hear().await, RoomFrame::Joined { count: 2, .. }));
    let mut c = Guest::join(host.address(), "수아").await;
    assert!(matches!(b.hear().await, RoomFrame::Joined { count: 3, .. }));
    soon(members.wait_for(|count| *count == 3)).await.unwrap();
    for i in 0..20 {
        let who = [&mut a, &mut b, &mut c];
        who[i % 3].0.say(&format!(r#"{{"type":"say","id":"x{i}","text":"안녕"}}"#)).await;
    }
    let mut logs = Vec::new();
    for guest in [&mut a, &mut b, &mut c] {
        let mut log = Vec::new();
        while log.len() < 20 {
            log.push(guest.entry().await);
        }
        logs.push(log);
    }
    assert!(logs[0] == logs[1] && logs[1] == logs[2]);
    assert!(logs[0].iter().map(|e| e.seq.0).eq(1..=20));
    drop(c);
    assert!(matches!(a.hear().await, RoomFrame::Left { count: 2, .. }));
    soon(members.wait_for(|count| *count == 2)).await.unwrap();
}

#[tokio::test]
async fn what_is_not_understood_is_refused_and_the_connection_goes_on() {
    let host = host().await;
    let mut guest = Guest::join(host.address(), "민지").await;
    guest.0.send(BINARY, b"{}").await;
    assert_eq!(guest.refusal().await, r#""not_text""#);
    let cases = [
        ("{", "not_json"),
        ("", "not_json"),
        ("[]", "not_json"),
        (r#"{"type":"say"}"#, "bad_frame"),
        (r#"{"type":"moonlight"}"#, "unknown_type"),
        (r#"{"type":"say","id":"x","text":" "}"#, "empty"),
    ];
    for (text, code) in cases {
        guest.0.say(text).await;
        assert_eq!(guest.refusal().await, format!(r#""{code}""#), "{text}");
    }
    guest.0.say(&"[".repeat(100_000)).await;
    assert_eq!(guest.refusal().await, r#""not_json""#, "however deep");
    guest.say("long", &"x".repeat(MESSAGE_BYTES_MAX + 1)).await;
    assert_eq!(guest.refusal().await, r#""too_long""#);
    let escaped = r"\u00e9".repeat(MESSAGE_BYTES_MAX / 2);
    guest.0.say(&format!(r#"{{"type":"say","id":"fine","text":"{escaped}"}}"#)).await;
    assert_eq!(guest.entry().await.seq, Seq(1));
}

#[tokio::test]
async fn a_message_over_the_bound_closes_with_1009_however_it_is_cut() {
    let host = host().await;
    let whole = frame(TEXT, &vec![b'x'; FRAME_BYTES_MAX + 1]);
    let half = vec![b'x'; FRAME_BYTES_MAX / 2 + 1];
    let cut = [frame(0x01, &half), frame(0x80, &half)].concat();
    // Only its head: the room must not wait for, or make room for, what is announced there.
    let announced = [&[TEXT, 0xff][..], &(1u64 << 62).to_be_bytes(), &[0; 4]].concat();
    for bytes in [whole, cut, announced] {
        let mut guest = Guest::join(host.address(), "민지").await;
        guest.0.bytes(&bytes).await;
        assert_eq!(guest.0.closed().await, (None, 1009));
        soon(host.members().wait_for(|count| *count == 0)).await.unwrap();
    }
}

#[tokio::test]
async fn bytes_that_are_no_websocket_close_with_1002_and_text_that_is_no_utf_8_with_1007() {
    let host = host().await;
    let cases = [
        (vec![TEXT, 0x01, b'x'], 1002),
        (frame(TEXT | 0x40, b"x"), 1002),
        (frame(0x83, b"x"), 1002),
        (frame(TEXT, &[0xff]), 1007),
        (frame(TEXT, &[0xed, 0xa0, 0x80]), 1007),
    ];
    for (bytes, code) in cases {
        let mut guest = Guest::join(host.address(), "민지").await;
        guest.0.bytes(&bytes).await;
        assert_eq!(guest.0.closed().await, (None, code));
        soon(host.members().wait_for(|count| *count == 0)).await.unwrap();
    }
}

#[tokio::test]
async fn a_message_in_as_many_frames_as_allowed_is_heard_and_in_one_more_is_not() {
    let host = host().await;
    let mut guest = Guest::join(host.address(), "민지").await;
    let say = br#"{"type":"say","id":"x1","text":"hello"}"#;
    let in_frames = |count: u32| {
        let mut bytes = frame(0x01, say);
        (2..count).for_each(|_| bytes.extend(frame(0x00, b"")));
        bytes.extend(frame(0x80, b""));
        bytes
    };
    guest.0.bytes(&in_frames(FRAMES_PER_MESSAGE_MAX)).await;
    assert_eq!(guest.entry().await.seq, Seq(1));
    guest.0.bytes(&in_frames(FRAMES_PER_MESSAGE_MAX + 1)).await;
    guest.goodbye(ByeCode::TooManyFrames).await;
}

#[tokio::test]
async fn a_flood_of_pings_is_let_go_and_a_few_are_answered() {
    let host = host().await;
    let mut guest = Guest::join(host.address(), "민지").await;
    guest.0.send(PING, b"1").await;
    assert_eq!(guest.0.next().await, Some((PONG, b"1".to_vec())));
    guest.0.bytes(&frame(PING, b"x").repeat(CONTROL_FRAMES_MAX as usize)).await;
    guest.goodbye(ByeCode::TooManyFrames).await;
}

#[tokio::test]
async fn a_thousand_refusals_are_told_and_then_it_is_enough() {
    let host = host().await;
    let mut guest = Guest::join(host.address(), "민지").await;
    guest.0.bytes(&frame(TEXT, b"?").repeat(REFUSALS_MAX as usize + 1)).await;
    for _ in 0..REFUSALS_MAX {
        assert_eq!(guest.refusal().await, r#""not_json""#);
    }
    guest.goodbye(ByeCode::TooManyErrors).await;
}

#[tokio::test]
async fn too_fast_for_too_long_ends_with_4502() {
    let host = host_with(HostLimits { rate_per_second: 1, ..HostLimits::default() }).await;
    let mut guest = Guest::join(host.address(), "민지").await;
    guest.0.bytes(&frame(TEXT, b"?").repeat(100)).await;
    guest.goodbye(ByeCode::TooFast).await;
}

#[tokio::test]
async fn an_outbox_said_again_at_once_is_answered_message_by_message() {
    let host = host().await;
    let mut guest = Guest::join(host.address(), "민지").await;
    let mut outbox = Vec::new();
    for i in 0..900 {
        outbox.extend(frame(TEXT, format!(r#"{{"type":"say","id":"x{i}","text":"안녕"}}"#).as_bytes()));
    }
    for _ in 0..2 {
        guest.0.bytes(&outbox).await;
        for seq in 1..=900 {
            assert_eq!(guest.entry().await.seq, Seq(seq));
        }
    }
}

#[tokio::test]
async fn a_full_room_says_so() {
    let host = host_with(HostLimits { members_max: 1, ..HostLimits::default() }).await;
    let _inside = Guest::join(host.address(), "민지").await;
    Guest(Raw::open(host.address()).await).goodbye(ByeCode::RoomFull).await;
}

#[tokio::test]
async fn there_are_never_more_sockets_than_members_and_some_to_spare() {
    let host = host_with(HostLimits { members_max: 1, ..HostLimits::default() }).await;
    // None of these answers its good-bye, so each holds its socket for a while.
    let mut refused = Vec::new();
    loop {
        let mut stream = soon(tokio::net::TcpStream::connect(host.address())).await.unwrap();
        let head = common::handshake(host.address(), common::MARU);
        if soon(tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes())).await.is_err()
            || soon(stream.read_u8()).await.is_err()
        {
            break;
        }
        refused.push(stream);
        assert!(refused.len() <= 1 + SOCKETS_SPARE, "one after another is let in");
    }
}

#[tokio::test]
async fn who_never_reads_is_let_go_harms_nobody_and_hears_everything_when_they_come_back() {
    let host = host_with(UNHURRIED).await;
    let mut sayer = Guest::join(host.address(), "민지").await;
    let (mut slow, welcome) = {
        let mut stream = small_reader(host.address()).await;
        let head = common::handshake(host.address(), common::MARU);
        tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes()).await.unwrap();
        let mut guest = Guest(Raw(stream));
        guest.0.head().await;
        guest.hear().await;
        guest.0.say(r#"{"type":"hello","nickname":"느림보"}"#).await;
        let welcome = guest.hear().await;
        (guest, welcome)
    };
    let RoomFrame::Welcome { head, .. } = welcome else { panic!("{welcome:?}") };
    let long = "\"".repeat(MESSAGE_BYTES_MAX);
    // Twice what is kept for readers, and what the sockets may hold besides.
    let count = 3 * FEED_BYTES_MAX / (2 * MESSAGE_BYTES_MAX);
    for i in 0..count {
        sayer.say(&format!("x{i}"), &long).await;
        assert_eq!(sayer.entry().await.seq.0, i as u64 + 1, "the others hear as ever");
    }
    slow.goodbye(ByeCode::TooSlow).await;
    let (mut back, welcome) = Guest::join_from(host.address(), "느림보2", Some(&head)).await;
    let RoomFrame::Welcome { caught_up, entries, more, .. } = welcome else { panic!() };
    assert_eq!((caught_up, more), (CaughtUp::Resumed, true));
    let mut heard: Vec<u64> = entries.iter().map(|entry| entry.seq.0).collect();
    loop {
        match back.hear().await {
            RoomFrame::Page { entries, more, .. } => {
                heard.extend(entries.iter().map(|entry| entry.seq.0));
                if !more {
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    sayer.say("last", "끝").await;
    heard.push(back.entry().await.seq.0);
    assert!(heard.into_iter().eq(1..=count as u64 + 1));
}
