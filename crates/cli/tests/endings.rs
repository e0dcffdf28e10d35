//! How commands end: exit codes for scripts, words for people, in their language.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;

use common::{Ended, Maru, command, finished, folder, json};

fn send(url: &str, more: &[&str]) -> Ended {
    let mut all = vec!["send", url, "안녕"];
    all.extend(more);
    Maru::start(&all).ended()
}

#[test]
fn a_message_that_was_sent_is_in_the_room() {
    let (_host, url) = Maru::host(&[]);
    let mut minji = Maru::join(&url, "민지");
    let sent = send(&url, &["--nick", "bot"]);
    assert_eq!((sent.code, sent.out.as_str(), sent.err.as_str()), (Some(0), "", ""));
    assert_eq!(minji.said("안녕")["by"]["nickname"], "bot");
    assert_eq!(minji.event("left")["member"]["nickname"], "bot");
    let sent = send(&url, &["--nick", "bot", "--json"]);
    let lines: Vec<_> = sent.out.lines().map(json).collect();
    assert_eq!((&lines[0]["event"], &lines[0]["text"]), (&"said".into(), &"안녕".into()));
    assert_eq!((lines.len(), &lines[1]["event"]), (2, &"closed".into()));
}

#[test]
fn addresses_and_texts_that_cannot_be_used_are_a_matter_of_usage() {
    for (arguments, words) in [
        (&["join", ""][..], "There is no address."),
        (&["join", "ftp://192.168.0.7/"], "Maru cannot use this kind of address."),
        (&["join", "192.168.0.7:99999"], "The port must be a number from 1 to 65535."),
        (&["join", "not an address"], "Unreadable address."),
        (&["join", "maru://join?room=abc"], "Part of the invite is missing."),
        (&["join", "127.0.0.1", "--nick", "\u{202e}"], "A name has 1 to 32 visible characters."),
        (&["send", "127.0.0.1:1", " "], "There is nothing in it."),
        (&["host", "--name", "\u{200b}"], "A room’s name has 1 to 64 visible characters."),
        (&["host", "--bind", "here"], "--bind takes an IP address"),
        (&["host", "--sing"], "--sing: no such option."),
        (&["sing"], "sing: no such command."),
    ] {
        let ended = finished(command(arguments));
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(ended.err.starts_with(&format!("maru: {words}")), "{arguments:?}: {}", ended.err);
    }
    assert_eq!(finished(command(&[])).code, Some(2));
    assert_eq!(finished(command(&["--help"])).code, Some(0));
    let version = finished(command(&["--version"]));
    assert_eq!(version.out, format!("maru {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_text_over_the_bound_is_not_sent() {
    let mut sender = Maru::start(&["send", "127.0.0.1:1", "-"]);
    sender.type_bytes(&vec![b'a'; 64 * 1024 + 1]);
    sender.close_input();
    let ended = sender.ended();
    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.err, "maru: Too long for one message. Split it in two.\n");
}

#[test]
fn where_there_is_no_room_it_cannot_be_reached() {
    let (_host, url) = Maru::host(&[]);
    let place = url.trim_start_matches("http://").trim_end_matches('/');
    let page = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for (address, words) in [
        ("127.0.0.1:1", "No room there."),
        ("no-such-host.invalid", "Address not found."),
        (&page, "Not a chat room."),
        (&format!("https://{page}"), "The certificate is not valid."),
        (&format!("maru://join?a={place}&room=another"), "Another room is open there now."),
    ] {
        let ended = send(address, &[]);
        assert_eq!(ended.code, Some(3), "{address}: {}", ended.err);
        assert!(ended.err.starts_with(&format!("maru: {words}")), "{address}: {}", ended.err);
    }
    let joined = Maru::start(&["join", "127.0.0.1:1", "--json"]).ended();
    assert_eq!(joined.code, Some(3));
    assert_eq!(joined.out.lines().last(), Some(r#"{"event":"closed","fault":"refused"}"#));
}

#[test]
fn nobody_answers_for_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let ended = send(&silent.local_addr().unwrap().to_string(), &[]);
    assert_eq!(ended.code, Some(3));
    assert_eq!(ended.err, "maru: No answer. Are you on the same Wi‑Fi?\n");
}

#[test]
fn a_room_may_turn_somebody_away() {
    let (_host, url) = Maru::host(&["--max-members", "1"]);
    let _first = Maru::join(&url, "민지");
    let full = send(&url, &[]);
    assert_eq!((full.code, full.err.as_str()), (Some(4), "maru: Room full. Try later.\n"));
    let forbidden = send(&answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), &[]);
    assert_eq!(forbidden.code, Some(4));
    let (_host, url) = Maru::host(&[]);
    let _first = Maru::join(&url, "민지");
    let taken = send(&url, &["--nick", "민지"]);
    assert_eq!((taken.code, taken.err.as_str()), (Some(4), "maru: Name taken. Choose another.\n"));
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let data = file.to_str().unwrap();
    let host = finished(command(&["host", "--bind", "127.0.0.1", "--port", "0", "--data-dir", data]));
    assert_eq!(host.code, Some(1));
    assert!(host.err.contains(data), "{}", host.err);
    assert!(host.err.contains("Choose another folder with --data-dir."), "{}", host.err);
}

#[test]
fn words_are_in_the_language_of_the_system() {
    for (language, words) in [
        ("ko_KR.UTF-8", "maru: 열린 방이 없어요. 포트를 확인해 주세요.\n"),
        ("en_US.UTF-8", "maru: No room there. Check the port.\n"),
        ("de_DE.UTF-8", "maru: No room there. Check the port.\n"),
        ("C", "maru: No room there. Check the port.\n"),
    ] {
        let folder = folder();
        let data = folder.path().to_str().unwrap();
        let mut command = command(&["join", "127.0.0.1:1", "--data-dir", data]);
        command.env("LANG", language);
        assert_eq!(finished(command).err, words, "{language}");
    }
    let mut help = command(&["--help"]);
    help.env("LANG", "ko_KR.UTF-8");
    assert!(finished(help).out.contains("사용법: maru 명령"));
}

#[test]
fn what_is_said_is_in_no_log() {
    let (_host, url) = Maru::host(&[]);
    let folder = folder();
    let data = folder.path().to_str().unwrap();
    let mut sender = command(&["send", &url, "a-secret-between-us", "--nick", "민지", "--data-dir", data]);
    sender.env("RUST_LOG", "trace");
    let sent = finished(sender);
    assert_eq!(sent.code, Some(0));
    let log = std::fs::read_to_string(folder.path().join("state/maru.log")).unwrap();
    assert!(!log.contains("a-secret") && !sent.err.contains("a-secret"), "{log}");
}

/// A server that says this to whoever comes.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            // What was asked for does not matter.
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}
