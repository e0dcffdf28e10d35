//! `maru join`: what is said goes both ways, and nothing of a stranger is more than text.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use common::{Maru, command, folder, json};
use serde_json::Value;

#[test]
fn lines_go_both_ways() {
    let (_host, url) = Maru::host(&[]);
    let mut minji = Maru::join(&url, "민지");
    let mut jun = Maru::join(&url, "준");
    let joined = minji.event("joined");
    assert_eq!((&joined["member"]["nickname"], &joined["count"]), (&"준".into(), &2.into()));
    minji.type_line("안녕");
    let heard = jun.said("안녕");
    assert_eq!(heard["by"]["nickname"], "민지");
    assert_eq!(heard["seq"], 1);
    let queued = minji.event("queued");
    let own = minji.said("안녕");
    assert_eq!((&queued["id"], &own["id"]), (&heard["id"], &heard["id"]));
    jun.type_line("  /quit is said as it is  ");
    minji.said("  /quit is said as it is");
    jun.close_input();
    assert_eq!(jun.ended().code, Some(0));
    assert_eq!(minji.event("left")["count"], 1);
}

#[test]
fn what_was_said_before_comes_as_if_it_were_said_now() {
    let (_host, url) = Maru::host(&[]);
    let mut minji = Maru::join(&url, "민지");
    minji.type_line("하나");
    minji.type_line("둘");
    minji.said("둘");
    let mut jun = Maru::start(&["join", &url, "--nick", "준", "--json"]);
    let entered = jun.event("entered");
    assert_eq!(entered["entries"].as_array().unwrap().len(), 2);
    jun.said("하나");
    jun.said("둘");
}

