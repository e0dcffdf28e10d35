//! The transport of Socket.IO: Engine.IO, protocol 4. A question opens it; from there it goes on in a WebSocket where the
//! server offers one, else by long polling. Either way packets go out and come in as messages; what they mean is the
//! business of [`crate::foreign`].
//!
//! <https://socket.io/docs/v4/engine-io-protocol/>

mod polling;

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::StatusCode;
use maru_wire::limits::FRAME_BYTES_MAX;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Message;

use crate::dial::{Dialed, Socket, Wire};
use crate::event::{Fault, Security};
use crate::inspector::Seen;
use crate::way::{Ask, Unanswered, Way, together};
use polling::Polling;

/// An open connection.
pub(crate) struct Opened {
    pub(crate) wire: Box<dyn Wire>,
    /// The packets that came meanwhile, the first of all packets first.
    pub(crate) heard: VecDeque<Message>,
    pub(crate) security: Security,
    pub(crate) seen: Vec<Seen>,
}

/// A server that speaks it.
#[derive(Debug)]
pub(crate) struct Greeted {
    /// The packets of its answer; none where it takes WebSockets alone.
    packets: Vec<String>,
    session: Option<Session>,
    security: Security,
    seen: Vec<Seen>,
}

/// A session that a server has opened.
#[derive(Debug, Clone, Deserialize)]
struct Session {
    sid: String,
    #[serde(default)]
    upgrades: Vec<String>,
    #[serde(rename = "pingInterval")]
    ping_interval: u64,
    #[serde(rename = "pingTimeout")]
    ping_timeout: u64,
}

/// Asks whether Socket.IO is spoken there. None where it is not.
pub(crate) async fn greet(way: &Way) -> Result<Option<Greeted>, Fault> {
    let path = format!("{PATH}?EIO=4&transport=polling");
    let asked = Ask { path: &path, body: None, bytes_max: PAYLOAD_BYTES_MAX, patience: GREETING_MAX };
    let (answer, security) = match way.ask(asked).await {
        Ok(answer) => answer,
        Err(Unanswered::Way(fault)) => return Err(fault),
        Err(Unanswered::There(_)) => return Ok(None),
    };
    let seen = answer.seen;
    if answer.status == StatusCode::BAD_REQUEST && takes_websockets_alone(&answer.body) {
        return Ok(Some(Greeted { packets: Vec::new(), session: None, security, seen }));
    }
    let Ok(body) = String::from_utf8(answer.body) else { return Ok(None) };
    let packets: Vec<String> = polling::packets(&body).map(String::from).collect();
    let session = packets.first().and_then(|open| serde_json::from_str(open.strip_prefix('0')?).ok());
    let well_formed = |session: &Session| {
        session.sid.len() <= SID_CHARS_MAX && session.sid.bytes().all(|b| b.is_ascii_graphic() && b != b'&')
    };
    Ok(session.filter(well_formed).map(|session| Greeted { packets, session: Some(session), security, seen }))
}

/// Opens a connection to a server that was asked.
pub(crate) async fn open(way: &Way, greeted: Greeted) -> Result<Opened, Fault> {
    let Greeted { packets, session, security, seen } = greeted;
    let mut heard: VecDeque<Message> = packets.iter().filter_map(|packet| polling::message(packet)).collect();
    let Some(session) = session else {
        let Dialed { socket, security, seen: then, .. } =
            way.websocket(&format!("{PATH}?EIO=4&transport=websocket")).await?;
        let seen = together(seen, then);
        return Ok(Opened { wire: Box::new(socket), heard, security, seen });
    };
    if session.upgrades.iter().any(|offered| offered == "websocket") {
        let path = format!("{PATH}?EIO=4&transport=websocket&sid={}", session.sid);
        // What stands in the way of WebSockets, a proxy above all, leaves the session as it is.
        if let Ok(Dialed { socket, security, seen: then, .. }) = way.websocket(&path).await
            && let Some((socket, others)) = upgraded(socket).await
        {
            heard.extend(others);
            return Ok(Opened { wire: Box::new(socket), heard, security, seen: together(seen, then) });
        }
    }
    let silence = Duration::from_millis(session.ping_interval.saturating_add(session.ping_timeout));
    let polling = Polling::new(way.clone(), &session.sid, silence.min(SILENCE_MAX));
    Ok(Opened { wire: Box::new(polling), heard, security, seen })
}

/// Takes a session over to a WebSocket: `2probe`, `3probe`, `5`. None where the server does not.
async fn upgraded(mut socket: Socket) -> Option<(Socket, Vec<Message>)> {
    let probing = async {
        socket.send(Message::text("2probe")).await.ok()?;
        let (mut others, mut bytes) = (Vec::new(), 0);
        loop {
            match socket.next().await?.ok()? {
                Message::Text(text) if text.as_str() == "3probe" => break,
                Message::Close(_) => return None,
                other => {
                    bytes += other.len();
                    if others.len() >= OTHERS_MAX || bytes > PAYLOAD_BYTES_MAX {
                        return None;
                    }
                    others.push(other);
                }
            }
        }
        socket.send(Message::text("5")).await.ok()?;
        Some((socket, others))
    };
    tokio::time::timeout(GREETING_MAX, probing).await.ok().flatten()
}

/// What such a server answers a question that is none of a WebSocket: "Transport unknown".
fn takes_websockets_alone(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Refused {
        code: u32,
        message: String,
    }
    serde_json::from_slice(body)
        .is_ok_and(|Refused { code, message }| code == 0 && message == "Transport unknown")
}

/// Where it is spoken unless somebody has moved it.
const PATH: &str = "/socket.io/";

/// How long a server may take to say that it speaks it, and to take an upgrade.
const GREETING_MAX: Duration = Duration::from_secs(3);

/// Bytes of the packets in one answer; Socket.IO's own default for what it takes is 1 MB.
const PAYLOAD_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// Characters of a session's name: it is given back with each question.
const SID_CHARS_MAX: usize = 128;

/// The longest silence that a server may ask for.
const SILENCE_MAX: Duration = Duration::from_secs(120);

/// Packets that may come before an upgrade is taken.
const OTHERS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

    use super::*;
    use crate::dial::Stream;

    /// What becomes of an upgrade before which a server says these texts.
    async fn upgraded_after(texts: &[String]) -> Option<usize> {
        let config = Some(WebSocketConfig::default().max_message_size(Some(PAYLOAD_BYTES_MAX)));
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let ours: Box<dyn Stream> = Box::new(ours);
        let socket = WebSocketStream::from_raw_socket(ours, Role::Client, config).await;
        let mut server = WebSocketStream::from_raw_socket(theirs, Role::Server, config).await;
        let saying = async {
            for text in texts.iter().map(String::as_str).chain(["3probe"]) {
                if server.send(Message::text(text)).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            upgraded = upgraded(socket) => upgraded.map(|(_, others)| others.len()),
            () = saying => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_said_before_an_upgrade_is_bounded_in_number_and_in_bytes() {
        let few = vec!["42[\"message\",\"hi\"]".to_owned(); OTHERS_MAX];
        assert_eq!(upgraded_after(&few).await, Some(OTHERS_MAX));
        let many = vec![String::from("6"); OTHERS_MAX + 1];
        assert_eq!(upgraded_after(&many).await, None);
        let long = vec!["x".repeat(PAYLOAD_BYTES_MAX / 2 + 1); 2];
        assert_eq!(upgraded_after(&long).await, None);
    }
}
