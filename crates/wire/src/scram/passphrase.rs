//! A passphrase, as both sides must have it, and what it becomes for one room.

use std::fmt;

use data_encoding::BASE64;
use hmac::Hmac;
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroize;

use crate::limits::PASSPHRASE_CHARS_MAX;

/// A passphrase prepared by SASLprep (RFC 4013): other spaces are spaces, soft hyphens and the like are nothing, and the
/// rest is in NFKC, so that 한글 typed on one system is 한글 typed on another. Unlike there, right-to-left text is taken as
/// it is, and so are characters that Unicode has been given since; and white space at either end, which the keyboards
/// of phones like to put there, is taken off. Forgotten with its last owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(String);

/// Why a text is no passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassphraseError {
    /// Nothing is left of it.
    Empty,
    /// It has more than [`PASSPHRASE_CHARS_MAX`] characters.
    TooLong,
    /// It has a control character, or one that is none.
    Unusable,
}

impl Passphrase {
    /// Prepares what a person typed.
    pub fn parse(typed: &str) -> Result<Self, PassphraseError> {
        if typed.chars().count() > PASSPHRASE_CHARS_MAX {
            return Err(PassphraseError::TooLong);
        }
        let mapped = typed.chars().filter(|c| !is_nothing(*c)).map(|c| if is_space(c) { ' ' } else { c });
        let mut mapped: String = mapped.collect();
        let mut whole: String = mapped.nfkc().collect();
        mapped.zeroize();
        let prepared = Self(whole.trim_matches(' ').to_owned());
        whole.zeroize();
        if prepared.0.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if prepared.0.chars().any(is_prohibited) {
            return Err(PassphraseError::Unusable);
        }
        Ok(prepared)
    }

    /// What it is worth to a room with this salt. Takes long, on purpose: `iterations` times HMAC.
    pub fn salted(&self, salt: &[u8], iterations: u32) -> Salted {
        let mut key = [0; 32];
        pbkdf2::pbkdf2::<Hmac<Sha256>>(self.0.as_bytes(), salt, iterations, &mut key)
            .expect("HMAC takes a key of any length");
        Salted { key, salt: BASE64.encode(salt), iterations }
    }
}

/// A passphrase after PBKDF2 (RFC 8018, section 5.2; `SaltedPassword` of RFC 5802). Whoever has it can show the
/// passphrase to rooms with this salt.
#[derive(Clone, PartialEq, Eq)]
pub struct Salted {
    pub(super) key: [u8; 32],
    salt: String,
    iterations: u32,
}

impl Salted {
    /// Whether it is what a room with that salt asks for.
    pub fn fits(&self, salt: &[u8], iterations: u32) -> bool {
        self.iterations == iterations && self.salt == BASE64.encode(salt)
    }
}

impl Drop for Passphrase {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Salted {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

/// "Commonly mapped to nothing" (RFC 3454, table B.1).
fn is_nothing(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{1806}' | '\u{180B}'..='\u{180D}' | '\u{200B}'..='\u{200D}' | '\u{2060}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
    )
}

/// Spaces that are not the one of ASCII (RFC 3454, table C.1.2).
fn is_space(c: char) -> bool {
    matches!(c, '\u{00A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// What no keyboard types: controls, private use, what is no character, marks of direction, tags (RFC 3454, tables
/// C.2 to C.9).
fn is_prohibited(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{06DD}' | '\u{070F}' | '\u{180E}' | '\u{0340}' | '\u{0341}' | '\u{200E}' | '\u{200F}'
                | '\u{2028}'..='\u{202E}' | '\u{2061}'..='\u{2063}' | '\u{206A}'..='\u{206F}'
                | '\u{2FF0}'..='\u{2FFB}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}'
                | '\u{FFF9}'..='\u{FFFF}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0001}' | '\u{E0020}'..='\u{E007F}'
                | '\u{F0000}'..='\u{10FFFF}'
        )
        || u32::from(c) & 0xFFFE == 0xFFFE
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

impl fmt::Debug for Salted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salted")
    }
}

impl fmt::Display for PassphraseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no passphrase"),
            Self::TooLong => write!(f, "a passphrase has at most {PASSPHRASE_CHARS_MAX} characters"),
            Self::Unusable => f.write_str("a passphrase has no control characters"),
        }
    }
}

impl std::error::Error for PassphraseError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(left: &str, right: &str) -> bool {
        Passphrase::parse(left).unwrap() == Passphrase::parse(right).unwrap()
    }

    #[test]
    fn korean_is_the_same_composed_and_decomposed() {
        assert!(same("한글 열쇠", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF} 열쇠"));
        assert!(!same("한글 열쇠", "한글열쇠"));
    }

    #[test]
    fn the_examples_of_rfc_4013_come_out_as_there() {
        assert!(same("I\u{00AD}X", "IX"));
        assert!(same("\u{00AA}", "a"));
        assert!(same("\u{2168}", "IX"));
        assert!(!same("user", "USER"));
        assert_eq!(Passphrase::parse("\u{0007}"), Err(PassphraseError::Unusable));
    }

    #[test]
    fn spaces_of_other_keyboards_and_at_the_ends_make_no_difference() {
        assert!(same("열린\u{3000}마루", "열린 마루"));
        assert!(same(" 열린 마루 ", "열린 마루"));
        assert!(!same("열린  마루", "열린 마루"), "inside they count");
    }

    #[test]
    fn nothing_and_too_much_are_no_passphrase() {
        for nothing in ["", "  ", "\u{200B}", "\u{3000}"] {
            assert_eq!(Passphrase::parse(nothing), Err(PassphraseError::Empty), "{nothing:?}");
        }
        assert!(Passphrase::parse(&"가".repeat(PASSPHRASE_CHARS_MAX)).is_ok());
        let long = "가".repeat(PASSPHRASE_CHARS_MAX + 1);
        assert_eq!(Passphrase::parse(&long), Err(PassphraseError::TooLong));
        assert_eq!(Passphrase::parse("a\nb"), Err(PassphraseError::Unusable));
    }

    #[test]
    fn neither_the_passphrase_nor_what_it_becomes_is_in_a_log() {
        let passphrase = Passphrase::parse("열린 마루").unwrap();
        let shown = format!("{passphrase:?} {:?}", passphrase.salted(b"salt", 1));
        assert_eq!(shown, "Passphrase Salted");
    }
}
