//! One room in which everybody sits whatever they speak: raw peers of each dialect on one real host.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::net::SocketAddr;

use common::guest::{Guest, host, host_at};
use common::{BINARY, Raw, TEXT, frame, handshake, soon};
use maru_server::{Host, HostLimits};
use maru_wire::limits::RATE_REFUSALS_MAX;
use maru_wire::{ByeCode, Happening, RoomFrame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const GREETING: &str = "* Welcome to 점심 모임. You are Guest 1 here; /nick NAME changes that.";

async fn open(host: &Host, headers: &str) -> Raw {
    Raw::open_with(host.address(), headers, &[]).await
}

/// Somebody on Socket.IO over WebSocket.
struct Socket(Raw);

impl Socket {
    async fn connect(to: SocketAddr) -> Self {
        let mut stream = soon(TcpStream::connect(to)).await.unwrap();
        let head = handshake(to, "").replace("/any", "/socket.io/?EIO=4&transport=websocket");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut raw = Raw(stream);
        assert!(raw.head().await.starts_with("HTTP/1.1 101 "));
        assert!(raw.text().await.starts_with(r#"0{"sid":""#));
        let mut socket = Self(raw);
        socket.0.say("40").await;
        let connected = socket.packet().await;
        assert!(connected.starts_with(r#"40{"sid":""#), "{connected}");
        socket
    }

    async fn emit(&mut self, event: &str, text: &str) {
        self.0.say(&format!("42{}", serde_json::json!([event, text]))).await;
    }

    /// The next text of a `message` event.
    async fn message(&mut self) -> String {
        loop {
            let (name, what) = self.event().await;
            if name == "message" {
                return what.as_str().unwrap().to_owned();
            }
        }
    }

    async fn event(&mut self) -> (String, serde_json::Value) {
        let packet = self.packet().await;
        let event = packet.strip_prefix("42").unwrap_or_else(|| panic!("{packet}"));
        serde_json::from_str(event).unwrap()
    }

    /// The next packet. A ping, which may come at any time, is answered.
    async fn packet(&mut self) -> String {
        loop {
            match self.0.text().await {
                ping if ping == "2" => self.0.say("3").await,
                packet => return packet,
            }
        }
    }
}

/// The body of an answer, and its head.
async fn http(to: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
    let mut stream = soon(TcpStream::connect(to)).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Type: text/plain;charset=UTF-8\r\n\
         Content-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// Somebody on Socket.IO who polls.
struct Poller {
    to: SocketAddr,
    path: String,
    waiting: Vec<String>,
}

impl Poller {
    async fn connect(to: SocketAddr) -> Self {
        let path = "/socket.io/?EIO=4&transport=polling";
        let (_, opened) = http(to, "GET", path, "", "").await;
        let opened: serde_json::Value = serde_json::from_str(opened.strip_prefix('0').unwrap()).unwrap();
        assert_eq!(opened["upgrades"], serde_json::json!(["websocket"]));
        let path = format!("{path}&sid={}", opened["sid"].as_str().unwrap());
        let mut poller = Self { to, path, waiting: Vec::new() };
        poller.post("40").await;
        assert!(poller.packet().await.starts_with("40"));
        poller
    }

    /// Goes over to a WebSocket.
    async fn upgrade(self) -> Socket {
        let mut stream = soon(TcpStream::connect(self.to)).await.unwrap();
        let path = self.path.replace("transport=polling", "transport=websocket");
        stream.write_all(handshake(self.to, "").replace("/any", &path).as_bytes()).await.unwrap();
        let mut raw = Raw(stream);
        assert!(raw.head().await.starts_with("HTTP/1.1 101 "));
        raw.say("2probe").await;
        assert_eq!(raw.text().await, "3probe");
        raw.say("5").await;
        Socket(raw)
    }

    async fn post(&self, packets: &str) {
        let (head, body) = http(self.to, "POST", &self.path, "", packets).await;
        assert_eq!((&head[..15], body.as_str()), ("HTTP/1.1 200 OK", "ok"));
    }

    /// The next packet. A ping, which may come at any time, is answered.
    async fn packet(&mut self) -> String {
        loop {
            while self.waiting.is_empty() {
                let (head, body) = http(self.to, "GET", &self.path, "", "").await;
                assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
                self.waiting = body.split('\u{1e}').map(String::from).collect();
            }
            match self.waiting.remove(0) {
                ping if ping == "2" => self.post("3").await,
                packet => return packet,
            }
        }
    }

    async fn message(&mut self) -> String {
        loop {
            let packet = self.packet().await;
            let event = packet.strip_prefix("42").unwrap_or_else(|| panic!("{packet}"));
            let (name, what): (String, serde_json::Value) = serde_json::from_str(event).unwrap();
            if name == "message" {
                return what.as_str().unwrap().to_owned();
            }
        }
    }
}

/// The next message or rename, as text.
async fn line(guest: &mut Guest) -> String {
    let entry = guest.entry().await;
    match entry.what {
        Happening::Said { text, .. } => format!("{}: {}", entry.by.nickname, text.as_str()),
        Happening::Renamed { from } => format!("* {from} → {}", entry.by.nickname),
        Happening::Unknown => panic!(),
    }
}

#[tokio::test]
async fn whatever_they_speak_all_hear_all_in_one_order_and_nothing_twice() {
    let host = host().await;
    let mut maru = Guest::join(host.address(), "민지").await;
    let mut json = open(&host, "").await;
    json.say(r#"{"type":"nickname","payload":"철수"}"#).await;
    let mut chat = open(&host, "Sec-WebSocket-Protocol: chat, superchat\r\n").await;
    assert_eq!(chat.text().await, GREETING);
    let mut silent = open(&host, "").await;
    assert_eq!(silent.text().await, GREETING.replace("Guest 1", "Guest 2"));
    let mut socket = Socket::connect(host.address()).await;
    assert_eq!(socket.message().await, "* Welcome to 점심 모임. You are Guest 3 here.");
    let mut poller = Poller::connect(host.address()).await;
    assert_eq!(poller.message().await, "* Welcome to 점심 모임. You are Guest 4 here.");
    assert_eq!(socket.message().await, "* Guest 4 joined");
    let mut members = host.members();
    soon(members.wait_for(|count| *count == 6)).await.unwrap();

    let mut expected = Vec::new();
    for round in 0..3 {
        maru.say(&format!("x{round}"), "앱에서").await;
        expected.push(line(&mut maru).await);
        json.say(r#"{"type":"new_message","payload":"튜토리얼에서"}"#).await;
        expected.push(line(&mut maru).await);
        chat.say("chat에서").await;
        expected.push(line(&mut maru).await);
        silent.say("wscat에서").await;
        expected.push(line(&mut maru).await);
        socket.emit("message", "소켓에서").await;
        expected.push(line(&mut maru).await);
        poller.post(r#"42["message","폴링에서"]"#).await;
        expected.push(line(&mut maru).await);
    }
    socket.emit("nickname", "소라").await;
    expected.push(line(&mut maru).await);
    assert_eq!(expected[..2], ["민지: 앱에서", "철수: 튜토리얼에서"]);
    assert_eq!(expected[4..6], ["Guest 3: 소켓에서", "Guest 4: 폴링에서"]);
    assert_eq!(expected[18], "* Guest 3 → 소라");
    for expected in &expected {
        assert_eq!(json.text().await, *expected);
        assert_eq!(chat.text().await, *expected);
        assert_eq!(silent.text().await, *expected);
        assert_eq!(socket.message().await, *expected);
        assert_eq!(poller.message().await, *expected);
    }
}

#[tokio::test]
async fn socket_io_also_tells_events_of_its_own() {
    let host = host().await;
    let mut socket = Socket::connect(host.address()).await;
    socket.message().await;
    let mut guest = Guest::join(host.address(), "민지").await;
    let (name, joined) = socket.event().await;
    assert_eq!((name.as_str(), &joined["member"]["nickname"]), ("joined", &"민지".into()));
    assert_eq!(socket.event().await, ("message".into(), "* 민지 joined".into()));
    guest.say("x1", "안녕").await;
    let (name, entry) = socket.event().await;
    let told = (name.as_str(), entry["type"].as_str(), entry["seq"].as_u64(), entry["text"].as_str());
    assert_eq!(told, ("entry", Some("entry"), Some(1), Some("안녕")));
    assert_eq!(socket.event().await, ("message".into(), "민지: 안녕".into()));
    drop(guest);
    let (name, left) = socket.event().await;
    assert_eq!((name.as_str(), &left["member"]["nickname"]), ("left", &"민지".into()));
    assert_eq!(socket.message().await, "* 민지 left");
}

#[tokio::test]
async fn who_leaves_socket_io_leaves_the_room_and_a_room_that_closes_says_so_there_too() {
    let host = host().await;
    let mut members = host.members();
    let socket = Socket::connect(host.address()).await;
    soon(members.wait_for(|count| *count == 1)).await.unwrap();
    drop(socket);
    soon(members.wait_for(|count| *count == 0)).await.unwrap();
    let mut polite = Socket::connect(host.address()).await;
    polite.0.say("41").await;
    soon(members.wait_for(|count| *count == 0)).await.unwrap();
    let mut last = Socket::connect(host.address()).await;
    last.message().await;
    let hear = async {
        assert_eq!(last.message().await, "* The host closed the room.");
        assert_eq!(last.packet().await, "41");
    };
    tokio::join!(soon(host.stop(ByeCode::RoomClosed)), hear);
}

#[tokio::test]
async fn pieces_binary_text_and_any_line_ends_are_one_text() {
    let host = host().await;
    let mut peer = open(&host, "Sec-WebSocket-Protocol: chat\r\n").await;
    assert_eq!(peer.text().await, GREETING);
    peer.bytes(&[frame(0x01, b"a\r\nb"), frame(0x00, b"\rc"), frame(0x80, b"\nd")].concat()).await;
    assert_eq!(peer.text().await, "Guest 1: a\nb\nc\nd");
    peer.send(BINARY, "이진수".as_bytes()).await;
    assert_eq!(peer.text().await, "Guest 1: 이진수");
    peer.say("").await;
    peer.say(r#"{"type":"rename","nickname":"방장"}"#).await;
    assert_eq!(peer.text().await, r#"Guest 1: {"type":"rename","nickname":"방장"}"#);
}

#[tokio::test]
async fn what_is_no_utf_8_ends_with_1007_in_text_and_in_binary() {
    let host = host().await;
    for first in [TEXT, BINARY] {
        for headers in ["Sec-WebSocket-Protocol: chat\r\n", ""] {
            let mut peer = open(&host, headers).await;
            peer.bytes(&frame(first, &[0xff])).await;
            assert_eq!(peer.closed().await.1, 1007, "{first:x} {headers}");
        }
    }
    soon(host.members().wait_for(|count| *count == 0)).await.unwrap();
}

#[tokio::test]
async fn a_hello_without_a_subprotocol_is_answered_as_any() {
    let host = host().await;
    let mut raw = open(&host, "").await;
    raw.say(r#"{"type":"hello","nickname":"민지"}"#).await;
    let mut guest = Guest(raw);
    assert!(matches!(guest.hear().await, RoomFrame::Room { .. }));
    assert!(matches!(guest.hear().await, RoomFrame::Welcome { .. }));
    guest.say("x1", "안녕").await;
    assert_eq!(line(&mut guest).await, "민지: 안녕");
}

#[tokio::test]
async fn a_hello_after_a_long_silence_is_answered_as_any_wherever_the_others_talk() {
    let host = host().await;
    let mut maru = Guest::join(host.address(), "민지").await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(open(&host, "").await);
    }
    for raw in &mut silent {
        assert!(raw.text().await.starts_with("* Welcome to 점심 모임. You are Guest "));
    }
    // They are told to each while some go over.
    let talk = async {
        for i in 0..400 {
            maru.say(&format!("x{i}"), &format!("{i} {}", "가".repeat(500))).await;
            maru.entry().await;
        }
        maru
    };
    let go_over = async {
        let mut guests = Vec::new();
        for (number, mut raw) in silent.into_iter().enumerate() {
            let mut lines = 0;
            while lines < 10 * number {
                assert!(raw.text().await.starts_with("민지: "));
                lines += 1;
            }
            raw.say(&format!(r#"{{"type":"hello","nickname":"n{number}"}}"#)).await;
            let room = loop {
                let text = raw.text().await;
                if !text.starts_with("민지: ") {
                    break text;
                }
            };
            assert!(room.starts_with(r#"{"type":"room","#), "{room}");
            guests.push(Guest(raw));
        }
        guests
    };
    let (mut maru, mut guests) = tokio::join!(talk, go_over);
    maru.say("last", "끝").await;
    for guest in &mut guests {
        let welcome = guest.hear().await;
        let RoomFrame::Welcome { head, .. } = welcome else { panic!("{welcome:?}") };
        let mut seq = head.seq;
        loop {
            let entry = guest.entry().await;
            assert_eq!(entry.seq, seq.next(), "each once, in order");
            seq = entry.seq;
            if matches!(entry.what, Happening::Said { text, .. } if text.as_str() == "끝") {
                break;
            }
        }
    }
    soon(host.members().wait_for(|count| *count == 9)).await.unwrap();
}

#[tokio::test]
async fn a_flood_is_told_in_words_and_then_let_go_whatever_it_speaks() {
    let limits = HostLimits { rate_per_second: 1, ..HostLimits::default() };
    let host = host_at(0, limits).await;
    let mut plain = open(&host, "Sec-WebSocket-Protocol: chat\r\n").await;
    plain.bytes(&frame(TEXT, b"x").repeat(100)).await;
    let last = Some("* Too many messages, again and again.".to_owned());
    assert_eq!(plain.closed().await, (last.clone(), ByeCode::TooFast.close_code()));
    let mut socket = Socket::connect(host.address()).await;
    socket.0.bytes(&frame(TEXT, br#"42["message","x"]"#).repeat(100)).await;
    let mut heard = Vec::new();
    while heard.last() != last.as_ref() {
        heard.push(socket.message().await);
    }
    let told = heard.iter().filter(|line| line.starts_with("* Not sent: that was too fast.")).count();
    assert_eq!(told as u32, RATE_REFUSALS_MAX);
    assert_eq!(socket.packet().await, "41");
    soon(host.members().wait_for(|count| *count == 0)).await.unwrap();
}

#[tokio::test]
async fn who_is_let_go_on_socket_io_and_stays_has_the_connection_ended() {
    let limits = HostLimits { rate_per_second: 1, ..HostLimits::default() };
    let host = host_at(0, limits).await;
    let flood = frame(TEXT, br#"42["message","x"]"#).repeat(100);

    let mut socket = Socket::connect(host.address()).await;
    socket.0.bytes(&flood).await;
    let poller = Poller::connect(host.address()).await;
    let mut upgraded = poller.upgrade().await;
    upgraded.0.bytes(&flood).await;
    for mut socket in [socket, upgraded] {
        while socket.packet().await != "41" {}
        // It says nothing, answers nothing and closes nothing.
        while let Some((first, _)) = socket.0.next().await {
            assert_ne!(first, TEXT, "nothing more is said");
        }
    }

    let mut poller = Poller::connect(host.address()).await;
    poller.post(&vec![r#"42["message","x"]"#; 100].join("\u{1e}")).await;
    while poller.packet().await != "41" {}
    let unknown = async {
        loop {
            let (head, _) = http(host.address(), "GET", &poller.path, "", "").await;
            if head.starts_with("HTTP/1.1 400 ") {
                break;
            }
        }
    };
    soon(unknown).await;
}

#[tokio::test]
async fn who_polls_is_told_that_the_room_closes() {
    let host = host().await;
    let mut poller = Poller::connect(host.address()).await;
    poller.message().await;
    let hear = async {
        assert_eq!(poller.message().await, "* The host closed the room.");
        assert_eq!(poller.packet().await, "41");
    };
    tokio::join!(soon(host.stop(ByeCode::RoomClosed)), hear);
}

#[tokio::test]
async fn pages_from_elsewhere_are_kept_from_socket_io_as_from_everything() {
    let host = host().await;
    let path = "/socket.io/?EIO=4&transport=polling";
    let (head, _) = http(host.address(), "GET", path, "Origin: null\r\n", "").await;
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
    let (head, _) = http(host.address(), "GET", path, "", "").await;
    assert!(!head.to_lowercase().contains("access-control-allow-origin"), "{head}");
    let (head, _) = http(host.address(), "GET", "/socket.io/?EIO=3&transport=polling", "", "").await;
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
}
