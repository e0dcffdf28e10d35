//! An echo on the product's own connection code. A peer that does not read its echoes is not read either.

use std::time::Duration;

use axum::extract::Request;
use maru_server::listener::{Gate, serve};
use maru_server::sweep::{
    Batch, ConnectionId, Handed, Handler, Heard, Order, Orders, SweepPlace, Tongue, WsLimits, binary_frame,
    close_frame, text_frame,
};
use maru_server::upgrade::upgrade;
use maru_wire::ByeCode;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Says again what it hears.
#[derive(Default)]
struct Echo {
    said: Batch,
}

impl Handler for Echo {
    type Guest = ();

    fn opened(&mut self, _: ConnectionId, (): ()) {}

    fn heard(&mut self, to: ConnectionId, heard: Heard) -> u32 {
        let frame = match heard {
            Heard::Text(text) => text_frame(|into| into.extend_from_slice(text.as_bytes())),
            Heard::Binary(bytes) => binary_frame(&bytes),
        };
        self.said.order(Order::Tell { to, frame, more: false });
        self.said.order(Order::Answered { to, share: 1 });
        1
    }

    fn ready(&mut self, _: ConnectionId) {}

    fn gone(&mut self, _: ConnectionId) {}

    fn farewell(&self, _: Tongue, code: ByeCode) -> Vec<u8> {
        close_frame(code.close_code(), "")
    }

    fn listens(&mut self) -> bool {
        true
    }

    fn hand_on(&mut self) -> Handed {
        Handed::All
    }

    fn orders(&mut self) -> Orders {
        if self.said.is_empty() { Orders::None } else { Orders::Batch(std::mem::take(&mut self.said)) }
    }
}

/// Echoes on every path until `stop` turns true.
pub(crate) async fn echo(listener: TcpListener, stop: watch::Receiver<bool>) {
    let place = SweepPlace::new().expect("a thread can wait for sockets");
    let sweep = place.start(limits(), Echo::default()).expect("a thread can be started");
    let entrance = sweep.entrance();
    let answer = move |request: Request, _| std::future::ready(upgrade(request, &[], &entrance, |_| ()));
    serve(listener, None, Gate::new(CONNECTIONS_MAX, CONNECTIONS_MAX), answer, stop).await;
    let mut ended = sweep.ended();
    sweep.close();
    let _ = ended.changed().await;
}

/// Wide enough for a conformance suite: messages of 16 MiB, in pieces of 64 bytes.
fn limits() -> WsLimits {
    WsLimits {
        message_bytes_max: 32 * 1024 * 1024,
        frames_per_message_max: 1_000_000,
        control_frames_max: 100_000,
        private_frames_max: 2_048,
        private_bytes_max: 1024 * 1024,
        share_max: 1_024,
        ping_interval: Duration::from_secs(60),
        ..WsLimits::default()
    }
}

const CONNECTIONS_MAX: usize = 1_024;
