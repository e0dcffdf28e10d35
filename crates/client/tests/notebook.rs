//! What outlasts a run, with real hosts, real sockets and real files: the program ends, and another one begins in the
//! same folder.

#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

#[path = "real_room/guest.rs"]
mod guest;

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use maru_client::{Fault, ForgetError, Link, NotebookFault, Notebooks, RoomEvent};
use maru_server::{Host, HostOptions};
use maru_wire::{ByeCode, CaughtUp, Entry, Happening, Keeps, RefusalCode, RoomId};
use tempfile::TempDir;

use guest::{Guest, options, soon};

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn notebooks(&self) -> Notebooks {
        Notebooks::in_folder(self.0.path().join("joined"))
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("joined/r1")
    }

    /// A program that begins in this folder and joins there.
    fn joins(&self, address: &str) -> Guest {
        Guest::keeping(address, "민지", Some(self.notebooks()), Some("r1"))
    }

    async fn enters(&self, host: &Host) -> Guest {
        let mut guest = self.joins(&host.address().to_string());
        guest.told(live).await;
        guest
    }

    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder()).into_iter().flatten();
        let mut names: Vec<_> = names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// A room that is kept on its host's disk: of one that is not, nothing is kept here either.
struct KeptRoom {
    host: Host,
    _folder: TempDir,
}

impl KeptRoom {
    /// Begins a new log; port 0 is any that is free.
    async fn open(port: u16) -> Self {
        let folder = TempDir::new().unwrap();
        let options =
            HostOptions { keeps: Keeps::Everything, folder: Some(folder.path().into()), ..options(port) };
        Self { host: Host::start(options).await.unwrap(), _folder: folder }
    }

    async fn stop(self, code: ByeCode) {
        self.host.stop(code).await;
    }
}

impl Deref for KeptRoom {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.host
    }
}

fn live(event: &RoomEvent) -> Option<()> {
    matches!(event, RoomEvent::Link { link: Link::Live }).then_some(())
}

fn away(event: &RoomEvent) -> Option<Fault> {
    match event {
        RoomEvent::Link { link: Link::Waiting { fault, .. } } => Some(*fault),
        _ => None,
    }
}

/// What was shown when the room was entered: whether only from the notebook, how, and which messages.
fn entered(event: &RoomEvent) -> Option<(bool, CaughtUp, Vec<String>)> {
    match event {
        RoomEvent::Entered { kept, caught_up, entries, .. } => Some((*kept, *caught_up, said(entries))),
        _ => None,
    }
}

fn queued(event: &RoomEvent) -> Option<String> {
    if let RoomEvent::Queued { id, .. } = event { Some(id.to_string()) } else { None }
}

fn notebook(event: &RoomEvent) -> Option<Option<NotebookFault>> {
    if let RoomEvent::Notebook { fault } = event { Some(*fault) } else { None }
}

fn said(entries: &[Entry]) -> Vec<String> {
    let said = entries.iter().filter_map(|entry| match &entry.what {
        Happening::Said { id, .. } => Some(id.to_string()),
        _ => None,
    });
    said.collect()
}

fn room() -> RoomId {
    RoomId::parse("r1").unwrap()
}

