//! The loop beneath all connections, with a handler that does what the test wants.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use axum::extract::Request;
use common::guest::small_reader;
use common::tls::Secured;
use common::{Raw, TEXT, soon};
use maru_server::PortChoice;
use maru_server::listener::{Gate, bind, serve};
use maru_server::sweep::{
    Bell, ConnectionId, Handed, Handler, Heard, Order, OrderReceiver, OrderSender, Orders, Sweep, SweepPlace,
    Tongue, WsLimits, close_frame, order_channel, text_frame,
};
use maru_server::tls::Identity;
use maru_server::upgrade::upgrade;
use maru_wire::ByeCode;
use maru_wire::limits::FEED_BYTES_MAX;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// What a connection said.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Opened(ConnectionId),
    Heard(String),
    Ready,
    Gone,
}

/// Tells the test everything, and listens when the test wants it to.
struct Told {
    said: Sender<Said>,
    orders: OrderReceiver,
    listening: watch::Receiver<bool>,
}

impl Handler for Told {
    type Guest = ();

    fn opened(&mut self, id: ConnectionId, (): ()) {
        let _ = self.said.send(Said::Opened(id));
    }

    fn heard(&mut self, _: ConnectionId, heard: Heard) -> u32 {
        let Heard::Text(text) = heard else { panic!("{heard:?}") };
        let _ = self.said.send(Said::Heard(text.as_str().to_owned()));
        1
    }

    fn ready(&mut self, _: ConnectionId) {
        let _ = self.said.send(Said::Ready);
    }

    fn gone(&mut self, _: ConnectionId) {
        let _ = self.said.send(Said::Gone);
    }

    fn farewell(&self, _: Tongue, code: ByeCode) -> Vec<u8> {
        close_frame(code.close_code(), "")
    }

    fn listens(&mut self) -> bool {
        *self.listening.borrow()
    }

    fn hand_on(&mut self) -> Handed {
        if self.listens() { Handed::All } else { Handed::Part }
    }

    fn orders(&mut self) -> Orders {
        self.orders.take()
    }
}

/// A sweep with its port, and both ends of its handler.
struct Ground {
    address: SocketAddr,
    sweep: Sweep<()>,
    said: Receiver<Said>,
    orders: OrderSender,
    listening: watch::Sender<bool>,
    bell: Bell,
    _stop: watch::Sender<bool>,
}

fn ground() -> Ground {
    ground_over(None)
}

fn ground_over(identity: Option<Identity>) -> Ground {
    let listener = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), PortChoice::Exactly(0)).unwrap();
    let address = listener.local_addr().unwrap();
    let place = SweepPlace::new().unwrap();
    let bell = place.bell();
    let (orders, ordered) = order_channel(place.bell());
    let (telling, said) = channel();
    let (listening, listens) = watch::channel(true);
    let handler = Told { said: telling, orders: ordered, listening: listens };
    // No ping comes to anybody's help.
    let limits = WsLimits { ping_interval: Duration::from_secs(3_600), ..WsLimits::default() };
    let sweep = place.start(limits, handler).unwrap();
    let entrance = sweep.entrance();
    let answer = move |request: Request, _| std::future::ready(upgrade(request, &[], &entrance, |_| ()));
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        serve(listener, identity.as_ref(), Gate::new(16, 16), answer, stopped).await;
    });
    Ground { address, sweep, said, orders, listening, bell, _stop: stop }
}

impl Ground {
    /// Somebody who is live.
    async fn live(&self) -> (Raw, ConnectionId) {
        self.live_over(TcpStream::connect(self.address).await.unwrap()).await
    }

    /// Somebody who is live, on a stream that is open.
    async fn live_over<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> (Raw<S>, ConnectionId) {
        let peer = Raw::open_on(stream, self.address, "", &[]).await;
        let Said::Opened(id) = self.said().await else { panic!() };
        self.order([Order::GoLive(id, Tongue::Frames)]);
        (peer, id)
    }

