//! The first half of an address: scheme, host and port. Full-width forms are read as what they look like
//! (NFKC, UAX #15) here and nowhere else, so that a path stays as it was typed.

use std::net::{Ipv4Addr, Ipv6Addr};

use unicode_normalization::UnicodeNormalization;

use super::{Endpoint, Host, TargetError};

/// Splits an address into scheme (lower case, if there is one), authority and the rest from its path on.
pub(super) fn split_scheme(text: &str) -> Result<(Option<String>, String, String), TargetError> {
    if text.contains(char::is_whitespace) {
        return Err(TargetError::Unreadable);
    }
    let (head, rest) = normalised_head(text);
    let Some((scheme, authority)) = head.split_once("://") else {
        let authority = head.strip_prefix("//").unwrap_or(&head).to_owned();
        return Ok((None, authority, rest));
    };
    let mut chars = scheme.chars();
    let is_scheme = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return Err(TargetError::Unreadable);
    }
    Ok((Some(scheme.to_ascii_lowercase()), authority.to_owned(), rest))
}

/// Reads `host`, `host:port` or an IPv6 address with or without brackets.
pub(super) fn endpoint(authority: &str, port_default: u16) -> Result<Endpoint, TargetError> {
    // "fe80::1%eth0" means something on one machine only, "user@host" would send a name along.
    if authority.contains(['@', '%', '\\']) || authority.contains(char::is_whitespace) {
        return Err(TargetError::Unreadable);
    }
    if let Ok(ip) = authority.parse::<Ipv6Addr>() {
        return Ok(Endpoint { host: Host::Ipv6(ip), port: port_default });
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(inside) => {
            let (ip, after) = inside.split_once(']').ok_or(TargetError::Unreadable)?;
            let ip = ip.parse::<Ipv6Addr>().map_err(|_| TargetError::Unreadable)?;
            let port = match after {
                "" => None,
                _ => Some(after.strip_prefix(':').ok_or(TargetError::Unreadable)?),
            };
            (Host::Ipv6(ip), port)
        }
        None => {
            let (host, port) = match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            };
            (host_named(host)?, port)
        }
    };
    let port = match port {
        None => port_default,
        Some(digits) => port_of(digits)?,
    };
    Ok(Endpoint { host, port })
}

fn port_of(digits: &str) -> Result<u16, TargetError> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TargetError::Port);
    }
    digits.parse().ok().filter(|port| *port > 0).ok_or(TargetError::Port)
}

fn host_named(text: &str) -> Result<Host, TargetError> {
    let text = text.strip_suffix('.').unwrap_or(text);
    match Host::parse(text).map_err(|_| TargetError::Unreadable)? {
        // A URL takes "4567", "0x7f.1" and "192.168.0.010" for IPv4 addresses; no person means those.
        Host::Ipv4(ip) if text.parse::<Ipv4Addr>() != Ok(ip) => Err(TargetError::Unreadable),
        // RFC 1035, section 2.3.4.
        Host::Domain(name)
            if name.len() > NAME_BYTES_MAX
                || name.split('.').any(|label| label.is_empty() || label.len() > LABEL_BYTES_MAX) =>
        {
            Err(TargetError::Unreadable)
        }
        host => Ok(host),
    }
}

/// Everything before the path in its compatibility form, and the rest, untouched but for its first character.
fn normalised_head(text: &str) -> (String, String) {
    let mut head = String::new();
    for (at, c) in text.char_indices() {
        let shown: String = c.nfkc().map(|c| if c == IDEOGRAPHIC_STOP { '.' } else { c }).collect();
        // The slashes of a scheme, or those before a host without one.
        let in_scheme = matches!(head.as_str(), "" | "/") || head.ends_with(':') || head.ends_with(":/");
        if let Some(end) = shown.find(['/', '?', '#']).filter(|_| !(shown == "/" && in_scheme)) {
            head.push_str(&shown[..end]);
            let rest = format!("{}{}", &shown[end..], &text[at + c.len_utf8()..]);
            return (head.nfkc().collect(), rest);
        }
        head.push_str(&shown);
    }
    (head.nfkc().collect(), String::new())
}

const IDEOGRAPHIC_STOP: char = '。';
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;
