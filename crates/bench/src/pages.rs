//! The project's pages that show figures: what stands between two marks is replaced by what a run has found.

use std::fmt;
use std::fs;
use std::path::Path;

/// Why a page was not changed.
#[derive(Debug)]
pub enum NotWritten {
    /// The file.
    Io(String, std::io::Error),
    /// It has no place for a table.
    NoMarks(String),
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(page, error) => write!(f, "{page}: {error}"),
            Self::NoMarks(page) => write!(f, "{page} has no `{BEGIN}` and `{END}`"),
        }
    }
}

/// Puts a text between the marks of a page.
pub fn write(page: &Path, text: &str) -> Result<(), NotWritten> {
    let name = page.display().to_string();
    let old = fs::read_to_string(page).map_err(|error| NotWritten::Io(name.clone(), error))?;
    let new = spliced(&old, text).ok_or_else(|| NotWritten::NoMarks(name.clone()))?;
    fs::write(page, new).map_err(|error| NotWritten::Io(name, error))
}

fn spliced(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", text.trim()))
}

const BEGIN: &str = "<!-- bench -->";
const END: &str = "<!-- /bench -->";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let page = "a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n";
        let new = spliced(page, "new\n").unwrap();
        assert_eq!(new, "a\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nb\n");
        assert_eq!(spliced(&new, "new"), Some(new));
        assert_eq!(spliced("a\n<!-- bench -->\nb", "new"), None);
    }
}