#[test]
fn the_end_of_the_input_leaves_after_everything_is_acknowledged() {
    let (_host, url) = Maru::host(&["--rate", "100000"]);
    let mut jun = Maru::join(&url, "준");
    let mut minji = Maru::start(&["join", &url, "--nick", "민지", "--json"]);
    // More than an outbox holds.
    let lines: Vec<String> = (0..3_000).map(|n| format!("line {n}")).collect();
    minji.type_bytes((lines.join("\n") + "\n").as_bytes());
    minji.close_input();
    let minji = minji.ended();
    assert_eq!((minji.code, minji.err.as_str()), (Some(0), ""));
    assert_eq!(minji.out.lines().last(), Some(r#"{"event":"closed","fault":"left"}"#));
    jun.said("line 2999");
    let heard: Vec<Value> = jun.seen.iter().map(|line| json(line)).collect();
    let heard: Vec<&str> = heard
        .iter()
        .filter(|event| event["event"] == "said")
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    assert_eq!(heard, lines);
}

#[test]
fn whoever_reads_slowly_hears_everything_once_and_in_order() {
    let (_host, url) = Maru::host(&["--rate", "100000"]);
    let data = folder();
    let mut slow = command(&["join", &url, "--nick", "slow", "--json", "--listen"]);
    slow.args(["--data-dir", data.path().to_str().unwrap()]).stdin(Stdio::null()).stderr(Stdio::null());
    let mut slow = slow.spawn().unwrap();
    let mut out = BufReader::new(slow.stdout.take().unwrap()).lines().map(|line| json(&line.unwrap()));
    out.find(|event| event["event"] == "entered").unwrap();

    let mut fast = Maru::join(&url, "fast");
    let lines: Vec<String> = (0..5_000).map(|n| format!("{n} {}", "x".repeat(100))).collect();
    fast.type_bytes((lines.join("\n") + "\n").as_bytes());
    fast.close_input();
    assert_eq!(fast.ended().code, Some(0));

    let mut next = 1;
    for event in out {
        assert_ne!(event["event"], "gap");
        if event["event"] == "said" {
            assert_eq!(event["seq"], next);
            next += 1;
        }
        if next > 5_000 {
            break;
        }
    }
    slow.kill().unwrap();
    slow.wait().unwrap();
    assert_eq!(next, 5_001);
}

#[test]
fn with_listen_the_end_of_the_input_is_not_the_end() {
    let (_host, url) = Maru::host(&[]);
    let mut listener = Maru::start(&["join", &url, "--nick", "listener", "--json", "--listen"]);
    listener.close_input();
    listener.event("entered");
    let mut minji = Maru::join(&url, "민지");
    minji.type_line("still there?");
    listener.said("still there?");
}

#[test]
fn with_nothing_on_the_input_it_shows_the_room_and_leaves() {
    let (_host, url) = Maru::host(&["--name", "Lunch"]);
    let mut minji = Maru::join(&url, "민지");
    minji.type_line("안녕");
    minji.said("안녕");
    let mut visitor = Maru::start(&["join", &url, "--nick", "visitor"]);
    visitor.close_input();
    let visitor = visitor.ended();
    assert_eq!(visitor.code, Some(0));
    assert!(visitor.out.contains("— You are in “Lunch”\n— 2 people here\n"), "{}", visitor.out);
    assert!(visitor.out.lines().any(|line| is_timed(line, "민지: 안녕")), "{}", visitor.out);
}

#[test]
fn a_line_over_the_bound_is_told_and_the_next_one_is_said() {
    let (_host, url) = Maru::host(&[]);
    let mut script = Maru::join(&url, "script");
    script.type_bytes(b"\n \n");
    script.type_line(&"a".repeat(64 * 1024 + 1));
    script.type_bytes(b"\xff\xfe\n");
    script.type_line(&"b".repeat(64 * 1024));
    let unsent = script.event("unsent");
    assert_eq!(
        (&unsent["code"], &unsent["line"], &unsent["id"]),
        (&"too_long".into(), &3.into(), &Value::Null)
    );
    assert_eq!(script.event("unsent")["code"], "not_text");
    assert_eq!(script.complaint(), "maru: Not sent. Too long for one message. Split it in two.");
    assert_eq!(script.said(&"b".repeat(64 * 1024))["seq"], 1);
}

#[test]
fn commands_are_for_people() {
    let (_host, url) = Maru::host(&[]);
    let mut script = Maru::join(&url, "script");
    let mut person = Maru::start(&["join", &url, "--nick", "민지"]);
    person.line("the room", |line| line.starts_with("— You are in"));
    person.type_line("/nick 준");
    person.line("the new name", |line| line == "— 민지 is now 준");
    let renamed = script.event("renamed");
    assert_eq!((&renamed["from"], &renamed["by"]["nickname"]), (&"민지".into(), &"준".into()));
    person.type_line("//usr");
    script.said("/usr");
    person.type_line("/usr");
    assert!(person.complaint().contains("/nick NAME"));
    person.type_line("/nick script");
    assert_eq!(person.complaint(), "maru: Name taken. Choose another.");
    person.type_line("/nick \u{202e}");
    assert_eq!(person.complaint(), "maru: A name has 1 to 32 visible characters. Change it.");
    person.type_line("/quit");
    let person = person.ended();
    assert_eq!((person.code, person.err.as_str()), (Some(0), ""));
    assert_eq!(script.event("left")["member"]["nickname"], "준");
}

#[test]
fn what_a_stranger_sends_moves_no_terminal() {
    let (_host, url) = Maru::host(&[]);
    let mut stranger = Maru::join(&url, "stranger");
    let mut person = Maru::start(&["join", &url, "--nick", "민지"]);
    person.line("the room", |line| line.starts_with("— You are in"));
    stranger.type_line("\u{1b}[2J\u{7}\u{9b}31m\u{202e}red\u{8}");
    let line = person.line("the message", |line| line.contains("stranger: "));
    // Control characters are no part of a message.
    let expected = r"stranger: [2J31m\u{202e}red";
    assert!(is_timed(&line, expected), "{line:?}");
    let raw = stranger.line("the message", |line| line.contains("said"));
    assert!(!raw.contains(|c: char| c.is_control() || c == '\u{202e}'), "{raw:?}");
    assert_eq!(json(&raw)["text"], "[2J31m\u{202e}red");
}

#[test]
fn no_line_of_a_message_passes_for_one_of_somebody_else() {
    let (_host, url) = Maru::host(&[]);
    let mut person = Maru::start(&["join", &url, "--nick", "민지"]);
    person.line("the room", |line| line.starts_with("— You are in"));
    let mut stranger = Maru::start(&["send", &url, "-", "--nick", "stranger"]);
    stranger.type_bytes("hi\n[12:00] 준: me too\r\n— 준 left\n".as_bytes());
    stranger.close_input();
    assert_eq!(stranger.ended().code, Some(0));
    person.line("the message", |line| line.ends_with("stranger: hi"));
    assert_eq!(person.line("its second line", |_| true), "        [12:00] 준: me too");
    assert_eq!(person.line("its third line", |_| true), "        — 준 left");
}

#[test]
fn a_name_that_was_not_chosen_gives_way_and_one_that_was_does_not() {
    let (_host, url) = Maru::host(&[]);
    let mut first = Maru::start(&["join", &url, "--json"]);
    assert_eq!(first.event("entered")["you"]["nickname"], "tester");
    let mut second = Maru::start(&["join", &url, "--json"]);
    assert_eq!(second.event("entered")["you"]["nickname"], "tester 2");
    assert!(!second.seen.iter().any(|line| line.contains("ended")), "{:#?}", second.seen);
    let chosen = Maru::start(&["join", &url, "--nick", "Tester", "--json"]).ended();
    assert_eq!(chosen.code, Some(4));
    assert_eq!(chosen.err, "maru: Name taken. Choose another.\n");
    assert_eq!(chosen.out.lines().last(), Some(r#"{"event":"closed","fault":"nickname_taken"}"#));
}

#[test]
fn the_same_folder_is_the_same_member_and_its_preferences_name_them() {
    let (_host, url) = Maru::host(&[]);
    let data = folder();
    std::fs::create_dir(data.path().join("config")).unwrap();
    std::fs::write(data.path().join("config/preferences.json"), r#"{"nickname":"민지"}"#).unwrap();
    let join = || Maru::run(command(&["join", &url, "--json", "--data-dir", data.path().to_str().unwrap()]));
    let you = |mut member: Maru| {
        let you = member.event("entered")["you"].clone();
        member.close_input();
        assert_eq!(member.ended().code, Some(0));
        you
    };
    let (first, second) = (you(join()), you(join()));
    assert_eq!(first["nickname"], "민지");
    assert_eq!(first, second);
    assert_ne!(first["id"], you(Maru::start(&["join", &url, "--json"]))["id"]);
}

#[test]
fn whoever_reads_one_line_and_goes_has_had_enough() {
    let (_host, url) = Maru::host(&[]);
    let mut minji = Maru::join(&url, "민지");
    let data = folder();
    let mut head = command(&["join", &url, "--nick", "head", "--json"]);
    let mut head = head.args(["--data-dir", data.path().to_str().unwrap()]).spawn().unwrap();
    let mut out = BufReader::new(head.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert!(first.contains("connecting"), "{first}");
    // Whoever goes before there is a room has never been there.
    while !first.contains(r#""event":"connected""#) {
        first.clear();
        out.read_line(&mut first).unwrap();
    }
    drop(out);
    assert_eq!(minji.event("left")["member"]["nickname"], "head");
    let _input = head.stdin.take();
    let ended = head.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_politely() {
    let (_host, url) = Maru::host(&[]);
    let mut minji = Maru::join(&url, "민지");
    for signal in ["INT", "TERM"] {
        let jun = Maru::join(&url, "준");
        jun.signal(signal);
        let jun = jun.ended();
        assert_eq!(jun.code, Some(0));
        assert_eq!(jun.out.lines().last(), Some(r#"{"event":"closed","fault":"left"}"#));
        minji.event("left");
    }
}

#[cfg(unix)]
#[test]
fn what_the_room_does_not_acknowledge_is_no_success() {
    let (host, url) = Maru::host(&[]);
    let mut minji = Maru::join(&url, "민지");
    host.signal("STOP");
    minji.type_line("is anybody there?");
    minji.close_input();
    let minji = minji.ended();
    host.signal("CONT");
    assert_eq!(minji.code, Some(3));
    assert!(minji.err.starts_with("maru: The room has not said"), "{}", minji.err);
}

#[cfg(unix)]
#[test]
fn whoever_stops_before_the_room_has_everything_is_told_so() {
    let (host, url) = Maru::host(&[]);
    for signal in [None, Some("INT"), Some("TERM")] {
        let mut minji = Maru::start(&["join", &url, "--nick", "민지"]);
        minji.line("welcome", |line| line.contains("You are in"));
        host.signal("STOP");
        minji.type_line("is anybody there?");
        minji.type_line("/nope");
        // It has taken the line before this one.
        minji.complaint();
        match signal {
            None => minji.type_line("/quit"),
            Some(signal) => minji.signal(signal),
        }
        let minji = minji.ended();
        host.signal("CONT");
        let code = signal.map_or(3, |signal| if signal == "INT" { 130 } else { 143 });
        assert_eq!(minji.code, Some(code), "{signal:?}: {} {}", minji.out, minji.err);
    }
}

#[test]
fn quitting_waits_until_the_room_has_what_was_said() {
    let (_host, url) = Maru::host(&[]);
    let mut jun = Maru::join(&url, "준");
    let mut minji = Maru::start(&["join", &url, "--nick", "민지"]);
    minji.type_line("마지막 한마디");
    minji.type_line("/quit");
    assert_eq!(minji.ended().code, Some(0));
    jun.said("마지막 한마디");
}

#[cfg(unix)]
#[test]
fn one_signal_ends_it_also_where_nobody_reads_its_output() {
    let (_host, url) = Maru::host(&[]);
    let mut minji = Maru::join(&url, "민지");
    for _ in 0..4 {
        minji.type_line(&"가".repeat(20_000));
    }
    (0..4).for_each(|_| drop(minji.event("said")));
    let folder = folder();
    let data = folder.path().to_str().unwrap();
    let mut jun = command(&["join", &url, "--nick", "준", "--json", "--data-dir", data]).spawn().unwrap();
    let (mut out, mut seen) = (jun.stdout.take().unwrap(), Vec::new());
    let entered = br#"{"event":"entered""#;
    while !seen.windows(entered.len()).any(|part| part == entered) {
        let mut some = [0; 64];
        let read = out.read(&mut some).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend(&some[..read]);
    }
    // The line that has begun is longer than a pipe holds.
    let kill = std::process::Command::new("kill").args(["-TERM", &jun.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || ended.send(jun.wait()));
    let status = end.recv_timeout(std::time::Duration::from_secs(30)).expect("it ends").unwrap();
    assert_eq!(status.code(), Some(143));
    drop(out);
}

/// Whether a line is this after the time of day.
fn is_timed(line: &str, rest: &str) -> bool {
    let Some((time, said)) = line.split_once("] ") else { return false };
    let digits = time.strip_prefix('[').and_then(|time| time.split_once(':'));
    digits.is_some_and(|(h, m)| h.parse::<u8>().is_ok() && m.parse::<u8>().is_ok()) && said == rest
}
