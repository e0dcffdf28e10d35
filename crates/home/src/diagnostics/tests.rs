use std::fs;
use std::io::Write;

use maru_wire::identity::channel_plain;
use maru_wire::{Nonce, RoomId};

use super::*;
use crate::preferences::RecentRoom;
use crate::{Folders, HostedRooms, Keys, Preferences, PreferencesFile, sign_hello};

fn home() -> (tempfile::TempDir, Folders) {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders::under(folder.path());
    (folder, folders)
}

/// Everything in the files of the log.
fn logged(folders: &Folders) -> String {
    log_file::files(&folders.state).iter().filter_map(|path| fs::read_to_string(path).ok()).collect()
}

fn with_log(folders: &Folders, directives: Option<&str>, run: impl FnOnce()) -> String {
    let file = RotatingFile::open(&folders.state, LOG_FILE_BYTES_MAX).unwrap();
    tracing::subscriber::with_default(subscriber(directives, Some(file), false), run);
    logged(folders)
}

#[test]
fn what_went_on_is_in_the_file_and_details_only_when_asked_for() {
    let (_folder, folders) = home();
    let tell = || {
        tracing::info!(target: "maru_server", port = 4567, "hosting");
        tracing::debug!(target: "maru_server", "a detail");
        tracing::info!(target: "hyper", "of a library");
        tracing::warn!(target: "hyper", "a warning of a library");
    };
    let log = with_log(&folders, None, tell);
    assert!(log.contains("hosting port=4567") && log.contains("a warning of a library"), "{log}");
    assert!(!log.contains("a detail") && !log.contains("hyper: of a library"), "{log}");
    assert!(!log.contains('\x1b'), "no colours in a file");
    assert!(with_log(&folders, Some("debug"), tell).contains("a detail"));
    assert!(with_log(&folders, Some("=,=nonsense"), tell).contains("hosting"));
}

#[test]
fn nothing_secret_is_ever_in_the_log_or_in_the_report() {
    let (_folder, folders) = home();
    let (text, passphrase, invite) = ("비밀-이야기", "correct-horse", "invite-s3cret");
    let room = RoomId::parse("room-1").unwrap();
    let preferences = Preferences {
        nickname: Some(text.into()),
        recent_rooms: vec![RecentRoom {
            id: "room-1".into(),
            name: text.into(),
            address: Some(format!("maru://join?a=host&s={invite}")),
            at: 1,
        }],
        others: [("passphrase".to_owned(), passphrase.into())].into_iter().collect(),
        ..Preferences::default()
    };
    let mut secrets = vec![text.to_owned(), passphrase.to_owned(), invite.to_owned()];
    let log = with_log(&folders, Some("trace"), || {
        // What a library would say of each message.
        tracing::trace!(target: "tungstenite::protocol", "Received message {text}");
        tracing::debug!(target: "hyper::proto", passphrase, "headers");
        let file = PreferencesFile::open(folders.preferences());
        file.save(&preferences).unwrap();
        fs::write(file.path(), format!("{{\"theme\":\"{passphrase}\",\"{text}\"")).unwrap();
        tracing::error!("{:?}", file.load().map(|loaded| loaded.broken));
        tracing::info!(?file);
        let keys = Keys::open(&folders.data).unwrap();
        let key = keys.key_for(&room).unwrap();
        secrets.push(data_encoding::BASE64URL_NOPAD.encode(&key.to_bytes()));
        secrets.push(data_encoding::HEXLOWER.encode(&key.to_bytes()));
        secrets.push(format!("{:?}", key.to_bytes()));
        let proof = sign_hello(&key, &room, &Nonce::parse("n").unwrap(), &channel_plain("maru.local:4567"));
        tracing::info!(?keys, ?key, ?proof, "joining");
        let path = folders.data.join("keys.json");
        // A file with a secret in it that cannot be understood: its errors must not quote it.
        let broken = fs::read_to_string(&path).unwrap().replace("\"seed\": \"", "\"seed\": \"!");
        fs::write(&path, broken).unwrap();
        tracing::error!("{:?}", Keys::open(&folders.data));
        fs::create_dir(&path).unwrap();
        tracing::error!("{}", Keys::open(&folders.data).unwrap_err());
        let rooms = HostedRooms::open(&folders.data);
        tracing::error!("{}", rooms.room_named(&format!("{text}\u{202E}")).unwrap_err());
    });
    assert!(log.contains("joining") && log.contains("set_aside"), "there is a log: {log}");
    let report = report(&folders, &preferences);
    assert!(report.contains("joining") && report.contains("1 recent rooms"), "there is a report: {report}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log: {log}");
        assert!(!report.contains(&secret), "{secret} is in the report: {report}");
    }
}

