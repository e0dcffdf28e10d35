//! What was asked for on the command line. Every value is parsed here; past it a name is a name and an address
//! leads somewhere. `command`: what may be asked for.

mod command;

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use maru_client::Target;
use maru_client::target::pin;
use maru_server::visit::{NoOrigin, NoPublicUrl, Origins, PublicUrl};
use maru_wire::limits::{
    KEPT_ENTRIES_MAX, KEPT_ENTRIES_MIN, MEMBERS_MAX_DEFAULT, PER_ADDRESS_MAX_DEFAULT, RATE_PER_SECOND_DEFAULT,
};
use maru_wire::nickname::room_name;
use maru_wire::{Dialect, Keeps, Nickname};

use crate::disk::Format;
use crate::output::one_line;
use crate::secret::Choice;
use crate::words::{Language, Word, Words};
use command::command;

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// Where to keep everything; none for the system's places.
    pub data_dir: Option<PathBuf>,
    pub asked: Asked,
}

/// Which command.
#[derive(Debug)]
pub(crate) enum Asked {
    Host(HostArguments),
    Join(JoinArguments),
    Nearby(NearbyArguments),
    Send(SendArguments),
    Export(ExportArguments),
    Backup(BackupArguments),
}

#[derive(Debug)]
pub(crate) struct HostArguments {
    /// What to call the room; in the form of [`room_name`].
    pub name: Option<String>,
    /// Exactly this one, 0 for any; none for the default one or the next free.
    pub port: Option<u16>,
    /// None for every address.
    pub bind: Option<IpAddr>,
    /// None for what was chosen for this room before, everything for a new one.
    pub keeps: Option<Keeps>,
    pub passphrase: Choice,
    /// Whether those who cannot show a passphrase come in without it.
    pub lets_foreign_in: bool,
    pub json: bool,
    pub members_max: usize,
    pub per_address_max: usize,
    pub rate_per_second: u32,
    /// A certificate in PEM and its key; none for this machine's own.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Where the room is reached besides the addresses of this machine.
    pub public_urls: Vec<PublicUrl>,
    /// Pages that may use the room besides its own.
    pub origins: Origins,
    /// Whether to paint a QR code; none where that depends on who looks.
    pub qr: Option<bool>,
    /// Whether the network is told of the room, if it is for others at all.
    pub announce: bool,
}

#[derive(Debug)]
pub(crate) struct JoinArguments {
    pub target: Target,
    pub nickname: Option<Nickname>,
    pub json: bool,
    /// Whether to go on when the input ends.
    pub listen: bool,
    /// What is spoken there; none where that is to be found out.
    pub dialect: Option<Dialect>,
    /// Whether to show what goes over the wire.
    pub inspect: bool,
    /// Where the passphrase stands.
    pub passphrase_file: Option<PathBuf>,
    /// Whether to take the certificate that is there now, in place of one that is known.
    pub take_certificate: bool,
}

#[derive(Debug)]
pub(crate) struct NearbyArguments {
    /// How long to listen.
    pub seconds: u64,
    /// Whether to ask the network's addresses one by one as well.
    pub scan: bool,
    pub json: bool,
}

#[derive(Debug)]
pub(crate) struct SendArguments {
    pub target: Target,
    /// What to say, `-` for all of standard input.
    pub text: String,
    pub nickname: Option<Nickname>,
    pub json: bool,
    /// What is spoken there; none where that is to be found out.
    pub dialect: Option<Dialect>,
    /// Where the passphrase stands.
    pub passphrase_file: Option<PathBuf>,
    /// Whether to take the certificate that is there now, in place of one that is known.
    pub take_certificate: bool,
}

#[derive(Debug)]
pub(crate) struct ExportArguments {
    /// The name or the identifier of a room hosted here.
    pub room: String,
    pub format: Format,
    /// None for standard output.
    pub output: Option<PathBuf>,
}

#[derive(Debug)]
pub(crate) struct BackupArguments {
    /// The name or the identifier of a room hosted here.
    pub room: String,
    pub file: PathBuf,
}

/// What to show instead of doing anything.
#[derive(Debug)]
pub(crate) enum Instead {
    /// Help or the version, which was asked for.
    Asked(String),
    /// What cannot be understood.
    Error(String),
}

