//! Which requests come from where they should: the name they use for us, and the page they come from. Keeps
//! pages from elsewhere out (cross-site WebSocket hijacking, DNS rebinding); a peer that is no browser sends
//! no Origin and is welcome.

use std::net::IpAddr;

/// The names this machine answers to, besides IP literals and `localhost`.
#[derive(Debug, Clone, Default)]
pub struct OwnNames(Vec<String>);

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedAway {
    /// No `Host`, or one that is not ours: 421.
    Host,
    /// It comes from another page than our own: 403.
    Origin,
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

    /// Looks at a request's `Host` and `Origin`.
    pub fn check(&self, host: Option<&str>, origin: Option<&str>) -> Result<(), TurnedAway> {
        let authority = host.ok_or(TurnedAway::Host)?;
        if !self.is_ours(authority) {
            return Err(TurnedAway::Host);
        }
        match origin {
            None => Ok(()),
            Some(origin) if origin.eq_ignore_ascii_case(&format!("http://{authority}")) => Ok(()),
            Some(_) => Err(TurnedAway::Origin),
        }
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

    fn check(host: &str, origin: Option<&str>) -> Result<(), TurnedAway> {
        OwnNames::of("Maru-PC.example.org").check(Some(host), origin)
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
            assert_eq!(check(host, None), Ok(()), "{host}");
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
        assert_eq!(OwnNames::of("").check(None, None), Err(TurnedAway::Host));
    }

    #[test]
    fn only_our_own_page_and_peers_without_origin_are_let_in() {
        assert_eq!(check("127.0.0.1:4567", Some("http://127.0.0.1:4567")), Ok(()));
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
}
