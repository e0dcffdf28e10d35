//! `examples/echo_client.rs` against a small fuzzing server of our own.

#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

#[path = "../examples/echo_client/suite.rs"]
mod suite;

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

#[tokio::test]
async fn every_case_is_echoed_and_the_report_is_asked_for() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let server = format!("ws://{}/", listener.local_addr().unwrap());
    let examining = tokio::spawn(examine(listener));
    let mut progress = Vec::new();
    let ran = suite::run(&server, "마루 0.1&x", |case, of| progress.push((case, of)));
    let cases = tokio::time::timeout(Duration::from_secs(60), ran).await.unwrap().unwrap();
    assert_eq!((cases, progress), (3, vec![(1, 3), (2, 3), (3, 3)]));
    let agent = "%EB%A7%88%EB%A3%A8%200.1%26x";
    let asked = [
        "/getCaseCount".to_owned(),
        format!("/runCase?case=1&agent={agent}"),
        format!("/runCase?case=2&agent={agent}"),
        format!("/runCase?case=3&agent={agent}"),
        format!("/updateReports?agent={agent}"),
    ];
    assert_eq!(examining.await.unwrap(), asked);
}

#[tokio::test]
async fn a_server_that_is_not_there_or_counts_nothing_is_told_of() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let server = format!("ws://{}", listener.local_addr().unwrap());
    let counting_nothing = tokio::spawn(async move {
        let (_, mut socket) = accepted(&listener).await;
        socket.close(None).await.unwrap();
    });
    let error = suite::run(&server, "maru", |_, _| {}).await.unwrap_err();
    assert_eq!(error.to_string(), "it did not say how many cases there are");
    counting_nothing.await.unwrap();
    let held = TcpSocket::new_v4().unwrap();
    held.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let server = format!("ws://{}", held.local_addr().unwrap());
    assert!(suite::run(&server, "maru", |_, _| {}).await.unwrap_err().to_string().contains("Refused"));
    assert!(suite::run("ftp://x", "maru", |_, _| {}).await.unwrap_err().to_string().contains("no address"));
}

/// A fuzzing server with three cases. Returns the paths it was asked for.
async fn examine(listener: TcpListener) -> Vec<String> {
    let mut asked = Vec::new();
    loop {
        let (path, mut socket) = accepted(&listener).await;
        match path.split('?').next() {
            Some("/getCaseCount") => socket.send(Message::text("3")).await.unwrap(),
            Some("/runCase") => {
                let case = asked.len();
                let messages = [
                    Message::text("가".repeat(case * 100_000)),
                    Message::binary(vec![0xff; case * 1_000_000]),
                    Message::text(""),
                ];
                for message in messages {
                    socket.send(Message::Ping("p".into())).await.unwrap();
                    socket.send(message.clone()).await.unwrap();
                    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong("p".into()));
                    assert_eq!(socket.next().await.unwrap().unwrap(), message);
                }
            }
            _ => {}
        }
        asked.push(path);
        let _ = socket.close(None).await;
        while let Some(Ok(_)) = socket.next().await {}
        if asked.last().is_some_and(|path| path.starts_with("/updateReports")) {
            return asked;
        }
    }
}

#[allow(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
async fn accepted(listener: &TcpListener) -> (String, WebSocketStream<TcpStream>) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut path = String::new();
    let socket = accept_hdr_async(stream, |request: &Request, response: Response| {
        assert!(request.headers().get("sec-websocket-protocol").is_none());
        path = request.uri().to_string();
        Ok(response)
    });
    let socket = socket.await.unwrap();
    (path, socket)
}
