//! What surrounds an address when a person pastes it: quotes, brackets, particles, a whole sentence.
//! Finds where the address is, never what it means.

use std::net::Ipv4Addr;

/// The text without blanks, and without quotes or brackets around it.
pub(super) fn unwrapped(text: &str) -> &str {
    let mut text = text.trim_matches(is_blank);
    loop {
        let inner = WRAPPERS.iter().find_map(|(open, close)| {
            text.strip_prefix(*open)?.strip_suffix(*close).map(|inner| inner.trim_matches(is_blank))
        });
        match inner {
            Some(inner) => text = inner,
            None => return text,
        }
    }
}

/// The text without a Korean particle that sticks to the end of an address in ASCII: `host:4567로`.
pub(super) fn without_particle(text: &str) -> &str {
    PARTICLES
        .iter()
        .filter_map(|particle| text.strip_suffix(particle))
        .find(|before| before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == ']' || c == '/'))
        .unwrap_or(text)
}

/// The one link in a sentence, or else the one IPv4 address in it. A page's link beside a `maru://` link is
/// the same invite once more, for a browser.
pub(super) fn only_address_in(sentence: &str) -> Option<&str> {
    let links = links_in(sentence);
    let invites: Vec<_> = links.iter().copied().filter(|link| starts_with(link, "maru://")).collect();
    match (invites.as_slice(), links.as_slice()) {
        ([one], _) | ([], [one]) => Some(one),
        ([], []) => only_ipv4_in(sentence),
        _ => None,
    }
}

/// Every link in a sentence, each once, in order.
fn links_in(sentence: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut end = 0;
    for (at, _) in sentence.char_indices() {
        let begins = sentence[..at].chars().next_back().is_none_or(may_precede_link);
        if at < end || !begins || !SCHEMES.iter().any(|scheme| starts_with(&sentence[at..], scheme)) {
            continue;
        }
        let length = sentence[at..].find(ends_link).unwrap_or(sentence.len() - at);
        end = at + length;
        let link = trimmed_end(&sentence[at..end]);
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

fn only_ipv4_in(sentence: &str) -> Option<&str> {
    let mut found = None;
    for word in sentence.split(|c| ends_link(c) || c == '(') {
        let word = trimmed_end(word);
        let host = word.split(':').next().unwrap_or_default();
        if host.parse::<Ipv4Addr>().is_ok() && found.replace(word).is_some_and(|other| other != word) {
            return None;
        }
    }
    found
}

/// A link as its sentence goes on after it: without punctuation, closing brackets and a particle.
fn trimmed_end(link: &str) -> &str {
    let mut link = link;
    loop {
        let shorter = without_particle(link.trim_end_matches(PUNCTUATION));
        let shorter = if shorter.contains('[') { shorter } else { shorter.trim_end_matches(']') };
        if shorter == link {
            return link;
        }
        link = shorter;
    }
}

fn starts_with(text: &str, scheme: &str) -> bool {
    text.as_bytes().get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes()))
}

fn may_precede_link(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_whitespace() || "([{<\"'`:,;>|*".contains(c)
}

fn ends_link(c: char) -> bool {
    is_blank(c) || "<>\"`|「」『』《》〈〉“”‘’".contains(c)
}

/// White space and what shows as nothing: zero-width characters, direction marks, a byte order mark.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

const PUNCTUATION: [char; 11] = ['.', ',', ';', ':', '!', '?', '…', '。', ')', '*', '\''];

const SCHEMES: [&str; 5] = ["maru://", "http://", "https://", "ws://", "wss://"];

const WRAPPERS: [(char, char); 14] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('<', '>'),
    ('(', ')'),
    ('“', '”'),
    ('‘', '’'),
    ('＂', '＂'),
    ('「', '」'),
    ('『', '』'),
    ('《', '》'),
    ('〈', '〉'),
    ('＜', '＞'),
    ('（', '）'),
];

/// Longer ones before those they end with.
const PARTICLES: [&str; 16] = [
    "입니다",
    "이에요",
    "이예요",
    "에서요",
    "으로요",
    "로요",
    "에서",
    "으로",
    "예요",
    "이야",
    "로",
    "에",
    "요",
    "번",
    "를",
    "을",
];
