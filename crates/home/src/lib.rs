//! What this machine keeps for its person: folders, preferences, member keys, the identity of rooms hosted
//! here, logs. Owns those files and their bounds; opens no connection and knows no room that is alive.
//!
//! # Layout
//! - [`folders`]: [`Folders`], where all of it lies.
//! - [`preferences`]: [`Preferences`] and [`PreferencesFile`].
//! - [`keys`]: [`Keys`], who this person is in each room.
//! - [`pins`]: [`Pins`], the certificates by which rooms are known.
//! - [`rooms`]: [`HostedRooms`], so that a room is the same when it is hosted again.
//! - [`certificate`]: [`Certificate`], who this machine is over TLS.
//! - [`joined`]: [`JoinedRooms`], so that a room is found again where it was joined.
//! - [`diagnostics`]: the log file, and the report that a person can copy.
//! - `kept`: files that are whole or not there, and what becomes of broken ones.

pub mod certificate;
pub mod diagnostics;
pub mod folders;
pub mod joined;
mod kept;
pub mod keys;
pub mod pins;
pub mod preferences;
pub mod rooms;

pub use certificate::{Certificate, CertificateError};
pub use folders::{Folders, NoHome};
pub use joined::{JoinedError, JoinedRoom, JoinedRooms};
pub use keys::{HelloProof, KeyError, Keys, SigningKey, sign_hello};
pub use pins::{Pins, PinsError};
pub use preferences::{Loaded, Preferences, PreferencesError, PreferencesFile};
pub use rooms::{HostedRoom, HostedRooms, RoomsError};
