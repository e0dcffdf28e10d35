//! What the environment asks of this run: where to keep things, and what a hosted room listens on.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use directories::UserDirs;
use maru_home::{Folders, NoHome, PreferencesFile};

/// Settings of one run.
#[derive(Debug)]
pub struct Settings {
    /// Where things are kept: this person's folders, or all of them under `MARU_DATA_DIR`.
    pub folders: Folders,
    /// The address a hosted room listens on: `MARU_BIND`, else every one.
    pub bind: IpAddr,
    /// Whether this is this person's Maru, of which there is one, and not one with a folder of its own.
    pub is_theirs: bool,
    /// Where exported rooms go: to this person's downloads, or under `MARU_DATA_DIR` with everything else.
    pub exports: PathBuf,
}

/// Why the environment could not be followed.
#[derive(Debug)]
pub enum SettingsError {
    /// The system names no home directory, and `MARU_DATA_DIR` no other.
    NoHome(NoHome),
    /// `MARU_BIND` is no IP address. Listening elsewhere than was asked for would let in whom nobody meant to.
    Bind,
}

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoHome(error) => error.fmt(f),
            Self::Bind => f.write_str("MARU_BIND is no IP address; give one, such as 127.0.0.1, or none"),
        }
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Reads the environment.
    pub fn from_environment() -> Result<Self, SettingsError> {
        let folder = std::env::var_os("MARU_DATA_DIR");
        let is_theirs = folder.is_none();
        let (folders, exports) = match folder {
            Some(folder) => (Folders::under(&folder), PathBuf::from(folder).join("exports")),
            None => {
                let folders = Folders::of_this_person().map_err(SettingsError::NoHome)?;
                let exports = downloads().unwrap_or_else(|| folders.data.join("exports"));
                (folders, exports)
            }
        };
        let bind = match std::env::var_os("MARU_BIND") {
            Some(address) => bind_address(&address).ok_or(SettingsError::Bind)?,
            None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        Ok(Self { folders, bind, is_theirs, exports })
    }

    /// The preferences file.
    pub fn preferences(&self) -> PreferencesFile {
        PreferencesFile::open(self.folders.preferences())
    }
}

/// The folder of this person's downloads, or their home where no other is named.
fn downloads() -> Option<PathBuf> {
    let theirs = UserDirs::new()?;
    Some(theirs.download_dir().unwrap_or_else(|| theirs.home_dir()).into())
}

fn bind_address(text: &std::ffi::OsStr) -> Option<IpAddr> {
    text.to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_is_one() {
        assert_eq!(bind_address("127.0.0.1".as_ref()), Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)));
        for wrong in ["", "localhost", "127.0.0.l", "127.0.0.1:80"] {
            assert_eq!(bind_address(wrong.as_ref()), None, "{wrong}");
        }
    }
}
