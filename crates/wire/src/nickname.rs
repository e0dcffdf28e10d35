//! Nicknames, and the names of rooms: what a person may call themselves so that others can read it, tell
//! it apart and not be fooled by it.

use std::sync::Arc;

use ts_rs::TS;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

use crate::limits::{
    NICKNAME_BYTES_MAX, NICKNAME_GRAPHEMES_MAX, NICKNAME_MARKS_MAX, ROOM_NAME_GRAPHEMES_MAX,
};
use crate::texts::travels_as_text;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NicknameError {
    /// Nothing in it that can be seen.
    Empty,
    /// More than 32 graphemes (64 for a room), or piled up from more bytes or marks than a name needs.
    TooLong,
    /// A control, bidirectional, zero-width, unassigned or private character.
    Character,
}

impl std::fmt::Display for NicknameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("a name has at least one visible character"),
            Self::TooLong => write!(f, "a nickname has at most {NICKNAME_GRAPHEMES_MAX} characters"),
            Self::Character => f.write_str("a name has no invisible or control characters"),
        }
    }
}

impl std::error::Error for NicknameError {}

/// A name as others see it: NFC (UAX #15), 1–32 graphemes (UAX #29), no control, bidirectional or
/// zero-width character, single spaces inside and none around. The joiner is let in between two emoji only.
/// It proves nothing about who carries it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, TS)]
#[ts(type = "string")]
pub struct Nickname(Arc<str>);

travels_as_text!(Nickname);