    async fn said(&self) -> Said {
        loop {
            if let Ok(said) = self.said.try_recv() {
                return said;
            }
            tokio::task::yield_now().await;
        }
    }

    fn order(&self, orders: impl IntoIterator<Item = Order>) {
        let mut batch = self.orders.batch();
        orders.into_iter().for_each(|order| batch.order(order));
        self.orders.send(batch).unwrap();
    }

    fn announce(&self, text: &str) {
        let mut batch = self.orders.batch();
        batch.announce(Tongue::Frames, |into| into.extend_from_slice(text.as_bytes()));
        self.orders.send(batch).unwrap();
    }
}

fn tell(to: ConnectionId, text: &str, more: bool) -> Order {
    Order::Tell { to, frame: text_frame(|into| into.extend_from_slice(text.as_bytes())), more }
}

#[tokio::test]
async fn all_who_are_live_hear_the_same_and_one_alone_what_is_for_it_at_its_place() {
    let ground = ground();
    let (mut first, id) = ground.live().await;
    let (mut second, _) = ground.live().await;
    let mut batch = ground.orders.batch();
    batch.announce(Tongue::Frames, |into| into.extend(b"1"));
    batch.order(tell(id, "for the first", true));
    batch.announce(Tongue::Frames, |into| into.extend(b"2"));
    ground.orders.send(batch).unwrap();
    for text in ["1", "for the first", "2"] {
        assert_eq!(first.text().await, text);
    }
    for text in ["1", "2"] {
        assert_eq!(second.text().await, text);
    }
    assert_eq!(soon(ground.said()).await, Said::Ready);
}

#[tokio::test]
async fn connections_end_with_who_gives_the_orders_and_whoever_waits_for_it_is_told() {
    let ground = ground();
    let (mut peer, _) = ground.live().await;
    let mut ended = ground.sweep.ended();
    drop(ground.orders);
    assert_eq!(peer.next().await, None);
    assert!(soon(ended.changed()).await.is_err());
    let late = Raw::open_with(ground.address, "", &[]).await.next().await;
    assert_eq!(late, None, "nor does anybody come in");
}

#[tokio::test]
async fn what_comes_while_the_handler_has_no_room_is_heard_once_it_has_and_in_order() {
    let ground = ground();
    let (mut peer, _) = ground.live().await;
    ground.listening.send(false).unwrap();
    // The sweep has seen it when it has written this.
    ground.bell.ring();
    ground.announce("now");
    assert_eq!(peer.text().await, "now");
    let texts: Vec<String> = (0..40).map(|i| i.to_string()).collect();
    for text in &texts {
        peer.say(text).await;
    }
    ground.announce("still written");
    assert_eq!(peer.text().await, "still written");
    assert!(ground.said.try_recv().is_err());
    ground.listening.send(true).unwrap();
    for text in texts {
        assert_eq!(soon(ground.said()).await, Said::Heard(text));
    }
}

#[tokio::test]
async fn a_full_share_is_not_read_and_an_answer_makes_room_again() {
    let ground = ground();
    let (mut peer, id) = ground.live().await;
    let share = WsLimits::default().share_max;
    for i in 0..=share {
        peer.say(&i.to_string()).await;
    }
    for i in 0..share {
        assert_eq!(soon(ground.said()).await, Said::Heard(i.to_string()));
    }
    ground.announce("now");
    assert_eq!(peer.text().await, "now");
    assert!(ground.said.try_recv().is_err(), "one more than the share");
    ground.order([Order::Answered { to: id, share: 1 }]);
    assert_eq!(soon(ground.said()).await, Said::Heard(share.to_string()));
}

