//! A passphrase as it comes in: from a file, from the environment, or from a person at a terminal who types it
//! unseen. Never from the command line, which every program of the machine can read.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use maru_wire::limits::{PASSPHRASE_CHARS_MAX, PASSPHRASE_ITERATIONS};
use maru_wire::scram::{Passphrase, Verifier};
use tokio::sync::oneshot;

use crate::ending::Ending;
use crate::words::{Word, Words};

/// What the host wants of the passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// What was chosen for this room before, unless the environment has one.
    AsBefore,
    /// The one in this file.
    File(PathBuf),
    /// One that is asked for.
    Ask,
    /// None from now on.
    None,
}

/// What a room is to be guarded with from now on. The outer none leaves it as it was.
pub(crate) async fn chosen(
    choice: &Choice,
    before: Option<&Verifier>,
    words: Words,
) -> Result<Option<Option<Verifier>>, Ending> {
    let passphrase = match choice {
        Choice::None => return Ok(Some(None)),
        Choice::Ask => Some(asked_twice(words).await?),
        Choice::File(file) => given(Some(file), words)?,
        Choice::AsBefore => given(None, words)?,
    };
    let Some(passphrase) = passphrase else { return Ok(None) };
    // The same one keeps its salt: whoever has worked it out need not again.
    if before.is_some_and(|verifier| verifier.is_of(&passphrase)) {
        return Ok(None);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| Ending::Failed(error.to_string()))?;
    Ok(Some(Some(Verifier::derive(&passphrase, salt, PASSPHRASE_ITERATIONS))))
}

/// The passphrase that was given with the command: the first line of a file, or the environment's.
pub(crate) fn given(file: Option<&Path>, words: Words) -> Result<Option<Passphrase>, Ending> {
    let text = match file {
        Some(path) => Some(first_line(path).map_err(|error| {
            let values = [("path", path.display().to_string()), ("why", error.to_string())];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            Ending::Usage(words.with(Word::PassphraseFileUnreadable, &values))
        })?),
        None => std::env::var(VARIABLE).ok().filter(|text| !text.is_empty()),
    };
    text.map(|text| usable(&text, words)).transpose()
}

/// Asks a person for it, where there is one.
pub(crate) async fn asked(words: Words) -> Result<Passphrase, Ending> {
    typed(Word::AskPassphrase, words).await
}

/// Whether there is somebody to ask.
pub(crate) fn may_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

async fn asked_twice(words: Words) -> Result<Passphrase, Ending> {
    let passphrase = typed(Word::AskNewPassphrase, words).await?;
    let again = typed(Word::AskPassphraseAgain, words).await?;
    if passphrase == again {
        Ok(passphrase)
    } else {
        Err(Ending::Usage(words.text(Word::PassphrasesDiffer).into()))
    }
}

/// Asks on a thread of its own: a read that waits for a person cannot be given up, and must not hold up the end of the
/// program.
async fn typed(question: Word, words: Words) -> Result<Passphrase, Ending> {
    if !may_ask() {
        return Err(Ending::Usage(words.text(Word::NobodyToAsk).into()));
    }
    let (answer, answered) = oneshot::channel();
    let ask = move || {
        // Whoever asked may have gone.
        let _ = answer.send(rpassword::prompt_password(words.text(question)));
    };
    let asking = std::thread::Builder::new().name("maru-ask".into()).spawn(ask);
    asking.map_err(|error| Ending::Failed(error.to_string()))?;
    match answered.await {
        Ok(Ok(text)) => usable(&text, words),
        Ok(Err(error)) => Err(Ending::Failed(error.to_string())),
        Err(error) => Err(Ending::Failed(error.to_string())),
    }
}

fn usable(text: &str, words: Words) -> Result<Passphrase, Ending> {
    let most = PASSPHRASE_CHARS_MAX.to_string();
    let unusable = || Ending::Usage(words.with(Word::BadPassphrase, &[("n", &most)]));
    Passphrase::parse(text).map_err(|_| unusable())
}

/// The first line of a file, or of whatever else can be read under a name.
fn first_line(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let text = std::str::from_utf8(&bytes).map_err(io::Error::other)?;
    Ok(text.trim_start_matches('\u{FEFF}').lines().next().unwrap_or_default().to_owned())
}

/// Where a passphrase may be given without a file.
const VARIABLE: &str = "MARU_PASSPHRASE";

/// Bytes of such a file that are read: the longest passphrase, in the longest characters, and a line end.
const FILE_BYTES_MAX: u64 = 4 * PASSPHRASE_CHARS_MAX as u64 + 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_file_gives_its_first_line_without_its_end() {
        let expected = Passphrase::parse("열린 마루").unwrap();
        for text in ["열린 마루", "열린 마루\n", "열린 마루\r\nmore\n", "\u{FEFF}열린 마루\n"]
        {
            let read = given(Some(file(text).path()), Words::of_this_system()).unwrap();
            assert_eq!(read.as_ref(), Some(&expected), "{text:?}");
        }
        for text in ["", "\n열린", "a\tb"] {
            let read = given(Some(file(text).path()), Words::of_this_system());
            assert!(matches!(read, Err(Ending::Usage(_))), "{text:?}");
        }
        let nowhere = Path::new("/nowhere/at/all");
        assert!(matches!(given(Some(nowhere), Words::of_this_system()), Err(Ending::Usage(_))));
    }
}
