//! What is looked for in a room's log: words, in one form whoever typed them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use unicode_normalization::UnicodeNormalization;

use crate::limits::SEARCH_CHARS_MAX;

/// One to some words to look for, in NFC, with single spaces between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct SearchWords(Box<str>);

/// Why a text holds nothing to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchWordsError {
    /// Nothing but white space and control characters.
    Empty,
    /// More than [`SEARCH_CHARS_MAX`].
    TooLong,
}

impl std::fmt::Display for SearchWordsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("there is nothing to look for"),
            Self::TooLong => write!(f, "a search has at most {SEARCH_CHARS_MAX} characters"),
        }
    }
}

impl std::error::Error for SearchWordsError {}

impl SearchWords {
    /// Takes what a person typed. White space and control characters part words.
    pub fn parse(text: &str) -> Result<Self, SearchWordsError> {
        let mut words = String::new();
        // Normalizing what is far too long would cost time for nothing.
        if text.chars().count() > SEARCH_CHARS_MAX {
            return Err(SearchWordsError::TooLong);
        }
        for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
        {
            if !words.is_empty() {
                words.push(' ');
            }
            words.extend(word.nfc());
        }
        if words.is_empty() {
            return Err(SearchWordsError::Empty);
        }
        Ok(Self(words.into()))
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }
}

impl TryFrom<String> for SearchWords {
    type Error = SearchWordsError;
    fn try_from(text: String) -> Result<Self, SearchWordsError> {
        Self::parse(&text)
    }
}

impl From<SearchWords> for String {
    fn from(words: SearchWords) -> String {
        words.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_by_any_white_space_and_composed() {
        let decomposed = "  \u{1112}\u{1161}\u{11ab}\u{3000}글\n\tMaru ";
        let words = SearchWords::parse(decomposed).unwrap();
        assert_eq!(words.as_str(), "한 글 Maru");
        assert_eq!(words.iter().collect::<Vec<_>>(), ["한", "글", "Maru"]);
    }

    #[test]
    fn nothing_and_too_much_are_no_search() {
        assert_eq!(SearchWords::parse(" \n\u{0} "), Err(SearchWordsError::Empty));
        assert!(SearchWords::parse(&"가".repeat(SEARCH_CHARS_MAX)).is_ok());
        assert_eq!(SearchWords::parse(&"가".repeat(SEARCH_CHARS_MAX + 1)), Err(SearchWordsError::TooLong));
    }
}
