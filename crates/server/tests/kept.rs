//! A room that is kept on disk, over real sockets: what was said outlasts the host program.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::guest::{Guest, UNHURRIED};
use common::soon;
use maru_server::{Host, HostError, HostOptions, PortChoice};
use maru_store::{OpenError, Reader};
use maru_wire::frames::PageOf;
use maru_wire::{ByeCode, CaughtUp, Cursor, Entry, Happening, Keeps, RoomFrame, RoomId, Seq};

fn options(folder: &Path, keeps: Keeps) -> HostOptions {
    HostOptions {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: PortChoice::Exactly(0),
        keeps,
        folder: Some(folder.into()),
        ..HostOptions::new(room(), "점심 모임")
    }
}

fn room() -> RoomId {
    RoomId::parse("r1").unwrap()
}

async fn open(folder: &Path) -> Host {
    Host::start(options(folder, Keeps::Everything)).await.unwrap()
}

/// Closes a room. Nothing holds its log any more then.
async fn close(host: Host) {
    host.stop(ByeCode::Restarting).await;
}

async fn say(address: SocketAddr, nickname: &str, lines: std::ops::Range<u32>) -> Cursor {
    let (mut guest, welcome) = Guest::join_from(address, nickname, None).await;
    let RoomFrame::Welcome { head: mut cursor, .. } = welcome else { panic!() };
    for i in lines {
        guest.say(&format!("{nickname}-{i}"), &format!("{i}번째 점심시간")).await;
        let entry = guest.entry().await;
        (cursor.seq, cursor.hash) = (entry.seq, entry.hash);
    }
    cursor
}

/// Resumes, and hears everything up to the seam.
async fn resume(address: SocketAddr, cursor: &Cursor) -> (CaughtUp, Cursor, Vec<Entry>) {
    let (mut guest, welcome) = Guest::join_from(address, "돌아온이", Some(cursor)).await;
    let RoomFrame::Welcome { caught_up, head, mut entries, mut more, .. } = welcome else { panic!() };
    while caught_up == CaughtUp::Resumed && more {
        if let RoomFrame::Page { of: PageOf::Missed, entries: next, more: follows } = guest.hear().await {
            entries.extend(next);
            more = follows;
        }
    }
    (caught_up, head, entries)
}

fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.0).collect()
}

#[tokio::test]
async fn a_room_is_reopened_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let host = open(folder.path()).await;
    let cursor = say(host.address(), "minji", 0..250).await;
    close(host).await;
    let host = open(folder.path()).await;
    say(host.address(), "junho", 0..10).await;
    let start = Cursor { seq: Seq(3), ..cursor.clone() };
    let (caught_up, ..) = resume(host.address(), &start).await;
    assert_eq!(caught_up, CaughtUp::Diverged, "a place with another entry's hash is not ours");
    let (caught_up, _, missed) = resume(host.address(), &cursor).await;
    assert_eq!((caught_up, seqs(&missed)), (CaughtUp::Resumed, (251..=260).collect()));
    let mut guest = Guest::join(host.address(), "수아").await;
    guest.0.say(r#"{"type":"history","before":100}"#).await;
    let RoomFrame::Page { of: PageOf::History, entries, more: false } = guest.hear().await else { panic!() };
    assert_eq!(seqs(&entries), (1..100).collect::<Vec<_>>());
    guest.0.say(r#"{"type":"search","words":"249번째 점심"}"#).await;
    let RoomFrame::Found { entries, .. } = guest.hear().await else { panic!() };
    assert_eq!(seqs(&entries), [250]);
}

#[tokio::test]
async fn whoever_comes_back_does_not_wait_for_the_searches_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let options = HostOptions { limits: UNHURRIED, ..options(folder.path(), Keeps::Everything) };
    let host = Host::start(options).await.unwrap();
    let mut guest = Guest::join(host.address(), "minji").await;
    let long = "lunch at noon, ".repeat(4_000);
    guest.say("first", "처음").await;
    let first = guest.entry().await;
    // More than is in memory, so that the place is looked up.
    for i in 0..100 {
        guest.say(&format!("m{i}"), &long).await;
        guest.entry().await;
    }
    let (_, welcome) = Guest::join_from(host.address(), "수아", None).await;
    let RoomFrame::Welcome { head, .. } = welcome else { panic!() };
    let place = Cursor { seq: first.seq, hash: first.hash, ..head };
    let mut searchers = Vec::new();
    for i in 0..SEARCHERS {
        let mut guest = Guest::join(host.address(), &format!("찾는이 {i}")).await;
        guest.0.say(r#"{"type":"search","words":"없는 말"}"#).await;
        searchers.push(guest);
    }
    let answered = Arc::new(AtomicUsize::new(0));
    for mut guest in searchers {
        let answered = Arc::clone(&answered);
        tokio::spawn(async move {
            while !matches!(guest.hear().await, RoomFrame::Found { .. }) {}
            answered.fetch_add(1, Ordering::Relaxed);
        });
    }
    let (_, welcome) = Guest::join_from(host.address(), "돌아온이", Some(&place)).await;
    let RoomFrame::Welcome { caught_up, .. } = welcome else { panic!() };
    assert_eq!(caught_up, CaughtUp::Resumed);
    let answered = answered.load(Ordering::Relaxed);
    assert!(answered < SEARCHERS / 2, "it waited behind {answered} of them");
    host.stop(ByeCode::Restarting).await;
}

const SEARCHERS: usize = 40;

#[tokio::test]
async fn what_is_said_again_after_a_restart_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let host = open(folder.path()).await;
    say(host.address(), "minji", 0..3).await;
    close(host).await;
    let host = open(folder.path()).await;
    let before = Reader::open(folder.path(), &room()).unwrap().from(Seq(1)).unwrap().entries;
    assert_eq!(before.len(), 3);
    let last = before.last().unwrap();
    let Happening::Said { id, text } = &last.what else { panic!() };
    // Somebody else's id of the same name is somebody else's.
    let mut guest = Guest::join(host.address(), "준호").await;
    guest.say(id.as_str(), text.as_str()).await;
    assert_eq!(guest.entry().await.seq, Seq(4));
    guest.say(id.as_str(), text.as_str()).await;
    assert_eq!(guest.entry().await.seq, Seq(4));
}

