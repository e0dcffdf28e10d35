//! A room with a passphrase, from its host's terminal to its members'.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Maru, command, finished, folder};

#[test]
fn who_has_the_passphrase_comes_in_and_who_has_not_is_told_so() {
    let data = folder();
    let file = |name: &str, text: &str| {
        let path = data.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (right, wrong) = (file("right", "열린 마루\n"), file("wrong", "닫힌 마루\n"));
    let (_host, url) = Maru::host(&["--passphrase-file", &right]);
    let mut minji = Maru::start(&["join", "--json", "--nick", "민지", "--passphrase-file", &right, &url]);
    minji.event("entered");
    let send = |given: &[&str]| {
        let mut all = vec!["send", "--nick", "준호"];
        all.extend(given);
        all.extend([url.as_str(), "안녕"]);
        finished(command(&all))
    };
    let sent = send(&["--passphrase-file", &right]);
    assert_eq!(sent.code, Some(0), "{}", sent.err);
    minji.said("안녕");
    let without = send(&[]);
    assert_eq!(without.code, Some(4), "{}", without.err);
    assert!(without.err.contains("asks for a passphrase"), "{}", without.err);
    let with_another = send(&["--passphrase-file", &wrong]);
    assert_eq!(with_another.code, Some(4), "{}", with_another.err);
    assert!(with_another.err.contains("Wrong passphrase"), "{}", with_another.err);
    let mut by_environment = command(&["send", "--nick", "준호", &url, "또 안녕"]);
    by_environment.env("MARU_PASSPHRASE", "열린 마루");
    assert_eq!(finished(by_environment).code, Some(0));
    minji.said("또 안녕");
}
