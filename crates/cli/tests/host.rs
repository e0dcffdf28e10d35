//! `maru host`, as others find it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use common::{Maru, command, folder, json};

#[test]
fn the_first_line_says_where_the_room_is() {
    let mut host =
        Maru::start(&["host", "--json", "--bind", "127.0.0.1", "--port", "0", "--name", "점심  모임"]);
    let first = host.line("a first line", |_| true);
    let listening = json(&first);
    let port = listening["port"].as_u64().unwrap();
    assert_eq!(listening["event"], "listening");
    assert_ne!(port, 0);
    assert_eq!(listening["url"], format!("http://127.0.0.1:{port}/"));
    assert_eq!(listening["asked_port"], serde_json::Value::Null);
    assert_eq!(listening["name"], "점심 모임");
    assert_eq!(listening["addresses"], serde_json::json!([format!("http://127.0.0.1:{port}/")]));
    assert_eq!(listening["tls"], true);
    assert_eq!(listening["pin"].as_str().map(str::len), Some(43), "a SHA-256 in base64url");
    assert!(listening["invite"].as_str().unwrap().contains(listening["room"].as_str().unwrap()));
}

#[test]
fn who_comes_and_goes_is_counted() {
    let (mut host, url) = Maru::host(&[]);
    let minji = Maru::join(&url, "민지");
    host.event_that("one member", |event| event["event"] == "members" && event["count"] == 1);
    let mut jun = Maru::join(&url, "준");
    host.event_that("two members", |event| event["event"] == "members" && event["count"] == 2);
    jun.close_input();
    assert_eq!(jun.ended().code, Some(0));
    host.event_that("one member again", |event| event["event"] == "members" && event["count"] == 1);
    drop(minji);
    host.event_that("nobody", |event| event["event"] == "members" && event["count"] == 0);
}

#[test]
fn a_person_is_shown_the_address_and_what_to_do() {
    let mut host = Maru::start(&["host", "--bind", "127.0.0.1", "--port", "0", "--name", "Lunch", "--qr"]);
    host.line("the name", |line| line == "  Lunch");
    let address = host.line("the address", |line| line.starts_with("  http://127.0.0.1:"));
    host.line("a QR code", |line| line.contains("▀▀"));
    let url = address.trim().to_owned();
    host.line("the command", |line| line.ends_with(&format!("maru join {url}")));
    host.line("nobody", |line| line == "  Nobody is here right now");
    let _member = Maru::join(&url, "민지");
    host.line("one member", |line| line == "  1 person here");
    assert!(!host.seen.iter().any(|line| line.contains('\u{1b}')), "this is no terminal");
}

#[test]
fn a_public_address_is_shown_first_and_what_is_open_to_other_pages_is_told() {
    let room = ["host", "--bind", "127.0.0.1", "--port", "0", "--public-url", "https://chat.example.org"];
    let mut host = Maru::start(&[&room[..], &["--allow-origin", "*"]].concat());
    let shown = host.line("an address", |line| line.starts_with("  http"));
    assert_eq!(shown, "  https://chat.example.org/");
    host.line("what is open", |line| line.starts_with("  Any web page may come in:"));
    let mut host = Maru::start(&[&room[..], &["--json", "--allow-origin", "null"]].concat());
    let listening = host.event("listening");
    let port = listening["port"].as_u64().unwrap();
    assert_eq!(listening["url"], "https://chat.example.org/");
    let both = ["https://chat.example.org/".to_owned(), format!("http://127.0.0.1:{port}/")];
    assert_eq!(listening["addresses"], serde_json::json!(both));
}

#[test]
fn a_machine_is_known_by_the_same_pin_whatever_room_it_hosts() {
    let data = folder();
    let data = data.path().to_str().unwrap();
    let pin = |name: &str| {
        let host =
            ["host", "--json", "--bind", "127.0.0.1", "--port", "0", "--name", name, "--data-dir", data];
        Maru::run(command(&host)).event("listening")["pin"].as_str().unwrap().to_owned()
    };
    assert_eq!(pin("Lunch"), pin("Dinner"));
}

#[test]
fn a_certificate_that_cannot_be_used_is_an_error_that_says_why() {
    let data = folder();
    let missing = data.path().join("missing.pem");
    let missing = missing.to_str().unwrap();
    let host = ["host", "--bind", "127.0.0.1", "--port", "0", "--cert", missing, "--key", missing];
    let ended = Maru::start(&host).ended();
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.starts_with("maru: The certificate file could not be read."), "{}", ended.err);
    assert!(ended.err.contains("missing.pem"), "{}", ended.err);
}

