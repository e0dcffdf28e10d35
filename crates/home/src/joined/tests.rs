use super::*;

fn rooms() -> (tempfile::TempDir, JoinedRooms) {
    let data = tempfile::tempdir().unwrap();
    let rooms = JoinedRooms::open(&data);
    (data, rooms)
}

fn id(text: &str) -> RoomId {
    RoomId::parse(text).unwrap()
}

#[test]
fn a_room_is_found_by_each_address_it_was_entered_at() {
    let (_data, rooms) = rooms();
    assert_eq!(rooms.at_address("ws://10.0.0.1:4567/"), None);
    rooms.note(&id("r1"), "점심 모임", "ws://10.0.0.1:4567/").unwrap();
    rooms.note(&id("r1"), "저녁 모임", "ws://10.0.0.2:4567/").unwrap();
    rooms.note(&id("r2"), "방", "ws://10.0.0.3:4567/").unwrap();
    for address in ["ws://10.0.0.1:4567/", "ws://10.0.0.2:4567/"] {
        assert_eq!(rooms.at_address(address), Some(id("r1")), "{address}");
    }
    let listed = rooms.list();
    let one = listed.iter().find(|room| room.id == id("r1")).unwrap();
    assert_eq!((listed.len(), one.name.as_str()), (2, "저녁 모임"));
    assert_eq!(one.addresses, ["ws://10.0.0.2:4567/", "ws://10.0.0.1:4567/"]);
}

#[test]
fn an_address_leads_to_the_room_that_was_found_there_last() {
    let (_data, rooms) = rooms();
    rooms.note(&id("r1"), "방", "ws://10.0.0.1:4567/").unwrap();
    rooms.note(&id("r2"), "방", "ws://10.0.0.1:4567/").unwrap();
    rooms.note(&id("r1"), "방", "ws://10.0.0.9:4567/").unwrap();
    assert_eq!(rooms.at_address("ws://10.0.0.1:4567/"), Some(id("r2")));
}

#[test]
fn a_forgotten_room_is_not_listed_and_leaves_no_folder() {
    let (data, rooms) = rooms();
    rooms.note(&id("r1"), "방", "ws://10.0.0.1:4567/").unwrap();
    rooms.forget(&id("r1")).unwrap();
    rooms.forget(&id("r1")).unwrap();
    assert!(rooms.list().is_empty() && !data.path().join("joined/r1").exists());
}

#[test]
fn what_a_stranger_calls_a_room_and_a_broken_file_hide_nothing() {
    let (data, rooms) = rooms();
    rooms.note(&id("r1"), "\u{202e}", "ws://10.0.0.1:4567/").unwrap();
    assert_eq!(rooms.list()[0].name, "r1");
    std::fs::create_dir(data.path().join("joined/r2")).unwrap();
    std::fs::write(data.path().join("joined/r2/room.json"), "{").unwrap();
    rooms.note(&id("r3"), "방", &"a".repeat(ADDRESS_CHARS_MAX + 1)).unwrap();
    assert_eq!(rooms.list().len(), 1);
    for n in 0..20 {
        rooms.note(&id("r1"), "방", &format!("ws://10.0.0.1:{n}/")).unwrap();
    }
    assert_eq!(rooms.list()[0].addresses.len(), ADDRESSES_MAX);
}