#[tokio::test]
async fn a_restored_backup_that_moved_on_differently_is_told_and_begins_a_new_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let host = open(folder.path()).await;
    let shared = say(host.address(), "minji", 0..5).await;
    let backup = folder.path().join("backup.sqlite3");
    Reader::open(folder.path(), &room()).unwrap().back_up(&backup).unwrap();
    let lost = say(host.address(), "junho", 0..10).await;
    close(host).await;
    let restored = tempfile::tempdir().unwrap();
    std::fs::copy(&backup, restored.path().join(maru_store::LOG_FILE)).unwrap();
    let host = open(restored.path()).await;
    say(host.address(), "sua", 0..20).await;
    let (caught_up, head, snapshot) = resume(host.address(), &lost).await;
    assert_eq!(caught_up, CaughtUp::Diverged);
    assert_ne!(head.epoch, lost.epoch, "a new epoch");
    assert_eq!(seqs(&snapshot).last(), Some(&25), "and a snapshot");
    let (caught_up, head, missed) = resume(host.address(), &shared).await;
    assert_eq!(
        (caught_up, seqs(&missed)),
        (CaughtUp::Resumed, (6..=25).collect()),
        "what both share goes on"
    );
    assert_ne!(head.epoch, shared.epoch);
}

#[tokio::test]
async fn a_log_that_was_deleted_begins_anew_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let host = open(folder.path()).await;
    let cursor = say(host.address(), "minji", 0..5).await;
    close(host).await;
    let empty = tempfile::tempdir().unwrap();
    let host = open(empty.path()).await;
    let (caught_up, _, entries) = resume(host.address(), &cursor).await;
    assert_eq!((caught_up, entries), (CaughtUp::NewEpoch, vec![]));
}

#[tokio::test]
async fn what_the_host_does_not_keep_is_gone_and_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let last = Keeps::Last { entries: 10 };
    let host = Host::start(options(folder.path(), last)).await.unwrap();
    let (_, welcome) = Guest::join_from(host.address(), "보는이", None).await;
    assert!(matches!(welcome, RoomFrame::Welcome { keeps, .. } if keeps == last));
    let early = say(host.address(), "minji", 0..3).await;
    say(host.address(), "junho", 0..30).await;
    let (caught_up, _, entries) = resume(host.address(), &early).await;
    assert_eq!((caught_up, seqs(&entries)), (CaughtUp::Trimmed, (24..=33).collect()));
    let mut guest = Guest::join(host.address(), "수아").await;
    guest.0.say(r#"{"type":"history","before":24}"#).await;
    let RoomFrame::Page { entries, more: false, .. } = guest.hear().await else { panic!() };
    assert_eq!(entries, []);
}

#[tokio::test]
async fn a_room_that_keeps_nothing_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(options(folder.path(), Keeps::Nothing)).await.unwrap();
    say(host.address(), "minji", 0..3).await;
    close(host).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_log_has_one_writer_and_the_second_hears_who_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let _host = open(folder.path()).await;
    let second = soon(Host::start(options(folder.path(), Keeps::Everything))).await;
    let Err(HostError::Log(OpenError::Busy { by })) = second else { panic!("{second:?}") };
    assert!(by.contains(&std::process::id().to_string()), "{by}");
}
