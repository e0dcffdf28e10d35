//! What this machine keeps for its person: folders, preferences, keys, logs.
pub mod preferences;