#[test]
fn where_the_default_port_is_taken_the_next_one_is_used_and_told() {
    // Where it cannot be taken here, somebody else has it.
    let _taken = TcpListener::bind("127.0.0.1:4567");
    let mut host = Maru::start(&["host", "--json", "--bind", "127.0.0.1"]);
    let listening = host.event("listening");
    assert_eq!(listening["asked_port"], 4567);
    let port = listening["port"].as_u64().unwrap();
    assert_ne!(port, 4567);
    assert_eq!(host.complaint(), format!("maru: Port 4567 is busy; using {port}"));
}

#[test]
fn a_port_that_was_asked_for_and_is_taken_is_an_error_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = Maru::start(&["host", "--bind", "127.0.0.1", "--port", &port]).ended();
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.err, "maru: This port is busy. Give another one with --port, or leave it out.\n");
    assert_eq!(ended.out, "");
}

#[test]
fn whoever_hosts_is_known_as_the_host_when_they_join() {
    let data = folder();
    let data = data.path().to_str().unwrap();
    let host = command(&["host", "--json", "--bind", "127.0.0.1", "--port", "0", "--data-dir", data]);
    let (_host, url) = Maru::run(host).listening();
    let mut owner = Maru::run(command(&["join", &url, "--json", "--data-dir", data]));
    assert_eq!(owner.event("entered")["you"]["host"], true);
    let mut guest = Maru::start(&["join", &url, "--nick", "guest", "--json"]);
    assert_eq!(guest.event("entered")["you"].get("host"), None);
}

/// Multicast DNS is UDP: a program without such a socket announces nothing and listens to nobody.
#[cfg(target_os = "linux")]
#[test]
fn a_room_for_this_machine_alone_has_no_socket_to_announce_it_with() {
    let (host, _url) = Maru::host(&[]);
    let folder = format!("/proc/{}/fd", host.id());
    let links =
        std::fs::read_dir(folder).unwrap().filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    let own: Vec<String> = links.map(|link| link.to_string_lossy().into_owned()).collect();
    assert!(own.iter().any(|link| link.starts_with("socket:")), "the room listens: {own:?}");
    for table in ["/proc/net/udp", "/proc/net/udp6"] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        for inode in text.lines().skip(1).filter_map(|line| line.split_whitespace().nth(9)) {
            assert!(!own.contains(&format!("socket:[{inode}]")), "a UDP socket: {table}");
        }
    }
}

#[test]
fn a_room_goes_on_until_its_output_is_read_no_more() {
    let data = folder();
    let mut host = command(&["host", "--json", "--bind", "127.0.0.1", "--port", "0"]);
    let mut host = host.args(["--data-dir", data.path().to_str().unwrap()]).spawn().unwrap();
    let mut out = BufReader::new(host.stdout.take().unwrap());
    let (mut first, mut reach) = (String::new(), String::new());
    out.read_line(&mut first).unwrap();
    out.read_line(&mut reach).unwrap();
    assert_eq!(json(&reach)["event"], "reach", "nothing more is told until somebody comes");
    drop(out);
    let mut member =
        Maru::start(&["join", json(&first)["url"].as_str().unwrap(), "--nick", "민지", "--json"]);
    let link = member.event_that("a wait", |event| event["state"] == "waiting");
    assert_eq!(link["fault"], "lost", "it may be hosted again");
    let ended = host.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(0), ""));
}

#[cfg(unix)]
mod ended_by_a_signal {
    use super::*;

