//! Peers that are no room, or one no more.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// Answers every request with a page.
pub(crate) async fn http_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nhi";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

/// Lets in, and then neither reads nor writes for as long as the sender is held.
#[allow(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
pub(crate) async fn dead_room() -> (SocketAddr, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (alive, dropped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let stream = 'asked: loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            while let Some(answered) = answers_with_card(&mut stream).await {
                if !answered {
                    break 'asked stream;
                }
            }
        };
        let chosen = |_: &Request, mut response: Response| {
            response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("maru.v1"));
            Ok(response)
        };
        let mut socket = accept_hdr_async(stream, chosen).await.unwrap();
        socket.send(Message::text(ROOM)).await.unwrap();
        socket.next().await.unwrap().unwrap();
        socket.send(Message::text(WELCOME)).await.unwrap();
        let _ = dropped.await;
    });
    (address, alive)
}

/// Answers a question for the card, and leaves any other as it is. None where nothing is asked any more.
async fn answers_with_card(stream: &mut TcpStream) -> Option<bool> {
    let mut begin = [0; 16];
    loop {
        match stream.peek(&mut begin).await {
            Ok(peeked) if peeked == begin.len() => break,
            Ok(0) | Err(_) => return None,
            Ok(_) => tokio::task::yield_now().await,
        }
    }
    if !begin.starts_with(b"GET /room.json") {
        return Some(false);
    }
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    let length = CARD.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{CARD}");
    stream.write_all(answer.as_bytes()).await.ok()?;
    Some(true)
}

/// Takes a connection and says nothing at all, for as long as the sender is held.
pub(crate) async fn silent_socket() -> (SocketAddr, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (alive, dropped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let _connection = listener.accept().await.unwrap();
        let _ = dropped.await;
    });
    (address, alive)
}

const CARD: &str = r#"{"maru":["maru.v1"],"id":"r1","name":"점심 모임"}"#;

const ROOM: &str = r#"{"type":"room","id":"r1","name":"점심 모임","nonce":"n1"}"#;

const WELCOME: &str = r#"{"type":"welcome","you":{"id":"m1","nickname":"민지","number":3},"name":"점심 모임","head":{"epoch":"e1","seq":0,"hash":"AAAAAAAAAAAAAAAAAAAAAA"},"caught_up":"first","entries":[],"more":false,"count":1,"members":[],"limits":{"message_bytes":65536,"nickname_graphemes":32,"rate_per_second":1000,"rate_burst":2000,"members":256},"can":[],"keeps":{"kind":"everything"}}"#;
