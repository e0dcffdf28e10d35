use std::fs;

use serde_json::json;

use super::*;
use crate::preferences::{Language, RecentRoom, Theme, WindowSize};

struct Home {
    folder: tempfile::TempDir,
    file: PreferencesFile,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = PreferencesFile::open(folder.path().join("config/preferences.json"));
        fs::create_dir(folder.path().join("config")).unwrap();
        Self { folder, file }
    }

    fn with(bytes: impl AsRef<[u8]>) -> Self {
        let home = Self::new();
        fs::write(home.file.path(), bytes).unwrap();
        home
    }

    fn value(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.file.path()).unwrap()).unwrap()
    }
}

fn chosen() -> Preferences {
    Preferences {
        nickname: Some("민지".into()),
        language: Language::Ko,
        theme: Theme::Dark,
        recent_rooms: vec![RecentRoom {
            id: "a".into(),
            name: "방".into(),
            address: Some("a:1".into()),
            at: 5,
        }],
        window: Some(WindowSize { width: 800, height: 600, maximized: true }),
        ..Preferences::default()
    }
}

#[test]
fn without_a_file_the_defaults_are_in_force() {
    let home = Home::new();
    assert_eq!(home.file.load().unwrap(), Loaded { preferences: Preferences::default(), broken: None });
    assert!(!home.file.path().exists(), "loading writes nothing");
}

#[test]
fn what_was_chosen_is_there_after_a_restart() {
    let home = Home::new();
    home.file.save(&chosen()).unwrap();
    let loaded = PreferencesFile::open(home.file.path()).load().unwrap();
    assert_eq!(loaded, Loaded { preferences: chosen(), broken: None });
}

#[test]
fn a_broken_file_is_set_aside_told_and_not_lost() {
    let too_large = " ".repeat(PREFERENCES_BYTES_MAX as usize + 1).into_bytes();
    let broken: [&[u8]; 8] = [
        b"",
        b"{\"version\":1,",
        b"[]",
        b"\xff\xfe{}",
        b"{\"theme\":\"plaid\"}",
        b"{\"recent_rooms\":{}}",
        b"{\"version\":\"one\"}",
        &too_large,
    ];
    for bytes in broken {
        let home = Home::with(bytes);
        let loaded = home.file.load().unwrap();
        assert_eq!(loaded.preferences, Preferences::default());
        let aside = loaded.broken.expect("the caller is told");
        assert_eq!(fs::read(&aside).unwrap(), bytes);
        assert!(aside.file_name().unwrap().to_str().unwrap().starts_with("preferences.json.broken-"));
        assert_eq!(home.file.load().unwrap().broken, None, "once");
    }
}

#[test]
fn a_file_that_breaks_before_a_save_is_set_aside_too() {
    let home = Home::with("no json");
    home.file.save(&chosen()).unwrap();
    assert_eq!(home.file.load().unwrap().preferences, chosen());
    let names: Vec<_> = kept::names_in(&home.folder.path().join("config")).collect();
    assert!(names.iter().any(|name| name.contains(".broken-")), "{names:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named_and_left_alone() {
    let home = Home::new();
    // A link to itself fails for root as well, unlike a file without permissions.
    std::os::unix::fs::symlink(home.file.path(), home.file.path()).unwrap();
    for result in [home.file.load().map(|_| ()), home.file.save(&chosen())] {
        let error = result.unwrap_err();
        assert!(matches!(error, PreferencesError::Unreadable { .. }), "{error:?}");
        assert!(error.to_string().contains("preferences.json"), "{error}");
    }
    assert!(fs::symlink_metadata(home.file.path()).unwrap().is_symlink());
}

#[test]
fn unknown_fields_survive_being_loaded_and_saved() {
    let home = Home::with(
        json!({
            "version": 1, "sound": {"volume": 3},
            "window": {"width": 800, "height": 600, "screen": 2},
            "recent_rooms": [
                {"id": "a", "name": "방", "address": null, "at": 1, "muted": true},
                {"id": "a", "name": "방", "address": "a:1", "at": 1, "colour": 7},
            ],
        })
        .to_string(),
    );
    let mut preferences = home.file.load().unwrap().preferences;
    preferences.remember_room(RecentRoom { id: "b".into(), name: "새".into(), address: None, at: 9 });
    preferences.window = Some(WindowSize { width: 900, height: 600, maximized: false });
    home.file.save(&preferences).unwrap();
    let value = home.value();
    assert_eq!(value["sound"], json!({"volume": 3}));
    assert_eq!(value["window"], json!({"width": 900, "height": 600, "maximized": false, "screen": 2}));
    assert_eq!(
        value["recent_rooms"],
        json!([
            {"id": "b", "name": "새", "address": null, "at": 9},
            {"id": "a", "name": "방", "address": null, "at": 1, "muted": true},
            {"id": "a", "name": "방", "address": "a:1", "at": 1, "colour": 7},
        ])
    );
}

#[test]
fn a_page_that_never_saw_the_unknown_fields_does_not_erase_them() {
    let home = Home::with(json!({"sound": 1, "theme": "light"}).to_string());
    home.file.save(&chosen()).unwrap();
    assert_eq!(home.value()["sound"], 1);
    assert_eq!(home.value()["theme"], "dark");
}

#[test]
fn the_file_of_a_newer_version_stays_of_that_version() {
    let newer = json!({"version": 7, "theme": {"name": "plaid"}, "language": "ko", "sound": 1});
    let home = Home::with(newer.to_string());
    let loaded = home.file.load().unwrap();
    assert_eq!(loaded.broken, None);
    assert_eq!(loaded.preferences.language, Language::Ko, "what is understood is in force");
    assert_eq!(loaded.preferences.theme, Theme::System);
    home.file.save(&Preferences { language: Language::En, ..loaded.preferences }).unwrap();
    let value = home.value();
    assert_eq!(value["version"], 7);
    assert_eq!(value["theme"], json!({"name": "plaid"}), "nobody chose another one here");
    assert_eq!((&value["language"], &value["sound"]), (&json!("en"), &json!(1)));
    home.file.save(&Preferences { theme: Theme::Dark, ..Preferences::default() }).unwrap();
    assert_eq!(home.value()["theme"], "dark");
    assert_eq!(home.value()["version"], 7);
}

#[test]
fn preferences_that_could_not_be_loaded_again_are_not_saved() {
    let home = Home::with(r#"{"theme":"dark"}"#);
    let mut others = Map::new();
    others.insert("flood".into(), "a".repeat(PREFERENCES_BYTES_MAX as usize).into());
    let error = home.file.save(&Preferences { others, ..Preferences::default() }).unwrap_err();
    assert!(matches!(error, PreferencesError::TooLarge));
    assert_eq!(home.value(), json!({"theme": "dark"}), "what was there stays");
}

#[test]
fn of_two_that_save_at_once_the_file_is_always_one_whole() {
    let home = Home::new();
    let named = |name: &str| Preferences { nickname: Some(name.into()), ..chosen() };
    std::thread::scope(|scope| {
        for name in ["가", "나"] {
            let (path, preferences) = (home.file.path(), named(name));
            let save = move || (0..20).for_each(|_| PreferencesFile::open(path).save(&preferences).unwrap());
            scope.spawn(save);
        }
    });
    let loaded = home.file.load().unwrap();
    assert_eq!(loaded.broken, None);
    assert!([named("가"), named("나")].contains(&loaded.preferences));
}
