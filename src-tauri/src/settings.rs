//! What the environment asks of this run: where to keep things, and what a hosted room listens on.

use std::net::{IpAddr, Ipv6Addr};

use crate::{Folders, PreferencesFile};
use maru_home::NoHome;

/// Settings of one run.
#[derive(Debug)]
pub struct Settings {
    /// Where things are kept: this person's folders, or all of them under `MARU_DATA_DIR`.
    pub folders: Folders,
    /// The address a hosted room listens on: `MARU_BIND`, else every one.
    pub bind: IpAddr,
}

impl Settings {
    /// Reads the environment. What it says wrong is passed over, and logged.
    pub fn from_environment() -> Result<Self, NoHome> {
        let folders = match std::env::var_os("MARU_DATA_DIR") {
            Some(folder) => Folders::under(folder),
            None => Folders::of_this_person()?,
        };
        let bind = std::env::var("MARU_BIND").ok().and_then(|address| address.parse().ok());
        Ok(Self { folders, bind: bind.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) })
    }

    /// The preferences file.
    pub fn preferences(&self) -> PreferencesFile {
        PreferencesFile::open(self.folders.preferences())
    }
}
