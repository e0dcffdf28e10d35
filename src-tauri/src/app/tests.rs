use super::*;
use crate::feed::{FeedEvent, feed};
use maru_client::{Link, RoomEvent};
use maru_home::Folders;
use maru_wire::{Happening, Keeps};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tauri::ipc::{Channel, InvokeResponseBody};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// An app without a window, and everything its page would hear.
struct Stage {
    app: App,
    heard: mpsc::UnboundedReceiver<Value>,
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        Self::in_folder(TempDir::new().unwrap())
    }

    fn in_folder(folder: TempDir) -> Self {
        let (feed, outlet) = feed();
        let app = App::open(settings_in(&folder), feed).unwrap();
        tokio::spawn(outlet.run());
        let (tell, heard) = mpsc::unbounded_channel();
        let answering = app.clone();
        app.feed().listen(Channel::new(move |body| {
            let InvokeResponseBody::Json(text) = body else { panic!("a batch is JSON") };
            let batch: Value = serde_json::from_str(&text).expect("a batch is JSON");
            for event in batch["events"].as_array().expect("a batch has events") {
                tell.send(event.clone()).expect("the test listens");
            }
            let (number, app) = (batch["batch"].as_u64().expect("a batch has a number"), answering.clone());
            tokio::spawn(async move { app.feed().acknowledge(number) });
            Ok(())
        }));
        Self { app, heard, folder }
    }

    async fn hears(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let waiting = async {
            loop {
                let event = self.heard.recv().await.expect("the feed goes on");
                if is_it(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting)
            .await
            .unwrap_or_else(|_| panic!("never heard: {what}"))
    }

    async fn hears_said(&mut self, room: &str, text: &str) {
        self.hears(text, |event| {
            event["room"] == room
                && event["event"]["entries"]
                    .as_array()
                    .is_some_and(|entries| entries.iter().any(|entry| entry["text"] == text))
        })
        .await;
    }

    async fn hosts(&self, name: &str) -> crate::feed::Hosted {
        let request = HostRequest { port: free_port(), ..request(name, "민지") };
        self.app.host_room(request).await.unwrap()
    }

    async fn joins(&self, address: &str, nickname: &str) -> Result<RoomHandle, CommandError> {
        let (address, nickname) = (address.into(), nickname.into());
        let (dialect, passphrase) = (None, None);
        let request = JoinRequest { address, nickname, dialect, passphrase, take_certificate: false };
        self.app.join_room(request).await
    }
}

fn settings_in(folder: &TempDir) -> Settings {
    Settings {
        folders: Folders::under(folder.path()),
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        is_theirs: false,
        exports: folder.path().join("exports"),
    }
}

/// A port that was free a moment ago; a taken one only means that the next is used.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn request(name: &str, nickname: &str) -> HostRequest {
    let (name, nickname) = (name.into(), nickname.into());
    let (keeps, passphrase, origins) = (None, None, Pages::Own);
    HostRequest {
        name,
        nickname,
        port: 0,
        keeps,
        passphrase,
        origins,
        lets_foreign_in: false,
        announce: true,
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, CommandError>) -> String {
    result.unwrap_err().code
}

#[tokio::test]
async fn a_hosted_room_is_joined_by_another_app_and_both_hear_both() {
    let (mut one, mut other) = (Stage::new(), Stage::new());
    let hosted = one.hosts("점심 모임").await;
    let theirs = other.joins(&hosted.addresses[0].url, "준호").await.unwrap();
    one.app.say(&hosted.room, "m1".into(), "안녕").await.unwrap();
    other.app.say(&theirs, "m2".into(), "반가워요").await.unwrap();
    one.hears_said(&hosted.room, "반가워요").await;
    other.hears_said(&theirs, "반가워요").await;
    assert_eq!(one.app.others_here(), 1);
    other.app.leave_room(&theirs).await.unwrap();
    one.hears("the leaving", |event| event["event"]["left"][0]["nickname"] == "준호").await;
}

#[tokio::test]
async fn the_host_is_shown_as_the_host_and_knows_the_room_again() {
    let mut stage = Stage::new();
    let first = stage.hosts("점심 모임").await;
    let entered = stage.hears("entering", |event| event["event"]["type"] == "entered").await;
    assert_eq!(entered["event"]["you"]["host"], true);
    stage.app.stop_hosting().await.unwrap();
    stage.app.leave_room(&first.room).await.unwrap();

    let mut again = Stage::in_folder(stage.folder);
    again.hosts("점심 모임").await;
    let entered_again = again.hears("entering", |event| event["event"]["type"] == "entered").await;
    assert_eq!(entered_again["event"]["room"], entered["event"]["room"], "the same room");
    assert_eq!(entered_again["event"]["you"]["id"], entered["event"]["you"]["id"], "the same member");
}

#[tokio::test]
async fn stopping_tells_everybody_and_frees_the_port() {
    let (one, mut other) = (Stage::new(), Stage::new());
    let hosted = one.hosts("방").await;
    let theirs = other.joins(&hosted.addresses[0].url, "준호").await.unwrap();
    one.app.stop_hosting().await.unwrap();
    other
        .hears("the end", |event| {
            event["room"] == theirs.as_str() && event["event"]["link"]["fault"] == "room_closed"
        })
        .await;
    std::net::TcpListener::bind(("127.0.0.1", hosted.port)).unwrap();
    assert_eq!(code(one.app.stop_hosting().await), "not_hosting");
}

#[tokio::test]
async fn what_a_room_keeps_is_remembered_until_it_is_chosen_anew() {
    let stage = Stage::new();
    let kept = || stage.app.0.hosted_rooms.room_named("방").unwrap().keeps;
    for (chosen, then) in [
        (None, Keeps::Everything),
        (Some(Keeps::Last { entries: 1_000 }), Keeps::Last { entries: 1_000 }),
        (None, Keeps::Last { entries: 1_000 }),
        (Some(Keeps::Nothing), Keeps::Nothing),
    ] {
        let request = HostRequest { port: free_port(), keeps: chosen, ..request("방", "민지") };
        let hosted = stage.app.host_room(request).await.unwrap();
        assert_eq!(kept(), then);
        stage.app.leave_room(&hosted.room).await.unwrap();
    }
}

#[tokio::test]
async fn an_export_of_what_the_page_has_lies_where_exports_go_and_over_no_other() {
    let stage = Stage::new();
    let hosted = stage.hosts("../점심/모임").await;
    let save = |text: &str| {
        let loaded = Some(text.to_owned());
        ExportRequest { name: hosted.name.clone(), format: ExportFormat::Html, loaded }
    };
    let first = stage.app.export_room("room-of-before", save("<p>하나</p>")).await.unwrap();
    let second = stage.app.export_room("room-of-before", save("<p>둘</p>")).await.unwrap();
    assert_ne!(first.path, second.path);
    for (exported, text) in [(first, "<p>하나</p>"), (second, "<p>둘</p>")] {
        let path = std::path::Path::new(&exported.path);
        assert_eq!(path.parent(), Some(stage.folder.path().join("exports").as_path()), "a name is no path");
        assert!(path.extension().is_some_and(|extension| extension == "html"), "{exported:?}");
        assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    }
}

#[tokio::test]
async fn a_room_of_which_nothing_is_on_this_disk_is_asked_of_the_page() {
    let (host, guest) = (Stage::new(), Stage::new());
    let hosted = host.hosts("방").await;
    let theirs = guest.joins(&hosted.addresses[0].url, "준호").await.unwrap();
    let request = ExportRequest { name: "방".into(), format: ExportFormat::Jsonl, loaded: None };
    assert_eq!(code(guest.app.export_room(&theirs, request).await), "not_kept_here");
    assert!(!guest.folder.path().join("exports").exists(), "and leaves no empty file");
}

#[tokio::test]
async fn a_taken_port_gives_the_next_and_says_so() {
    let stage = Stage::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let asked = taken.local_addr().unwrap().port();
    let request = HostRequest { port: asked, ..request("방", "민지") };
    let hosted = stage.app.host_room(request).await.unwrap();
    assert_ne!(hosted.port, asked);
    assert_eq!(hosted.asked_port, Some(asked));
}

#[tokio::test]
async fn what_cannot_be_done_has_a_code_of_its_own() {
    let stage = Stage::new();
    let host = request;
    assert_eq!(code(stage.app.host_room(host("\u{202e}", "민지")).await), "bad_room_name");
    assert_eq!(code(stage.app.host_room(host("방", " ")).await), "bad_nickname");
    let hosted = stage.hosts("방").await;
    assert_eq!(code(stage.app.host_room(host("둘째 방", "민지")).await), "already_hosting");
    assert_eq!(code(stage.joins("", "민지").await), "address_empty");
    assert_eq!(code(stage.joins("ftp://x", "민지").await), "address_scheme");
    assert_eq!(code(stage.joins(&format!("127.0.0.1:{}", free_port()), "준호").await), "refused");
    assert_eq!(code(Stage::new().joins(&hosted.addresses[0].url, "민지").await), "nickname_taken");
    let nowhere = "room-99".to_owned();
    assert_eq!(code(stage.app.say(&nowhere, "m".into(), "안녕").await), "not_joined");
    assert_eq!(code(stage.app.say(&hosted.room, "m".into(), " ").await), "empty");
    assert_eq!(code(stage.app.say(&hosted.room, "m".into(), &"a".repeat(70_000)).await), "too_long");
    assert_eq!(code(stage.app.rename(&hosted.room, "\u{200b}").await), "bad_nickname");
}

#[tokio::test]
async fn a_room_that_is_open_here_is_not_opened_twice() {
    let stage = Stage::new();
    let hosted = stage.hosts("방").await;
    assert_eq!(stage.joins(&hosted.addresses[0].url, "민지").await.unwrap(), hosted.room);
}

#[tokio::test]
async fn a_room_that_moved_goes_on_under_its_handle_by_the_new_address() {
    let (host, mut guest) = (Stage::new(), Stage::new());
    let first = host.hosts("방").await;
    let handle = guest.joins(&first.addresses[0].url, "준호").await.unwrap();
    host.app.leave_room(&first.room).await.unwrap();
    guest.hears("the end", |event| event["event"]["link"]["state"] == "ended").await;
    guest.app.say(&handle, "m0".into(), "아직 거기 있어요").await.unwrap();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", first.port)).unwrap();
    let second = host.hosts("방").await;
    assert_ne!(second.port, first.port);
    assert_eq!(guest.joins(&second.addresses[0].url, "준호").await.unwrap(), handle);
    guest.hears_said(&handle, "아직 거기 있어요").await;
    guest.app.say(&handle, "m1".into(), "다시 왔어요").await.unwrap();
    guest.hears_said(&handle, "다시 왔어요").await;
}

#[tokio::test]
async fn a_page_that_is_loaded_again_is_told_everything() {
    let mut stage = Stage::new();
    let hosted = stage.hosts("방").await;
    stage.app.say(&hosted.room, "m1".into(), "안녕").await.unwrap();
    stage.hears_said(&hosted.room, "안녕").await;
    stage.app.tell_all().await;
    let again = stage.hears("hosting", |event| event["type"] == "hosting").await;
    assert_eq!(again["hosted"]["port"], hosted.port);
    stage.hears("the reset", |event| event["type"] == "reset").await;
    stage.hears_said(&hosted.room, "안녕").await;
}

#[tokio::test]
async fn quitting_leaves_every_room_and_frees_the_port() {
    let (one, other) = (Stage::new(), Stage::new());
    let hosted = one.hosts("방").await;
    let mut watching = other;
    let theirs = watching.joins(&hosted.addresses[0].url, "준호").await.unwrap();
    one.app.quit().await;
    watching.hears("the end", |event| event["event"]["link"]["state"] == "ended").await;
    std::net::TcpListener::bind(("127.0.0.1", hosted.port)).unwrap();
    assert_eq!(code(one.app.leave_room(&hosted.room).await), "not_joined");
    watching.app.leave_room(&theirs).await.unwrap();
}

#[tokio::test]
async fn preferences_survive_and_the_window_keeps_its_own() {
    let stage = Stage::new();
    let size = WindowSize { width: 900, height: 700, maximized: false };
    stage.app.save_window(size);
    let chosen = Preferences { nickname: Some("민지".into()), ..Preferences::default() };
    stage.app.save_preferences(chosen).unwrap();
    let again = Stage::in_folder(stage.folder).app.preferences();
    assert_eq!(again.preferences.nickname.as_deref(), Some("민지"));
    assert_eq!(again.preferences.window, Some(size));
    assert_eq!(again.notice, None);
}

#[tokio::test]
async fn broken_preferences_are_set_aside_and_told() {
    let folder = TempDir::new().unwrap();
    let path = Folders::under(folder.path()).preferences();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "{not json").unwrap();
    let loaded = Stage::in_folder(folder).app.preferences();
    assert_eq!(loaded.preferences.nickname, None);
    let Some(PreferencesNotice::Broken { file }) = loaded.notice else { panic!("no notice") };
    assert!(file.starts_with("preferences.json.broken-"), "{file}");
}

