//! Which requests come from where they should: the name they use for us, and the page they come from. Keeps
//! pages from elsewhere out (cross-site WebSocket hijacking, DNS rebinding); a peer that is no browser sends
//! no Origin and is welcome.

use std::fmt;
use std::net::IpAddr;

use maru_wire::identity::channel_https;

use crate::tls::Carrier;

/// Who may come, from where.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    names: OwnNames,
    public_urls: Vec<PublicUrl>,
    origins: Origins,
}

/// The names this machine answers to, besides IP literals and `localhost`.
#[derive(Debug, Clone, Default)]
pub struct OwnNames(Vec<String>);

/// The pages that may use the room, beside its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origins {
    /// None.
    #[default]
    Own,
    /// All, those too that are opened from a disk. Whatever page a member of this network looks at can then read and
    /// write here as somebody nobody knows.
    Any,
    /// These: `https://example.org`, or `null` for pages that are opened from a disk.
    Listed(Vec<String>),
}

/// An address under which a room is reached besides those of its machine: through a proxy, a tunnel, or by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// `http` or `https`.
    scheme: &'static str,
    /// In lower case, without the scheme's own port.
    authority: String,
}

/// A text is no [`PublicUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPublicUrl;

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// No `Host`, or one that is not ours: 421.
    Host,
    /// It comes from another page than our own: 403.
    Origin,
}

/// A request that may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    /// From our own page, or from no page.
    Own,
    /// From another page that is let in.
    Elsewhere,
}

impl Rules {
    /// Rules for a machine of these names.
    pub fn new(names: OwnNames, public_urls: Vec<PublicUrl>, origins: Origins) -> Self {
        Self { names, public_urls, origins }
    }

    /// Looks at a request's `Host` and `Origin`, and what it came over.
    pub fn check(
        &self,
        host: Option<&str>,
        origin: Option<&str>,
        carrier: Carrier,
    ) -> Result<Welcome, TurnedAway> {
        let authority = host.ok_or(TurnedAway::Host)?;
        if !self.names.is_ours(authority) && self.public_urls_at(authority).next().is_none() {
            return Err(TurnedAway::Host);
        }
        let Some(origin) = origin else { return Ok(Welcome::Own) };
        let own = format!("{}://{authority}", carrier.scheme());
        if origin.eq_ignore_ascii_case(&own) || self.public_urls.iter().any(|url| url.is_origin(origin)) {
            return Ok(Welcome::Own);
        }
        let is_let_in = match &self.origins {
            Origins::Own => false,
            Origins::Any => true,
            Origins::Listed(listed) => listed.iter().any(|listed| listed == origin),
        };
        if is_let_in { Ok(Welcome::Elsewhere) } else { Err(TurnedAway::Origin) }
    }

    /// What a hello may be bound to, of a visitor who dialed this authority. Where TLS ends at a proxy before us, the
    /// visitor knows of it and we see nothing of it.
    pub(crate) fn channels(&self, authority: &str, carrier: Carrier) -> Vec<String> {
        let mut channels = carrier.channels(authority);
        if self.public_urls_at(authority).any(|url| url.scheme == HTTPS) && carrier == Carrier::Plain {
            channels.push(channel_https(authority));
        }
        channels
    }

    fn public_urls_at<'a>(&'a self, authority: &'a str) -> impl Iterator<Item = &'a PublicUrl> {
        self.public_urls.iter().filter(move |url| url.is_at(authority))
    }
}

impl OwnNames {
    /// The machine's name, and the same in `.local` (RFC 6762).
    pub fn of_this_machine() -> Self {
        let name = hostname::get().ok().and_then(|name| name.into_string().ok());
        Self::of(name.as_deref().unwrap_or_default())
    }

    /// A machine's name, and the same in `.local`.
    pub fn of(name: &str) -> Self {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let label = name.split('.').next().unwrap_or_default().to_owned();
        if label.is_empty() {
            return Self::default();
        }
        Self(vec![format!("{label}.local"), label, name])
    }

    fn is_ours(&self, authority: &str) -> bool {
        let Some(host) = host_of(authority) else { return false };
        if let Some(literal) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return matches!(literal.parse(), Ok(IpAddr::V6(_)));
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        matches!(host.parse(), Ok(IpAddr::V4(_))) || host == "localhost" || self.0.contains(&host)
    }
}

