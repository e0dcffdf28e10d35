//! What this window is in the middle of: the rooms it has joined, the one it hosts, and what its person
//! prefers. Knows no webview but through the feed.
//!
//! # Layout
//! - [`App`]: opening, preferences, quitting.
//! - `joining`: rooms joined from here. `hosting`: the room hosted here, which is joined like any other. `tending`: what
//!   goes on around it.
//! - `finding`: rooms on this network. `trust`: the certificates by which rooms are known.
//! - `export`: what was said in a room, as a file for its person.

mod export;
mod finding;
mod hosting;
mod joining;
mod tending;
mod trust;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use maru_client::{Joined, Proof, Prove};
use maru_home::preferences::WindowSize;
use maru_home::{HostedRooms, JoinedRooms, Keys, Pins, Preferences, diagnostics, sign_hello};
use maru_wire::RoomId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::CommandError;
use crate::feed::{Feed, RoomHandle};
use crate::settings::Settings;

pub use export::{ExportFormat, ExportRequest, Exported};
pub use hosting::{HostRequest, KnownRoom, Pages};
pub use joining::JoinRequest;

use finding::Finding;
use hosting::Hosting;

/// The program's state, shared by all commands.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    keys: Arc<Keys>,
    hosted_rooms: HostedRooms,
    joined_rooms: JoinedRooms,
    pins: Pins,
    preferences: Mutex<Preferences>,
    /// Where a broken preferences file was set aside at the start.
    broken: Option<PathBuf>,
    feed: Feed,
    rooms: Mutex<HashMap<RoomHandle, OpenRoom>>,
    hosting: tokio::sync::Mutex<Option<Hosting>>,
    finding: Mutex<Option<Finding>>,
    next_handle: AtomicU64,
}

#[derive(Debug, Clone)]
struct OpenRoom {
    id: RoomId,
    joined: Arc<Joined>,
    /// Whether we are in, as far as was told.
    live: Arc<AtomicBool>,
    /// Held while what is heard there is passed on.
    passing: Arc<tokio::sync::Mutex<()>>,
}

/// A passphrase as the page hands it on. Whatever is printed of it is shown to others, so nothing is.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// The preferences, and what to tell about how they were found.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct LoadedPreferences {
    /// What is in force.
    pub preferences: Preferences,
    /// What to tell, if anything.
    pub notice: Option<PreferencesNotice>,
    /// The languages of the system (BCP 47), the preferred first. A webview knows only those that are installed.
    pub languages: Vec<String>,
}

/// What to tell about the preferences file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum PreferencesNotice {
    /// It could not be understood and was set aside; defaults are in force.
    Broken {
        /// Under this name.
        file: String,
    },
}

impl App {
    /// Opens what this machine keeps. A broken preferences file is no reason not to start; one that may not be
    /// read is, since saving would lose it.
    pub fn open(settings: Settings, feed: Feed) -> Result<Self, Box<dyn std::error::Error>> {
        let loaded = settings.preferences().load()?;
        let keys = Keys::open(&settings.folders.data)?;
        let hosted_rooms = HostedRooms::open(&settings.folders.data);
        let joined_rooms = JoinedRooms::open(&settings.folders.data);
        let pins = Pins::open(&settings.folders.data)?;
        Ok(Self(Arc::new(Inner {
            settings,
            keys: Arc::new(keys),
            hosted_rooms,
            joined_rooms,
            pins,
            preferences: Mutex::new(loaded.preferences),
            broken: loaded.broken,
            feed,
            rooms: Mutex::default(),
            hosting: tokio::sync::Mutex::default(),
            finding: Mutex::default(),
            next_handle: AtomicU64::new(1),
        })))
    }

    /// The preferences in force.
    pub fn preferences(&self) -> LoadedPreferences {
        let notice = self.0.broken.as_ref().map(|path| {
            let file = path.file_name().unwrap_or(path.as_os_str());
            PreferencesNotice::Broken { file: file.to_string_lossy().into_owned() }
        });
        let languages = sys_locale::get_locales().collect();
        LoadedPreferences { preferences: lock(&self.0.preferences).clone(), notice, languages }
    }

    /// Takes over what the person chose, and saves it. The window's size is the shell's own to keep.
    pub fn save_preferences(&self, chosen: Preferences) -> Result<(), CommandError> {
        let mut preferences = lock(&self.0.preferences);
        let window = preferences.window;
        *preferences = Preferences { window, ..chosen }.made_sane();
        Ok(self.0.settings.preferences().save(&preferences)?)
    }

    /// Keeps the size of the window for the next start.
    pub fn save_window(&self, size: WindowSize) {
        let mut preferences = lock(&self.0.preferences);
        preferences.window = Some(size);
        if let Err(error) = self.0.settings.preferences().save(&preferences) {
            tracing::warn!(%error, "the window's size was not kept");
        }
    }

    /// What to paste into a bug report.
    pub fn diagnostics(&self) -> String {
        diagnostics::report(&self.0.settings.folders, &lock(&self.0.preferences))
    }

    /// The one channel to the page.
    pub fn feed(&self) -> &Feed {
        &self.0.feed
    }

    /// Leaves every room and closes the hosted one, politely and in bounded time.
    pub async fn quit(&self) {
        *lock(&self.0.finding) = None;
        if let Err(error) = self.stop_hosting().await {
            tracing::debug!(%error, "nothing was hosted");
        }
        let rooms: Vec<OpenRoom> = lock(&self.0.rooms).drain().map(|(_, room)| room).collect();
        for room in rooms {
            room.joined.leave().await;
        }
    }

    fn prove(&self) -> Prove {
        let keys = Arc::clone(&self.0.keys);
        Box::new(move |room, nonce, channel| match keys.key_for(room) {
            Ok(key) => {
                let proof = sign_hello(&key, room, nonce, channel);
                Some(Proof { key: proof.key, signature: proof.signature })
            }
            Err(error) => {
                // Better a guest without a past than no guest.
                tracing::warn!(%error, "no key for this room");
                None
            }
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
