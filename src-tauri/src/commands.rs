//! What the page may ask for. Each is thin over [`App`]; `src-tauri/capabilities/main.json` names exactly these.

use maru_client::Target;
use maru_home::Preferences;
use maru_wire::{RoomId, SearchWords, Seq};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::app::{App, ExportRequest, Exported, HostRequest, JoinRequest, KnownRoom, LoadedPreferences};
use crate::error::CommandError;
use crate::feed::{FeedBatch, Hosted, RoomHandle};
use crate::window;

type Answer<T> = Result<T, CommandError>;

/// Begins the feed, and tells everything that is open.
#[tauri::command]
pub async fn listen(app: State<'_, App>, channel: Channel<FeedBatch>) -> Answer<()> {
    app.feed().listen(channel);
    app.tell_all().await;
    Ok(())
}

/// The page has applied a batch of the feed.
#[tauri::command]
pub async fn ack_feed(app: State<'_, App>, batch: u64) -> Answer<()> {
    app.feed().acknowledge(batch);
    Ok(())
}

/// Opens a room on the network.
#[tauri::command]
pub async fn host_room(app: State<'_, App>, options: HostRequest) -> Answer<Hosted> {
    app.host_room(options).await
}

/// Closes it.
#[tauri::command]
pub async fn stop_hosting(app: State<'_, App>) -> Answer<()> {
    app.stop_hosting().await
}

/// Reads what a person types as an address.
#[tauri::command]
pub async fn parse_address(text: String) -> Answer<Target> {
    Ok(Target::parse(&text)?)
}

/// Joins a room by its address.
#[tauri::command]
pub async fn join_room(app: State<'_, App>, options: JoinRequest) -> Answer<RoomHandle> {
    app.join_room(options).await
}

/// Leaves a room.
#[tauri::command]
pub async fn leave_room(app: State<'_, App>, room: RoomHandle) -> Answer<()> {
    app.leave_room(&room).await
}

/// Says something.
#[tauri::command]
pub async fn say(app: State<'_, App>, room: RoomHandle, id: String, text: String) -> Answer<()> {
    app.say(&room, id, &text).await
}

/// Gives up a message that failed.
#[tauri::command]
pub async fn dismiss(app: State<'_, App>, room: RoomHandle, id: String) -> Answer<()> {
    app.dismiss(&room, id).await
}

/// Forgets all that is kept of a room on this machine.
#[tauri::command]
pub async fn forget_room(app: State<'_, App>, id: RoomId) -> Answer<()> {
    app.forget_room(&id).await
}

/// What is known of the room that was hosted here under a name; none where there was none.
#[tauri::command]
pub async fn known_room(app: State<'_, App>, name: String) -> Answer<Option<KnownRoom>> {
    Ok(app.known_room(&name))
}

/// Shows what goes over a room's connection, or no longer.
#[tauri::command]
pub async fn inspect(app: State<'_, App>, room: RoomHandle, on: bool) -> Answer<()> {
    app.inspect(&room, on).await
}

/// Takes another name.
#[tauri::command]
pub async fn rename(app: State<'_, App>, room: RoomHandle, nickname: String) -> Answer<()> {
    app.rename(&room, &nickname).await
}

/// Tells that the person is writing, or stopped.
#[tauri::command]
pub async fn set_typing(app: State<'_, App>, room: RoomHandle, active: bool) -> Answer<()> {
    app.joined(&room)?.set_typing(active).await;
    Ok(())
}

/// Asks for older messages.
#[tauri::command]
pub async fn load_history(app: State<'_, App>, room: RoomHandle) -> Answer<()> {
    app.joined(&room)?.load_history().await;
    Ok(())
}

/// Asks for the log from a place on.
#[tauri::command]
pub async fn load_excerpt(app: State<'_, App>, room: RoomHandle, from: Seq) -> Answer<()> {
    app.joined(&room)?.load_excerpt(from).await;
    Ok(())
}

/// Looks for messages.
#[tauri::command]
pub async fn search(app: State<'_, App>, room: RoomHandle, words: String, before: Option<Seq>) -> Answer<()> {
    let words = SearchWords::parse(&words)?;
    app.joined(&room)?.search(words, before).await;
    Ok(())
}

/// Writes a room out as a file for its person.
#[tauri::command]
pub async fn export_room(app: State<'_, App>, room: RoomHandle, options: ExportRequest) -> Answer<Exported> {
    app.export_room(&room, options).await
}

/// Tells which rooms are open nearby, from now on or no longer.
#[tauri::command]
pub async fn watch_nearby(app: State<'_, App>, on: bool) -> Answer<()> {
    app.watch_nearby(on).await
}

/// Asks the addresses of this network one by one.
#[tauri::command]
pub async fn look_harder(app: State<'_, App>) -> Answer<()> {
    app.look_harder().await
}

/// Shows the folder where such files go.
#[tauri::command]
pub async fn open_exports(app: State<'_, App>) -> Answer<()> {
    window::open_folder(app.exports())
}

/// Asks for more members.
#[tauri::command]
pub async fn load_roster(app: State<'_, App>, room: RoomHandle) -> Answer<()> {
    app.joined(&room)?.load_roster().await;
    Ok(())
}

/// Dials now instead of later.
#[tauri::command]
pub async fn retry_now(app: State<'_, App>, room: RoomHandle) -> Answer<()> {
    app.joined(&room)?.retry_now().await;
    Ok(())
}

/// What the person chose before.
#[tauri::command]
pub async fn load_preferences(app: State<'_, App>) -> Answer<LoadedPreferences> {
    Ok(app.preferences())
}

/// Keeps what the person chose.
#[tauri::command]
pub async fn save_preferences(app: State<'_, App>, preferences: Preferences) -> Answer<()> {
    app.save_preferences(preferences)
}

/// Opens a link outside, if it is one of the web or of mail.
#[tauri::command]
pub async fn open_link(url: String) -> Answer<()> {
    window::open_link(&url)
}

/// What to paste into a bug report.
#[tauri::command]
pub async fn diagnostics(app: State<'_, App>) -> Answer<String> {
    Ok(app.diagnostics())
}

/// Ends the program.
#[tauri::command]
pub async fn quit(handle: AppHandle) -> Answer<()> {
    window::quit(&handle).await;
    Ok(())
}
