//! The person's preferences as a file.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
            version: 1,
            nickname: None,
            language: Language::System,
            theme: Theme::System,
            recent_rooms: Vec::new(),
            window: None,
            others: serde_json::Map::new(),
        }
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
