//! The text of a message as the room passes it on. It is text: what a browser, a terminal or a file
//! does with it is decided where it is shown.

use std::borrow::Cow;
use std::sync::Arc;

use ts_rs::TS;

use crate::limits::MESSAGE_BYTES_MAX;
use crate::texts::travels_as_text;

/// Why a text is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageTextError {
    /// Nothing in it but white space.
    Empty,
    /// More than [`MESSAGE_BYTES_MAX`] bytes of UTF-8.
    TooLong,
}

impl std::fmt::Display for MessageTextError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("there is nothing in this message"),
            Self::TooLong => write!(f, "a message has at most {MESSAGE_BYTES_MAX} bytes"),
        }
    }
}

impl std::error::Error for MessageTextError {}

/// Non-empty text of at most [`MESSAGE_BYTES_MAX`] bytes, its line ends all LF, without other control characters
/// than the tab, and without the blank lines and spaces that a paste leaves at its end.
#[derive(Debug, Clone, PartialEq, Eq, TS)]
#[ts(type = "string")]
pub struct MessageText(Arc<str>);

travels_as_text!(MessageText);

impl MessageText {
    /// Takes what was typed or received.
    pub fn parse(text: &str) -> Result<Self, MessageTextError> {
        if text.len() > MESSAGE_BYTES_MAX {
            return Err(MessageTextError::TooLong);
        }
        // Nobody sees them, terminals obey them, and JSON makes six bytes of each.
        let goes = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        let mut text = Cow::Borrowed(text);
        if text.contains(goes) {
            text = text.replace("\r\n", "\n").replace('\r', "\n").replace(goes, "").into();
        }
        let text = text.trim_end();
        if text.trim_start().is_empty() {
            return Err(MessageTextError::Empty);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_one_kind_and_trailing_blanks_go() {
        assert_eq!(MessageText::parse("가\r\n나\r다\n\n ").unwrap().as_str(), "가\n나\n다");
        assert_eq!(MessageText::parse("  들여쓰기").unwrap().as_str(), "  들여쓰기");
    }

    #[test]
    fn control_characters_go_and_tabs_stay() {
        assert_eq!(MessageText::parse("a\u{1b}[31m\tb\u{0}\u{7f}\u{9b}c").unwrap().as_str(), "a[31m\tbc");
        assert_eq!(MessageText::parse("\u{1}"), Err(MessageTextError::Empty));
    }

    #[test]
    fn blank_text_is_no_message() {
        for blank in ["", " ", "\n\r\n", "\u{3000}"] {
            assert_eq!(MessageText::parse(blank), Err(MessageTextError::Empty), "{blank:?}");
        }
    }

    #[test]
    fn the_longest_message_fits_and_one_byte_more_does_not() {
        assert!(MessageText::parse(&"a".repeat(MESSAGE_BYTES_MAX)).is_ok());
        assert_eq!(MessageText::parse(&"a".repeat(MESSAGE_BYTES_MAX + 1)), Err(MessageTextError::TooLong));
    }
}
