//! In which order one address is asked who is there, and its certificate judged. Where the certificate is known, nothing
//! is said before it has been shown; where it is not, nothing but the question for a card.

use maru_wire::RoomCard;

use super::handshake::upgrade;
use super::tcp::connect;
use super::tls::{Judge, Shown, secure};
use super::{DialOptions, Dialed, Route, Stream};
use crate::card::ask_over;
use crate::event::{Fault, Security};
use crate::inspector::Seen;
use crate::target::Endpoint;

/// One address of a route.
pub(super) struct Approach<'a> {
    route: &'a Route,
    endpoint: &'a Endpoint,
    seen: Vec<Seen>,
}

/// A stream to somewhere, before anything is said on it.
pub(crate) struct Reached {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) endpoint: Endpoint,
    pub(crate) security: Security,
    /// What was seen until then.
    pub(crate) seen: Vec<Seen>,
    shown: Option<Shown>,
}

impl<'a> Approach<'a> {
    pub(super) fn new(route: &'a Route, endpoint: &'a Endpoint) -> Self {
        Self { route, endpoint, seen: Vec::new() }
    }

    /// Opens a WebSocket to the room that is there.
    pub(super) async fn room(mut self) -> Result<Dialed, Fault> {
        let reached = match self.route.pin() {
            Some(pin) => self.known(pin).await?,
            None if self.route.is_guarded() => self.guarded().await?,
            None => self.stranger().await?,
        };
        let path = &self.route.target.path;
        self.opened(reached).upgrade(path, DialOptions::default()).await
    }

    /// Opens a WebSocket to whoever is there.
    pub(super) async fn url(self, options: DialOptions) -> Result<Dialed, Fault> {
        let path = self.route.target.path.clone();
        self.anybody().await?.upgrade(&path, options).await
    }

    /// Opens a stream to whoever is there. Where nobody vouches for the certificate, the person has taken it.
    pub(super) async fn anybody(mut self) -> Result<Reached, Fault> {
        let reached = if self.route.target.tls { self.foreign().await? } else { self.plain().await? };
        Ok(self.opened(reached))
    }

    /// Whether a room is there.
    pub(super) async fn finds_room(mut self) -> Result<bool, Fault> {
        let reached = if self.route.target.tls { self.judged_later().await? } else { self.plain().await? };
        match self.asked(reached).await {
            Ok(_) | Err(Fault::OtherRoom) => Ok(true),
            Err(_) => Ok(false),
        }
    }

    /// The certificate is known: no other one hears anything.
    async fn known(&mut self, pin: String) -> Result<Reached, Fault> {
        let judge = || Judge { pin: Some(pin.clone()), authorities: None };
        let reached = self.tls(judge()).await?;
        if self.route.target.room.is_none() || self.route.target.addresses.len() == 1 {
            return Ok(reached);
        }
        // Rooms of one machine show one certificate, and which of several addresses leads to this one is told by no
        // one else in time.
        self.asked(reached).await?;
        self.tls(judge()).await
    }

    /// TLS was asked for, and it is not known which room is there; or the person takes whichever certificate there is.
    async fn guarded(&mut self) -> Result<Reached, Fault> {
        let reached = self.judged_later().await?;
        let (security, shown) = (reached.security, reached.pin().unwrap_or_default());
        // The question is no secret, and only the answer tells whose certificate this is.
        let is_known = security != Security::FirstSeen || self.route.take_certificate;
        let card = match self.asked(reached).await {
            Err(Fault::NotARoom | Fault::Timeout) if !is_known => return Err(Fault::Tls),
            asked => asked?,
        };
        let known = self.route.trust.known(card.id.as_str());
        if known.as_ref().is_some_and(|pin| *pin != shown) && !self.route.take_certificate {
            return Err(Fault::CertificateChanged);
        }
        let mut reached = self.tls(Judge { pin: Some(shown.clone()), authorities: None }).await?;
        reached.security = if known == Some(shown) { Security::Pinned } else { security };
        Ok(reached)
    }

