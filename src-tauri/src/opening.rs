//! Invites that are opened outside: a link in a browser or a message starts the program, or reaches the one that runs.
//! Nothing is joined by that: the page asks the person first.

use maru_client::Target;
use maru_wire::limits::ADDRESS_CHARS_MAX;
use tauri::{AppHandle, Builder, Manager, Wry};
use tauri_plugin_deep_link::DeepLinkExt;

use crate::app::App;
use crate::feed::FeedEvent;
use crate::window;

/// Makes the program one that links open. Where it is its person's own, a second start hands what it was given to the first
/// and ends; otherwise any number may run, each with a folder of its own.
pub fn prepare(builder: Builder<Wry>, is_theirs: bool) -> Builder<Wry> {
    // The one that hands over must do so before anything else of it starts. The link itself comes by the other plugin.
    let builder = if is_theirs {
        builder.plugin(tauri_plugin_single_instance::init(|handle, _, _| window::bring_forward(handle)))
    } else {
        builder
    };
    builder.plugin(tauri_plugin_deep_link::init())
}

/// Hears of links from now on, and of the one that the program was started with.
pub fn listen(handle: &AppHandle) {
    let opened = handle.clone();
    handle.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            open(&opened, url.as_str());
        }
    });
    for url in handle.deep_link().get_current().ok().flatten().unwrap_or_default() {
        open(handle, url.as_str());
    }
}

fn open(handle: &AppHandle, link: &str) {
    let Some(invite) = invite_in(link) else {
        // What it was stays untold: an invite is nobody else's business.
        tracing::info!("a link was opened that is no invite");
        return;
    };
    window::bring_forward(handle);
    let feed = handle.state::<App>().feed().clone();
    tauri::async_runtime::spawn(async move { feed.tell(FeedEvent::Opened { invite }).await });
}

/// The invite, if that is what it is. Any page may open any link, so everything else is refused.
fn invite_in(link: &str) -> Option<String> {
    let is_ours = link.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
    let is_short = link.chars().nth(ADDRESS_CHARS_MAX).is_none();
    (is_ours && is_short && Target::parse(link).is_ok()).then(|| link.to_owned())
}

const SCHEME: &str = "maru://";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_is_opened_and_nothing_else() {
        let invite = "maru://join?a=192.168.0.10:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ";
        assert_eq!(invite_in(invite).as_deref(), Some(invite));
        for link in [
            "maru://join?room=cs1uhCLEB_ttCYaQ8RMLfQ",
            "maru://host?a=192.168.0.10:4567",
            "maru:join?a=192.168.0.10:4567",
            "http://192.168.0.10:4567/",
            "file:///etc/passwd",
            "--no-sandbox",
            "",
            "마루",
        ] {
            assert_eq!(invite_in(link), None, "{link}");
        }
        let long = format!("{invite}&x={}", "x".repeat(ADDRESS_CHARS_MAX));
        assert_eq!(invite_in(&long), None);
    }
}
