//! The two halves of `cargo xtask powercut`: one writes a log and tells which entries it has as written, the other
//! looks at what the disk held when the power went.
//!
//! `powercut write FOLDER full|normal` prints the last place of each batch once it is written, until it is killed.
//! `powercut check FOLDER SEQ` ends with 0 where every entry up to SEQ is there, in order and whole; with 3 where
//! some are lost; with 1 where the log is not whole.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "they speak with the one who started them")]

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use maru_room::Draft;
use maru_store::{LOG_FILE, Store, StoreOptions};
use maru_wire::{Epoch, Happening, Keeps, Member, MemberId, MessageId, MessageText, Nickname, RoomId, Seq};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["write", folder, "full"] => write(Path::new(folder), false),
        ["write", folder, "normal"] => write(Path::new(folder), true),
        ["check", folder, acked] => check(Path::new(folder), acked),
        _ => Err("powercut write FOLDER full|normal, or powercut check FOLDER SEQ".into()),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    })
}

fn options() -> Outcome<StoreOptions> {
    let (epoch_if_new, next_epoch) = (Epoch::parse("e1")?, Epoch::parse("e2")?);
    Ok(StoreOptions {
        room: RoomId::parse("powercut")?,
        keeps: Keeps::Everything,
        epoch_if_new,
        next_epoch,
        at: 0,
    })
}

fn write(folder: &Path, weakly: bool) -> Outcome<ExitCode> {
    let (mut store, _) = Store::open(folder, &options()?)?;
    if weakly {
        store.plant_weak_commits();
    }
    let mut out = std::io::stdout();
    loop {
        let next = store.head().seq.0 + 1;
        let drafts = (next..next + 1 + next % 16).map(draft).collect::<Outcome<Vec<_>>>()?;
        store.write(drafts)?;
        writeln!(out, "{}", store.head().seq.0)?;
        out.flush()?;
        store.tend(next)?;
    }
}

fn check(folder: &Path, acked: &str) -> Outcome<ExitCode> {
    let acked: u64 = acked.parse()?;
    let (store, restored) = Store::open(folder, &options()?)?;
    let healthy: String = rusqlite::Connection::open(folder.join(LOG_FILE))?.query_row(
        "PRAGMA integrity_check",
        (),
        |row| row.get(0),
    )?;
    if healthy != "ok" {
        return Err(healthy.into());
    }
    let (reader, mut place) = (store.reader()?, Seq(0));
    loop {
        let page = reader.after(place)?;
        for entry in page.entries {
            place = place.next();
            if entry.seq != place || entry.what != draft(place.0)?.what {
                return Err(format!("another entry at {}", place.0).into());
            }
        }
        if !page.more {
            break;
        }
    }
    if place != restored.head.seq {
        return Err("the log ends before its head".into());
    }
    println!("{} of {acked} acknowledged entries", place.0.min(acked));
    Ok(if place.0 < acked { ExitCode::from(LOST) } else { ExitCode::SUCCESS })
}

fn draft(seq: u64) -> Outcome<Draft> {
    let text = format!("말 {seq} {}", "가나다라 ".repeat((seq % 50) as usize));
    let what =
        Happening::Said { id: MessageId::parse(&format!("m{seq}"))?, text: MessageText::parse(&text)? };
    let by =
        Member { id: MemberId::parse("a")?, nickname: Nickname::parse("민지")?, number: 0, host: true };
    Ok(Draft { by, what, at: seq })
}

/// The ending that says acknowledged entries are lost.
const LOST: u8 = 3;