    #[test]
    fn ctrl_c_closes_the_room_for_everybody() {
        let (host, url) = Maru::host(&[]);
        let mut member = Maru::join(&url, "민지");
        host.signal("INT");
        let host = host.ended();
        assert_eq!(host.code, Some(0));
        assert_eq!(host.out.lines().last(), Some(r#"{"event":"closed"}"#));
        let link = member.event_that("the end", |event| event["state"] == "ended");
        assert_eq!(link["fault"], "room_closed");
        let member = member.ended();
        assert_eq!(member.code, Some(5));
        assert_eq!(member.out.lines().last(), Some(r#"{"event":"closed","fault":"room_closed"}"#));
        assert_eq!(member.err, "maru: The host closed the room. Ask to have it opened again.\n");
    }

    #[test]
    fn after_sigterm_the_room_comes_back_and_so_do_its_members() {
        let data = folder();
        let data = data.path().to_str().unwrap();
        let again = |port: &str| {
            command(&["host", "--json", "--bind", "127.0.0.1", "--port", port, "--data-dir", data])
        };
        let mut host = Maru::run(again("0"));
        let listening = host.event("listening");
        let url = listening["url"].as_str().unwrap();
        let mut minji = Maru::join(url, "민지");
        let mut jun = Maru::join(url, "준");
        minji.type_line("before");
        jun.said("before");

        host.signal("TERM");
        assert_eq!(host.ended().code, Some(0));
        for member in [&mut minji, &mut jun] {
            let link = member.event_that("a wait", |event| event["state"] == "waiting");
            assert_eq!(link["fault"], "lost");
        }
        minji.type_line("meanwhile");
        minji.event_that("a queued line", |event| event["text"] == "meanwhile");

        let mut host = Maru::run(again(&listening["port"].to_string()));
        assert_eq!(host.event("listening")["room"], listening["room"]);
        let entered = jun.event("entered");
        assert_eq!(entered["caught_up"], "resumed", "without a gap");
        assert_eq!((&entered["room"], &entered["you"]["nickname"]), (&listening["room"], &"준".into()));
        jun.said("meanwhile");
        minji.said("meanwhile");
        minji.type_line("after");
        jun.said("after");
        let heard = jun.seen.iter().filter(|line| line.contains(r#""event":"said""#)).count();
        assert_eq!(heard, 3, "each once: {:#?}", jun.seen);
    }

    #[test]
    fn a_second_signal_ends_it_at_once() {
        let (host, url) = Maru::host(&[]);
        // A peer that says nothing and reads nothing holds a polite end up for seconds.
        let member = Maru::join(&url, "민지");
        member.signal("STOP");
        // Two of a kind may be delivered as one.
        host.signal("INT");
        host.signal("TERM");
        let code = host.ended().code;
        member.signal("CONT");
        assert!(matches!(code, Some(130 | 143)), "{code:?}");
    }
}

#[test]
fn what_a_room_keeps_is_chosen_once_and_remembered() {
    let data = folder();
    let data = data.path().to_str().unwrap();
    let keeps = |arguments: &[&str]| {
        let mut all = vec!["host", "--json", "--bind", "127.0.0.1", "--port", "0", "--data-dir", data];
        all.extend(arguments);
        Maru::run(command(&all)).event("listening")["keeps"].clone()
    };
    assert_eq!(keeps(&[]), serde_json::json!({"kind": "everything"}));
    assert_eq!(keeps(&["--keep", "1000"]), serde_json::json!({"kind": "last", "entries": 1000}));
    assert_eq!(keeps(&[])["kind"], "last", "as it was before");
    assert_eq!(keeps(&["--name", "another"])["kind"], "everything");
}

#[test]
fn a_passphrase_is_chosen_once_and_remembered_and_is_nowhere_to_be_read() {
    let data = folder();
    let folder = data.path().display().to_string();
    let file = data.path().join("passphrase");
    std::fs::write(&file, "열린 마루\n").unwrap();
    let file = file.display().to_string();
    let guarded = |arguments: &[&str]| {
        let mut all = vec!["host", "--json", "--port", "0", "--bind", "127.0.0.1", "--data-dir", &folder];
        all.extend(arguments);
        Maru::run(command(&all)).event("listening")["passphrase"].clone()
    };
    assert_eq!(guarded(&[]), false);
    assert_eq!(guarded(&["--passphrase-file", &file]), true);
    assert_eq!(guarded(&[]), true, "as it was before");
    assert_eq!(guarded(&["--name", "another"]), false);
    let mut folders = vec![data.path().to_path_buf()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path != std::path::Path::new(&file) {
                let kept = std::fs::read(&path).unwrap();
                assert!(!kept.windows(6).any(|bytes| bytes == "열린".as_bytes()), "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 1, "there are the two rooms at least");
    assert_eq!(guarded(&["--no-passphrase"]), false);
    assert_eq!(guarded(&[]), false, "nor afterwards");
}

#[test]
fn where_nobody_can_be_asked_for_a_passphrase_it_is_said_how_to_give_it() {
    let data = folder();
    let folder = data.path().display().to_string();
    let asked = ["host", "--passphrase", "--bind", "127.0.0.1", "--port", "0", "--data-dir", &folder];
    let ended = common::finished(command(&asked));
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--passphrase-file"), "{}", ended.err);
}
