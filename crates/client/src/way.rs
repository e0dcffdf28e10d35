//! The way to a server of which nothing is known yet: what may be asked of it, and how its connection is opened. Knows no
//! dialect.

use std::time::Duration;

use maru_wire::limits::{DIAL_MS_MAX, FRAME_BYTES_MAX};

use crate::dial::{self, DialOptions, Dialed, Reached, Route};
use crate::event::{Fault, Security};
use crate::http::{Answer, NoAnswer, Question, ask};
use crate::inspector::Seen;
use crate::target::Endpoint;

/// The way to one address.
#[derive(Clone)]
pub(crate) struct Way {
    route: Route,
    endpoint: Endpoint,
}

/// A question on that way.
#[derive(Debug, Clone)]
pub(crate) struct Ask<'a> {
    /// Path and query.
    pub path: &'a str,
    /// What is posted; nothing is a GET.
    pub body: Option<String>,
    /// Bytes of the answer that are read at most.
    pub bytes_max: usize,
    /// How long the answer may take.
    pub patience: Duration,
}

/// Why there is no answer on that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// There is no way.
    Way(Fault),
    /// Whoever is there does not answer so.
    There(NoAnswer),
}

impl Way {
    /// To the likeliest address of a target.
    pub(crate) fn to(route: Route) -> Option<Self> {
        let endpoint = route.target.addresses.first()?.clone();
        Some(Self { route, endpoint })
    }

    /// Whether a room of ours is there. Whoever answers no question at all may still speak WebSocket.
    pub(crate) async fn is_room(&self) -> Result<bool, Fault> {
        let asking = dial::is_room(&self.route, &self.endpoint);
        tokio::time::timeout(CARD_MAX, asking).await.unwrap_or(Ok(false))
    }

    /// Path and query that the person gave.
    pub(crate) fn path(&self) -> &str {
        &self.route.target.path
    }

    /// Asks over a connection of its own.
    pub(crate) async fn ask(&self, asked: Ask<'_>) -> Result<(Answer, Security), Unanswered> {
        let Reached { stream, mut seen, security, .. } = self.reach().await.map_err(Unanswered::Way)?;
        let question = Question {
            url: self.route.target.http_url(&self.endpoint, asked.path),
            authority: self.authority(),
            path: asked.path.to_owned(),
            body: asked.body,
            bytes_max: asked.bytes_max,
            patience: asked.patience,
        };
        let mut answer = ask(stream, question).await.map_err(Unanswered::There)?;
        seen.append(&mut answer.seen);
        answer.seen = seen;
        Ok((answer, security))
    }

    /// Opens a WebSocket that offers no subprotocol.
    pub(crate) async fn websocket(&self, path: &str) -> Result<Dialed, Fault> {
        let options = DialOptions { subprotocol: None, message_bytes_max: MESSAGE_BYTES_MAX };
        let opening = async {
            let reached = self.reach().await?;
            reached.upgrade(path, options).await
        };
        tokio::time::timeout(DIAL_MAX, opening).await.unwrap_or(Err(Fault::Timeout))
    }

    async fn reach(&self) -> Result<Reached, Fault> {
        tokio::time::timeout(DIAL_MAX, dial::reach(&self.route, &self.endpoint))
            .await
            .unwrap_or(Err(Fault::Timeout))
    }

    fn authority(&self) -> String {
        let default = if self.route.target.tls { 443 } else { 80 };
        match self.endpoint.port {
            port if port == default => self.endpoint.host.to_string(),
            _ => self.endpoint.to_string(),
        }
    }
}

/// Bytes in one message of a foreign server: as long a line as one of ours, in whatever packing, and more.
const MESSAGE_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;

/// How long a card may take.
const CARD_MAX: Duration = Duration::from_secs(3);

const DIAL_MAX: Duration = Duration::from_millis(DIAL_MS_MAX);

/// Lets what was seen before go first.
pub(crate) fn together(mut first: Vec<Seen>, mut then: Vec<Seen>) -> Vec<Seen> {
    first.append(&mut then);
    first
}