impl Instead {
    /// Shows it. Returns the exit code.
    pub(crate) fn print(&self) -> ExitCode {
        use std::io::Write;
        // Where nobody reads it any more, nobody has to be told.
        match self {
            Self::Asked(text) => {
                let _ = std::io::stdout().write_all(text.as_bytes());
                ExitCode::SUCCESS
            }
            Self::Error(text) => {
                let _ = std::io::stderr().write_all(text.as_bytes());
                ExitCode::from(2)
            }
        }
    }
}

/// Reads a command line, the program's name first.
pub(crate) fn parse(line: impl IntoIterator<Item = OsString>, words: Words) -> Result<Arguments, Instead> {
    let matches = command(words).try_get_matches_from(line).map_err(|error| explained(&error, words))?;
    let (name, matches) = matches.subcommand().expect("clap asks for a command");
    let asked = match name {
        "host" => host(matches).map(Asked::Host),
        "join" => join(matches).map(Asked::Join),
        "nearby" => Ok(Asked::Nearby(nearby(matches))),
        "send" => send(matches).map(Asked::Send),
        "export" => Ok(Asked::Export(export(matches))),
        _ => Ok(Asked::Backup(backup(matches))),
    };
    let asked = asked.map_err(|word| Instead::Error(format!("maru: {}\n", words.text(word))))?;
    Ok(Arguments { data_dir: matches.get_one::<PathBuf>("data-dir").cloned(), asked })
}

fn host(matches: &ArgMatches) -> Result<HostArguments, Word> {
    let name = matches.get_one::<String>("name").map(|name| room_name(name)).transpose();
    let bind = matches.get_one::<String>("bind").map(|address| {
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        bare.parse().map_err(|_| Word::BadBind)
    });
    let number = |name: &str, default: usize| {
        let given = matches.get_one::<u64>(name).copied();
        given.map_or(default, |number| usize::try_from(number).unwrap_or(usize::MAX))
    };
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let texts = |name: &str| matches.get_many::<String>(name).into_iter().flatten().map(String::as_str);
    let public_urls = texts("public-url").map(PublicUrl::parse).collect::<Result<_, _>>();
    let rate = number("rate", RATE_PER_SECOND_DEFAULT as usize);
    Ok(HostArguments {
        name: name.map_err(|_| Word::BadRoomName)?,
        port: matches.get_one::<u16>("port").copied(),
        bind: bind.transpose()?,
        keeps: matches.get_one::<String>("keep").map(|what| keeps(what)).transpose()?,
        passphrase: match matches.get_one::<PathBuf>("passphrase-file") {
            _ if matches.get_flag("no-passphrase") => Choice::None,
            Some(file) => Choice::File(file.clone()),
            None if matches.get_flag("passphrase") => Choice::Ask,
            None => Choice::AsBefore,
        },
        lets_foreign_in: matches.get_flag("let-foreign-in"),
        json: matches.get_flag("json"),
        members_max: number("max-members", MEMBERS_MAX_DEFAULT),
        per_address_max: number("max-per-address", PER_ADDRESS_MAX_DEFAULT),
        rate_per_second: u32::try_from(rate).unwrap_or(u32::MAX),
        certificate: path("cert").zip(path("key")),
        public_urls: public_urls.map_err(|NoPublicUrl| Word::BadPublicUrl)?,
        origins: Origins::parse(texts("allow-origin")).map_err(|NoOrigin| Word::BadOrigin)?,
        qr: match (matches.get_flag("qr"), matches.get_flag("no-qr")) {
            (false, false) => None,
            (qr, _) => Some(qr),
        },
        announce: !matches.get_flag("no-announce"),
    })
}

fn join(matches: &ArgMatches) -> Result<JoinArguments, Word> {
    Ok(JoinArguments {
        target: target(matches)?,
        nickname: nickname(matches)?,
        json: matches.get_flag("json"),
        listen: matches.get_flag("listen"),
        dialect: dialect(matches),
        take_certificate: matches.get_flag("take-certificate"),
        inspect: matches.get_flag("inspect"),
        passphrase_file: matches.get_one::<PathBuf>("passphrase-file").cloned(),
    })
}

