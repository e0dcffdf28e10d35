//! Asking who is there: a room answers `GET /room.json` with its card, before any WebSocket. Harmless to ask of any
//! server, and bounded whatever it answers.

use std::time::Duration;

use maru_wire::RoomCard;
use maru_wire::limits::CARD_BYTES_MAX;

use crate::dial::{self, Stream};
use crate::event::Fault;
use crate::http::{self, NoAnswer, Question};
use crate::inspector::Seen;
use crate::target::Endpoint;

/// Asks a server without TLS for its card. What answers and is no room is [`Fault::NotARoom`]; what does not answer
/// within `patience` is [`Fault::Timeout`].
pub async fn ask(endpoint: &Endpoint, patience: Duration) -> Result<RoomCard, Fault> {
    let asking = async {
        let tcp = dial::connect(endpoint).await?;
        ask_over(Box::new(tcp), endpoint, false).await.map(|(card, _)| card)
    };
    tokio::time::timeout(patience, asking).await.unwrap_or(Err(Fault::Timeout))
}

/// Asks over a connection that is open. Tells what was said, as somebody may see it.
pub(crate) async fn ask_over(
    stream: Box<dyn Stream>,
    endpoint: &Endpoint,
    tls: bool,
) -> Result<(RoomCard, Vec<Seen>), Fault> {
    let question = Question {
        url: format!("{}://{endpoint}{}", if tls { "https" } else { "http" }, RoomCard::PATH),
        authority: endpoint.to_string(),
        path: RoomCard::PATH.into(),
        body: None,
        bytes_max: CARD_BYTES_MAX,
        patience: CARD_MAX,
    };
    let answer = http::ask(stream, question).await.map_err(|fault| match fault {
        NoAnswer::Strange => Fault::NotARoom,
        NoAnswer::Late => Fault::Timeout,
    })?;
    match answer.status.as_u16() {
        403 | 421 => Err(Fault::Forbidden),
        200 => RoomCard::parse(&answer.body).map(|card| (card, answer.seen)).ok_or(Fault::NotARoom),
        _ => Err(Fault::NotARoom),
    }
}

/// How long a card may take: a server that answers no GET at all is one that speaks WebSocket alone.
const CARD_MAX: Duration = Duration::from_secs(3);
