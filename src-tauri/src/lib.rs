//! The desktop shell: puts the house together and shows the page in its one window. Owns no rule of the chat:
//! a hosted room is `maru-server`'s, a joined one `maru-client`'s.
//!
//! # Layout
//! - [`app`]: what is hosted and joined at this moment, and what is preferred.
//! - [`commands`]: what the page may ask for, each thin over `app`. [`error`]: what it hears when that fails.
//! - [`settings`]: what the environment asks of this run.
//! - [`feed`]: the one ordered channel to the page.
//! - [`opening`]: invites that are opened outside, and the one program they come to.
//! - [`window`]: the window, its size, closing it, and where it may go. `signals`: being asked to end by the system.

pub mod app;
pub mod commands;
pub mod error;
pub mod feed;
pub mod opening;
pub mod settings;
mod signals;
pub mod window;

use maru_home::diagnostics::{self, Role};

use app::App;
use settings::Settings;

/// Runs the program until its window is closed.
pub fn run() -> Result<(), Box<dyn std::error::Error>> {
    window::prepare_process();
    let settings = Settings::from_environment()?;
    let _log = diagnostics::init(&settings.folders.state, Role::Window);
    let (feed, outlet) = feed::feed();
    let is_theirs = settings.is_theirs;
    let app = App::open(settings, feed)?;
    opening::prepare(tauri::Builder::default(), is_theirs)
        .manage(app)
        .invoke_handler(tauri::generate_handler![
            commands::ack_feed,
            commands::diagnostics,
            commands::dismiss,
            commands::export_room,
            commands::forget_room,
            commands::host_room,
            commands::join_room,
            commands::kept_of,
            commands::leave_room,
            commands::listen,
            commands::load_excerpt,
            commands::load_history,
            commands::load_preferences,
            commands::load_roster,
            commands::look_harder,
            commands::open_exports,
            commands::open_link,
            commands::parse_address,
            commands::quit,
            commands::rename,
            commands::retry_now,
            commands::save_preferences,
            commands::say,
            commands::search,
            commands::set_typing,
            commands::stop_hosting,
            commands::watch_nearby,
        ])
        .setup(move |tauri| {
            tauri::async_runtime::spawn(outlet.run());
            window::open(tauri)?;
            signals::listen(tauri.handle());
            opening::listen(tauri.handle());
            Ok(())
        })
        .build(tauri::generate_context!())?
        .run(window::handle_run_event);
    Ok(())
}
