use super::*;

const MAX: u64 = 100;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn all_names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = names_in(folder).collect();
    names.sort();
    names
}

#[test]
fn what_was_written_is_read_and_nothing_lies_beside_it() {
    let folder = folder();
    let path = folder.path().join("new/deep/a.json");
    assert_eq!(read(&path, MAX).unwrap(), Found::Nothing);
    write(&path, "마루".as_bytes()).unwrap();
    write(&path, b"two").unwrap();
    assert_eq!(read(&path, MAX).unwrap(), Found::Text("two".into()));
    assert_eq!(all_names(path.parent().unwrap()), ["a.json"]);
}

#[test]
fn a_file_of_the_greatest_size_is_read_and_one_byte_more_is_broken() {
    let folder = folder();
    let path = folder.path().join("a");
    fs::write(&path, vec![b'a'; MAX as usize]).unwrap();
    assert!(matches!(read(&path, MAX).unwrap(), Found::Text(_)));
    fs::write(&path, vec![b'a'; MAX as usize + 1]).unwrap();
    assert_eq!(read(&path, MAX).unwrap(), Found::Broken);
    fs::write(&path, b"\xff").unwrap();
    assert_eq!(read(&path, MAX).unwrap(), Found::Broken);
    fs::write(&path, b"\xef\xbb\xbf{}").unwrap();
    assert_eq!(read(&path, MAX).unwrap(), Found::Text("{}".into()), "an editor left a byte order mark");
    assert!(read(folder.path(), MAX).is_err(), "a folder is no file");
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("new/a.json");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    write(&path, b"a").unwrap();
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    write(&path, b"b").unwrap();
    assert_eq!(mode(&path), 0o600, "also where an older file was open to all");
}

#[cfg(unix)]
#[test]
fn a_link_to_where_a_person_keeps_the_file_stays() {
    let folder = folder();
    let (path, real) = (folder.path().join("a.json"), folder.path().join("dotfiles.json"));
    fs::write(&real, b"one").unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    write(&path, b"two").unwrap();
    assert_eq!(fs::read(&real).unwrap(), b"two");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[test]
fn a_reader_finds_a_whole_file_while_two_write() {
    let folder = folder();
    let path = folder.path().join("a");
    let text = |c: char| c.to_string().repeat(50_000);
    write(&path, text('a').as_bytes()).unwrap();
    std::thread::scope(|scope| {
        let writers = ['b', 'c'].map(|c| {
            let (path, text) = (&path, text(c));
            scope.spawn(move || (0..40).for_each(|_| write(path, text.as_bytes()).unwrap()))
        });
        while !writers.iter().all(|writer| writer.is_finished()) {
            let Found::Text(found) = read(&path, 1_000_000).unwrap() else { panic!("torn") };
            assert_eq!(found, text(found.chars().next().unwrap()));
        }
    });
    assert_eq!(all_names(folder.path()), ["a"]);
}

#[test]
fn what_a_cut_short_write_left_is_swept_when_it_is_old() {
    let folder = folder();
    let (old, young) = (folder.path().join(".a.0.new"), folder.path().join(".a.1.new"));
    let other = folder.path().join(".b.0.new");
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3_600);
    for path in [&old, &young, &other] {
        fs::write(path, b"half").unwrap();
    }
    for path in [&old, &other] {
        File::options().write(true).open(path).unwrap().set_modified(an_hour_ago).unwrap();
    }
    write(&folder.path().join("a"), b"whole").unwrap();
    assert_eq!(all_names(folder.path()), [".a.1.new", ".b.0.new", "a"]);
}

#[test]
fn broken_files_are_set_aside_and_only_the_latest_stay() {
    let folder = folder();
    let path = folder.path().join("a.json");
    for n in 0..BROKEN_FILES_MAX + 3 {
        fs::write(&path, n.to_string()).unwrap();
        let aside = set_aside(&path).unwrap().unwrap();
        assert_eq!(fs::read_to_string(aside).unwrap(), n.to_string());
        assert!(!path.exists());
    }
    let kept = all_names(folder.path());
    assert_eq!(kept.len(), BROKEN_FILES_MAX);
    assert!(kept.iter().all(|name| name.starts_with("a.json.broken-")));
    let texts: Vec<_> =
        kept.iter().map(|name| fs::read_to_string(folder.path().join(name)).unwrap()).collect();
    assert_eq!(texts, ["3", "4", "5", "6", "7"]);
    assert_eq!(set_aside(&path).unwrap(), None, "another process was faster");
}

#[test]
fn only_one_holds_the_lock_and_the_wait_for_it_ends() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let held = lock(&path).unwrap();
    assert_eq!(lock(&path).unwrap_err().kind(), io::ErrorKind::TimedOut);
    drop(held);
    lock(&path).unwrap();
}
