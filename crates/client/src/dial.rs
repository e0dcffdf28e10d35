//! Opening a connection: names to addresses, TCP, TLS where the room speaks it, and the WebSocket handshake, within one
//! deadline. Every way it can fail is a [`Fault`] with words of its own.
//!
//! # Layout
//! - [`Route`]: what is known before. [`dial`]: a room, by all of its addresses at once. [`dial_url`]: any WebSocket.
//! - `approach`: in which order a room is asked and its certificate judged.
//! - `tcp`, `tls`, `handshake`: the steps.

mod approach;
mod handshake;
mod tcp;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use maru_wire::RoomId;
use maru_wire::identity::{channel_exporter, channel_https, channel_plain};
use maru_wire::limits::DIAL_MS_MAX;
use maru_wire::scram::EXPORTER_BYTES;
use rustls::RootCertStore;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::event::{Fault, Security};
use crate::inspector::Seen;
use crate::target::{Endpoint, Target};
use crate::trust::{FirstUse, Trust};
use approach::Approach;
pub(crate) use approach::Reached;
pub(crate) use tcp::connect;
pub use tls::pin_of;

/// Any byte stream a WebSocket runs on.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open WebSocket to somewhere.
pub type Socket = WebSocketStream<Box<dyn Stream>>;

/// What messages go and come by: a WebSocket, or what stands for one.
pub(crate) trait Wire:
    futures_util::Stream<Item = Result<Message, Error>>
    + futures_util::Sink<Message, Error = Error>
    + Send
    + Unpin
{
}
impl<W> Wire for W where
    W: futures_util::Stream<Item = Result<Message, Error>>
        + futures_util::Sink<Message, Error = Error>
        + Send
        + Unpin
{
}

/// A socket, and where it was opened.
pub struct Dialed {
    /// The open WebSocket.
    pub socket: Socket,
    /// The address that answered.
    pub endpoint: Endpoint,
    /// The authority that stood in the request's `Host` (RFC 9110, section 7.2).
    pub authority: String,
    /// What guards it.
    pub security: Security,
    /// The pin of the certificate that was shown, where TLS is spoken.
    pub pin: Option<String>,
    /// What both ends of the connection know and nobody else, where TLS 1.3 is spoken (RFC 9266).
    pub exporter: Option<[u8; EXPORTER_BYTES]>,
    /// How it was opened, as somebody may see it.
    pub seen: Vec<Seen>,
}

impl Dialed {
    /// What a hello over it is bound to.
    pub fn channel(&self) -> String {
        match (&self.exporter, &self.pin) {
            (_, None) => channel_plain(&self.authority),
            // The authority has bound the name, and TLS may end before it reaches the room.
            (Some(exporter), Some(_)) if self.security != Security::Authority => channel_exporter(exporter),
            (_, Some(_)) => channel_https(&self.authority),
        }
    }
}

/// What is known before dialing.
#[derive(Clone)]
pub struct Route {
    /// Where to.
    pub target: Target,
    /// The room that was found there before: another one may be there by now, but a certificate is expected to be its.
    pub met: Option<RoomId>,
    /// The certificates that are known.
    pub trust: Arc<dyn Trust>,
    /// Who may vouch for the certificate of a name that was dialed with TLS.
    pub authorities: Arc<RootCertStore>,
    /// Whether the person has chosen to take the certificate that is there now.
    pub take_certificate: bool,
    /// Whether the room has let us in before: then an address at which there is somebody else by now is just one
    /// that does not lead there any more.
    pub returns: bool,
}

impl Route {
    /// To a target of which nothing is known.
    pub fn to(target: Target) -> Self {
        let trust = Arc::new(FirstUse::default());
        let authorities = Arc::new(public_authorities());
        Self { target, met: None, trust, authorities, take_certificate: false, returns: false }
    }

    /// The pin of the certificate that has to be shown, where it is known. An invite does not overrule what was seen:
    /// whoever wrote it may be somebody else than the room's host.
    pub(crate) fn pin(&self) -> Option<String> {
        let room = self.target.room.as_ref().or(self.met.as_ref());
        let known = room.and_then(|room| self.trust.known(room.as_str()));
        known.or_else(|| self.target.pin.clone()).filter(|_| !self.take_certificate)
    }