impl PublicUrl {
    /// Reads `https://chat.example.org` or the like: a scheme, a host, perhaps a port, and nothing else.
    pub fn parse(text: &str) -> Result<Self, NoPublicUrl> {
        let text = text.trim().to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(NoPublicUrl)?;
        let (scheme, port) = match scheme {
            "https" => (HTTPS, ":443"),
            "http" => ("http", ":80"),
            _ => return Err(NoPublicUrl),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let host = host_of(authority).ok_or(NoPublicUrl)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
        if bare.is_empty() || !bare.chars().all(is_name) {
            return Err(NoPublicUrl);
        }
        let authority = authority.strip_suffix(port).unwrap_or(authority).to_owned();
        Ok(Self { scheme, authority })
    }

    /// Whether a `Host` names it.
    fn is_at(&self, authority: &str) -> bool {
        let own_port = if self.scheme == HTTPS { ":443" } else { ":80" };
        let authority = authority.to_ascii_lowercase();
        authority.strip_suffix(own_port).unwrap_or(&authority) == self.authority
    }

    fn is_origin(&self, origin: &str) -> bool {
        origin.eq_ignore_ascii_case(&format!("{}://{}", self.scheme, self.authority))
    }
}

/// As it is shown and typed.
impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/", self.scheme, self.authority)
    }
}

impl Origins {
    /// Reads what a host lists: origins as browsers say them, or `*` for all.
    pub fn parse<'a>(listed: impl IntoIterator<Item = &'a str>) -> Result<Self, NoOrigin> {
        let mut origins = Vec::new();
        let mut are_all = false;
        for text in listed {
            match text.trim() {
                "*" => are_all = true,
                "null" => origins.push("null".into()),
                text => origins.push(origin_of(text).ok_or(NoOrigin)?),
            }
        }
        Ok(match origins.is_empty() {
            _ if are_all => Self::Any,
            true => Self::Own,
            false => Self::Listed(origins),
        })
    }
}

/// A text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOrigin;

/// An origin as a browser says it (RFC 6454, section 6.2): in lower case, without the scheme's own port and without a
/// path.
fn origin_of(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    if let Ok(url) = PublicUrl::parse(&text) {
        return Some(format!("{}://{}", url.scheme, url.authority));
    }
    // Programs that show pages have schemes of their own: `tauri://localhost`, `app://obsidian.md`.
    let (scheme, host) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !matches!(scheme, "http" | "https" | "file");
    let is_host =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':'));
    (is_scheme && is_host).then_some(text)
}

/// Whether somebody who comes from this address is on another machine, where these are our own addresses.
pub fn is_from_elsewhere(address: IpAddr, own: &[IpAddr]) -> bool {
    let address = address.to_canonical();
    !address.is_loopback() && !own.iter().any(|own| own.to_canonical() == address)
}

const HTTPS: &str = "https";

