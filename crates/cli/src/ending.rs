//! How a command ends: the exit code for a script, and for a person why and what to do.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use maru_client::Fault;
use maru_home::{CertificateError, RoomsError};
use maru_server::HostError;
use maru_server::tls::IdentityError;
use maru_store::OpenError;
use maru_wire::RefusalCode;

use crate::signals::Signal;
use crate::words::{Word, Words};

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// As the person wanted.
    Done,
    /// What was asked for cannot be: the reason, in their language.
    Usage(String),
    /// The room, or the way to it.
    Fault(Fault),
    /// The room did not take the message.
    Refused(RefusalCode),
    /// The room has not said that it has everything, and there was no more time.
    Unacknowledged,
    /// The same, and what it has not is said when it is joined again.
    Kept,
    /// A signal, before what was asked for was done or the room had everything that was said.
    Stopped(Signal),
    /// No room could be opened.
    NotOpened(HostError),
    /// The certificate that was given can't be used.
    BadCertificate(IdentityError),
    /// This machine's own certificate can't be.
    NoCertificate(CertificateError),
    /// The room could not be kept on this machine.
    NotKept(RoomsError),
    /// The hosted room has ended, though nobody stopped it.
    RoomFailed,
    /// No room hosted here goes by that name.
    NoSuchRoom(String),
    /// Nothing is kept of that room.
    NothingKept,
    /// What was to be written is told by the word, and why not by the system.
    NotWritten(Word, String),
    /// The system tells no home folder.
    NoHome,
    /// Something else that the system refused, in its own words.
    Failed(String),
}

impl Ending {
    /// As documented in `maru --help`.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::NotKept(RoomsError::Name(_)) => USAGE,
            Self::NotOpened(_)
            | Self::NotKept(_)
            | Self::NoCertificate(_)
            | Self::RoomFailed
            | Self::NothingKept
            | Self::NotWritten(..)
            | Self::NoHome
            | Self::Failed(_) => 1,
            Self::Usage(_) | Self::NoSuchRoom(_) | Self::BadCertificate(_) => USAGE,
            Self::Unacknowledged | Self::Kept => UNREACHABLE,
            Self::Refused(_) => TURNED_AWAY,
            Self::Stopped(signal) => signal.exit_code(),
            Self::Fault(fault) => match fault {
                Fault::Left => 0,
                Fault::NotFound
                | Fault::Refused
                | Fault::Timeout
                | Fault::NotARoom
                | Fault::OtherRoom
                | Fault::Tls
                | Fault::CertificateChanged
                | Fault::Lost => UNREACHABLE,
                Fault::Forbidden
                | Fault::RoomFull
                | Fault::AddressFull
                | Fault::BadNickname
                | Fault::NicknameTaken
                | Fault::PassphraseNeeded
                | Fault::WrongPassphrase
                | Fault::TooManyAttempts
                | Fault::PassphraseUnguarded
                | Fault::Rejected => TURNED_AWAY,
                Fault::RoomClosed => 5,
            },
        })
    }

    /// What a person has to be told.
    pub(crate) fn words(&self, words: Words) -> Option<String> {
        match self {
            Self::Done | Self::Stopped(_) | Self::Fault(Fault::Left) => None,
            Self::Usage(reason) => Some(reason.clone()),
            Self::Failed(why) => Some(words.with(Word::SystemFailed, &[("why", why)])),
            Self::NoSuchRoom(room) => Some(words.with(Word::NoSuchRoom, &[("room", room)])),
            Self::RoomFailed => Some(words.text(Word::RoomFailed).into()),
            Self::NothingKept => Some(words.text(Word::NothingKept).into()),
            Self::NotWritten(word, why) => Some(words.with(*word, &[("why", why)])),
            Self::NoHome => Some(words.text(Word::NoHome).into()),
            Self::Fault(fault) => Some(words.text(Word::of_fault(*fault)).into()),
            Self::Refused(code) => {
                Some(words.with(Word::Unsent, &[("why", words.text(Word::of_refusal(*code)))]))
            }
            Self::Unacknowledged => Some(words.text(Word::Unacknowledged).into()),
            Self::Kept => Some(words.text(Word::UnacknowledgedKept).into()),
            Self::NotKept(error) => Some(match error {
                RoomsError::Name(_) => words.text(Word::BadRoomName).into(),
                RoomsError::Full { folder } => {
                    words.with(Word::RoomsFull, &[("path", &folder.display().to_string())])
                }
                RoomsError::Unwritable { path, source } => {
                    let (path, why) = (path.display().to_string(), source.to_string());
                    words.with(Word::RoomUnwritable, &[("path", &path), ("why", &why)])
                }
                RoomsError::InUse | RoomsError::NoRandom => {
                    words.with(Word::SystemFailed, &[("why", &error.to_string())])
                }
            }),
            Self::BadCertificate(error) => Some(bad_certificate(error, words)),
            Self::NoCertificate(error) => {
                Some(words.with(Word::CertificateNotKept, &[("why", &error.to_string())]))
            }
            Self::NotOpened(error) => Some(match error {
                HostError::PortTaken => words.text(Word::PortTaken).into(),
                HostError::PortForbidden => words.text(Word::PortForbidden).into(),
                HostError::AddressUnavailable => words.text(Word::AddressUnavailable).into(),
                HostError::Log(OpenError::Busy { by }) => words.with(Word::LogBusy, &[("by", by)]),
                HostError::Log(OpenError::Newer { .. }) => words.text(Word::LogNewer).into(),
                HostError::Log(error @ (OpenError::Broken(_) | OpenError::OtherRoom { .. })) => {
                    words.with(Word::LogBroken, &[("why", &error.to_string())])
                }
                HostError::Log(error) => words.with(Word::NotOpened, &[("why", &error.to_string())]),
                HostError::Io(error) => words.with(Word::NotOpened, &[("why", &error.to_string())]),
            }),
        }
    }
}

/// What is wrong with a certificate that was given, and what to do.
fn bad_certificate(error: &IdentityError, words: Words) -> String {
    let at = |path: Option<&PathBuf>| path.map(|path| path.display().to_string()).unwrap_or_default();
    match error {
        IdentityError::Unreadable { path, source } => {
            let (path, why) = (at(Some(path)), source.to_string());
            words.with(Word::CertificateUnreadable, &[("path", &path), ("why", &why)])
        }
        IdentityError::NoCertificate { path } => {
            words.with(Word::NoCertificate, &[("path", &at(path.as_ref()))])
        }
        IdentityError::NoKey { path } => words.with(Word::NoCertificateKey, &[("path", &at(Some(path)))]),
        IdentityError::DoesNotFit => words.text(Word::CertificateKeyDoesNotFit).into(),
        IdentityError::Unusable(why) => words.with(Word::CertificateUnusable, &[("why", &why.to_string())]),
    }
}

/// What could not be written. Whoever read it and went away (`| head -1`) has what they wanted.
impl From<io::Error> for Ending {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Done } else { Self::Failed(error.to_string()) }
    }
}

const USAGE: u8 = 2;
const UNREACHABLE: u8 = 3;
const TURNED_AWAY: u8 = 4;
