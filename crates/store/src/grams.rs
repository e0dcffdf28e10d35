//! What a text is found by: every stretch of two syllables or three letters in it, so that a word is found inside
//! another one, also where a language puts no spaces. Upper and lower case are one, and so are the ways to compose a
//! syllable. What is found this way is a candidate; whether it is there shows in the text.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text in the form in which texts are compared.
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // By characters: `str::to_lowercase` makes two of the Greek sigma, by where it stands.
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    let composed = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => lower(text),
        _ => lower(&text.nfc().collect::<String>()),
    };
    match is_nfc_quick(composed.chars()) {
        IsNormalized::Yes => composed,
        _ => composed.nfc().collect(),
    }
}

/// The tokens of a folded text, each once, for the index.
pub(crate) fn tokens_of(folded: &str) -> String {
    let mut grams: Vec<&str> = folded.split_whitespace().flat_map(grams).map(|gram| gram.text).collect();
    grams.sort_unstable();
    grams.dedup();
    let mut tokens = String::with_capacity(4 * folded.len());
    for gram in grams {
        tokens.extend(gram.chars().map(inert));
        tokens.push(' ');
    }
    tokens
}

/// What the index is asked for, so that every text with all of these folded words is among the answers. Whatever
/// the words hold is quoted and has no meaning of its own.
pub(crate) fn question(words: &[String]) -> String {
    let mut terms: Vec<String> = words.iter().flat_map(|word| terms_of(word)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms.join(" AND ")
}

fn terms_of(word: &str) -> Vec<String> {
    let quoted = |text: &str| format!("\"{}\"", text.chars().map(inert).collect::<String>());
    let whole: Vec<String> = grams(word).filter(|gram| gram.is_whole).map(|gram| quoted(gram.text)).collect();
    if whole.is_empty() { vec![format!("{}*", quoted(word))] } else { whole }
}

/// A stretch of text. Towards the end it may be shorter than its first character asks for.
struct Gram<'a> {
    text: &'a str,
    is_whole: bool,
}

/// The stretch that begins at each character.
fn grams(word: &str) -> impl Iterator<Item = Gram<'_>> {
    word.char_indices().map(move |(start, first)| {
        let size = if is_dense(first) { 2 } else { 3 };
        let mut ends = word[start..].char_indices().map(|(at, c)| start + at + c.len_utf8()).take(size);
        let (mut end, mut count) = (start, 0);
        for next in &mut ends {
            (end, count) = (next, count + 1);
        }
        Gram { text: &word[start..end], is_whole: count == size }
    })
}

/// Whether two such characters say as much as three letters do: Hangul, Kana, Han.
fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}' | '\u{20000}'..='\u{3FFFF}')
}

/// The tokenizer parts words at ASCII punctuation. Moved into a private area of Unicode it is a letter like others.
fn inert(c: char) -> char {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        char::from_u32(PRIVATE_AREA + u32::from(c)).expect("the private area begins at U+E000")
    } else {
        c
    }
}

const PRIVATE_AREA: u32 = 0xE000;
