//! What a browser, a program or a stranger is answered over plain HTTP, and who may open a WebSocket.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use common::{Raw, frame, soon};
use maru_server::listener::{Gate, bind, serve};
use maru_server::visit::{Origins, PublicUrl};
use maru_server::{Host, HostOptions, PortChoice};
use maru_wire::RoomId;
use maru_wire::limits::{HEAD_BYTES_MAX, HEAD_MS_MAX, HEADERS_MAX};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

async fn host() -> Host {
    Host::start(options()).await.unwrap()
}

fn options() -> HostOptions {
    HostOptions {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: PortChoice::Exactly(0),
        ..HostOptions::new(RoomId::parse("r1").unwrap(), "점심 모임")
    }
}

/// What bytes are answered until the connection is closed.
async fn answer_to(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = soon(TcpStream::connect(to)).await.unwrap();
    // It may be cut off before all is written.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = soon(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The answer to one request with the right Host and these further headers.
async fn ask(host: &Host, line: &str, headers: &str) -> String {
    let to = host.address();
    answer_to(to, format!("{line} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n{headers}\r\n").as_bytes())
        .await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"))
}

/// A request for a WebSocket with a line put in or exchanged.
async fn handshake(host: &Host, from: &str, into: &str) -> String {
    let to = host.address();
    let request = common::handshake(to, "Sec-WebSocket-Protocol: maru.v1\r\n");
    assert!(request.contains(from), "{from}");
    let mut stream = soon(TcpStream::connect(to)).await.unwrap();
    stream.write_all(request.replacen(from, into, 1).as_bytes()).await.unwrap();
    Raw(stream).head().await
}

#[tokio::test]
async fn the_page_is_at_the_root_or_the_program_says_that_it_has_none() {
    let host = host().await;
    let answer = ask(&host, "GET /", "").await;
    assert!(matches!(status(&answer), 200 | 503), "{answer}");
    assert!(answer.to_lowercase().contains("content-type: text/html; charset=utf-8"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!body.is_empty());
    let head_alone = ask(&host, "HEAD /", "").await;
    assert_eq!(status(&head_alone), status(head));
    assert_eq!(head_alone.split_once("\r\n\r\n").unwrap().1, "");
}

#[tokio::test]
async fn the_page_may_load_nothing_but_itself_and_talk_to_its_own_room_alone() {
    let host = host().await;
    let answer = ask(&host, "GET /", "").await;
    let policy = answer.lines().find(|line| line.starts_with("content-security-policy: ")).expect(&answer);
    let address = host.address();
    assert!(policy.contains("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains(&format!("connect-src 'self' ws://{address} wss://{address};")), "{policy}");
    for line in ["x-content-type-options: nosniff", "x-frame-options: DENY", "referrer-policy: no-referrer"] {
        assert!(answer.contains(line), "{line}");
    }
}

#[tokio::test]
async fn the_rooms_card_says_whether_this_is_a_maru_room() {
    let host = host().await;
    let answer = ask(&host, "GET /room.json", "").await;
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("content-type: application/json\r\n"));
    let card: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let expected = serde_json::json!({
        "maru": ["maru.v1"], "id": "r1", "name": "점심 모임", "tls": false, "passphrase": false,
    });
    assert_eq!(card, expected);
}

#[tokio::test]
async fn whoever_is_lost_is_shown_the_way_and_a_missing_file_is_missing() {
    let host = host().await;
    for path in ["/elsewhere", "/assets", "/..%2f..%2fetc/passwd", "/../../Cargo.toml", "//", "/index.htm"] {
        let answer = ask(&host, &format!("GET {path}"), "").await;
        assert!(
            status(&answer) == 302 && answer.contains("\r\nlocation: /\r\n") || path == "//",
            "{path}: {answer}"
        );
    }
    assert_eq!(status(&ask(&host, "GET /assets/nope.js", "").await), 404);
    assert_eq!(status(&ask(&host, "GET /assets/../../secret", "").await), 404);
    let answer = ask(&host, "GET /favicon.ico", "").await;
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("content-type: image/"), "{answer}");
}

#[tokio::test]
async fn only_get_and_head_are_answered() {
    let host = host().await;
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        assert_eq!(status(&ask(&host, &format!("{method} /"), "").await), 405, "{method}");
    }
    assert_eq!(status(&ask(&host, "OPTIONS *", "").await), 405);
    assert_eq!(status(&ask(&host, "POST /", "Content-Length: 1000000000\r\n").await), 405);
    assert_eq!(status(&ask(&host, "POST /", "Upgrade: websocket\r\n").await), 405);
}

#[tokio::test]
async fn an_absolute_uri_means_its_path() {
    let host = host().await;
    assert_eq!(status(&ask(&host, &format!("GET http://{}/room.json", host.address()), "").await), 200);
}

#[tokio::test]
async fn a_version_of_websocket_that_is_not_spoken_is_named_only_to_who_asks_for_one() {
    let host = host().await;
    let answer = handshake(&host, "Version: 13", "Version: 8").await;
    assert_eq!(status(&answer), 426);
    assert!(answer.contains("sec-websocket-version: 13\r\n"), "{answer}");
    assert_ne!(status(&ask(&host, "GET /", "Sec-WebSocket-Version: 8\r\n").await), 426);
}

#[tokio::test]
async fn a_handshake_that_lacks_something_is_refused_and_one_in_other_words_is_not() {
    let host = host().await;
    for (from, into) in [
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
        ("Sec-WebSocket-Version: 13\r\n", ""),
        ("GET ", "POST "),
        ("HTTP/1.1", "HTTP/1.0"),
    ] {
        assert_eq!(status(&handshake(&host, from, into).await), 400, "{into:?} for {from:?}");
    }
    for (from, into) in [
        ("Upgrade: websocket", "UPGRADE: WebSocket"),
        ("keep-alive, Upgrade", "upgrade"),
        ("keep-alive, Upgrade", "keep-alive\r\nConnection: UPGRADE"),
        ("/any", "/?a=b"),
    ] {
        assert_eq!(status(&handshake(&host, from, into).await), 101, "{into:?} for {from:?}");
    }
}

#[tokio::test]
async fn the_subprotocol_is_chosen_only_where_it_is_offered() {
    let host = host().await;
    let offer = "Sec-WebSocket-Protocol: maru.v1\r\n";
    for (offered, chosen) in [
        (offer, Some("maru.v1")),
        ("Sec-WebSocket-Protocol: chat, maru.v1\r\n", Some("maru.v1")),
        ("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: maru.v1\r\n", Some("maru.v1")),
        ("Sec-WebSocket-Protocol: superchat, chat\r\n", Some("chat")),
        ("Sec-WebSocket-Protocol: superchat\r\n", Some("superchat")),
        ("Sec-WebSocket-Protocol: maru.v10\r\n", None),
        ("", None),
    ] {
        let answer = handshake(&host, offer, offered).await.to_lowercase();
        assert_eq!(status(&answer), 101);
        let named = answer.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
        assert_eq!(named, chosen, "{offered}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_misdirected() {
    let host = host().await;
    let to = host.address();
    let good = format!("Host: {to}\r\n");
    for wrong in [
        "Host: evil.example\r\n".to_owned(),
        format!("Host: evil.example:{}\r\n", to.port()),
        "Host: \u{e9}\r\n".into(),
        String::new(),
        format!("{good}Host: evil.example\r\n"),
        format!("Host: evil.example\r\n{good}"),
    ] {
        let answer =
            answer_to(to, format!("GET / HTTP/1.1\r\n{wrong}Connection: close\r\n\r\n").as_bytes()).await;
        assert_eq!(status(&answer), 421, "{wrong:?}");
        assert_eq!(status(&handshake(&host, &good, &wrong).await), 421, "{wrong:?}");
    }
    let old = answer_to(to, b"GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(status(&old), 421);
}

#[tokio::test]
async fn pages_from_elsewhere_get_neither_page_nor_room_and_our_own_gets_both() {
    let host = host().await;
    let to = host.address();
    let good = format!("Host: {to}\r\n");
    let own = format!("http://{to}");
    for wrong in
        ["http://evil.example", "null", "https://127.0.0.1", "\u{e9}", &format!("{own}\r\nOrigin: {own}")]
    {
        let origin = format!("Origin: {wrong}\r\n");
        assert_eq!(status(&ask(&host, "GET /", &origin).await), 403, "{wrong}");
        assert_eq!(status(&ask(&host, "GET /room.json", &origin).await), 403, "{wrong}");
        assert_eq!(status(&handshake(&host, &good, &format!("{good}{origin}")).await), 403, "{wrong}");
    }
    let origin = format!("Origin: {own}\r\n");
    assert_eq!(status(&ask(&host, "GET /room.json", &origin).await), 200);
    assert_eq!(status(&handshake(&host, &good, &format!("{good}{origin}")).await), 101);
}

#[tokio::test]
async fn where_the_host_lets_other_pages_in_they_may_read_the_card_and_open_a_room() {
    const READABLE: &str = "access-control-allow-origin: ";
    for (allowed, is_let_in, is_not) in [
        ("*", &["null", "http://localhost:8080"][..], &[][..]),
        ("null", &["null"], &["http://localhost:8080"]),
        (
            "http://localhost:8080",
            &["http://localhost:8080"],
            &["null", "http://localhost", "http://localhost:80800"],
        ),
    ] {
        let origins = Origins::parse([allowed]).unwrap();
        let host = Host::start(HostOptions { origins, ..options() }).await.unwrap();
        let good = format!("Host: {}\r\n", host.address());
        for origin in is_let_in {
            let header = format!("Origin: {origin}\r\n");
            let card = ask(&host, "GET /room.json", &header).await;
            assert!(status(&card) == 200 && card.contains(&format!("{READABLE}{origin}\r\n")), "{card}");
            assert_eq!(status(&handshake(&host, &good, &format!("{good}{header}")).await), 101, "{origin}");
            // A name that was made to lead here gets nowhere, whatever page it is for.
            let rebound = format!("Host: evil.example\r\n{header}");
            assert_eq!(status(&handshake(&host, &good, &rebound).await), 421, "{origin}");
        }
        for origin in is_not {
            let header = format!("Origin: {origin}\r\n");
            let card = ask(&host, "GET /room.json", &header).await;
            assert!(status(&card) == 403 && !card.contains(READABLE), "{card}");
            assert_eq!(status(&handshake(&host, &good, &format!("{good}{header}")).await), 403, "{origin}");
        }
        let own = format!("Origin: http://{}\r\n", host.address());
        assert!(!ask(&host, "GET /room.json", &own).await.contains(READABLE), "it needs nothing of the kind");
    }
}

#[tokio::test]
async fn a_public_address_is_answered_to_like_our_own() {
    let public_urls = vec![PublicUrl::parse("https://chat.example.org").unwrap()];
    let host = Host::start(HostOptions { public_urls, ..options() }).await.unwrap();
    let good = format!("Host: {}\r\n", host.address());
    let public = "Host: chat.example.org\r\nOrigin: https://chat.example.org\r\n";
    assert_eq!(status(&handshake(&host, &good, public).await), 101);
    let evil = "Host: chat.example.org\r\nOrigin: https://evil.example\r\n";
    assert_eq!(status(&handshake(&host, &good, evil).await), 403);
    assert_eq!(status(&handshake(&host, &good, "Host: other.example.org\r\n").await), 421);
}

#[tokio::test]
async fn nobody_on_this_machine_shows_that_others_can_reach_it() {
    let host = host().await;
    ask(&host, "GET /room.json", "").await;
    Raw::open(host.address()).await;
    assert!(!*host.reached().borrow());
}

#[tokio::test]
async fn a_head_larger_than_a_head_is_refused() {
    let host = host().await;
    let long = format!("X-Long: {}\r\n", "x".repeat(HEAD_BYTES_MAX));
    assert_eq!(status(&ask(&host, "GET /", &long).await), 431);
    let many: String = (0..HEADERS_MAX).map(|i| format!("X-{i}: 1\r\n")).collect();
    assert_eq!(status(&ask(&host, "GET /", &many).await), 431);
    let enough: String = (0..HEADERS_MAX - 2).map(|i| format!("X-{i}: 1\r\n")).collect();
    assert_eq!(status(&ask(&host, "GET /room.json", &enough).await), 200);
    let path = "x".repeat(HEAD_BYTES_MAX);
    assert!(matches!(status(&ask(&host, &format!("GET /{path}"), "").await), 414 | 431));
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_room_goes_on() {
    let host = host().await;
    for garbage in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"\r\n"]
    {
        let mut stream = soon(TcpStream::connect(host.address())).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = soon(stream.read_to_end(&mut answer)).await;
    }
    assert_eq!(status(&ask(&host, "GET /room.json", "").await), 200);
}

#[tokio::test]
async fn frames_sent_together_with_the_handshake_are_heard() {
    let host = host().await;
    let hello = frame(common::TEXT, r#"{"type":"hello","nickname":"민지"}"#.as_bytes());
    let mut peer = Raw::open_with(host.address(), "", &hello).await;
    assert!(peer.text().await.starts_with(r#"{"type":"room","#));
    assert!(peer.text().await.starts_with(r#"{"type":"welcome","#));
}

#[tokio::test]
async fn a_handshake_that_announces_a_body_brings_nothing_down() {
    let host = host().await;
    let good = format!("Host: {}\r\n", host.address());
    for body in ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
        let answer = handshake(&host, &good, &format!("{good}{body}")).await;
        assert!(matches!(status(&answer), 101 | 400), "{answer}");
    }
    assert_eq!(status(&ask(&host, "GET /room.json", "").await), 200);
}

const PLACES: usize = 3;

/// A server of always the same answer, on the clock of the test.
fn server_of(words: &'static str) -> (SocketAddr, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let listener = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exactly(0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let answer = move |_, _| Response::new(Body::from(words));
    (address, stop, tokio::spawn(serve(listener, None, Gate::new(PLACES, PLACES), answer, stopped)))
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_the_answer_is_not_waited_for_either() {
    let words: &'static str = "마".repeat(32 * 1024 * 1024).leak();
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let (to, stop, serving) = server_of(words);
    let mut deaf = Vec::new();
    for _ in 0..PLACES {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(request).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'H');
        deaf.push(stream);
    }
    let let_in = async {
        loop {
            let mut stream = TcpStream::connect(to).await.unwrap();
            if stream.write_all(request).await.is_ok() && stream.read_u8().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let hour = Duration::from_secs(3_600);
    tokio::time::timeout(hour, let_in).await.expect("their places are given to others");
    stop.send(true).unwrap();
    tokio::time::timeout(hour, serving).await.expect("an end").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_arrive_in_time_is_not_waited_for() {
    let (to, _stop, _) = server_of("마루");
    for begun in ["", "GET / HTTP/1.1\r\nHost: slo", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let before = tokio::time::Instant::now();
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        // The clock of this test runs by itself only while everybody waits.
        assert!(before.elapsed() >= Duration::from_millis(HEAD_MS_MAX), "{begun:?}");
        assert!(before.elapsed() < Duration::from_millis(2 * HEAD_MS_MAX), "{begun:?}");
    }
}
