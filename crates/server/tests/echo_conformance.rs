//! RFC 6455 as a conformance suite would ask it, of the connection code that the product uses.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;
#[path = "../examples/echo/mod.rs"]
mod echo;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use common::{BINARY, CLOSE, PING, PONG, Raw, TEXT, closing, frame, soon};
use maru_server::PortChoice;
use maru_server::listener::bind;
use tokio::sync::watch;

async fn echo_server() -> (SocketAddr, watch::Sender<bool>) {
    let listener = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exactly(0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(echo::echo(listener, stopped));
    (address, stop)
}

async fn open() -> (Raw, watch::Sender<bool>) {
    let (address, stop) = echo_server().await;
    (Raw::open_with(address, "", &[]).await, stop)
}

/// The code of the close that bytes are answered with.
async fn closed_after(bytes: &[u8]) -> u16 {
    let (mut peer, _stop) = open().await;
    peer.bytes(bytes).await;
    peer.closed().await.1
}

#[tokio::test]
async fn text_and_binary_of_any_size_come_back() {
    let (mut peer, _stop) = open().await;
    for size in [0, 1, 125, 126, 127, 128, 65_535, 65_536, 1024 * 1024] {
        let text = "*".repeat(size).into_bytes();
        peer.send(TEXT, &text).await;
        assert!(peer.next().await == Some((TEXT, text)), "{size}");
        let bytes = vec![0xfe; size];
        peer.send(BINARY, &bytes).await;
        assert!(peer.next().await == Some((BINARY, bytes)), "{size}");
    }
}

#[tokio::test]
async fn a_message_of_sixteen_mebibytes_in_small_pieces_comes_back() {
    let (mut peer, _stop) = open().await;
    let piece = vec![b'x'; 4_096];
    let pieces = 16 * 1024 * 1024 / piece.len();
    for i in 0..pieces {
        let opcode = if i == 0 { 0x2 } else { 0x0 };
        let last = if i + 1 == pieces { 0x80 } else { 0 };
        peer.send(opcode | last, &piece).await;
    }
    let (first, payload) = peer.next().await.unwrap();
    assert_eq!((first, payload.len()), (BINARY, 16 * 1024 * 1024));
}

#[tokio::test]
async fn a_masked_payload_is_unmasked() {
    let (mut peer, _stop) = open().await;
    peer.bytes(&[TEXT, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]).await;
    assert_eq!(peer.text().await, "Hello", "the example of RFC 6455, section 5.7");
}

#[tokio::test]
async fn control_frames_may_come_between_the_pieces_of_a_message() {
    let (mut peer, _stop) = open().await;
    peer.send(0x01, "가".as_bytes()).await;
    peer.send(PING, b"1").await;
    assert_eq!(peer.next().await, Some((PONG, b"1".to_vec())));
    peer.send(0x00, b"").await;
    peer.send(PONG, b"nobody asked").await;
    peer.send(PING, b"2").await;
    assert_eq!(peer.next().await, Some((PONG, b"2".to_vec())));
    peer.send(0x80, "나".as_bytes()).await;
    assert_eq!(peer.text().await, "가나");
}

#[tokio::test]
async fn frames_understood_byte_by_byte_are_understood() {
    let (mut peer, _stop) = open().await;
    for byte in frame(TEXT, "마루".as_bytes()) {
        peer.bytes(&[byte]).await;
    }
    assert_eq!(peer.text().await, "마루");
}

#[tokio::test]
async fn a_character_may_be_cut_between_two_pieces() {
    let (mut peer, _stop) = open().await;
    let text = "κόσμε 마루 🏠".as_bytes();
    for (i, byte) in text.iter().enumerate() {
        let opcode = if i == 0 { 0x01 } else { 0x00 };
        let last = if i + 1 == text.len() { 0x80 } else { 0 };
        peer.send(opcode | last, &[*byte]).await;
    }
    assert_eq!(peer.text().await.as_bytes(), text);
}

#[tokio::test]
async fn text_that_is_not_utf_8_ends_the_connection_with_1007() {
    for wrong in [&[0xff][..], &[0xc0, 0xaf], &[0xed, 0xa0, 0x80], &[0xf4, 0x90, 0x80, 0x80], &[0xce]] {
        assert_eq!(closed_after(&frame(TEXT, wrong)).await, 1007, "{wrong:x?}");
    }
    let in_pieces = [frame(0x01, &[0xce]), frame(0x80, &[0x41])].concat();
    assert_eq!(closed_after(&in_pieces).await, 1007);
    let early = frame(0x01, &[b'a', 0xff]);
    assert_eq!(closed_after(&early).await, 1007, "before the last piece");
}

#[tokio::test]
async fn a_ping_is_answered_with_its_payload_up_to_125_bytes() {
    let (mut peer, _stop) = open().await;
    for size in [0, 1, 125] {
        peer.send(PING, &vec![0xfe; size]).await;
        assert_eq!(peer.next().await, Some((PONG, vec![0xfe; size])));
    }
    assert_eq!(closed_after(&frame(PING, &[0; 126])).await, 1002);
}

#[tokio::test]
async fn broken_framing_ends_the_connection_with_1002() {
    let unmasked = [TEXT, 0x01, b'a'].to_vec();
    let cases = [
        ("unmasked", unmasked),
        ("RSV1", frame(TEXT | 0x40, b"a")),
        ("RSV2", frame(TEXT | 0x20, b"a")),
        ("RSV3", frame(PING | 0x10, b"a")),
        ("reserved data opcode", frame(0x83, b"a")),
        ("reserved control opcode", frame(0x8b, b"")),
        ("a control frame in pieces", frame(0x09, b"")),
        ("a continuation of nothing", frame(0x80, b"a")),
        ("a message within a message", [frame(0x01, b"a"), frame(TEXT, b"b")].concat()),
        ("a close of 126 bytes", frame(CLOSE, &closing(1000, &"x".repeat(124)))),
        ("a close of one byte", frame(CLOSE, &[3])),
    ];
    for (what, bytes) in cases {
        assert_eq!(closed_after(&bytes).await, 1002, "{what}");
    }
}

#[tokio::test]
async fn what_came_before_the_broken_frame_is_answered_or_not_but_the_close_is_said() {
    let bytes = [frame(TEXT, b"fine"), frame(0x83, b""), vec![b'x'; 1024 * 1024]].concat();
    assert_eq!(closed_after(&bytes).await, 1002);
}

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        assert_eq!(closed_after(&frame(CLOSE, &closing(code, "bye"))).await, code);
    }
    let (mut peer, _stop) = open().await;
    peer.send(CLOSE, b"").await;
    assert_eq!(peer.next().await, Some((CLOSE, vec![])));
    assert_eq!(peer.next().await, None);
}

