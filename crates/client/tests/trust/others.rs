//! Others, who show a certificate or a card that is not theirs to show, and what they heard.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{SinkExt, StreamExt};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// What was heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Arc<[AtomicUsize; 3]>);

impl Heard {
    pub(crate) fn connections(&self) -> usize {
        self.0[0].load(Ordering::SeqCst)
    }

    /// Bytes of application data, decrypted, or said without TLS.
    pub(crate) fn bytes(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }

    /// Messages on a WebSocket.
    pub(crate) fn frames(&self) -> usize {
        self.0[2].load(Ordering::SeqCst)
    }

    fn add(&self, what: usize, count: usize) {
        self.0[what].fetch_add(count, Ordering::SeqCst);
    }
}

/// Speaks TLS with its own certificate, and counts what it is told.
pub(crate) async fn counting_tls(certificate: &[u8], key: &[u8]) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Heard::default();
    let counted = heard.clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key).unwrap().clone_key();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate.to_vec())], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            counted.add(0, 1);
            let mut first = [0];
            if tcp.peek(&mut first).await.is_ok_and(|read| read == 1 && first[0] != TLS_HANDSHAKE) {
                // Said without TLS, for anybody to hear.
                counted.add(1, 1);
            }
            // A client that ends the handshake has said nothing.
            let Ok(mut stream) = acceptor.accept(tcp).await else { continue };
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                counted.add(1, read);
            }
        }
    });
    (address, heard)
}

/// Says that it speaks no TLS and is the room of that card, and then that it is the room `r1`.
#[allow(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
pub(crate) async fn stripper(card: &str) -> (SocketAddr, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Heard::default();
    let counted = heard.clone();
    let card = format!(r#"{{"maru":["maru.v1"],"id":"{card}","name":"점심 모임","tls":false}}"#);
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            if is_asked_for_card(&mut tcp).await {
                counted.add(1, 1);
                let length = card.len();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{card}");
                let _ = tcp.write_all(answer.as_bytes()).await;
                continue;
            }
            let chosen = |_: &Request, mut response: Response| {
                let subprotocol = HeaderValue::from_static("maru.v1");
                response.headers_mut().insert("sec-websocket-protocol", subprotocol);
                Ok(response)
            };
            let Ok(mut socket) = accept_hdr_async(tcp, chosen).await else { continue };
            socket.send(Message::text(ROOM)).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                counted.add(2, usize::from(!message.is_close()));
            }
        }
    });
    (address, heard)
}

/// Passes connections on to an address, once `opens` says so, and says whenever one has ended.
pub(crate) async fn passage(
    to: SocketAddr,
    opens: watch::Receiver<bool>,
) -> (SocketAddr, watch::Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ended, has_ended) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            let (mut opens, ended) = (opens.clone(), ended.clone());
            tokio::spawn(async move {
                opens.wait_for(|open| *open).await.unwrap();
                let mut there = TcpStream::connect(to).await.unwrap();
                // Either side may end it as it likes.
                let _ = copy_bidirectional(&mut here, &mut there).await;
                ended.send_replace(true);
            });
        }
    });
    (address, has_ended)
}

async fn is_asked_for_card(tcp: &mut TcpStream) -> bool {
    let mut begin = [0; 14];
    loop {
        match tcp.peek(&mut begin).await {
            Ok(14) => break,
            Ok(1..) if begin[0] == b'G' => tokio::task::yield_now().await,
            _ => return false,
        }
    }
    if &begin != b"GET /room.json" {
        return false;
    }
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return false };
        request.push(byte);
    }
    true
}

/// The first byte of a handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 22;

const ROOM: &str = r#"{"type":"room","id":"r1","name":"점심 모임","nonce":"n1"}"#;