    /// Nothing is known: the room says without TLS whether it speaks it.
    async fn stranger(&mut self) -> Result<Reached, Fault> {
        let reached = self.plain().await?;
        let card = self.asked(reached).await?;
        let known = self.route.trust.known(card.id.as_str());
        match known {
            // It did before: this is somebody between us and the room, or another one.
            Some(_) if !card.tls => Err(Fault::CertificateChanged),
            None if !card.tls => self.plain().await,
            Some(_) if self.route.take_certificate => self.tls(Judge { pin: None, authorities: None }).await,
            pin => self.tls(Judge { pin, authorities: None }).await,
        }
    }

    /// A server that is no room.
    async fn foreign(&mut self) -> Result<Reached, Fault> {
        let reached = self.judged_later().await?;
        if let (Security::FirstSeen, Some(pin)) = (reached.security, reached.pin()) {
            if !self.route.take_certificate {
                return Err(Fault::Tls);
            }
            self.route.trust.remember(&self.endpoint.to_string(), &pin);
        }
        Ok(reached)
    }

    /// TLS with a certificate for which an authority vouches, or which is known of this address. Any other one is for
    /// the caller to judge, where there is none to expect.
    async fn judged_later(&mut self) -> Result<Reached, Fault> {
        let pin = self.route.trust.known(&self.endpoint.to_string());
        let pin = pin.filter(|_| !self.route.take_certificate);
        let authorities = self.route.target.tls.then(|| self.route.authorities.clone());
        self.tls(Judge { pin, authorities }).await
    }

    /// Asks for the card of the room, which has to be the one that is looked for.
    async fn asked(&mut self, reached: Reached) -> Result<RoomCard, Fault> {
        let tls = reached.shown.is_some();
        let (card, seen) = ask_over(reached.stream, self.endpoint, tls).await?;
        self.seen.extend(seen);
        match &self.route.target.room {
            Some(room) if *room != card.id => Err(Fault::OtherRoom),
            _ => Ok(card),
        }
    }

    async fn plain(&mut self) -> Result<Reached, Fault> {
        let stream = Box::new(connect(self.endpoint).await?);
        let (endpoint, security) = (self.endpoint.clone(), Security::Plain);
        Ok(Reached { stream, endpoint, security, seen: Vec::new(), shown: None })
    }

    async fn tls(&mut self, judge: Judge) -> Result<Reached, Fault> {
        let tcp = connect(self.endpoint).await?;
        let pinned = judge.pin.is_some();
        let (stream, shown) = secure(tcp, &self.endpoint.host, judge).await?;
        self.seen.push(shown.seen.clone());
        let security = match (shown.vouched, pinned) {
            (true, _) => Security::Authority,
            (false, true) => Security::Pinned,
            (false, false) => Security::FirstSeen,
        };
        let endpoint = self.endpoint.clone();
        Ok(Reached { stream: Box::new(stream), endpoint, security, seen: Vec::new(), shown: Some(shown) })
    }

    fn opened(self, reached: Reached) -> Reached {
        Reached { seen: self.seen, ..reached }
    }
}

impl Reached {
    /// Makes a WebSocket of the stream.
    pub(crate) async fn upgrade(self, path: &str, options: DialOptions) -> Result<Dialed, Fault> {
        let Self { stream, endpoint, security, mut seen, shown } = self;
        let scheme = if shown.is_some() { "wss" } else { "ws" };
        let url = format!("{scheme}://{endpoint}{path}");
        let (socket, authority, said) = upgrade(stream, &url, options).await?;
        seen.extend(said);
        let (pin, exporter) = shown.map_or((None, None), |shown| (Some(shown.pin), shown.exporter));
        Ok(Dialed { socket, endpoint, authority, security, pin, exporter, seen })
    }

    fn pin(&self) -> Option<String> {
        self.shown.as_ref().map(|shown| shown.pin.clone())
    }
}
