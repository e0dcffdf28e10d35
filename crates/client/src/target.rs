//! Where to dial: what a person typed or pasted, read as an address. Knows how people write addresses and
//! nothing of sockets; whether anybody listens there is found out by the driver.

mod authority;
mod pasted;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use maru_wire::limits::{ADDRESS_CHARS_MAX, INVITE_ADDRESSES_MAX};
use maru_wire::{PORT_DEFAULT, RoomId};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use url::{Position, Url};

use authority::{endpoint, split_scheme};

/// The host of an [`Endpoint`]: a name in ASCII (IDNs in punycode, RFC 3492) or an IP address. It displays
/// as in a URL, IPv6 in brackets.
pub type Host = url::Host<String>;

/// One place to dial.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Which machine.
    pub host: Host,
    /// Which port of it; never 0.
    pub port: u16,
}

/// Where a typed text leads. The page gets `{host, port, tls}` of the first endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The addresses of the room, the likeliest first; 1 to [`INVITE_ADDRESSES_MAX`].
    pub addresses: Vec<Endpoint>,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Path and query of the WebSocket, from the first `/` on.
    pub path: String,
    /// The room that has to be found there, where an invite names it.
    pub room: Option<RoomId>,
    /// The pin of the certificate that has to be shown there, where an invite names it: the SHA-256 of its public key
    /// (SPKI) in base64url.
    pub pin: Option<String>,
}

/// Why a text leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetError {
    /// Nothing was typed.
    Empty,
    /// More than [`ADDRESS_CHARS_MAX`] characters.
    TooLong,
    /// A scheme other than ws, wss, http, https and maru.
    Scheme,
    /// The port is no number from 1 to 65535.
    Port,
    /// No address in it, more than one, or one with a user's name in it.
    Unreadable,
    /// An invite without an address, or with a room or a certificate's pin that is none.
    InviteIncomplete,
}

impl Target {
    /// Reads what a person typed or pasted: ws, wss, http and https URLs, with the rest of an invite in their
    /// fragment or without, `maru://join` links, `host:port` and a bare host, or a sentence with exactly one of these
    /// links in it.
    pub fn parse(typed: &str) -> Result<Self, TargetError> {
        if typed.chars().nth(ADDRESS_CHARS_MAX).is_some() {
            return Err(TargetError::TooLong);
        }
        let typed = pasted::unwrapped(typed);
        if typed.is_empty() {
            return Err(TargetError::Empty);
        }
        let whole = Self::parse_one(pasted::without_particle(typed));
        match whole {
            Ok(target) => Ok(target),
            Err(error) => match pasted::only_address_in(typed) {
                Some(found) => Self::parse_one(found),
                None => Err(error),
            },
        }
    }

    /// The URL of this target at one of its addresses, for a WebSocket.
    pub fn ws_url(&self, at: &Endpoint) -> String {
        format!("{}://{at}{}", if self.tls { "wss" } else { "ws" }, self.path)
    }

    /// The URL of a page of the host at one of its addresses; `path` begins with `/`.
    pub fn http_url(&self, at: &Endpoint, path: &str) -> String {
        format!("{}://{at}{path}", if self.tls { "https" } else { "http" })
    }

    /// Whether all of its addresses are this machine's own, which no network can be asked about.
    pub fn is_of_this_machine(&self) -> bool {
        let is_here = |host: &Host| match host {
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.to_canonical().is_loopback(),
            Host::Domain(name) => name == "localhost",
        };
        self.addresses.iter().all(|endpoint| is_here(&endpoint.host))
    }

    fn parse_one(text: &str) -> Result<Self, TargetError> {
        let (scheme, authority, rest) = split_scheme(text)?;
        let (tls, port) = match scheme.as_deref() {
            None => (false, PORT_DEFAULT),
            Some("ws" | "http") => (false, 80),
            Some("wss" | "https") => (true, 443),
            Some("maru") => return Self::parse_invite(&authority, &rest),
            Some(_) => return Err(TargetError::Scheme),
        };
        let mut target = Self { tls, path: path_and_query(&rest)?, ..Self::nowhere() };
        target.addresses.push(endpoint(&authority, port)?);
        // What a browser keeps to itself: the rest of an invite whose best address this is.
        if let Some((_, fragment)) = rest.split_once('#') {
            target.take_in(fragment)?;
        }
        Ok(target)
    }

