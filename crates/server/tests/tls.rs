//! A room over TLS, on the port on which it speaks without.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use common::guest::Guest;
use common::tls::Secured;
use common::{CLOSE, Raw, TEXT, closing, frame, soon};
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use maru_server::listener::{Gate, bind, serve};
use maru_server::tls::{Identity, IdentityError};
use maru_server::{Host, HostOptions, PortChoice};
use maru_wire::identity::{EXPORTER_LABEL, channel_exporter, channel_https, channel_plain};
use maru_wire::identity::{hello_to_sign, member_id, pin_of};
use maru_wire::limits::TLS_MS_MAX;
use maru_wire::scram::EXPORTER_BYTES;
use maru_wire::{ByeCode, CaughtUp, Cursor, RoomFrame};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::client::TlsStream;

const MARU: &str = "Sec-WebSocket-Protocol: maru.v1\r\n";

type Sealed = TlsStream<TcpStream>;

async fn open(secured: &Secured, to: SocketAddr) -> Raw<Sealed> {
    Raw::open_on(secured.connect(to).await, to, MARU, &[]).await
}

async fn join(secured: &Secured, to: SocketAddr, nickname: &str) -> Guest<Sealed> {
    Guest::join_over(open(secured, to).await, nickname, None).await.0
}

/// The answer to one request, over whatever stream.
async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    to: SocketAddr,
    line: &str,
    headers: &str,
) -> String {
    let request = format!("{line} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // It ends as TLS does (RFC 8446, section 6.1): one that does not could have been cut short.
    soon(stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn exported(stream: &Sealed) -> [u8; EXPORTER_BYTES] {
    stream.get_ref().1.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, Some(&[])).unwrap()
}

#[tokio::test]
async fn page_card_and_room_are_on_one_port_with_and_without_tls() {
    let secured = Secured::new();
    let host = secured.host().await;
    let to = host.address();
    let plain = ask(TcpStream::connect(to).await.unwrap(), to, "GET /room.json", "").await;
    let sealed = ask(secured.connect(to).await, to, "GET /room.json", "").await;
    for answer in [&plain, &sealed] {
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains(r#""tls":true"#), "{answer}");
    }
    let page = ask(secured.connect(to).await, to, "GET /", "").await;
    assert!(page.contains("text/html"), "{page}");

    let mut one = Guest::join(to, "민지").await;
    let mut other = join(&secured, to, "준호").await;
    one.say("m1", "안녕").await;
    other.say("m2", "반가워").await;
    for id in ["m1", "m2"] {
        let (heard, also) = (one.entry().await, other.entry().await);
        assert_eq!(heard, also, "{id}");
    }
}

#[tokio::test]
async fn both_versions_of_tls_that_are_in_use_are_spoken() {
    let secured = Secured::new();
    let host = secured.host().await;
    let to = host.address();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let stream = TcpStream::connect(to).await.unwrap();
        let stream = secured.connect_over(stream, &[version]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), None);
        let (mut guest, _) = Guest::join_over(Raw::open_on(stream, to, MARU, &[]).await, "민지", None).await;
        guest.say("m1", "안녕").await;
        guest.entry().await;
        guest.0.send(CLOSE, &closing(1000, "")).await;
        assert_eq!(guest.0.closed().await.1, 1000);
    }
}

#[tokio::test]
async fn a_member_resumes_over_tls_where_they_stood() {
    let secured = Secured::new();
    let host = secured.host().await;
    let mut first = join(&secured, host.address(), "민지").await;
    first.say("m1", "하나").await;
    let heard = first.entry().await;
    let RoomFrame::Welcome { head, .. } = Guest::join_from(host.address(), "지민", None).await.1 else {
        panic!()
    };
    assert_eq!(head.seq, heard.seq);
    drop(first);
    let mut speaker = Guest::join(host.address(), "준호").await;
    speaker.say("m2", "둘").await;
    speaker.entry().await;
    let cursor = Cursor { epoch: head.epoch, seq: head.seq, hash: head.hash };
    let raw = open(&secured, host.address()).await;
    let (_, welcome) = Guest::join_over(raw, "민지", Some(&cursor)).await;
    let RoomFrame::Welcome { caught_up, entries, .. } = welcome else { panic!() };
    assert_eq!(caught_up, CaughtUp::Resumed);
    assert_eq!(entries.len(), 1);
}

#[tokio::test]
async fn a_thousand_messages_come_in_order_and_each_once() {
    let secured = Secured::new();
    let host =
        Host::start(HostOptions { limits: common::guest::UNHURRIED, ..secured.options() }).await.unwrap();
    let mut speaker = join(&secured, host.address(), "민지").await;
    let mut listener = join(&secured, host.address(), "준호").await;
    let mut plain = Guest::join(host.address(), "지민").await;
    let said: Vec<u8> = (0..1_000)
        .flat_map(|i| frame(TEXT, format!(r#"{{"type":"say","id":"m{i}","text":"{i}"}}"#).as_bytes()))
        .collect();
    // In one write and many records, none of which ends where a frame does.
    speaker.0.bytes(&said).await;
    for i in 0..1_000 {
        let (heard, also, too) = (listener.entry().await, plain.entry().await, speaker.entry().await);
        assert!(heard == also && heard == too);
        assert!(serde_json::to_string(&heard).unwrap().contains(&format!(r#""m{i}""#)), "{i}: {heard:?}");
    }
}

#[tokio::test]
async fn what_comes_together_with_the_handshake_is_heard() {
    let secured = Secured::new();
    let host = secured.host().await;
    let to = host.address();
    // More than the reader of a head takes at once, so that some of it waits in the TLS connection.
    let mut along = frame(TEXT, r#"{"type":"hello","nickname":"민지"}"#.as_bytes());
    for i in 0..20 {
        let text = "가".repeat(1_000);
        along.extend(frame(TEXT, format!(r#"{{"type":"say","id":"m{i}","text":"{text}"}}"#).as_bytes()));
    }
    let raw = Raw::open_on(secured.connect(to).await, to, MARU, &along).await;
    let mut guest = Guest(raw);
    assert!(matches!(guest.hear().await, RoomFrame::Room { .. }));
    assert!(matches!(guest.hear().await, RoomFrame::Welcome { .. }));
    for _ in 0..20 {
        guest.entry().await;
    }
}

#[tokio::test]
async fn garbage_for_a_handshake_ends_and_the_room_goes_on() {
    let secured = Secured::new();
    let host = secured.host().await;
    let to = host.address();
    for garbage in [
        &b"\x16"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = soon(TcpStream::connect(to)).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = soon(stream.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    let mut changed = open(&secured, to).await;
    let (stream, _) = changed.0.get_mut();
    stream.write_all(b"\x17\x03\x03\x00\x20 not what anybody has encrypted!").await.unwrap();
    while changed.next().await.is_some() {}
    join(&secured, to, "민지").await;
}

/// A server of always the same answer, on the clock of the test.
fn server_of(identity: Option<Identity>) -> (SocketAddr, watch::Sender<bool>) {
    let listener = bind([127, 0, 0, 1].into(), PortChoice::Exactly(0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let answer = |_, _| async { Response::new(Body::from("마루")) };
    tokio::spawn(async move { serve(listener, identity.as_ref(), Gate::new(9, 9), answer, stopped).await });
    (address, stop)
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_go_on_is_not_waited_for() {
    let (to, _stop) = server_of(Some(Secured::new().identity));
    for begun in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01"] {
        let before = tokio::time::Instant::now();
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
        // The clock of this test runs by itself only while everybody waits.
        assert!(before.elapsed() >= Duration::from_millis(TLS_MS_MAX), "{begun:?}");
        assert!(before.elapsed() < Duration::from_millis(2 * TLS_MS_MAX), "{begun:?}");
    }
}

#[tokio::test]
async fn where_no_tls_is_spoken_a_handshake_is_closed_at_once() {
    let (to, _stop) = server_of(None);
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(b"\x16\x03\x01").await.unwrap();
    let mut answer = Vec::new();
    let _ = soon(stream.read_to_end(&mut answer)).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn only_our_own_page_over_the_same_scheme_is_let_in_over_tls() {
    let secured = Secured::new();
    let host = secured.host().await;
    let to = host.address();
    for (origin, status) in
        [(format!("https://{to}"), 200), (format!("http://{to}"), 403), ("null".into(), 403)]
    {
        let headers = format!("Origin: {origin}\r\n");
        let answer = ask(secured.connect(to).await, to, "GET /room.json", &headers).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {answer}");
    }
}

/// Says hello with a key, signed for this channel. Returns whether the room took it.
async fn is_proven<S: AsyncRead + AsyncWrite + Unpin>(raw: Raw<S>, channel: &str) -> bool {
    let mut guest = Guest(raw);
    let RoomFrame::Room { id, nonce, .. } = guest.hear().await else { panic!() };
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = key.sign(&hello_to_sign(&id, &nonce, channel));
    let public = BASE64URL_NOPAD.encode(key.verifying_key().as_bytes());
    let signature = BASE64URL_NOPAD.encode(&signature.to_bytes());
    guest
        .0
        .say(&format!(r#"{{"type":"hello","nickname":"민지","key":"{public}","signature":"{signature}"}}"#))
        .await;
    match guest.hear().await {
        RoomFrame::Welcome { you, .. } => you.id == member_id(key.verifying_key().as_bytes()),
        RoomFrame::Refused { .. } => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_signature_is_worth_something_on_the_connection_it_was_made_for_and_on_no_other() {
    let secured = Secured::new();
    let host = secured.host().await;
    let to = host.address();
    let other = open(&secured, to).await;
    let others = channel_exporter(&exported(&other.0));
    let own = open(&secured, to).await;
    let channel = channel_exporter(&exported(&own.0));
    assert_ne!(channel, others);
    assert!(is_proven(own, &channel).await);
    assert!(is_proven(open(&secured, to).await, &channel_https(&to.to_string())).await, "as a browser does");
    for wrong in [others, channel_plain(&to.to_string()), channel_https("10.0.0.66:4567")] {
        assert!(!is_proven(open(&secured, to).await, &wrong).await, "{wrong}");
    }
    let plain = Raw::open(to).await;
    assert!(!is_proven(plain, &channel_https(&to.to_string())).await, "over no TLS");
}

#[tokio::test]
async fn an_end_is_said_over_tls_too() {
    let secured = Secured::new();
    let host = secured.host().await;
    let mut guest = join(&secured, host.address(), "민지").await;
    let waiting = tokio::spawn(async move {
        while guest.0.next().await.expect("a close").0 != CLOSE {}
        guest.0.send(CLOSE, &closing(1000, "")).await;
        // Where TLS were cut off this would be an error.
        assert_eq!(soon(guest.0.0.read(&mut [0; 16])).await.unwrap(), 0);
    });
    host.stop(ByeCode::RoomClosed).await;
    waiting.await.unwrap();
}

#[test]
fn a_certificate_is_read_from_files_and_what_is_wrong_with_one_is_said() {
    let (secured, other) = (Secured::new(), Secured::new());
    let folder = tempfile::tempdir().unwrap();
    let pem = |kind: &str, der: &[u8]| {
        let text = data_encoding::BASE64.encode(der);
        format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
    };
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certificate = file("cert.pem", pem("CERTIFICATE", &secured.certificate));
    let key = file("key.pem", pem("PRIVATE KEY", &secured.key));
    let others_key = file("other.pem", pem("PRIVATE KEY", &other.key));
    let broken = file("broken.pem", pem("CERTIFICATE", b"nothing of the kind"));
    let empty = file("empty.pem", String::new());
    let missing = folder.path().join("missing.pem");

    let read = Identity::from_files(&certificate, &key).unwrap();
    assert_eq!(read.pin(), secured.identity.pin());
    let spki = rcgen::KeyPair::try_from(secured.key.as_slice()).unwrap();
    assert_eq!(read.pin(), pin_of(&rcgen::PublicKeyData::subject_public_key_info(&spki)));
    assert!(matches!(Identity::from_files(&missing, &key), Err(IdentityError::Unreadable { .. })));
    assert!(matches!(Identity::from_files(&certificate, &missing), Err(IdentityError::Unreadable { .. })));
    assert!(matches!(Identity::from_files(&empty, &key), Err(IdentityError::NoCertificate { .. })));
    assert!(matches!(Identity::from_files(&key, &key), Err(IdentityError::NoCertificate { .. })));
    assert!(matches!(Identity::from_files(&certificate, &certificate), Err(IdentityError::NoKey { .. })));
    assert!(matches!(Identity::from_files(&certificate, &others_key), Err(IdentityError::DoesNotFit)));
    assert!(matches!(Identity::from_files(&broken, &key), Err(IdentityError::Unusable(_))));
    assert!(!format!("{read:?}").contains("key"), "a key is in no log");
}