/// The names the page branches on are the wire's own.
#[test]
fn events_reach_the_page_as_its_types_say() {
    let event = FeedEvent::Room {
        room: "room-1".into(),
        event: RoomEvent::Link { link: Link::Connecting { attempt: 0 } },
    };
    assert_eq!(
        serde_json::to_value(event).unwrap(),
        serde_json::json!({"type":"room","room":"room-1","event":{"type":"link","link":{"state":"connecting","attempt":0}}})
    );
    assert_eq!(serde_json::to_value(Happening::Unknown).unwrap()["kind"], "unknown");
}

#[tokio::test]
async fn a_room_that_is_away_is_opened_as_it_was_kept_and_comes_back_by_itself() {
    let (host, mut guest) = (Stage::new(), Stage::new());
    let hosted = host.hosts("방").await;
    let address = hosted.addresses[0].url.clone();
    let handle = guest.joins(&address, "준호").await.unwrap();
    guest.app.say(&handle, "m1".into(), "안녕").await.unwrap();
    guest.hears_said(&handle, "안녕").await;
    host.app.leave_room(&hosted.room).await.unwrap();
    guest.hears("the end", |event| event["event"]["link"]["state"] == "ended").await;
    guest.app.say(&handle, "m2".into(), "아직 거기 있어요").await.unwrap();
    guest.app.quit().await;

    let mut again = Stage::in_folder(guest.folder);
    let handle = again.joins(&address, "준호").await.unwrap();
    let entered = again.hears("the room", |event| event["event"]["type"] == "entered").await;
    assert_eq!(
        (&entered["event"]["kept"], &entered["event"]["entries"][0]["text"]),
        (&true.into(), &"안녕".into())
    );
    again.hears("what waits", |event| event["event"]["text"] == "아직 거기 있어요").await;
    again.hears("a dial that failed", |event| event["event"]["link"]["state"] == "waiting").await;
    let request = HostRequest { port: hosted.port, ..request("방", "민지") };
    host.app.host_room(request).await.unwrap();
    again.app.joined(&handle).unwrap().retry_now().await;
    again.hears_said(&handle, "아직 거기 있어요").await;
}