    fn parse_invite(action: &str, rest: &str) -> Result<Self, TargetError> {
        if !action.eq_ignore_ascii_case("join") {
            return Err(TargetError::InviteIncomplete);
        }
        let query = rest.trim_start_matches('/').trim_start_matches('?');
        let mut target = Self::nowhere();
        target.take_in(query.split('#').next().unwrap_or_default())?;
        if target.addresses.is_empty() { Err(TargetError::InviteIncomplete) } else { Ok(target) }
    }

    /// Takes in what an invite carries.
    fn take_in(&mut self, query: &str) -> Result<(), TargetError> {
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                // An address that a newer Maru understands must not hide those that this one can dial.
                "a" if self.addresses.len() < INVITE_ADDRESSES_MAX => {
                    self.addresses.extend(endpoint(&value, PORT_DEFAULT).ok());
                }
                "room" => {
                    self.room = Some(RoomId::parse(&value).map_err(|_| TargetError::InviteIncomplete)?);
                }
                // One that was cut short must not pass for none.
                "pin" => self.pin = Some(pin(&value).ok_or(TargetError::InviteIncomplete)?),
                "path" => self.path = path_and_query(&value)?,
                "tls" => self.tls = value == "1",
                _ => {}
            }
        }
        let mut seen = std::collections::HashSet::new();
        self.addresses.retain(|endpoint| seen.insert(endpoint.clone()));
        Ok(())
    }

    fn nowhere() -> Self {
        Self { addresses: Vec::new(), tls: false, path: "/".into(), room: None, pin: None }
    }
}

/// As a text that [`Target::parse`] reads as the same target: a `ws` or `wss` URL, or a `maru://join` link
/// where there are several addresses, a room or a pin.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ([only], None, None) = (self.addresses.as_slice(), &self.room, &self.pin) {
            return f.write_str(&self.ws_url(only));
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for endpoint in &self.addresses {
            query.append_pair("a", &endpoint.to_string());
        }
        if let Some(room) = &self.room {
            query.append_pair("room", room.as_str());
        }
        if let Some(pin) = &self.pin {
            query.append_pair("pin", pin);
        }
        if self.path != "/" {
            query.append_pair("path", &self.path);
        }
        if self.tls {
            query.append_pair("tls", "1");
        }
        write!(f, "maru://join?{}", query.finish())
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        let host = match address.ip().to_canonical() {
            IpAddr::V4(ip) => Host::Ipv4(ip),
            IpAddr::V6(ip) => Host::Ipv6(ip),
        };
        Self { host, port: address.port() }
    }
}

/// `host:port`, without a scheme: as [`Endpoint`]s are announced and stored.
impl FromStr for Endpoint {
    type Err = TargetError;
    fn from_str(text: &str) -> Result<Self, TargetError> {
        endpoint(text, PORT_DEFAULT)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = self.addresses.first().ok_or_else(|| serde::ser::Error::custom("no address"))?;
        let mut page = serializer.serialize_struct("Target", 3)?;
        page.serialize_field("host", &first.host.to_string())?;
        page.serialize_field("port", &first.port)?;
        page.serialize_field("tls", &(self.tls || self.pin.is_some()))?;
        page.end()
    }
}

impl TargetError {
    /// What the page branches on; it never changes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "address_empty",
            Self::TooLong => "address_too_long",
            Self::Scheme => "address_scheme",
            Self::Port => "address_port",
            Self::Unreadable => "address_unreadable",
            Self::InviteIncomplete => "invite_incomplete",
        }
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no address: type one such as 192.168.0.10:4567"),
            Self::TooLong => write!(f, "an address has at most {ADDRESS_CHARS_MAX} characters"),
            Self::Scheme => {
                f.write_str("an address begins with ws, wss, http, https or maru, or with the host")
            }
            Self::Port => f.write_str("a port is a number from 1 to 65535"),
            Self::Unreadable => f.write_str("this is no address: type one such as 192.168.0.10:4567"),
            Self::InviteIncomplete => f.write_str("this invite is incomplete: ask for it again"),
        }
    }
}

impl std::error::Error for TargetError {}

/// A certificate's pin as it is given by a person or in an invite.
pub fn pin(text: &str) -> Option<String> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    (bytes.len() == PIN_BYTES).then(|| text.to_owned())
}

/// Bytes of a SHA-256.
const PIN_BYTES: usize = 32;

/// Path and query of a URL, encoded as in a request line (RFC 3986, section 3.3); the fragment stays behind.
fn path_and_query(rest: &str) -> Result<String, TargetError> {
    let url = Url::parse(&format!("http://host{rest}")).map_err(|_| TargetError::Unreadable)?;
    Ok(url[Position::BeforePath..Position::AfterQuery].to_owned())
}

#[cfg(test)]
mod tests;