#[tokio::test]
async fn a_code_that_is_never_sent_is_answered_with_1002() {
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        assert_eq!(closed_after(&frame(CLOSE, &closing(code, ""))).await, 1002, "{code}");
    }
}

#[tokio::test]
async fn a_reason_that_is_not_utf_8_ends_the_connection() {
    let code = closed_after(&frame(CLOSE, &[3, 0xe8, 0xff])).await;
    assert!(code == 1002 || code == 1007, "{code}");
}

#[tokio::test]
async fn a_close_is_answered_though_more_bytes_follow_it() {
    let bytes =
        [frame(CLOSE, &closing(1000, "")), frame(PING, b"late"), frame(TEXT, &vec![b'x'; 8 * 1024 * 1024])];
    assert_eq!(closed_after(&bytes.concat()).await, 1000);
}

#[tokio::test]
async fn a_close_is_answered_though_there_is_still_much_to_say() {
    for _ in 0..20 {
        let (mut peer, _stop) = open().await;
        let much = [frame(TEXT, &vec![b'x'; 1024]).repeat(200), frame(CLOSE, &closing(1000, ""))].concat();
        peer.bytes(&much).await;
        assert_eq!(peer.closed().await.1, 1000);
    }
}

#[tokio::test]
async fn who_writes_much_before_reading_anything_gets_every_echo_in_order() {
    let (mut peer, _stop) = open().await;
    // More than the sockets hold, less than they and the echo's bound together.
    let messages: Vec<Vec<u8>> = (0..600u32).map(|i| [&i.to_be_bytes()[..], &[0; 1_020]].concat()).collect();
    for message in &messages {
        peer.send(BINARY, message).await;
    }
    for message in &messages {
        assert!(peer.next().await == Some((BINARY, message.clone())));
    }
}

#[tokio::test]
async fn frames_that_came_with_the_handshake_are_heard() {
    let (address, _stop) = echo_server().await;
    let along = [frame(TEXT, "일찍".as_bytes()), frame(PING, b"p")].concat();
    let mut peer = Raw::open_with(address, "", &along).await;
    let mut heard = [peer.next().await.unwrap(), peer.next().await.unwrap()];
    heard.sort();
    assert_eq!(heard, [(TEXT, "일찍".as_bytes().to_vec()), (PONG, b"p".to_vec())]);
}

#[tokio::test]
async fn a_peer_that_vanishes_leaves_the_others_alone() {
    let (address, _stop) = echo_server().await;
    let mut stays = Raw::open_with(address, "", &[]).await;
    let mut vanishes = Raw::open_with(address, "", &[]).await;
    vanishes.bytes(&frame(TEXT, b"half a frame")[..7]).await;
    drop(vanishes);
    stays.say("아직").await;
    assert_eq!(soon(stays.text()).await, "아직");
}