/// The host of `host[:port]` (RFC 3986, section 3.2), brackets and all.
fn host_of(authority: &str) -> Option<&str> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, port) = authority.split_at(end);
    let port_is_well_formed = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => digits.parse::<u16>().is_ok(),
    };
    port_is_well_formed.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS: Carrier = Carrier::Tls { exported: None };

    fn rules(public_urls: &[&str], origins: &[&str]) -> Rules {
        let public_urls = public_urls.iter().map(|url| PublicUrl::parse(url).unwrap()).collect();
        let origins = Origins::parse(origins.iter().copied()).unwrap();
        Rules::new(OwnNames::of("Maru-PC.example.org"), public_urls, origins)
    }

    fn check(host: &str, origin: Option<&str>) -> Result<Welcome, TurnedAway> {
        rules(&[], &[]).check(Some(host), origin, Carrier::Plain)
    }

    #[test]
    fn addresses_and_own_names_are_ours() {
        for host in [
            "127.0.0.1:4567",
            "192.168.0.10",
            "[::1]:4567",
            "[fe80::1]",
            "localhost:4567",
            "LOCALHOST",
            "maru-pc:4567",
            "MARU-PC.local:4567",
            "maru-pc.local.",
            "maru-pc.example.org",
        ] {
            assert_eq!(check(host, None), Ok(Welcome::Own), "{host}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for host in [
            "",
            "evil.example:4567",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "other.local",
            "[::1",
            "[evil]:4567",
            "127.0.0.1:port",
            "127.0.0.1:99999",
            "user@127.0.0.1",
        ] {
            assert_eq!(check(host, None), Err(TurnedAway::Host), "{host}");
        }
        assert_eq!(rules(&[], &["*"]).check(None, None, Carrier::Plain), Err(TurnedAway::Host));
    }

    #[test]
    fn only_our_own_page_and_peers_without_origin_are_let_in() {
        assert_eq!(check("127.0.0.1:4567", Some("http://127.0.0.1:4567")), Ok(Welcome::Own));
        for origin in [
            "null",
            "http://127.0.0.1",
            "http://127.0.0.1:8080",
            "https://127.0.0.1:4567",
            "http://127.0.0.1:4567.evil.example",
            "http://localhost:4567",
            "file://",
            "",
        ] {
            assert_eq!(check("127.0.0.1:4567", Some(origin)), Err(TurnedAway::Origin), "{origin}");
        }
    }

    #[test]
    fn our_own_page_is_the_one_that_came_the_same_way() {
        let host = Some("127.0.0.1:4567");
        let (plain, tls) = (Some("http://127.0.0.1:4567"), Some("https://127.0.0.1:4567"));
        let rules = rules(&[], &[]);
        assert_eq!(rules.check(host, tls, TLS), Ok(Welcome::Own));
        assert_eq!(rules.check(host, plain, TLS), Err(TurnedAway::Origin));
        assert_eq!(rules.check(host, tls, Carrier::Plain), Err(TurnedAway::Origin));
    }

    #[test]
    fn pages_from_elsewhere_are_let_in_where_the_host_says_so_and_under_our_own_names_alone() {
        let host = Some("127.0.0.1:4567");
        for origin in ["null", "http://localhost:8080", "https://tutorial.example"] {
            let any = rules(&[], &["*"]);
            assert_eq!(any.check(host, Some(origin), Carrier::Plain), Ok(Welcome::Elsewhere), "{origin}");
            // A name that somebody else gave this machine's address.
            let rebound = any.check(Some("evil.example"), Some(origin), Carrier::Plain);
            assert_eq!(rebound, Err(TurnedAway::Host), "{origin}");
        }
        let listed = rules(&[], &["HTTPS://Tutorial.example:443/", "tauri://localhost"]);
        for origin in ["https://tutorial.example", "tauri://localhost"] {
            assert_eq!(listed.check(host, Some(origin), Carrier::Plain), Ok(Welcome::Elsewhere), "{origin}");
        }
        for origin in [
            "null",
            "http://tutorial.example",
            "https://tutorial.example:8443",
            "https://tutorial.example.evil.example",
            "https://evil.tutorial.example",
            "https://tutorial.exampl",
            "?",
        ] {
            let checked = listed.check(host, Some(origin), Carrier::Plain);
            assert_eq!(checked, Err(TurnedAway::Origin), "{origin}");
        }
        let from_disk = rules(&[], &["null"]);
        assert_eq!(from_disk.check(host, Some("null"), Carrier::Plain), Ok(Welcome::Elsewhere));
        assert_eq!(from_disk.check(host, Some("http://a.example"), Carrier::Plain), Err(TurnedAway::Origin));
    }

    #[test]
    fn a_public_address_is_a_name_of_ours_and_its_page_our_own() {
        let rules = rules(&["https://Chat.example.org/"], &[]);
        let (name, own) = (Some("chat.example.org"), Some("https://chat.example.org"));
        // As a proxy passes it on, with the name that was dialed or with ours.
        for host in [name, Some("CHAT.example.org:443"), Some("127.0.0.1:4567")] {
            assert_eq!(rules.check(host, own, Carrier::Plain), Ok(Welcome::Own), "{host:?}");
        }
        for other in ["chat.example.org:8080", "chat.example.org.evil.example", "example.org"] {
            assert_eq!(rules.check(Some(other), None, Carrier::Plain), Err(TurnedAway::Host), "{other}");
        }
        let evil = rules.check(name, Some("https://evil.example"), Carrier::Plain);
        assert_eq!(evil, Err(TurnedAway::Origin));
        let channels = rules.channels("chat.example.org", Carrier::Plain);
        assert_eq!(channels, ["plain chat.example.org", "https chat.example.org"]);
        assert_eq!(rules.channels("10.0.0.2:4567", Carrier::Plain), ["plain 10.0.0.2:4567"]);
    }

    #[test]
    fn another_machine_is_told_from_our_own_however_its_address_is_written() {
        let own = ["192.168.0.10".parse().unwrap(), "fe80::1".parse().unwrap()];
        for address in
            ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1", "192.168.0.10", "::ffff:192.168.0.10"]
        {
            assert!(!is_from_elsewhere(address.parse().unwrap(), &own), "{address}");
        }
        for address in ["192.168.0.11", "::ffff:192.168.0.11", "fe80::2", "10.0.0.1"] {
            assert!(is_from_elsewhere(address.parse().unwrap(), &own), "{address}");
        }
    }

    #[test]
    fn what_is_no_public_address_or_no_origin_is_not_taken_for_one() {
        for text in [
            "",
            "chat.example.org",
            "://a",
            "https://",
            "https://a.example/chat",
            "https://a.example:x",
            "https://me@a.example",
            "https://a example",
            "https://a.example?b",
        ] {
            assert_eq!(PublicUrl::parse(text), Err(NoPublicUrl), "{text}");
            assert_eq!(Origins::parse([text]), Err(NoOrigin), "{text}");
        }
        assert_eq!(PublicUrl::parse("ftp://a.example"), Err(NoPublicUrl));
        assert_eq!(PublicUrl::parse("HTTP://a.example:80").unwrap().to_string(), "http://a.example/");
        assert_eq!(
            PublicUrl::parse("https://[2001:db8::1]:8443").unwrap().to_string(),
            "https://[2001:db8::1]:8443/"
        );
        assert_eq!(Origins::parse([]), Ok(Origins::Own));
        assert_eq!(Origins::parse(["null", "*"]), Ok(Origins::Any));
        assert_eq!(Origins::parse(["file://"]), Err(NoOrigin));
    }
}