impl Nickname {
    /// Takes what was typed or received.
    pub fn parse(text: &str) -> Result<Self, NicknameError> {
        clean(text, NICKNAME_GRAPHEMES_MAX).map(|name| Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two names have in common that a reader could take for one another: skeletons of UTS #39, section 4,
    /// without regard to case. Case is folded before, since `I` is `i` to whoever types, and after, since `I` is
    /// `l` to whoever reads. Names that share either are taken for one another.
    pub fn skeletons(&self) -> [String; 2] {
        let skeleton = |text: &str| unicode_security::skeleton(text).collect::<String>();
        [skeleton(&self.0.to_lowercase()), skeleton(&skeleton(&self.0).to_lowercase())]
    }
}

impl From<Nickname> for String {
    fn from(name: Nickname) -> String {
        name.as_str().into()
    }
}

impl std::fmt::Display for Nickname {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a room, under the same rules as a [`Nickname`] but up to 64 graphemes.
pub fn room_name(text: &str) -> Result<String, NicknameError> {
    clean(text, ROOM_NAME_GRAPHEMES_MAX)
}

fn clean(text: &str, graphemes_max: usize) -> Result<String, NicknameError> {
    // Before any work on it: normalising may triple a text, never more.
    if text.len() > 3 * NICKNAME_BYTES_MAX {
        return Err(NicknameError::TooLong);
    }
    let composed: String = text.nfc().collect();
    let name = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.len() > NICKNAME_BYTES_MAX || name.graphemes(true).count() > graphemes_max {
        return Err(NicknameError::TooLong);
    }
    let chars: Vec<char> = name.chars().collect();
    let mut marks = 0;
    for (i, &c) in chars.iter().enumerate() {
        let stays = is_allowed(c) || (c == JOINER && joins_emoji(&chars, i));
        if !stays {
            return Err(NicknameError::Character);
        }
        marks = if c.general_category_group() == GeneralCategoryGroup::Mark { marks + 1 } else { 0 };
        if marks > NICKNAME_MARKS_MAX {
            return Err(NicknameError::TooLong);
        }
    }
    if !chars.iter().copied().any(is_visible) {
        return Err(NicknameError::Empty);
    }
    Ok(name)
}

fn is_allowed(c: char) -> bool {
    let allowed = match c.general_category() {
        // Tag characters (category Format) make up the flags of England, Scotland and Wales.
        GeneralCategory::Format => ('\u{E0020}'..='\u{E007F}').contains(&c),
        GeneralCategory::Control
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned => false,
        _ => true,
    };
    allowed && !BLANK_LETTERS.contains(&c)
}

fn is_visible(c: char) -> bool {
    let group = c.general_category_group();
    !matches!(
        group,
        GeneralCategoryGroup::Mark | GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other
    )
}

/// Whether the joiner at `i` stands between two emoji, presentation selector and skin tone aside.
fn joins_emoji(chars: &[char], i: usize) -> bool {
    let before = chars[..i].iter().rev().find(|c| **c != EMOJI_PRESENTATION);
    let after = chars.get(i + 1);
    let is_emoji = |c: Option<&char>| c.is_some_and(|c| !c.is_ascii() && c.is_emoji_char());
    is_emoji(before) && is_emoji(after)
}

const JOINER: char = '\u{200D}';
const EMOJI_PRESENTATION: char = '\u{FE0F}';

/// Letters, marks and symbols by category that show as nothing: Hangul fillers and tone marks, combining grapheme
/// joiner, the blank Braille pattern, the null notehead, the Khitan filler.
const BLANK_LETTERS: [char; 10] = [
    '\u{115F}',
    '\u{1160}',
    '\u{3164}',
    '\u{FFA0}',
    '\u{034F}',
    '\u{2800}',
    '\u{302E}',
    '\u{302F}',
    '\u{1D159}',
    '\u{16FE4}',
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<String, NicknameError> {
        Nickname::parse(text).map(String::from)
    }

    #[test]
    fn a_name_is_composed_and_its_spaces_are_single() {
        assert_eq!(parsed("\u{1106}\u{1161}루"), Ok("마루".into()), "conjoining jamo compose");
        assert_eq!(parsed("  Min   Ji "), Ok("Min Ji".into()));
        assert_eq!(parsed("민지 👩‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️"), Ok("민지 👩‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️".into()));
        assert_eq!(parsed("محمد"), Ok("محمد".into()));
    }

    #[test]
    fn thirty_two_graphemes_fit_and_one_more_does_not() {
        assert!(parsed(&"각".repeat(32)).is_ok());
        assert_eq!(parsed(&"각".repeat(33)), Err(NicknameError::TooLong));
        assert!(parsed(&"👨‍👩‍👧‍👦".repeat(32)).is_ok(), "a family is one grapheme");
        assert_eq!(parsed(&"가".repeat(100_000)), Err(NicknameError::TooLong));
    }

    #[test]
    fn a_pile_of_marks_is_no_name() {
        assert_eq!(parsed(&format!("Z{}", "\u{0335}".repeat(5))), Err(NicknameError::TooLong));
        assert!(parsed("Z\u{0335}\u{0321}").is_ok());
    }

    #[test]
    fn nothing_invisible_gets_in() {
        for hidden in [
            "\u{200B}", "\u{200D}", "\u{202E}", "\u{2066}", "\u{FEFF}", "\u{0}", "\u{AD}", "\u{E000}",
            "\u{3164}",
        ] {
            assert_eq!(parsed(&format!("a{hidden}b")), Err(NicknameError::Character), "{hidden:?}");
        }
    }

    #[test]
    fn a_name_without_anything_to_see_is_none() {
        for blank in ["", "  ", "\u{3000}", "\u{0301}"] {
            assert_eq!(parsed(blank), Err(NicknameError::Empty), "{blank:?}");
        }
    }

    #[test]
    fn names_that_look_alike_share_a_skeleton() {
        let alike = |one: &str, other: &str| {
            let skeletons = |text| Nickname::parse(text).unwrap().skeletons();
            skeletons(one).iter().any(|skeleton| skeletons(other).contains(skeleton))
        };
        for (one, other) in [
            ("paypal", "pаypal"),
            ("paypal", "paypaI"),
            ("Alice", "AIice"),
            ("Bob", "Вob"),
            ("Kim", "Κim"),
            ("HOST", "Нost"),
            ("BOB", "B0B"),
            ("MinJi", "minji"),
            ("IAN", "ian"),
        ] {
            assert!(alike(one, other), "{one} {other}");
        }
        assert!(!alike("민지", "민자"));
        assert!(!alike("Ann", "Anna"));
    }

    #[test]
    fn a_room_may_have_a_longer_name() {
        assert_eq!(room_name("점심 모임"), Ok("점심 모임".into()));
        assert!(room_name(&"가".repeat(64)).is_ok());
        assert_eq!(room_name(&"가".repeat(65)), Err(NicknameError::TooLong));
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(text in "\\PC{0,40}") {
            if let Ok(name) = Nickname::parse(&text) {
                prop_assert_eq!(Nickname::parse(name.as_str()), Ok(name));
            }
        }
    }
}
