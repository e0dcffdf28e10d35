//! Finding out what is spoken at an address, in an order that harms nobody. Only a room's own card leads to `maru.v1`: a
//! server that takes any subprotocol would pass our hello on to strangers. A server that says nothing hears JSON and
//! nothing else, since one that parses what it hears may die of any other text; and nobody unproven hears a secret.
//!
//! A card, then Socket.IO's first answer, then a WebSocket without subprotocol. There a greeting that is no line of a chat
//! means plain text. After 300 ms of silence our name is said in JSON: unanswered for 500 ms means that it was taken, and
//! any other answer that it was passed on as text.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use maru_wire::limits::{MESSAGE_BYTES_MAX, RATE_PER_SECOND_DEFAULT};
use maru_wire::{Dialect, Nickname};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use crate::dial::{Dialed, Socket, Wire};
use crate::engine_io::{self, Opened};
use crate::event::{Fault, Security};
use crate::foreign::{introduction, taken_apart};
use crate::inspector::Seen;
use crate::way::Way;

/// What was found.
pub(crate) enum Found {
    /// A room of ours, or somebody who insists that it is one.
    Maru,
    /// Another server, and an open connection to it.
    Foreign(Box<Foreigner>),
}

/// An open connection to a foreign server.
pub(crate) struct Foreigner {
    pub(crate) dialect: Dialect,
    pub(crate) wire: Box<dyn Wire>,
    /// What was heard on it until now.
    pub(crate) heard: VecDeque<Message>,
    /// Whether our name was said on it.
    pub(crate) introduced: bool,
    pub(crate) security: Security,
    pub(crate) seen: Vec<Seen>,
}

/// Finds out what is spoken there.
pub(crate) async fn scout(way: &Way, nickname: &Nickname) -> Result<Found, Fault> {
    if way.is_room().await? {
        return Ok(Found::Maru);
    }
    if let Some(greeted) = engine_io::greet(way).await? {
        let opened = engine_io::open(way, greeted).await?;
        return Ok(Found::Foreign(Box::new(Foreigner::socket_io(opened))));
    }
    let dialed = way.websocket(way.path()).await?;
    listen(dialed, nickname).await.map(|foreigner| Found::Foreign(Box::new(foreigner)))
}

/// Opens a connection where it is known what is spoken.
pub(crate) async fn dial(way: &Way, dialect: Dialect) -> Result<Foreigner, Fault> {
    if dialect == Dialect::SocketIo {
        let greeted = engine_io::greet(way).await?.ok_or(Fault::NotARoom)?;
        return engine_io::open(way, greeted).await.map(Foreigner::socket_io);
    }
    let Dialed { socket, security, seen, .. } = way.websocket(way.path()).await?;
    let (heard, introduced) = (VecDeque::new(), false);
    Ok(Foreigner { dialect, wire: Box::new(socket), heard, introduced, security, seen })
}

/// Listens, says our name, and listens again.
async fn listen(dialed: Dialed, nickname: &Nickname) -> Result<Foreigner, Fault> {
    let Dialed { mut socket, security, seen, .. } = dialed;
    let mut heard = VecDeque::new();
    let mut dialect = hears(&mut socket, &mut heard, SILENCE, |text| taken_apart(text).is_none()).await?;
    let mut introduced = false;
    if dialect.is_none() {
        let name = introduction(nickname.as_str());
        socket.send(Message::text(name.clone())).await.map_err(|_| Fault::Lost)?;
        introduced = true;
        // Others may speak meanwhile, each with a name before it. Whatever passes on what we said does not read it.
        let answers = |text: &str| taken_apart(text).is_none() || text.contains(&name);
        dialect = hears(&mut socket, &mut heard, ANSWER, answers).await?;
    }
    let dialect = dialect.unwrap_or(Dialect::NicknameJson);
    Ok(Foreigner { dialect, wire: Box::new(socket), heard, introduced, security, seen })
}

/// Plain text, if something comes within that time that tells so.
async fn hears(
    socket: &mut Socket,
    heard: &mut VecDeque<Message>,
    within: Duration,
    tells: impl Fn(&str) -> bool,
) -> Result<Option<Dialect>, Fault> {
    let until = Instant::now() + within;
    let mut bytes: usize = heard.iter().map(Message::len).sum();
    while heard.len() < HEARD_MAX && bytes < HEARD_BYTES_MAX {
        let message = match timeout_at(until, socket.next()).await {
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(_)) | None) => return Err(Fault::Lost),
            Err(_) => break,
        };
        let plain = match &message {
            Message::Text(text) => tells(text),
            Message::Binary(bytes) => std::str::from_utf8(bytes).map_or(true, &tells),
            Message::Close(_) => return Err(Fault::Lost),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        };
        bytes += message.len();
        heard.push_back(message);
        if plain {
            return Ok(Some(Dialect::Plain));
        }
    }
    Ok(None)
}

impl Foreigner {
    fn socket_io(opened: Opened) -> Self {
        let Opened { wire, heard, security, seen } = opened;
        Self { dialect: Dialect::SocketIo, wire, heard, introduced: false, security, seen }
    }
}

/// How long a greeting is waited for.
const SILENCE: Duration = Duration::from_millis(300);

/// How long an answer to our name is waited for.
const ANSWER: Duration = Duration::from_millis(500);

/// Messages that are heard meanwhile: a second of a room's worth.
const HEARD_MAX: usize = RATE_PER_SECOND_DEFAULT as usize;

/// Bytes of them, but for the last: a few of the longest lines. What comes after that waits in the connection.
const HEARD_BYTES_MAX: usize = 4 * MESSAGE_BYTES_MAX;

#[cfg(test)]
mod tests;
