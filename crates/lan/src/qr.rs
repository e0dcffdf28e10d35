//! A QR code (ISO/IEC 18004) for a terminal, two modules a character. The page draws its own.

use qrcode::{Color, EcLevel, QrCode};

/// How to paint it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Black on white by escape sequences: readable on any terminal that has 256 colours.
    Colours,
    /// Without escape sequences, light modules painted: readable where letters are light on dark.
    Plain,
}

/// More text than a QR code holds (2,331 bytes at level M).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// The text as a QR code with a quiet zone around it, in lines of half blocks.
pub fn terminal(text: &str, paint: Paint) -> Result<String, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
    let width = code.width();
    let side = width + 2 * QUIET_MODULES;
    let is_dark = |x: usize, y: usize| {
        let (Some(x), Some(y)) = (x.checked_sub(QUIET_MODULES), y.checked_sub(QUIET_MODULES)) else {
            return false;
        };
        x < width && y < width && code[(x, y)] == Color::Dark
    };
    let mut picture = String::new();
    for y in (0..side).step_by(2) {
        if paint == Paint::Colours {
            picture.push_str(BLACK_ON_WHITE);
        }
        for x in 0..side {
            // The side is odd: below the last line is nothing, which is as light as the quiet zone.
            let (upper, lower) = (is_dark(x, y), is_dark(x, y + 1));
            let (upper, lower) = if paint == Paint::Colours { (upper, lower) } else { (!upper, !lower) };
            picture.push(match (upper, lower) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        picture.push_str(if paint == Paint::Colours { RESET } else { "" });
        picture.push('\n');
    }
    Ok(picture)
}

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this is too long for a QR code")
    }
}

impl std::error::Error for TooLong {}

/// Light modules around the code. The norm asks for four; cameras read two, and a terminal has few lines.
const QUIET_MODULES: usize = 2;

/// Of the 256 colours (ECMA-48, SGR 38 and 48): 16 and 231 are black and white in every theme, 0 and 7 are not.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "maru://join?a=192.168.0.10:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ";

    /// The modules of a picture, true for dark, as a camera sees them.
    fn seen(picture: &str, paint: Paint) -> Vec<Vec<bool>> {
        let mut lines = Vec::new();
        for line in picture.lines() {
            let line = line.strip_prefix(BLACK_ON_WHITE).unwrap_or(line);
            let line = line.strip_suffix(RESET).unwrap_or(line);
            let ink = |full: char, c: char| (c == '█' || c == full) == (paint == Paint::Colours);
            lines.push(line.chars().map(|c| ink('▀', c)).collect());
            lines.push(line.chars().map(|c| ink('▄', c)).collect());
        }
        lines
    }

    #[test]
    fn what_is_painted_is_the_code_within_a_quiet_zone() {
        let code = QrCode::with_error_correction_level(LINK, EcLevel::M).unwrap();
        for paint in [Paint::Colours, Paint::Plain] {
            let seen = seen(&terminal(LINK, paint).unwrap(), paint);
            let quiet = 2;
            for (y, line) in seen.iter().enumerate() {
                assert_eq!(line.len(), code.width() + 2 * quiet);
                for (x, dark) in line.iter().enumerate() {
                    let inside = |at: usize| (quiet..quiet + code.width()).contains(&at);
                    let expected = inside(x) && inside(y) && code[(x - quiet, y - quiet)] == Color::Dark;
                    assert_eq!(*dark, expected, "{paint:?} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn every_painted_line_takes_its_colours_back() {
        for line in terminal(LINK, Paint::Colours).unwrap().lines() {
            assert!(line.starts_with(BLACK_ON_WHITE) && line.ends_with(RESET));
        }
        assert!(!terminal(LINK, Paint::Plain).unwrap().contains('\x1b'));
    }

    #[test]
    fn the_most_that_a_code_holds_is_painted_and_one_byte_more_is_refused() {
        assert!(terminal(&"a".repeat(2_331), Paint::Plain).is_ok());
        assert_eq!(terminal(&"a".repeat(2_332), Paint::Plain), Err(TooLong));
    }
}