/// All that was said in a room, by one who comes new.
async fn log_of(host: &Host) -> Vec<String> {
    Guest::join(host, "새 손님").told(entered).await.2
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_said_offline_and_the_program_ended_arrives_once() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let port = host.address().port();
    let mut minji = home.enters(&host).await;
    minji.says_and_hears("x1").await;
    soon(host.stop(ByeCode::Restarting)).await;
    minji.told(away).await;
    minji.say("x2", "아직 거기 있어?").await;
    minji.say("x3", "대답해").await;
    soon(minji.joined.leave()).await;

    let mut again = home.joins(&format!("127.0.0.1:{port}"));
    assert_eq!(again.told(entered).await, (true, CaughtUp::First, vec!["x1".into()]), "readable offline");
    assert_eq!((again.told(queued).await, again.told(queued).await), ("x2".into(), "x3".into()));
    assert_eq!(again.told(away).await, Fault::Refused, "and it goes on trying");
    soon(again.joined.leave()).await;

    let host = KeptRoom::open(port).await;
    let mut third = home.enters(&host).await;
    third.hears("x3").await;
    soon(third.joined.leave()).await;
    drop(home.enters(&host).await);
    assert_eq!(log_of(&host).await, ["x2", "x3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_was_sent_and_not_acknowledged_arrives_once_after_a_crash() {
    let (home, crashed, host) = (Home::new(), Home::new(), KeptRoom::open(0).await);
    let mut minji = home.enters(&host).await;
    minji.says_and_hears("x1").await;
    // As the disk was when the line was sent: the program is gone before it hears of it.
    minji.say("x2", "한 줄").await;
    copy(&home.folder(), &crashed.folder());
    minji.hears("x2").await;
    soon(minji.joined.leave()).await;
    let mut again = crashed.joins(&host.address().to_string());
    assert_eq!(again.told(queued).await, "x2", "it was on disk before it was sent");
    again.told(live).await;
    again.says_and_hears("x3").await;
    assert_eq!(log_of(&host).await, ["x1", "x2", "x3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_is_resumed_from_with_nothing_twice() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let mut jisu = Guest::in_room(&host, "지수").await;
    let mut minji = home.enters(&host).await;
    jisu.says_and_hears("y1").await;
    minji.hears("y1").await;
    soon(minji.joined.leave()).await;
    jisu.says_and_hears("y2").await;
    jisu.says_and_hears("y3").await;
    let mut again = home.joins(&host.address().to_string());
    assert_eq!(again.told(entered).await, (true, CaughtUp::First, vec!["y1".into()]));
    let missed = vec!["y2".into(), "y3".into()];
    assert_eq!(again.told(entered).await, (false, CaughtUp::Resumed, missed));
    soon(again.joined.leave()).await;
    assert_eq!(home.joins("127.0.0.1:9").told(entered).await.2, ["y1", "y2", "y3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_met_at_a_new_address_is_known_by_its_name() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let mut minji = home.enters(&host).await;
    minji.says_and_hears("x1").await;
    soon(minji.joined.leave()).await;
    let mut again = Guest::keeping(&host.address().to_string(), "민지", Some(home.notebooks()), None);
    again.say("x2", "안녕").await;
    assert_eq!(again.told(entered).await, (true, CaughtUp::First, vec!["x1".into()]));
    assert_eq!(again.told(entered).await.1, CaughtUp::Resumed);
    again.hears("x2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_line_is_kept_with_its_reason_until_it_is_given_up() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let mut minji = home.enters(&host).await;
    minji.say("x1", "하나").await;
    minji.hears("x1").await;
    minji.say("x1", "둘").await;
    let unsent = |event: &RoomEvent| match event {
        RoomEvent::Unsent { id, code } => Some((id.to_string(), *code)),
        _ => None,
    };
    let refused = ("x1".to_owned(), RefusalCode::IdReused);
    assert_eq!(minji.told(unsent).await, refused);
    soon(minji.joined.leave()).await;
    let again = home.enters(&host).await;
    soon(again.joined.dismiss("x1".to_owned().try_into().unwrap())).await;
    soon(again.joined.leave()).await;
    let mut third = home.joins("127.0.0.1:9");
    third.told(|event| unsent(event).map(|_| panic!("it was given up")).or(away(event).map(drop))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_program_goes_on_without_the_notebook_and_takes_it_up_when_the_first_is_gone() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let mut first = home.enters(&host).await;
    let mut second = home.joins(&host.address().to_string());
    assert_eq!(second.told(notebook).await, Some(NotebookFault::InUse));
    second.told(live).await;
    second.says_and_hears("x1").await;
    first.hears("x1").await;
    assert!(matches!(home.notebooks().forget(&room()), Err(ForgetError::InUse)));
    soon(first.joined.leave()).await;
    soon(second.joined.take_up_notebook()).await;
    assert_eq!(second.told(notebook).await, None);
    second.says_and_hears("x2").await;
    soon(second.joined.leave()).await;
    assert_eq!(home.joins("127.0.0.1:9").told(entered).await.2, ["x1", "x2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_once_and_no_line_is_lost_while_the_program_runs() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let port = host.address().port();
    let small = home.notebooks().of_at_most(16 * 4_096);
    let mut minji = Guest::keeping(&host.address().to_string(), "민지", Some(small), None);
    minji.told(live).await;
    soon(host.stop(ByeCode::Restarting)).await;
    minji.told(away).await;
    let long = "가".repeat(20_000);
    for id in ["x1", "x2", "x3"] {
        minji.say(id, &long).await;
    }
    assert_eq!(minji.told(notebook).await, Some(NotebookFault::Unwritable));
    let host = KeptRoom::open(port).await;
    minji.hears("x3").await;
    assert_eq!(log_of(&host).await.last().unwrap(), "x3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_room_leaves_nothing_on_disk() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let mut minji = home.enters(&host).await;
    minji.says_and_hears("x1").await;
    soon(minji.joined.leave()).await;
    assert!(home.notebooks().hold(&room()) && !home.files().is_empty());
    home.notebooks().forget(&room()).unwrap();
    assert!(!home.folder().exists());
    home.notebooks().forget(&room()).unwrap();
    assert_eq!(home.joins(&host.address().to_string()).told(entered).await.1, CaughtUp::First);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_notebook_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let mut minji = home.enters(&host).await;
    minji.says_and_hears("x1").await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.folder()), 0o700);
    let files = home.files();
    assert!(files.contains(&"notebook.db-wal".to_owned()), "{files:?}");
    for file in files {
        assert_eq!(mode(&home.folder().join(&file)), 0o600, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_notebook_is_set_aside_and_told_and_the_room_is_kept_anew() {
    let (home, host) = (Home::new(), KeptRoom::open(0).await);
    let garbage = b"this is no notebook, and long enough not to be taken for an empty file".repeat(100);
    fs::create_dir_all(home.folder()).unwrap();
    fs::write(home.folder().join("notebook.db"), &garbage).unwrap();
    let mut minji = home.joins(&host.address().to_string());
    assert_eq!(minji.told(notebook).await, Some(NotebookFault::SetAside));
    minji.told(live).await;
    minji.says_and_hears("x1").await;
    soon(minji.joined.leave()).await;
    let files = home.files();
    let aside = files.iter().find(|name| name.starts_with("notebook.db.broken-")).unwrap();
    assert_eq!(fs::read(home.folder().join(aside)).unwrap(), garbage);
    let mut again = home.joins("127.0.0.1:9");
    assert_eq!(again.told(entered).await.2, ["x1"]);
    soon(again.joined.leave()).await;
    home.notebooks().forget(&room()).unwrap();
    assert!(!home.folder().exists(), "what was set aside is forgotten too");
}
