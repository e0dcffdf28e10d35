//! `maru join` comes back: after its own end, after the host's, after a sleep.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/relay.rs"]
mod relay;

use std::path::Path;

use common::{Maru, command, folder};
use relay::Relay;
use serde_json::Value;

/// A member whose folder outlasts them.
fn join(url: &str, data: &Path) -> Maru {
    Maru::run(command(&["join", url, "--nick", "민지", "--json", "--data-dir", data.to_str().unwrap()]))
}

/// A host that comes back on the same port, as the same room.
fn host(data: &Path, port: &str) -> (Maru, String) {
    let data = data.to_str().unwrap();
    let arguments = ["host", "--json", "--bind", "127.0.0.1", "--port", port, "--data-dir", data];
    Maru::run(command(&arguments)).listening()
}

fn port(url: &str) -> String {
    url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned()
}

/// What was told of as said, in order.
fn said(member: &Maru) -> Vec<String> {
    let events = member.seen.iter().map(|line| common::json(line));
    let said = events.filter(|event| event["event"] == "said");
    said.map(|event| event["text"].as_str().unwrap().to_owned()).collect()
}

fn away(event: &Value) -> bool {
    event["event"] == "link" && event["state"] == "waiting"
}

#[test]
fn a_line_said_while_the_room_is_away_is_said_by_the_next_run_once() {
    let (home, theirs) = (folder(), folder());
    let (mut first, url) = host(home.path(), "0");
    let mut minji = join(&url, theirs.path());
    minji.event("entered");
    minji.type_line("하나");
    minji.said("하나");
    first.kill();
    minji.event_that("the loss", away);
    minji.type_line("거기 있어요?");
    minji.event("queued");
    minji.kill();

    // The room is still away: it can be read, and what waits goes on waiting.
    let mut again = join(&url, theirs.path());
    let kept = again.event("kept");
    assert_eq!(kept["entries"].as_array().unwrap().len(), 1);
    again.said("하나");
    assert_eq!(again.event("queued")["text"], "거기 있어요?");
    again.event_that("the room to be away", away);
    again.close_input();
    let again = again.ended();
    assert_eq!(again.code, Some(3));
    assert!(again.err.ends_with("when you join it again from here.\n"), "{}", again.err);

    let (_host, url) = host(home.path(), &port(&url));
    let mut third = join(&url, theirs.path());
    third.event("entered");
    third.said("거기 있어요?");
    third.close_input();
    assert_eq!(third.ended().code, Some(0));
    let mut fourth = join(&url, theirs.path());
    fourth.event("entered");
    fourth.type_line("끝");
    fourth.said("끝");
    assert_eq!(said(&fourth).iter().filter(|text| *text == "거기 있어요?").count(), 1);
    assert!(!fourth.seen.iter().any(|line| line.contains(r#""event":"queued""#) && line.contains("거기")));
}

#[test]
fn a_message_that_could_not_be_sent_is_not_sent_later_by_surprise() {
    let (home, theirs) = (folder(), folder());
    let (mut first, url) = host(home.path(), "0");
    let data = theirs.path().to_str().unwrap();
    first.kill();
    let sent = Maru::run(command(&["send", &url, "잊어 주세요", "--data-dir", data])).ended();
    assert_eq!(sent.code, Some(3));
    let (_host, url) = host(home.path(), &port(&url));
    let mut minji = join(&url, theirs.path());
    minji.event("entered");
    minji.type_line("끝");
    minji.said("끝");
    assert_eq!(said(&minji), ["끝"]);
}

#[test]
fn a_second_terminal_goes_on_without_keeping_and_says_so() {
    let (_host, url) = Maru::host(&[]);
    let theirs = folder();
    let mut first = join(&url, theirs.path());
    first.event("entered");
    let mut second = join(&url, theirs.path());
    assert_eq!(second.event("notebook")["fault"], "in_use");
    assert!(second.complaint().starts_with("maru: This room is open in another Maru on this machine too."));
    second.event("entered");
    second.type_line("안녕");
    first.said("안녕");
}

#[cfg(unix)]
#[test]
fn a_program_that_slept_while_its_connection_was_cut_comes_back_by_itself_and_hears_everything_once() {
    let (_host, url) = Maru::host(&[]);
    let relay = Relay::to(&url);
    let mut minji = Maru::join(&relay.url(), "민지");
    let mut jun = Maru::join(&url, "준");
    minji.event("joined");
    jun.type_line("하나");
    minji.said("하나");
    minji.signal("STOP");
    relay.cut();
    for line in ["둘", "셋", "넷"] {
        jun.type_line(line);
        jun.said(line);
    }
    minji.signal("CONT");
    minji.said("넷");
    let resumed = |line: &String| line.contains(r#""event":"entered""#) && line.contains("resumed");
    assert!(minji.seen.iter().any(resumed), "{:#?}", minji.seen);
    minji.type_line("돌아왔어요");
    jun.said("돌아왔어요");
    minji.said("돌아왔어요");
    assert_eq!(said(&minji), ["하나", "둘", "셋", "넷", "돌아왔어요"]);
}
