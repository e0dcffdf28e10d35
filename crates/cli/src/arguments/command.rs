//! What may be asked for: the commands and what each of them takes, with help in the person's language.

use std::path::PathBuf;

use clap::builder::Styles;
use clap::{Arg, ArgAction, Command, value_parser};
use maru_wire::limits::{MEMBERS_MAX, MEMBERS_MAX_DEFAULT, PER_ADDRESS_MAX_DEFAULT, RATE_PER_SECOND_DEFAULT};
use maru_wire::{Dialect, PORT_DEFAULT};

use super::{HTML, JSONL, NEARBY_S_DEFAULT};
use crate::words::{Word, Words};

pub(super) fn command(words: Words) -> Command {
    let sub = |name: &'static str, usage: Word, about: Word| {
        framed(Command::new(name), words).override_usage(words.text(usage)).about(words.text(about))
    };
    framed(Command::new("maru"), words)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .override_usage(words.text(Word::UsageMaru))
        .about(words.text(Word::HelpAbout))
        .after_help(words.text(Word::HelpEndings))
        .subcommand_help_heading(words.text(Word::HeadingCommands))
        .arg(help(words))
        .arg(flag(words, "version", Word::HelpVersion).short('V').action(ArgAction::Version))
        .subcommand(common(host_command(sub("host", Word::UsageHost, Word::HelpHost), words), words))
        .subcommand(common(join_command(sub("join", Word::UsageJoin, Word::HelpJoin), words), words))
        .subcommand(common(nearby_command(sub("nearby", Word::UsageNearby, Word::HelpNearby), words), words))
        .subcommand(common(send_command(sub("send", Word::UsageSend, Word::HelpSend), words), words))
        .subcommand(kept(export_command(sub("export", Word::UsageExport, Word::HelpExport), words), words))
        .subcommand(kept(backup_command(sub("backup", Word::UsageBackup, Word::HelpBackup), words), words))
}

fn host_command(command: Command, words: Words) -> Command {
    let number = |name, word: Word, default: usize, max: usize| {
        let help = words.with(word, &[("default", &default.to_string())]);
        option(words, name, "N", word).help(help).value_parser(value_parser!(u64).range(1..=max as u64))
    };
    let path = |name, word| option(words, name, "FILE", word).value_parser(value_parser!(PathBuf));
    let port = words.with(Word::HelpPort, &[("default", &PORT_DEFAULT.to_string())]);
    command
        .arg(option(words, "name", "NAME", Word::HelpName))
        .arg(option(words, "port", "PORT", Word::HelpPort).help(port).value_parser(value_parser!(u16)))
        .arg(option(words, "bind", "ADDR", Word::HelpBind))
        .arg(option(words, "keep", "WHAT", Word::HelpKeep))
        .arg(flag(words, "passphrase", Word::HelpPassphrase).overrides_with_all(PASSPHRASES))
        .arg(passphrase_file(words, Word::HelpNewPassphraseFile).overrides_with_all(PASSPHRASES))
        .arg(flag(words, "no-passphrase", Word::HelpNoPassphrase).overrides_with_all(PASSPHRASES))
        .arg(flag(words, "let-foreign-in", Word::HelpLetForeignIn))
        .arg(number("max-members", Word::HelpMaxMembers, MEMBERS_MAX_DEFAULT, MEMBERS_MAX))
        .arg(number("max-per-address", Word::HelpMaxPerAddress, PER_ADDRESS_MAX_DEFAULT, MEMBERS_MAX))
        .arg(number("rate", Word::HelpRate, RATE_PER_SECOND_DEFAULT as usize, RATE_PER_SECOND_MAX))
        .arg(path("cert", Word::HelpCert).requires("key"))
        .arg(path("key", Word::HelpKey).requires("cert"))
        .arg(option(words, "public-url", "URL", Word::HelpPublicUrl).action(ArgAction::Append))
        .arg(option(words, "allow-origin", "ORIGIN", Word::HelpAllowOrigin).action(ArgAction::Append))
        .arg(flag(words, "qr", Word::HelpQr).overrides_with("no-qr"))
        .arg(flag(words, "no-qr", Word::HelpNoQr).overrides_with("qr"))
        .arg(flag(words, "no-announce", Word::HelpNoAnnounce))
        .after_help(words.text(Word::HelpHostEndings))
}

