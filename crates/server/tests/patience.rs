//! How long a connection waits for a peer, on a clock that runs only while everybody waits.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{CLOSE, PING, PONG, frame};
use maru_server::ws::{Handler, Heard, Outgoing, WsLimits, open_ws, serve_ws};
use maru_wire::limits::{CLOSE_MS_MAX, PING_INTERVAL_MS, PINGS_MISSED_MAX, WRITE_STALL_MS_MAX};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

/// Says one thing, if anything, and listens to nothing.
struct Says(Option<Outgoing>);

impl Handler for Says {
    async fn hear(&mut self, _: Heard) {}

    async fn next(&mut self) -> Outgoing {
        match self.0.take() {
            Some(outgoing) => outgoing,
            None => std::future::pending().await,
        }
    }
}

/// A connection whose sockets hold 1 KiB, and when it ends.
fn serve(says: Option<Outgoing>) -> (DuplexStream, JoinHandle<()>) {
    let (ours, theirs) = duplex(1024);
    let limits = WsLimits::default();
    let serving = tokio::spawn(async move {
        let socket = open_ws(ours, Bytes::new(), &limits).await;
        serve_ws(socket, limits, Says(says)).await;
    });
    (theirs, serving)
}

async fn short_frame(peer: &mut DuplexStream) -> (u8, Vec<u8>) {
    let first = peer.read_u8().await.unwrap();
    let mut payload = vec![0; usize::from(peer.read_u8().await.unwrap())];
    peer.read_exact(&mut payload).await.unwrap();
    (first, payload)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_ping_is_let_go_after_two() {
    let (mut peer, serving) = serve(None);
    let start = Instant::now();
    for _ in 0..PINGS_MISSED_MAX {
        assert_eq!(short_frame(&mut peer).await, (PING, vec![]));
    }
    assert_eq!(short_frame(&mut peer).await, (CLOSE, 4001u16.to_be_bytes().to_vec()));
    assert_eq!(start.elapsed(), ms(PING_INTERVAL_MS) * (PINGS_MISSED_MAX + 1));
    drop(peer);
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_its_pings_stays() {
    let (mut peer, serving) = serve(None);
    for _ in 0..10 {
        assert_eq!(short_frame(&mut peer).await, (PING, vec![]));
        peer.write_all(&frame(PONG, b"")).await.unwrap();
    }
    assert!(!serving.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_waited_for_as_long_as_one_write_may_take() {
    let start = Instant::now();
    let (_peer, serving) = serve(Some(Outgoing::Messages(vec![Message::binary(vec![0; 4_096])])));
    serving.await.unwrap();
    assert_eq!(start.elapsed(), ms(WRITE_STALL_MS_MAX));
}

#[tokio::test(start_paused = true)]
async fn a_close_that_is_not_answered_is_waited_for_two_seconds() {
    let start = Instant::now();
    let close = Outgoing::Close { last: None, code: 4500, reason: "" };
    let (mut peer, serving) = serve(Some(close));
    assert_eq!(short_frame(&mut peer).await, (CLOSE, 4500u16.to_be_bytes().to_vec()));
    serving.await.unwrap();
    assert_eq!(start.elapsed(), ms(CLOSE_MS_MAX));
}