fn nearby(matches: &ArgMatches) -> NearbyArguments {
    NearbyArguments {
        seconds: matches.get_one::<u64>("seconds").copied().unwrap_or(NEARBY_S_DEFAULT),
        scan: matches.get_flag("scan"),
        json: matches.get_flag("json"),
    }
}

fn send(matches: &ArgMatches) -> Result<SendArguments, Word> {
    Ok(SendArguments {
        target: target(matches)?,
        text: text(matches, "text"),
        nickname: nickname(matches)?,
        json: matches.get_flag("json"),
        dialect: dialect(matches),
        take_certificate: matches.get_flag("take-certificate"),
        passphrase_file: matches.get_one::<PathBuf>("passphrase-file").cloned(),
    })
}

fn export(matches: &ArgMatches) -> ExportArguments {
    let html = matches.get_one::<String>("format").is_some_and(|format| format == HTML);
    ExportArguments {
        room: text(matches, "room"),
        format: if html { Format::Html } else { Format::Jsonl },
        output: matches.get_one::<PathBuf>("output").cloned(),
    }
}

fn backup(matches: &ArgMatches) -> BackupArguments {
    let file = matches.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    BackupArguments { room: text(matches, "room"), file }
}

fn keeps(what: &str) -> Result<Keeps, Word> {
    match what {
        "everything" => Ok(Keeps::Everything),
        "nothing" => Ok(Keeps::Nothing),
        number => match number.parse() {
            Ok(entries @ KEPT_ENTRIES_MIN..=KEPT_ENTRIES_MAX) => Ok(Keeps::Last { entries }),
            _ => Err(Word::BadKeep),
        },
    }
}

fn text(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

fn target(matches: &ArgMatches) -> Result<Target, Word> {
    let mut target = Target::parse(&text(matches, "url")).map_err(Word::of_target_error)?;
    if let Some(typed) = matches.get_one::<String>("pin") {
        target.pin = Some(pin(typed).ok_or(Word::BadPin)?);
    }
    Ok(target)
}

fn nickname(matches: &ArgMatches) -> Result<Option<Nickname>, Word> {
    let typed = matches.get_one::<String>("nick");
    typed.map(|name| Nickname::parse(name)).transpose().map_err(|_| Word::BadNickname)
}

fn dialect(matches: &ArgMatches) -> Option<Dialect> {
    matches.get_one::<String>("dialect").and_then(|name| Dialect::named(name))
}

/// What clap has to say, in the person's language.
fn explained(error: &clap::Error, words: Words) -> Instead {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Instead::Asked(error.to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return Instead::Error(error.to_string()),
        _ => {}
    }
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => one_line(text).into_owned(),
        Some(ContextValue::Strings(texts)) => one_line(&texts.join(", ")).into_owned(),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    let said = match error.kind() {
        ErrorKind::UnknownArgument => words.with(Word::UnknownArgument, &[("what", &argument)]),
        ErrorKind::InvalidSubcommand => {
            words.with(Word::UnknownCommand, &[("what", &context(ContextKind::InvalidSubcommand))])
        }
        ErrorKind::MissingRequiredArgument => words.with(Word::MissingArgument, &[("what", &argument)]),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            words.with(Word::MissingValue, &[("what", &argument)])
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            words.with(Word::BadValue, &[("what", &argument), ("value", &value)])
        }
        ErrorKind::ArgumentConflict => words.with(Word::OnlyOnce, &[("what", &argument)]),
        // In English, but better than nothing.
        _ if words.language() == Language::En => return Instead::Error(error.to_string()),
        _ => words.text(Word::BadArguments).into(),
    };
    Instead::Error(format!("maru: {said}\n{}\n", words.text(Word::SeeHelp)))
}

/// The formats of an export, as they are asked for.
const JSONL: &str = "jsonl";
const HTML: &str = "html";

/// Seconds for which rooms are listened to: most answer within one, and asking is repeated after one and after three.
const NEARBY_S_DEFAULT: u64 = 4;

#[cfg(test)]
#[path = "arguments/tests.rs"]
mod tests;
