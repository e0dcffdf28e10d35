//! `maru export` and `maru backup`: which room they mean, and what they say where there is none.

mod common;

use common::{Maru, command, finished, folder};

#[test]
fn a_room_that_was_never_hosted_here_is_neither_exported_nor_made() {
    let data = folder();
    let path = data.path().to_str().unwrap();
    for arguments in [
        &["export", "nowhere", "--format", "html", "--data-dir", path][..],
        &["backup", "nowhere", "copy.db", "--data-dir", path][..],
    ] {
        let ended = finished(command(arguments));
        assert_eq!(ended.code, Some(2));
        assert_eq!(ended.err, "maru: No such room was ever hosted here: nowhere\n");
        assert_eq!(ended.out, "");
    }
    assert!(!data.path().join("data/rooms").exists());
}

#[test]
fn a_backup_is_never_written_over_a_file() {
    let data = folder();
    let path = data.path().to_str().unwrap();
    let host =
        command(&["host", "--json", "--bind", "127.0.0.1", "--port", "0", "--data-dir", path, "--name", "x"]);
    Maru::run(host).event("listening");
    let file = data.path().join("copy.db");
    std::fs::write(&file, "the last good one").unwrap();
    let ended = finished(command(&["backup", "x", file.to_str().unwrap(), "--data-dir", path]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("copy.db already"), "{}", ended.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "the last good one");
}