    /// Whether there has to be a certificate.
    fn is_guarded(&self) -> bool {
        let room = self.target.room.as_ref().or(self.met.as_ref());
        let known = room.is_some_and(|room| self.trust.known(room.as_str()).is_some());
        self.target.tls || self.target.pin.is_some() || known
    }
}

/// The authorities that browsers know.
pub fn public_authorities() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// How a WebSocket is opened.
#[derive(Debug, Clone, Copy)]
pub struct DialOptions {
    /// The subprotocol the other side has to speak.
    pub subprotocol: Option<&'static str>,
    /// Bytes in one message from there.
    pub message_bytes_max: usize,
}

impl Default for DialOptions {
    fn default() -> Self {
        Self { subprotocol: Some(maru_wire::SUBPROTOCOL), message_bytes_max: ROOM_MESSAGE_BYTES_MAX }
    }
}

/// Dials all addresses of a room at once and takes the first that leads there, within ten seconds: it shows the
/// certificate that is expected, and its card names the room that was asked for. What answers without a card is
/// [`Fault::NotARoom`], and has heard nothing else.
pub async fn dial(route: &Route) -> Result<Dialed, Fault> {
    let dials = route.target.addresses.iter().map(|endpoint| Approach::new(route, endpoint).room());
    first(dials, route.returns).await
}

/// Opens a WebSocket at a target, whatever is spoken there, within ten seconds. A certificate for which nobody vouches
/// is one that the person has taken.
pub async fn dial_url(route: &Route, options: DialOptions) -> Result<Dialed, Fault> {
    let dials = route.target.addresses.iter().map(|endpoint| Approach::new(route, endpoint).url(options));
    first(dials, route.returns).await
}

/// Whether a room is at an address. Of whoever else is there nothing is asked but its card.
pub(crate) async fn is_room(route: &Route, endpoint: &Endpoint) -> Result<bool, Fault> {
    Approach::new(route, endpoint).finds_room().await
}

/// Opens a stream to an address, to whoever is there; see [`dial_url`].
pub(crate) async fn reach(route: &Route, endpoint: &Endpoint) -> Result<Reached, Fault> {
    Approach::new(route, endpoint).anybody().await
}

/// The first of several dials that succeeds, or else what is best told of them.
async fn first<D>(dials: impl Iterator<Item = D>, returns: bool) -> Result<Dialed, Fault>
where
    D: Future<Output = Result<Dialed, Fault>>,
{
    let mut dials: FuturesUnordered<D> = dials.collect();
    let mut faults = Vec::new();
    let dialing = async {
        while let Some(dialed) = dials.next().await {
            match dialed {
                Ok(dialed) => return Some(dialed),
                Err(fault) => faults.push(fault),
            }
        }
        None
    };
    let deadline = Duration::from_millis(DIAL_MS_MAX);
    match tokio::time::timeout(deadline, dialing).await {
        Ok(Some(dialed)) => return Ok(dialed),
        Ok(None) => {}
        Err(_) => faults.push(Fault::Timeout),
    }
    Err(most_telling(&faults, returns))
}

/// Of what is wrong with several addresses, what says most. Where the room is known to have been there, its host may be
/// away while somebody else has one of its addresses.
fn most_telling(faults: &[Fault], returns: bool) -> Fault {
    let weight = |fault: Fault| match fault {
        Fault::CertificateChanged | Fault::OtherRoom if returns => 0,
        Fault::NotFound => 1,
        Fault::Timeout => 2,
        Fault::Refused => 3,
        Fault::NotARoom => 4,
        Fault::OtherRoom => 5,
        Fault::CertificateChanged => 7,
        _ => 6,
    };
    faults.iter().copied().max_by_key(|fault| weight(*fault)).unwrap_or(Fault::NotFound)
}

/// Bytes in one message of a room: a welcome or a page of 64 KiB, or one entry whose every character is
/// escaped; with as much again to spare.
const ROOM_MESSAGE_BYTES_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
