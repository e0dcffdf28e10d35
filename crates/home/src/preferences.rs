//! What a person has chosen: the words of it and their bounds, and ([`PreferencesFile`]) the file. The page
//! reads the same types.

mod file;

use maru_wire::limits::{ADDRESS_CHARS_MAX, RECENT_ROOMS_MAX};
use maru_wire::{Nickname, RoomId, nickname::room_name};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use file::{Loaded, PreferencesError, PreferencesFile};

/// What a person has chosen. Unknown fields of a newer version survive being saved by this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct Preferences {
    /// The version of this layout, 1.
    pub version: u32,
    /// What to be called; none until chosen.
    pub nickname: Option<String>,
    /// Which language to speak.
    pub language: Language,
    /// Which colours to show.
    pub theme: Theme,
    /// Whether the network is told of the rooms that are hosted here.
    pub announce: bool,
    /// Rooms that were hosted or joined, the latest first.
    pub recent_rooms: Vec<RecentRoom>,
    /// The window as it was left, in logical pixels.
    pub window: Option<WindowSize>,
    /// What a newer version has added.
    #[serde(flatten)]
    #[ts(skip)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            version: VERSION,
            nickname: None,
            language: Language::System,
            theme: Theme::System,
            announce: true,
            recent_rooms: Vec::new(),
            window: None,
            others: serde_json::Map::new(),
        }
    }
}

impl Preferences {
    /// Puts a room first among the recent ones; the same room at the same address is in the list once.
    pub fn remember_room(&mut self, room: RecentRoom) {
        self.recent_rooms.insert(0, room);
        self.recent_rooms = sane_rooms(std::mem::take(&mut self.recent_rooms));
    }

    /// The same within all bounds, so that nobody past here needs to doubt a value: what is no nickname or
    /// no room is left out, sizes come to the nearest that fits.
    #[must_use]
    pub fn made_sane(mut self) -> Self {
        self.version = self.version.max(VERSION);
        let nickname = self.nickname.as_deref().and_then(|name| Nickname::parse(name).ok());
        self.nickname = nickname.map(String::from);
        self.recent_rooms = sane_rooms(self.recent_rooms);
        self.window = self.window.map(|window| WindowSize {
            width: window.width.clamp(WINDOW_WIDTH_MIN, WINDOW_SIDE_MAX),
            height: window.height.clamp(WINDOW_HEIGHT_MIN, WINDOW_SIDE_MAX),
            ..window
        });
        self
    }
}

/// Which language the page speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// The system's, if it is one of ours, else English.
    #[default]
    System,
    /// Korean.
    Ko,
    /// English.
    En,
}

/// Which colours the page shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A room that was hosted or joined before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecentRoom {
    /// The room's identifier.
    pub id: String,
    /// What it was called last.
    pub name: String,
    /// The address it was joined by; none for a room hosted here.
    pub address: Option<String>,
    /// When it was last entered, in milliseconds since the Unix epoch.
    #[ts(type = "number")]
    pub at: u64,
}

/// The size of the window, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WindowSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// Whether it filled the screen.
    #[serde(default)]
    pub maximized: bool,
}

fn sane_rooms(rooms: Vec<RecentRoom>) -> Vec<RecentRoom> {
    let mut seen = std::collections::HashSet::new();
    let mut sane: Vec<_> = rooms.into_iter().filter_map(sane_room).collect();
    sane.retain(|room| seen.insert((room.id.clone(), room.address.clone())));
    sane.truncate(RECENT_ROOMS_MAX);
    sane
}

fn sane_room(mut room: RecentRoom) -> Option<RecentRoom> {
    RoomId::parse(&room.id).ok()?;
    if room.address.as_ref().is_some_and(|address| address.chars().nth(ADDRESS_CHARS_MAX).is_some()) {
        return None;
    }
    // A stranger chose the name; one that is none must not hide how to get back there.
    room.name = room_name(&room.name).unwrap_or_else(|_| room.id.clone());
    room.at = room.at.min(AT_MAX);
    Some(room)
}

/// The version of the layout that this program writes.
const VERSION: u32 = 1;

/// The smallest window in which the page is laid out.
const WINDOW_WIDTH_MIN: u32 = 360;
const WINDOW_HEIGHT_MIN: u32 = 480;
/// Wider than any screen; beyond lies a mistake.
const WINDOW_SIDE_MAX: u32 = 10_000;

/// The largest whole number that the page holds exactly (ECMA-262, `Number.MAX_SAFE_INTEGER`).
const AT_MAX: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests;