#[tokio::test]
async fn who_falls_behind_hears_whole_frames_up_to_the_good_bye() {
    let ground = ground();
    let (mut slow, _) = ground.live().await;
    let (mut quick, _) = ground.live().await;
    let text = "x".repeat(50_000);
    for _ in 0..(3 * FEED_BYTES_MAX / text.len()) {
        ground.announce(&text);
        assert_eq!(quick.text().await.len(), text.len());
    }
    hears_whole_frames_to_the_end(&mut slow, &text).await;
    ground.announce("on");
    assert_eq!(quick.text().await, "on");
}

async fn hears_whole_frames_to_the_end(slow: &mut Raw<impl AsyncRead + AsyncWrite + Unpin>, text: &str) {
    loop {
        match slow.next().await {
            Some((TEXT, heard)) => assert_eq!(heard, text.as_bytes()),
            Some((common::CLOSE, code)) => break assert_eq!(code, 4000u16.to_be_bytes()),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn who_falls_behind_over_tls_is_let_go_too_and_harms_nobody() {
    let secured = Secured::new();
    let ground = ground_over(Some(secured.identity.clone()));
    let stream = small_reader(ground.address).await;
    let stream = secured.connect_over(stream, rustls::DEFAULT_VERSIONS).await;
    let (mut slow, _) = ground.live_over(stream).await;
    let (mut quick, _) = ground.live_over(secured.connect(ground.address).await).await;
    let (mut plain, _) = ground.live().await;
    let text = "x".repeat(50_000);
    for _ in 0..(3 * FEED_BYTES_MAX / text.len()) {
        ground.announce(&text);
        assert_eq!(quick.text().await.len(), text.len());
        assert_eq!(plain.text().await.len(), text.len());
    }
    hears_whole_frames_to_the_end(&mut slow, &text).await;
    ground.announce("on");
    assert_eq!(quick.text().await, "on");
}

#[tokio::test]
async fn over_tls_what_is_for_one_alone_comes_at_its_place_too() {
    let secured = Secured::new();
    let ground = ground_over(Some(secured.identity.clone()));
    let (mut peer, id) = ground.live_over(secured.connect(ground.address).await).await;
    for round in 0..100 {
        let mut batch = ground.orders.batch();
        batch.announce(Tongue::Frames, |into| into.extend(b"1"));
        batch.order(tell(id, "for you", true));
        batch.announce(Tongue::Frames, |into| into.extend(b"2"));
        ground.orders.send(batch).unwrap();
        for text in ["1", "for you", "2"] {
            assert_eq!(peer.text().await, text, "{round}");
        }
        assert_eq!(soon(ground.said()).await, Said::Ready);
    }
}

#[tokio::test]
async fn who_says_much_over_tls_and_ends_it_at_once_is_heard_to_the_end() {
    let secured = Secured::new();
    let ground = ground_over(Some(secured.identity.clone()));
    let (mut peer, _) = ground.live_over(secured.connect(ground.address).await).await;
    ground.listening.send(false).unwrap();
    // The sweep has seen it when it has written this.
    ground.bell.ring();
    ground.announce("now");
    assert_eq!(peer.text().await, "now");
    let texts: Vec<String> = (0..40).map(|i| i.to_string()).collect();
    for text in &texts {
        peer.say(text).await;
    }
    soon(peer.0.shutdown()).await.unwrap();
    ground.listening.send(true).unwrap();
    for text in texts {
        assert_eq!(soon(ground.said()).await, Said::Heard(text));
    }
    assert_eq!(soon(ground.said()).await, Said::Gone);
}

#[tokio::test]
async fn a_sweep_that_is_closed_ends_with_its_last_connection() {
    let ground = ground();
    let (mut peer, id) = ground.live().await;
    let mut ended = ground.sweep.ended();
    ground.sweep.close();
    ground.announce("still here");
    assert_eq!(peer.text().await, "still here");
    ground.order([Order::Dismiss { to: id, words: close_frame(1000, "") }]);
    assert_eq!(soon(ground.said()).await, Said::Gone);
    assert_eq!(peer.next().await.map(|(first, _)| first), Some(common::CLOSE));
    drop(peer);
    assert!(soon(ended.changed()).await.is_err());
}