#[tokio::test]
async fn a_forgotten_room_is_unknown_here_again() {
    let (host, guest) = (Stage::new(), Stage::new());
    let hosted = host.hosts("방").await;
    let address = hosted.addresses[0].url.clone();
    let handle = guest.joins(&address, "준호").await.unwrap();
    let joined = Folders::under(guest.folder.path()).data.join("joined");
    let rooms =
        || std::fs::read_dir(&joined).unwrap().filter(|room| room.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(rooms(), 1);
    let id = guest.app.0.joined_rooms.list().remove(0).id;
    guest.app.forget_room(&id).await.unwrap();
    assert_eq!((rooms(), code(guest.app.leave_room(&handle).await)), (0, "not_joined".into()));
    guest.app.forget_room(&id).await.expect("there is nothing left to forget");
    host.app.stop_hosting().await.unwrap();
    assert_eq!(code(guest.joins(&address, "준호").await), "refused");
}

#[tokio::test]
async fn a_forgotten_room_that_was_hosted_here_begins_anew() {
    let mut stage = Stage::new();
    let hosted = stage.hosts("방").await;
    stage.app.say(&hosted.room, "m1".into(), "안녕").await.unwrap();
    stage.hears_said(&hosted.room, "안녕").await;
    let id = stage.app.0.hosted_rooms.known("방").unwrap().id;
    stage.app.forget_room(&id).await.unwrap();
    assert_eq!((stage.app.known_room("방"), stage.app.others_here()), (None, 0));
    stage.hosts("방").await;
    assert_ne!(stage.app.0.hosted_rooms.known("방").unwrap().id, id);
}

#[tokio::test]
async fn a_room_that_another_program_has_open_is_not_forgotten() {
    let stage = Stage::new();
    let hosted = stage.hosts("방").await;
    let id = stage.app.0.hosted_rooms.known("방").unwrap().id;
    let other = App::open(settings_in(&stage.folder), stage.app.feed().clone()).unwrap();
    assert_eq!(code(other.forget_room(&id).await), "room_in_use");
    stage.app.leave_room(&hosted.room).await.unwrap();
    other.forget_room(&id).await.unwrap();
}

#[tokio::test]
async fn a_line_that_was_given_up_is_not_told_again() {
    let mut stage = Stage::new();
    let hosted = stage.hosts("방").await;
    stage.app.say(&hosted.room, "m1".into(), "하나").await.unwrap();
    stage.hears_said(&hosted.room, "하나").await;
    stage.app.say(&hosted.room, "m1".into(), "둘").await.unwrap();
    stage.hears("the refusal", |event| event["event"]["code"] == "id_reused").await;
    stage.app.dismiss(&hosted.room, "m1".into()).await.unwrap();
    stage.app.tell_all().await;
    stage.hears("the reset", |event| event["type"] == "reset").await;
    stage.app.say(&hosted.room, "m2".into(), "셋").await.unwrap();
    let next =
        stage.hears("a line of ours", |event| event["event"]["id"] == "m1" || event["event"]["id"] == "m2");
    assert_eq!(next.await["event"]["id"], "m2");
}

#[tokio::test]
async fn a_hosted_room_that_fails_is_told_and_opened_again_under_its_handle() {
    let mut stage = Stage::new();
    let first = stage.hosts("방").await;
    stage.app.handle_host_failed(first.room.clone()).await;
    stage.hears("the failure", |event| event["type"] == "host_failed" && event["room"] == *first.room).await;
    stage.hears("no hosting", |event| event["type"] == "hosting" && event["hosted"].is_null()).await;
    stage.app.say(&first.room, "m1".into(), "아직 거기 있어요").await.unwrap();
    let request = HostRequest { port: first.port, ..request("방", "민지") };
    let second = stage.app.host_room(request).await.unwrap();
    assert_eq!((second.room.as_str(), second.port), (first.room.as_str(), first.port));
    stage.hears_said(&second.room, "아직 거기 있어요").await;
}

#[tokio::test]
async fn a_room_for_this_machine_is_told_to_be_for_it_alone_and_to_nobody_else() {
    let mut stage = Stage::new();
    stage.hosts("방").await;
    let told = stage.hears("whether others reach it", |event| event["type"] == "reach").await;
    assert_eq!(told["reach"]["state"], "here_only");
    let hosting = stage.app.0.hosting.lock().await;
    assert!(!hosting.as_ref().unwrap().is_announced(), "the network is not told");
    drop(hosting);
    stage.app.tell_all().await;
    stage.hears("it again, after a reload", |event| event["type"] == "reach").await;
}

#[tokio::test]
async fn what_others_are_told_follows_the_addresses() {
    let mut stage = Stage::new();
    let hosted = stage.hosts("방").await;
    let moved: IpAddr = "192.168.0.10".parse().unwrap();
    let port = hosted.port;
    let address =
        maru_lan::Address { ip: moved, port, kind: maru_lan::Kind::Lan, score: 1, interface: "eth0".into() };
    stage.app.handle_addresses(&[address]).await;
    let url = format!("http://192.168.0.10:{port}/");
    stage.hears("the new address", |event| event["hosted"]["addresses"][0]["url"] == url).await;
}

#[tokio::test]
async fn what_the_page_asks_may_leave_out_what_is_as_before() {
    let asked = |text: &str| serde_json::from_str::<HostRequest>(text).unwrap();
    let short = asked(r#"{"name":"방","nickname":"민지","port":0}"#);
    assert!(short.passphrase.is_none() && short.announce && !short.lets_foreign_in);
    assert_eq!(short.origins, Pages::Own);
    let none = asked(r#"{"name":"방","nickname":"민지","port":0,"passphrase":null,"origins":"any"}"#);
    assert!(none.passphrase.is_some_and(|passphrase| passphrase.is_none()), "null takes it away");
    assert_eq!(none.origins, Pages::Any);
    let set = asked(r#"{"name":"방","nickname":"민지","port":0,"passphrase":"열려라 참깨"}"#);
    assert!(!format!("{set:?}").contains("참깨"), "no log shows it");
}

#[tokio::test]
async fn a_run_for_this_machine_alone_neither_listens_to_the_network_nor_asks_it() {
    let mut stage = Stage::new();
    stage.app.watch_nearby(true).await.unwrap();
    let told = stage.hears("what is nearby", |event| event["type"] == "nearby").await;
    assert_eq!((&told["rooms"], &told["is_scanning"]), (&serde_json::json!([]), &false.into()));
    stage.app.look_harder().await.unwrap();
    assert!(lock(&stage.app.0.finding).is_none());
}

#[tokio::test]
async fn a_room_asks_for_its_passphrase_until_that_is_taken_away_and_never_its_own_window() {
    let (host, guest) = (Stage::new(), Stage::new());
    let opens = async |passphrase: Option<Option<&str>>| {
        let passphrase = passphrase.map(|given| given.map(|text| Secret(text.into())));
        let request = HostRequest { port: free_port(), passphrase, ..request("방", "민지") };
        host.app.host_room(request).await.unwrap()
    };
    let shows = async |address: &str, passphrase: Option<&str>| {
        let (address, nickname) = (address.to_owned(), "준호".to_owned());
        let passphrase = passphrase.map(|text| Secret(text.into()));
        let request = JoinRequest { address, nickname, dialect: None, passphrase, take_certificate: false };
        guest.app.join_room(request).await
    };
    let hosted = opens(Some(Some("열려라 참깨"))).await;
    let address = &hosted.addresses[0].url;
    assert!(hosted.passphrase && hosted.pin.is_some());
    assert!(host.app.known_room("방").unwrap().passphrase);
    assert_eq!(code(shows(address, None).await), "passphrase_needed");
    assert_eq!(code(shows(address, Some("닫혀라")).await), "wrong_passphrase");
    let room = shows(address, Some("열려라 참깨")).await.unwrap();
    guest.app.leave_room(&room).await.unwrap();
    host.app.stop_hosting().await.unwrap();
    let again = opens(None).await;
    assert!(again.passphrase, "as it was chosen before");
    host.app.stop_hosting().await.unwrap();
    let open = opens(Some(None)).await;
    assert!(!open.passphrase);
    shows(&open.addresses[0].url, None).await.expect("it asks for none any more");
}
