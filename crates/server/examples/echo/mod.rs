//! An echo on the product's own connection code. Keeps a bounded amount waiting: a peer that does not read its
//! echoes is not read either.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use maru_server::listener::{Gate, serve};
use maru_server::upgrade::upgrade;
use maru_server::ws::{Handler, Heard, Outgoing, WsLimits};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

/// Says again what it hears.
#[derive(Default)]
struct Echo {
    waiting: Vec<Message>,
    waiting_bytes: usize,
}

impl Handler for Echo {
    fn listens(&self) -> impl Future<Output = ()> + Send + 'static {
        let is_full = self.waiting_bytes >= WAITING_BYTES_MAX || self.waiting.len() >= WAITING_MESSAGES_MAX;
        // What makes room is `next`, after which this is asked anew.
        async move {
            if is_full {
                std::future::pending::<()>().await;
            }
        }
    }

    async fn hear(&mut self, heard: Heard) {
        let message = match heard {
            Heard::Text(text) => Message::Text(text),
            Heard::Binary(bytes) => Message::Binary(bytes),
        };
        self.waiting_bytes += message.len();
        self.waiting.push(message);
    }

    async fn next(&mut self) -> Outgoing {
        if self.waiting.is_empty() {
            std::future::pending::<()>().await;
        }
        self.waiting_bytes = 0;
        Outgoing::Messages(std::mem::take(&mut self.waiting))
    }
}

/// Echoes on every path until `stop` turns true.
pub(crate) async fn echo(listener: TcpListener, stop: watch::Receiver<bool>) {
    let answer = |request: Request, _| -> Response<Body> {
        upgrade(request, None, limits(), |_| async { Echo::default() })
    };
    serve(listener, Gate::new(CONNECTIONS_MAX, CONNECTIONS_MAX), answer, stop).await;
}

/// Wide enough for a conformance suite: messages of 16 MiB, in pieces of 64 bytes.
fn limits() -> WsLimits {
    WsLimits {
        message_bytes_max: 32 * 1024 * 1024,
        frames_per_message_max: 1_000_000,
        control_frames_max: 100_000,
        ping_interval: Duration::from_secs(60),
        ..WsLimits::default()
    }
}

const WAITING_BYTES_MAX: usize = 1024 * 1024;
const WAITING_MESSAGES_MAX: usize = 1_024;
const CONNECTIONS_MAX: usize = 1_024;
