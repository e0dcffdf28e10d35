//! The folders of this program, by the customs of each system. Names them; they come into being, for their
//! owner's eyes only, when something is first written there.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// Where everything lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// What a person chose: preferences.
    pub config: PathBuf,
    /// What must not be lost: keys, hosted rooms.
    pub data: PathBuf,
    /// What may be lost: logs.
    pub state: PathBuf,
}

/// The system names no home directory for this person; `--data-dir` says where to keep things instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoHome;

impl Folders {
    /// The folders of the person who runs the program. On Linux those of the XDG base directories
    /// (`~/.config/maru`, `~/.local/share/maru`, `~/.local/state/maru`).
    pub fn of_this_person() -> Result<Self, NoHome> {
        let own = ProjectDirs::from("", "", APPLICATION).ok_or(NoHome)?;
        Ok(Self {
            config: own.config_dir().into(),
            data: own.data_dir().into(),
            // macOS and Windows have no such custom.
            state: own.state_dir().map_or_else(|| own.data_local_dir().join("state"), Path::to_path_buf),
        })
    }

    /// All folders inside one, as `--data-dir` asks.
    pub fn under(folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref();
        Self { config: folder.join("config"), data: folder.join("data"), state: folder.join("state") }
    }

    /// The preferences file.
    pub fn preferences(&self) -> PathBuf {
        self.config.join("preferences.json")
    }
}

impl std::fmt::Display for NoHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this system names no home directory: say with --data-dir where to keep things")
    }
}

impl std::error::Error for NoHome {}

const APPLICATION: &str = "maru";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_folders_lie_in_the_one_that_was_asked_for() {
        let folders = Folders::under("/somewhere");
        for folder in [&folders.config, &folders.data, &folders.state, &folders.preferences()] {
            assert!(folder.starts_with("/somewhere"), "{folder:?}");
        }
        assert_ne!(folders.config, folders.data);
        assert_ne!(folders.data, folders.state);
    }

    #[test]
    fn this_persons_folders_are_named_after_the_program() {
        let Ok(folders) = Folders::of_this_person() else { return };
        for folder in [folders.config, folders.data, folders.state] {
            assert!(folder.components().any(|part| part.as_os_str() == APPLICATION), "{folder:?}");
        }
    }
}
