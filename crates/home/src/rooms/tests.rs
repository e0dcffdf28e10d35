use std::fs;

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_room_is_the_same_when_it_is_hosted_again_under_its_name() {
    let data = folder();
    let first = HostedRooms::open(&data).room_named("점심 모임").unwrap();
    assert_eq!(HostedRooms::open(&data).room_named("점심 모임").unwrap(), first);
    assert_eq!(HostedRooms::open(&data).room_named("  점심   모임 ").unwrap(), first, "as names are read");
    assert_eq!(first.folder, data.path().join("rooms").join(first.id.as_str()));
    assert!(first.folder.join("room.json").is_file());
}

#[test]
fn another_name_is_another_room() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    assert_ne!(rooms.room_named("점심").unwrap().id, rooms.room_named("저녁").unwrap().id);
    assert_ne!(rooms.room_named("Lunch").unwrap().id, rooms.room_named("lunch").unwrap().id);
}

#[test]
fn what_is_no_name_makes_no_room() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    for name in ["", "../../etc", "a\u{202E}b", &"가".repeat(65)] {
        match rooms.room_named(name) {
            Err(RoomsError::Name(_)) => {}
            Ok(room) => assert_eq!(room.folder.parent(), Some(data.path().join("rooms").as_path()), "{name}"),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(fs::read_dir(data.path().join("rooms")).unwrap().count(), 1, "a name is never a path");
}

#[test]
fn of_two_rooms_with_one_name_it_is_the_oldest() {
    let data = folder();
    for (id, made_at) in [("young", 9), ("old", 3), ("older", 3)] {
        let folder = data.path().join("rooms").join(id);
        fs::create_dir_all(&folder).unwrap();
        let file = RoomFile {
            version: 1,
            id: RoomId::parse(id).unwrap(),
            name: "방".into(),
            made_at,
            keeps: Keeps::Everything,
            passphrase: None,
        };
        fs::write(folder.join(ROOM_FILE), serde_json::to_vec(&file).unwrap()).unwrap();
    }
    assert_eq!(HostedRooms::open(&data).room_named("방").unwrap().id.as_str(), "old");
}

#[test]
fn a_broken_room_is_left_alone_and_in_nobodys_way() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    let broken = rooms.room_named("방").unwrap();
    let path = broken.folder.join(ROOM_FILE);
    let large = format!("{}{}", " ".repeat(ROOM_FILE_BYTES_MAX as usize), "{}");
    let of_another = r#"{"version":1,"id":"another","name":"방","made_at":1}"#;
    for text in ["", "{", of_another, &large] {
        fs::write(&path, text).unwrap();
        let room = rooms.room_named("방").unwrap();
        assert!(room.id != broken.id && room.id.as_str() != "another", "{room:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::create_dir(data.path().join("rooms/not a room")).unwrap();
    fs::write(data.path().join("rooms/a-file"), "").unwrap();
    assert!(rooms.room_named("방").is_ok());
}

#[test]
fn there_is_an_end_to_new_rooms_and_none_to_the_old_ones() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    let known = rooms.room_named("방").unwrap();
    for n in 1..HOSTED_ROOMS_MAX {
        fs::create_dir(data.path().join("rooms").join(format!("r{n}"))).unwrap();
    }
    let error = rooms.room_named("새 방").unwrap_err();
    assert!(matches!(error, RoomsError::Full { .. }), "{error:?}");
    assert_eq!(rooms.room_named("방").unwrap(), known);
    fs::remove_dir(data.path().join("rooms/r1")).unwrap();
    assert!(rooms.room_named("새 방").is_ok());
}

#[test]
fn where_nothing_can_be_written_the_folder_is_named() {
    let data = folder();
    fs::write(data.path().join("rooms"), "a file").unwrap();
    let error = HostedRooms::open(&data).room_named("방").unwrap_err();
    assert!(matches!(error, RoomsError::Unwritable { .. }) && error.to_string().contains("rooms"), "{error}");
}

#[test]
fn two_processes_that_host_one_name_at_once_host_one_room() {
    let data = folder();
    let ids: Vec<_> = std::thread::scope(|scope| {
        let hosts: Vec<_> = (0..4)
            .map(|_| {
                let rooms = HostedRooms::open(&data);
                scope.spawn(move || rooms.room_named("방").unwrap().id)
            })
            .collect();
        hosts.into_iter().map(|host| host.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn what_is_kept_of_a_room_is_remembered_with_it() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    let room = rooms.room_named("방").unwrap();
    assert_eq!(room.keeps, Keeps::Everything);
    for keeps in [Keeps::Last { entries: 1_000 }, Keeps::Nothing, Keeps::Everything] {
        let chosen = rooms.keep_as(room.clone(), keeps).unwrap();
        assert_eq!(chosen.keeps, keeps);
        assert_eq!(rooms.room_named("방").unwrap(), chosen, "and nothing else of it has changed");
    }
    let far_too_few = rooms.keep_as(room, Keeps::Last { entries: 0 }).unwrap();
    assert_eq!(far_too_few.keeps, Keeps::Last { entries: KEPT_ENTRIES_MIN });
}

#[test]
fn a_room_of_before_there_was_a_choice_keeps_everything() {
    let data = folder();
    let folder = data.path().join("rooms/old");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(ROOM_FILE), r#"{"version":1,"id":"old","name":"방","made_at":3}"#).unwrap();
    let room = HostedRooms::open(&data).room_named("방").unwrap();
    assert_eq!((room.id.as_str(), room.keeps), ("old", Keeps::Everything));
}

#[test]
fn a_room_is_known_by_its_name_and_by_its_identifier_and_never_made_by_asking() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    let room = rooms.room_named("점심 모임").unwrap();
    assert_eq!(rooms.known(" 점심  모임 "), Some(room.clone()));
    assert_eq!(rooms.known(room.id.as_str()), Some(room));
    for nobody in ["저녁", "", "../점심 모임", "x"] {
        assert_eq!(rooms.known(nobody), None, "{nobody}");
    }
    assert_eq!(kept::names_in(&data.path().join("rooms")).filter(|name| !name.starts_with('.')).count(), 1);
}

#[test]
fn a_passphrase_holds_until_another_choice_and_is_never_on_disk_itself() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    let room = rooms.room_named("방").unwrap();
    let passphrase = maru_wire::scram::Passphrase::parse("열린 마루").unwrap();
    let verifier = Verifier::derive(&passphrase, [3; 16], 4_096);
    let guarded = rooms.guard_with(room.clone(), Some(verifier.clone())).unwrap();
    assert_eq!(rooms.room_named("방").unwrap(), guarded);
    assert_eq!(guarded.passphrase, Some(verifier));
    let kept_less = rooms.keep_as(guarded, Keeps::Nothing).unwrap();
    assert!(rooms.room_named("방").unwrap() == kept_less && kept_less.passphrase.is_some());
    let written = fs::read_to_string(room.folder.join(ROOM_FILE)).unwrap();
    assert!(!written.contains("열린"), "{written}");
    // A file that lost a part of it is no room without a passphrase.
    fs::write(room.folder.join(ROOM_FILE), written.replace("4096", "12")).unwrap();
    assert_ne!(rooms.room_named("방").unwrap().id, room.id);
    fs::write(room.folder.join(ROOM_FILE), written).unwrap();
    let open = rooms.guard_with(kept_less, None).unwrap();
    assert_eq!((rooms.with_id(&room.id), open.passphrase.is_none()), (Some(open.clone()), true));
}

#[cfg(unix)]
#[test]
fn a_room_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let data = folder();
    let room = HostedRooms::open(data.path().join("data")).room_named("방").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&room.folder), mode(&room.folder.join(ROOM_FILE))), (0o700, 0o600));
}

#[test]
fn a_forgotten_room_leaves_nothing_and_the_others_stay() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    let (room, other) = (rooms.room_named("점심").unwrap(), rooms.room_named("저녁").unwrap());
    fs::write(room.folder.join("log.sqlite3"), "said").unwrap();
    fs::write(room.folder.join("log.lock"), "").unwrap();
    rooms.forget(&room.id).unwrap();
    assert!(!room.folder.exists());
    assert_eq!((rooms.known("점심"), rooms.known("저녁")), (None, Some(other)));
    rooms.forget(&room.id).expect("there is nothing left to forget");
}

#[test]
fn a_room_that_is_open_somewhere_is_not_forgotten() {
    let data = folder();
    let rooms = HostedRooms::open(&data);
    let room = rooms.room_named("점심").unwrap();
    let lock = fs::File::create(room.folder.join("log.lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(rooms.forget(&room.id), Err(RoomsError::InUse)));
    assert_eq!(rooms.known("점심").as_ref(), Some(&room));
    drop(lock);
    rooms.forget(&room.id).unwrap();
}
