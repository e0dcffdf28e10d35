//! A line to a peer over pipes that hold next to nothing.

use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::dial::Stream;

async fn pair() -> (Line, WebSocketStream<DuplexStream>) {
    let (here, there) = duplex(64);
    let here: Box<dyn Stream> = Box::new(here);
    let here = WebSocketStream::from_raw_socket(here, Role::Client, None).await;
    let there = WebSocketStream::from_raw_socket(there, Role::Server, None).await;
    (Line::open(Box::new(here)), there)
}

/// Lets the line run until it is over, and counts what it read.
async fn run(line: &mut Line) -> usize {
    let mut read = 0;
    loop {
        match line.happens().await {
            Turn::Read(Ok(message)) => read += usize::from(message.is_text()),
            Turn::Wrote => {}
            Turn::Read(Err(_)) | Turn::Over | Turn::Dialed(_) => return read,
        }
    }
}

fn long() -> Message {
    Message::text("가".repeat(100_000))
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_first_says_everything_and_then_reads_is_waited_for_by_reading() {
    let (mut line, mut peer) = pair().await;
    (0..20).for_each(|_| line.send(long()));
    let peer = tokio::spawn(async move {
        for _ in 0..20 {
            peer.send(long()).await.unwrap();
        }
        for _ in 0..20 {
            assert_eq!(peer.next().await.unwrap().unwrap(), long());
        }
        peer.close(None).await
    });
    assert_eq!(run(&mut line).await, 20);
    drop(line);
    let _ = peer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_for_too_long_is_given_up() {
    let (mut line, peer) = pair().await;
    let began = Instant::now();
    (0..3).for_each(|_| line.send(long()));
    run(&mut line).await;
    assert_eq!(began.elapsed().as_secs(), WRITE_STALL_MAX.as_secs());
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_pings_and_takes_no_pong_is_given_up() {
    let (mut line, mut peer) = pair().await;
    let peer = tokio::spawn(async move {
        // Until the line is gone.
        while peer.send(Message::Ping(vec![0; 125].into())).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    timeout(WRITE_STALL_MAX * 2, run(&mut line)).await.expect("it is given up");
    drop(line);
    peer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_a_little_now_and_then_is_not() {
    let (mut line, mut peer) = pair().await;
    (0..3).for_each(|_| line.send(long()));
    let peer = tokio::spawn(async move {
        for _ in 0..3 {
            tokio::time::sleep(WRITE_STALL_MAX - Duration::from_secs(1)).await;
            peer.next().await.unwrap().unwrap();
        }
        drop(peer);
    });
    run(&mut line).await;
    peer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_the_peer_said_before_it_went_is_still_read() {
    let (here, there) = duplex(1_000_000);
    let here: Box<dyn Stream> = Box::new(here);
    let mut there = WebSocketStream::from_raw_socket(there, Role::Server, None).await;
    let mut line = Line::open(Box::new(WebSocketStream::from_raw_socket(here, Role::Client, None).await));
    there.send(Message::text("bye")).await.unwrap();
    drop(there);
    line.send(Message::text("too late"));
    assert_eq!(run(&mut line).await, 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_where_waiting_is_given_up_again_and_again() {
    let (mut line, mut peer) = pair().await;
    (0..5).for_each(|_| line.send(long()));
    let peer = tokio::spawn(async move {
        for _ in 0..5 {
            assert_eq!(peer.next().await.unwrap().unwrap(), long());
            peer.send(long()).await.unwrap();
        }
    });
    let mut read = 0;
    while read < 5 {
        tokio::select! {
            biased;
            turn = line.happens() => read += usize::from(matches!(turn, Turn::Read(Ok(_)))),
            () = tokio::task::yield_now() => {}
        }
    }
    peer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn closing_says_what_is_left_and_waits_only_so_long() {
    let (mut line, mut peer) = pair().await;
    line.send(Message::text("leave"));
    let peer_hears = tokio::spawn(async move {
        let heard = peer.next().await.unwrap().unwrap();
        while let Some(Ok(_)) = peer.next().await {}
        heard
    });
    line.close().await;
    assert_eq!(peer_hears.await.unwrap(), Message::text("leave"));
    let (mut line, peer) = pair().await;
    let began = Instant::now();
    line.send(long());
    line.close().await;
    assert_eq!(began.elapsed(), Duration::from_millis(CLOSE_MS_MAX));
    drop(peer);
}
