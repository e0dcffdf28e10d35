//! A peer made by hand: bytes over TCP, so that it can do what no library would.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

pub(crate) mod guest;
pub(crate) mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;

/// The header that offers the room's own subprotocol.
pub(crate) const MARU: &str = "Sec-WebSocket-Protocol: maru.v1\r\n";

/// Fails rather than hangs. Never a measure of speed.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("nothing came in half a minute")
}

/// Bytes of a client's frame; masked by zeros, which is a mask like any other.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// A close frame's payload.
pub(crate) fn closing(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}

/// One WebSocket connection, its answers taken apart by hand.
pub(crate) struct Raw<S = TcpStream>(pub(crate) S);

impl Raw {
    pub(crate) async fn open(to: SocketAddr) -> Self {
        Self::open_with(to, MARU, &[]).await
    }

    /// Opens with further headers, and with bytes that go in the same write as the handshake.
    pub(crate) async fn open_with(to: SocketAddr, headers: &str, along: &[u8]) -> Self {
        let stream = soon(TcpStream::connect(to)).await.unwrap();
        Self::open_on(stream, to, headers, along).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    /// The same on a stream that is open.
    pub(crate) async fn open_on(mut stream: S, to: SocketAddr, headers: &str, along: &[u8]) -> Self {
        let head = handshake(to, headers);
        stream.write_all(&[head.as_bytes(), along].concat()).await.unwrap();
        let mut raw = Self(stream);
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        raw
    }

    /// Reads an answer's head.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(self.0.read_u8()).await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    pub(crate) async fn send(&mut self, first: u8, payload: &[u8]) {
        self.bytes(&frame(first, payload)).await;
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.send(TEXT, text.as_bytes()).await;
    }

    pub(crate) async fn bytes(&mut self, bytes: &[u8]) {
        soon(self.0.write_all(bytes)).await.unwrap();
    }

    /// The next frame; none at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        soon(async {
            let first = self.0.read_u8().await.ok()?;
            let length = match self.0.read_u8().await.ok()? {
                126 => u64::from(self.0.read_u16().await.ok()?),
                127 => self.0.read_u64().await.ok()?,
                length => u64::from(length),
            };
            let mut payload = vec![0; length as usize];
            self.0.read_exact(&mut payload).await.ok()?;
            Some((first, payload))
        })
        .await
    }

    /// The next text. A slow machine may be pinged meanwhile.
    pub(crate) async fn text(&mut self) -> String {
        loop {
            match self.next().await {
                Some((TEXT, text)) => return String::from_utf8(text).unwrap(),
                Some((PING, _)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Reads on to the close: the last text before it, and its code.
    pub(crate) async fn closed(&mut self) -> (Option<String>, u16) {
        let mut last = None;
        loop {
            match self.next().await {
                Some((TEXT, text)) => last = Some(String::from_utf8(text).unwrap()),
                Some((CLOSE, payload)) => {
                    assert_eq!(self.next().await, None, "nothing follows a close");
                    return (last, u16::from_be_bytes([payload[0], payload[1]]));
                }
                Some(_) => {}
                None => panic!("the connection ended without a close"),
            }
        }
    }
}

pub(crate) fn handshake(to: SocketAddr, headers: &str) -> String {
    format!(
        "GET /any HTTP/1.1\r\nHost: {to}\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}
