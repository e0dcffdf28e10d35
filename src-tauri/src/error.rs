//! What the page hears when a command fails: a code to branch on, and words for whoever reads logs.

use maru_client::{Fault, ForgetError, SayError, TargetError};
use maru_home::{CertificateError, JoinedError, KeyError, PinsError, PreferencesError, RoomsError};
use maru_server::HostError;
use maru_server::tls::IdentityError;
use maru_store::OpenError;
use maru_wire::scram::PassphraseError;
use maru_wire::{MessageTextError, NicknameError, SearchWordsError};
use serde::Serialize;
use ts_rs::TS;

/// Why a command failed. The page translates `code`; it never shows `message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommandError {
    /// What to branch on.
    pub code: String,
    /// The same in English.
    pub message: String,
}

impl CommandError {
    /// An error with a code of this crate.
    pub fn new(code: &str, message: impl ToString) -> Self {
        Self { code: code.into(), message: message.to_string() }
    }

    /// There is no such room in this window.
    pub fn not_joined() -> Self {
        Self::new("not_joined", "this room is not open here")
    }
}

impl std::fmt::Display for CommandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for CommandError {}

impl From<TargetError> for CommandError {
    fn from(error: TargetError) -> Self {
        Self::new(error.code(), error)
    }
}

impl From<NicknameError> for CommandError {
    fn from(error: NicknameError) -> Self {
        Self::new("bad_nickname", error)
    }
}

impl From<MessageTextError> for CommandError {
    fn from(error: MessageTextError) -> Self {
        let code = match error {
            MessageTextError::Empty => "empty",
            MessageTextError::TooLong => "too_long",
        };
        Self::new(code, error)
    }
}

impl From<PassphraseError> for CommandError {
    fn from(error: PassphraseError) -> Self {
        Self::new("bad_passphrase", error)
    }
}

impl From<SearchWordsError> for CommandError {
    fn from(error: SearchWordsError) -> Self {
        Self::new("bad_search", error)
    }
}

impl From<SayError> for CommandError {
    fn from(error: SayError) -> Self {
        match error {
            SayError::OutboxFull => Self::new("outbox_full", "too many messages wait to be sent"),
            SayError::Left => Self::not_joined(),
        }
    }
}

impl From<HostError> for CommandError {
    fn from(error: HostError) -> Self {
        let code = match error {
            HostError::PortTaken => "port_taken",
            HostError::PortForbidden => "port_forbidden",
            HostError::AddressUnavailable => "address_unavailable",
            HostError::Log(OpenError::Busy { .. }) => "log_busy",
            HostError::Log(OpenError::Newer { .. }) => "log_newer",
            HostError::Log(OpenError::Broken(_) | OpenError::OtherRoom { .. }) => "log_broken",
            HostError::Log(OpenError::Missing | OpenError::KeepsNothing | OpenError::Io(_)) => {
                "data_unwritable"
            }
            HostError::Io(_) => "host_failed",
        };
        Self::new(code, error)
    }
}

impl From<CertificateError> for CommandError {
    fn from(error: CertificateError) -> Self {
        Self::new("data_unwritable", error)
    }
}

impl From<PinsError> for CommandError {
    fn from(error: PinsError) -> Self {
        Self::new("data_unwritable", error)
    }
}

impl From<IdentityError> for CommandError {
    fn from(error: IdentityError) -> Self {
        Self::new("host_failed", error)
    }
}

impl From<PreferencesError> for CommandError {
    fn from(error: PreferencesError) -> Self {
        Self::new("prefs_unwritable", error)
    }
}

impl From<RoomsError> for CommandError {
    fn from(error: RoomsError) -> Self {
        let code = match error {
            RoomsError::Name(_) => "bad_room_name",
            RoomsError::InUse => "room_in_use",
            RoomsError::Full { .. } | RoomsError::Unwritable { .. } | RoomsError::NoRandom => {
                "data_unwritable"
            }
        };
        Self::new(code, error)
    }
}

impl From<JoinedError> for CommandError {
    fn from(error: JoinedError) -> Self {
        Self::new("data_unwritable", error)
    }
}

impl From<ForgetError> for CommandError {
    fn from(error: ForgetError) -> Self {
        let code = if matches!(error, ForgetError::InUse) { "room_in_use" } else { "data_unwritable" };
        Self::new(code, error)
    }
}

impl From<KeyError> for CommandError {
    fn from(error: KeyError) -> Self {
        Self::new("data_unwritable", error)
    }
}

impl From<Fault> for CommandError {
    fn from(fault: Fault) -> Self {
        // The code is the fault's own name on the wire to the page.
        let code = serde_json::to_value(fault).ok();
        let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or("lost");
        Self::new(code, "the room could not be joined")
    }
}