#[test]
fn the_report_tells_what_a_developer_asks_first() {
    let (_folder, folders) = home();
    with_log(&folders, None, || tracing::warn!(target: "maru_client", "the last thing that happened"));
    let report = report(&folders, &Preferences::default());
    for part in [
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        "locale: ",
        "theme System",
        "nickname none",
        "window: none",
        "the last thing that happened",
    ] {
        assert!(report.contains(part), "{part} is missing: {report}");
    }
}

fn sizes(folder: &Path) -> Vec<u64> {
    log_file::files(folder).iter().map(|path| fs::metadata(path).map_or(0, |found| found.len())).collect()
}

#[test]
fn a_log_written_for_ever_takes_no_more_than_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = RotatingFile::open(folder.path(), 1_000).unwrap();
    for n in 0..500 {
        writeln!(file, "line {n:04}").unwrap();
        assert!(sizes(folder.path()).iter().all(|size| *size <= 1_000));
    }
    let log: String =
        log_file::files(folder.path()).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let lines: Vec<_> = log.lines().map(String::from).collect();
    let expected: Vec<_> = (500 - lines.len()..500).map(|n| format!("line {n:04}")).collect();
    assert_eq!(lines, expected, "the latest lines, whole and in order");
    assert!(lines.len() >= 100, "one file's worth stays at least");
    const { assert!(2 * LOG_FILE_BYTES_MAX <= 10_000_000) };
}

#[test]
fn a_log_goes_on_after_a_restart_and_one_far_too_large_goes() {
    let folder = tempfile::tempdir().unwrap();
    writeln!(RotatingFile::open(folder.path(), 1_000).unwrap(), "one").unwrap();
    writeln!(RotatingFile::open(folder.path(), 1_000).unwrap(), "two").unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("maru.log")).unwrap(), "one\ntwo\n");
    for path in log_file::files(folder.path()) {
        fs::write(path, "a".repeat(1_001)).unwrap();
    }
    writeln!(RotatingFile::open(folder.path(), 1_000).unwrap(), "three").unwrap();
    assert_eq!(sizes(folder.path()), [0, 6]);
}

#[test]
fn several_processes_together_stay_within_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let mut files: Vec<_> = (0..3).map(|_| RotatingFile::open(folder.path(), 1_000).unwrap()).collect();
    for n in 0..600 {
        writeln!(files[n % 3], "line {n:04}").unwrap();
        assert!(sizes(folder.path()).iter().all(|size| *size <= 1_000));
    }
    let last = fs::read_to_string(folder.path().join("maru.log")).unwrap();
    assert!(last.ends_with("line 0597\nline 0598\nline 0599\n"), "all write to the same file: {last}");
}

#[test]
fn a_line_without_end_is_clipped() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = RotatingFile::open(folder.path(), LOG_FILE_BYTES_MAX).unwrap();
    writeln!(file, "short").unwrap();
    file.write_all(format!("{}\n", "가".repeat(100_000)).as_bytes()).unwrap();
    writeln!(file, "next").unwrap();
    let log = fs::read_to_string(folder.path().join("maru.log")).unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[2]), (3, "short", "next"));
    assert!(lines[1].len() <= 16 * 1024 && lines[1].ends_with("가…"), "{}", lines[1].len());
}

#[cfg(unix)]
#[test]
fn a_log_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, folders) = home();
    let mut file = RotatingFile::open(&folders.state, 10).unwrap();
    write!(file, "12345678").unwrap();
    write!(file, "12345678").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folders.state), 0o700);
    for path in log_file::files(&folders.state) {
        assert_eq!(mode(&path), 0o600);
    }
}

#[test]
fn a_program_without_a_log_still_runs() {
    let (folder, _) = home();
    let state = folder.path().join("state");
    fs::write(&state, "a file where the folder should be").unwrap();
    assert!(init(&state, Role::Window).fault().is_some());
    tracing::info!(target: "maru_server", "said to nobody");
}
