use super::*;

fn room(id: &str, address: Option<&str>, at: u64) -> RecentRoom {
    RecentRoom { id: id.into(), name: format!("방 {id}"), address: address.map(String::from), at }
}

#[test]
fn the_room_entered_last_comes_first_and_each_is_there_once() {
    let mut preferences = Preferences::default();
    for (id, address, at) in
        [("a", None, 1), ("b", Some("b:1"), 2), ("a", Some("a:1"), 3), ("b", Some("b:1"), 4)]
    {
        preferences.remember_room(room(id, address, at));
    }
    let expected = [room("b", Some("b:1"), 4), room("a", Some("a:1"), 3), room("a", None, 1)];
    assert_eq!(preferences.recent_rooms, expected);
}

#[test]
fn the_room_entered_longest_ago_makes_place_for_a_new_one() {
    let mut preferences = Preferences::default();
    for n in 0..RECENT_ROOMS_MAX as u64 + 1 {
        preferences.remember_room(room(&format!("r{n}"), None, n));
    }
    assert_eq!(preferences.recent_rooms.len(), RECENT_ROOMS_MAX);
    assert_eq!(preferences.recent_rooms.first().unwrap().id, format!("r{RECENT_ROOMS_MAX}"));
    assert_eq!(preferences.recent_rooms.last().unwrap().id, "r1");
}

#[test]
fn what_is_no_nickname_is_left_out() {
    let nickname = |text: &str| {
        let preferences = Preferences { nickname: Some(text.into()), ..Preferences::default() };
        preferences.made_sane().nickname
    };
    assert_eq!(nickname("  민지  "), Some("민지".into()));
    assert_eq!(nickname(""), None);
    assert_eq!(nickname("a\u{202E}b"), None);
    assert_eq!(nickname(&"가".repeat(33)), None);
}

#[test]
fn a_window_is_neither_too_small_to_use_nor_larger_than_any_screen() {
    let sane = |width, height| {
        let window = Some(WindowSize { width, height, maximized: true });
        let window = Preferences { window, ..Preferences::default() }.made_sane().window.unwrap();
        assert!(window.maximized);
        (window.width, window.height)
    };
    assert_eq!(sane(0, 0), (360, 480));
    assert_eq!(sane(359, 480), (360, 480));
    assert_eq!(sane(10_000, 10_001), (10_000, 10_000));
    assert_eq!(sane(u32::MAX, 800), (10_000, 800));
}

#[test]
fn what_is_no_room_is_left_out_and_a_room_with_a_strange_name_stays() {
    let long_address = "a".repeat(ADDRESS_CHARS_MAX + 1);
    let recent_rooms = vec![
        room("not a room", None, 1),
        room("", None, 1),
        room("far", Some(&long_address), 1),
        room("near", Some(&long_address[1..]), u64::MAX),
        RecentRoom { name: "a\u{202E}b".into(), ..room("bidi", None, 1) },
    ];
    let sane = Preferences { recent_rooms, ..Preferences::default() }.made_sane().recent_rooms;
    let told: Vec<_> = sane.iter().map(|room| (room.id.as_str(), room.name.as_str(), room.at)).collect();
    assert_eq!(told, [("near", "방 near", (1 << 53) - 1), ("bidi", "bidi", 1)]);
}

#[test]
fn making_sane_twice_changes_nothing() {
    let window = Some(WindowSize { width: 1, height: 1, maximized: false });
    let messy = Preferences { version: 0, window, nickname: Some(" a ".into()), ..Preferences::default() };
    let sane = messy.made_sane();
    assert_eq!(sane.clone().made_sane(), sane);
}
