//! The preferences file: read once at the start, saved at each change, and never a reason not to start.

use std::path::{Path, PathBuf};

use maru_wire::limits::PREFERENCES_BYTES_MAX;
use serde_json::{Map, Value};

use super::{Preferences, VERSION};
use crate::kept::{self, Found};

/// Where the preferences are kept. Several processes may use it: the last to save wins, and a reader finds
/// a whole file at any time.
#[derive(Debug, Clone)]
pub struct PreferencesFile {
    path: PathBuf,
}

/// The preferences, and how they were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Those of the file, or the defaults.
    pub preferences: Preferences,
    /// Where a file that could not be understood lies now; defaults are in force.
    pub broken: Option<PathBuf>,
}

/// Why preferences were not loaded or saved. Nothing of theirs is part of it.
#[derive(Debug)]
pub enum PreferencesError {
    /// There is a file that this program may not read; it was left alone.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file could not be written, or a broken one not be set aside.
    Unwritable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// They would be more than [`PREFERENCES_BYTES_MAX`] and could not be loaded again.
    TooLarge,
}

impl PreferencesFile {
    /// Names the file; it need not be there.
    pub fn open(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Reads the preferences. A file that is no JSON, too large or of a wrong shape is set aside.
    pub fn load(&self) -> Result<Loaded, PreferencesError> {
        let (fields, broken) = self.read()?;
        let preferences = preferences_of(&fields).unwrap_or_default().made_sane();
        Ok(Loaded { preferences, broken })
    }

    /// Saves the preferences. Whatever this version does not know survives in the file, also where the
    /// caller never saw it: fields, fields of rooms and of the window, and the number of a newer version.
    pub fn save(&self, preferences: &Preferences) -> Result<(), PreferencesError> {
        // Without the lock a save may lose another's unknown fields, which is no reason to lose this one.
        let _lock = kept::lock(&self.path);
        let (mut fields, _) = self.read()?;
        merge(&mut fields, &preferences.clone().made_sane());
        let mut text = serde_json::to_vec_pretty(&fields).expect("a JSON object has a text");
        text.push(b'\n');
        if text.len() as u64 > PREFERENCES_BYTES_MAX {
            return Err(PreferencesError::TooLarge);
        }
        kept::write(&self.path, &text).map_err(|source| self.unwritable(source))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The fields of the file, none if it is not there, and where it lies now if it was broken.
    fn read(&self) -> Result<(Map<String, Value>, Option<PathBuf>), PreferencesError> {
        let found = kept::read(&self.path, PREFERENCES_BYTES_MAX)
            .map_err(|source| PreferencesError::Unreadable { path: self.path.clone(), source })?;
        let fields = match found {
            Found::Nothing => return Ok((Map::new(), None)),
            Found::Text(text) => serde_json::from_str(&text).ok(),
            Found::Broken => None,
        };
        if let Some(fields) = fields.filter(|fields| preferences_of(fields).is_some()) {
            return Ok((fields, None));
        }
        let aside = kept::set_aside(&self.path).map_err(|source| self.unwritable(source))?;
        tracing::warn!(set_aside = ?aside, "the preferences could not be understood");
        Ok((Map::new(), aside))
    }

    fn unwritable(&self, source: std::io::Error) -> PreferencesError {
        PreferencesError::Unwritable { path: self.path.clone(), source }
    }
}

/// Reads the fields; none if their shape is wrong. In a newer version's file a field may have become something
/// else, and only that one is left out.
fn preferences_of(fields: &Map<String, Value>) -> Option<Preferences> {
    if !is_newer(fields) {
        return serde_json::from_value(Value::Object(fields.clone())).ok();
    }
    let understood = fields.iter().filter(|(name, value)| is_understood(name, value));
    serde_json::from_value(understood.map(|(name, value)| (name.clone(), value.clone())).collect()).ok()
}

/// Lays preferences over the fields of a file.
fn merge(fields: &mut Map<String, Value>, preferences: &Preferences) {
    let newer = is_newer(fields);
    let defaults = fields_of(&Preferences::default());
    for (name, mut value) in fields_of(preferences) {
        if let Some(before) = fields.get(&name) {
            let keep_version = newer && name == "version";
            // What a newer version has put there is the person's choice until they make another one here.
            let keep_strange = newer && !is_understood(&name, before) && defaults.get(&name) == Some(&value);
            if keep_version || keep_strange {
                continue;
            }
            match name.as_str() {
                "window" => keep_unknown(&mut value, before),
                "recent_rooms" => {
                    for room in value.as_array_mut().into_iter().flatten() {
                        let same =
                            before.as_array().into_iter().flatten().find(|old| is_same_room(old, room));
                        same.into_iter().for_each(|old| keep_unknown(room, old));
                    }
                }
                _ => {}
            }
        }
        fields.insert(name, value);
    }
}

fn fields_of(preferences: &Preferences) -> Map<String, Value> {
    match serde_json::to_value(preferences) {
        Ok(Value::Object(fields)) => fields,
        _ => unreachable!("preferences are an object with text for names"),
    }
}

/// Adds to an object the fields that it lacks.
fn keep_unknown(value: &mut Value, before: &Value) {
    if let (Some(fields), Some(before)) = (value.as_object_mut(), before.as_object()) {
        for (name, value) in before {
            fields.entry(name).or_insert_with(|| value.clone());
        }
    }
}

fn is_same_room(a: &Value, b: &Value) -> bool {
    a["id"] == b["id"] && a["address"] == b["address"]
}

fn is_newer(fields: &Map<String, Value>) -> bool {
    fields.get("version").and_then(Value::as_u64).is_some_and(|version| version > u64::from(VERSION))
}

fn is_understood(name: &str, value: &Value) -> bool {
    let alone = Map::from_iter([(name.to_owned(), value.clone())]);
    serde_json::from_value::<Preferences>(Value::Object(alone)).is_ok()
}

impl std::fmt::Display for PreferencesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable { path, source } => {
                write!(f, "the preferences in {} could not be read: {source}", path.display())
            }
            Self::Unwritable { path, source } => {
                write!(f, "the preferences could not be saved to {}: {source}", path.display())
            }
            Self::TooLarge => write!(f, "preferences have at most {PREFERENCES_BYTES_MAX} bytes"),
        }
    }
}

impl std::error::Error for PreferencesError {}

#[cfg(test)]
mod tests;