fn join_command(command: Command, words: Words) -> Command {
    command
        .arg(positional(words, "url", "URL", Word::HelpUrl))
        .arg(option(words, "nick", "NAME", Word::HelpNick))
        .arg(flag(words, "listen", Word::HelpListen))
        .arg(dialect_option(words))
        .arg(option(words, "pin", "PIN", Word::HelpPin))
        .arg(flag(words, "take-certificate", Word::HelpTakeCertificate))
        .arg(flag(words, "inspect", Word::HelpInspect))
        .arg(passphrase_file(words, Word::HelpPassphraseFile))
        .after_help(words.text(Word::HelpJoinLines))
}

fn nearby_command(command: Command, words: Words) -> Command {
    let help = words.with(Word::HelpSeconds, &[("default", &NEARBY_S_DEFAULT.to_string())]);
    let seconds = option(words, "seconds", "N", Word::HelpSeconds).help(help);
    command
        .arg(seconds.value_parser(value_parser!(u64).range(1..=NEARBY_S_MAX)))
        .arg(flag(words, "scan", Word::HelpScan))
        .after_help(words.text(Word::HelpNearbyLines))
}

fn send_command(command: Command, words: Words) -> Command {
    command
        .arg(positional(words, "url", "URL", Word::HelpUrl).display_order(0))
        .arg(positional(words, "text", "TEXT", Word::HelpText).display_order(1))
        .arg(option(words, "nick", "NAME", Word::HelpNick))
        .arg(dialect_option(words))
        .arg(option(words, "pin", "PIN", Word::HelpPin))
        .arg(flag(words, "take-certificate", Word::HelpTakeCertificate))
        .arg(passphrase_file(words, Word::HelpPassphraseFile))
        .after_help(words.text(Word::HelpSendEndings))
}

fn export_command(command: Command, words: Words) -> Command {
    let format = option(words, "format", "FORMAT", Word::HelpFormat).value_parser([JSONL, HTML]);
    command
        .arg(positional(words, "room", "ROOM", Word::HelpRoom))
        .arg(format.required(true).hide_possible_values(true))
        .arg(option(words, "output", "FILE", Word::HelpOutput).value_parser(value_parser!(PathBuf)))
        .after_help(words.text(Word::HelpExportLines))
}

fn backup_command(command: Command, words: Words) -> Command {
    command
        .arg(positional(words, "room", "ROOM", Word::HelpRoom).display_order(0))
        .arg(
            positional(words, "file", "FILE", Word::HelpFile)
                .display_order(1)
                .value_parser(value_parser!(PathBuf)),
        )
        .after_help(words.text(Word::HelpBackupEndings))
}

/// What every command in a room takes, after what is its own.
fn common(command: Command, words: Words) -> Command {
    kept(command.arg(flag(words, "json", Word::HelpJson)), words)
}

/// What every command takes.
fn kept(command: Command, words: Words) -> Command {
    command
        .arg(option(words, "data-dir", "DIR", Word::HelpDataDir).value_parser(value_parser!(PathBuf)))
        .arg(help(words))
}

/// What help looks like. clap's own headings are English only.
fn framed(command: Command, words: Words) -> Command {
    let usage = words.text(Word::HeadingUsage);
    command
        .help_template(format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}\n"))
        .styles(Styles::plain())
        .disable_help_flag(true)
        .disable_version_flag(true)
}

fn dialect_option(words: Words) -> Arg {
    option(words, "dialect", "DIALECT", Word::HelpDialect)
        .value_parser(Dialect::ALL.map(Dialect::name))
        .hide_possible_values(true)
}

fn option(words: Words, name: &'static str, value: &'static str, help: Word) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .help(words.text(help))
        .help_heading(words.text(Word::HeadingOptions))
}

fn passphrase_file(words: Words, help: Word) -> Arg {
    option(words, "passphrase-file", "FILE", help).value_parser(value_parser!(PathBuf))
}

fn flag(words: Words, name: &'static str, help: Word) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(words.text(help))
        .help_heading(words.text(Word::HeadingOptions))
}

fn help(words: Words) -> Arg {
    flag(words, "help", Word::HelpHelp).short('h').action(ArgAction::Help)
}

fn positional(words: Words, name: &'static str, value: &'static str, help: Word) -> Arg {
    Arg::new(name)
        .value_name(value)
        .required(true)
        .help(words.text(help))
        .help_heading(words.text(Word::HeadingArguments))
}

/// Largest value of `--seconds`; whoever wants longer begins again.
const NEARBY_S_MAX: u64 = 24 * 60 * 60;

/// Of these the last one counts.
const PASSPHRASES: [&str; 3] = ["passphrase", "passphrase-file", "no-passphrase"];

/// Largest value of `--rate`: more than a host can pass on.
const RATE_PER_SECOND_MAX: usize = 100_000;
