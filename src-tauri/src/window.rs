//! The one window: how large it is, where it may go (nowhere), what happens when it is closed, and what its
//! system needs to type Korean.

use std::path::Path;

use maru_home::preferences::WindowSize;
use tauri::{AppHandle, Manager, RunEvent, Url, WebviewWindow, WebviewWindowBuilder, WindowEvent};

use crate::app::App;
use crate::error::CommandError;
use crate::feed::FeedEvent;

/// Sets what a webview's process reads at its start. Before any thread is started.
pub fn prepare_process() {
    // Blank windows with some Linux drivers; the person's own setting goes first.
    #[cfg(target_os = "linux")]
    if std::env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() {
        #[allow(unsafe_code, reason = "no other thread runs yet that could read the environment")]
        // SAFETY: called first in `run`, before any other thread is started.
        unsafe {
            std::env::set_var("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        }
    }
}

/// Opens the window as it was left.
pub fn open(tauri: &mut tauri::App) -> tauri::Result<()> {
    let app = tauri.state::<App>().inner().clone();
    let config = tauri.config().app.windows.first().expect("tauri.conf.json has one window").clone();
    let mut builder = WebviewWindowBuilder::from_config(tauri, &config)?.on_navigation(is_own_page);
    if let Some(size) = app.preferences().preferences.window {
        builder = builder.inner_size(f64::from(size.width), f64::from(size.height)).maximized(size.maximized);
    }
    let window = builder.build()?;
    type_hangul(&window);
    let closing = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            api.prevent_close();
            close(&closing, &app);
        }
    });
    Ok(())
}

/// Shows the window to the person, wherever it is.
pub fn bring_forward(handle: &AppHandle) {
    if let Some(window) = handle.get_webview_window(LABEL) {
        // A desktop may refuse any of it; then the window asks for attention where it is.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Leaves everything politely, keeps the window's size, and ends the program.
pub async fn quit(handle: &AppHandle) {
    let app = handle.state::<App>().inner().clone();
    if let Some(window) = handle.get_webview_window(LABEL) {
        if let Some(size) = size_of(&window) {
            app.save_window(size);
        }
        // Gone at once for the person; the good-byes take a moment.
        let _ = window.hide();
    }
    app.quit().await;
    handle.exit(0);
}

/// Leaving the program by its menu or the dock passes by the window; it is asked all the same.
pub fn handle_run_event(handle: &AppHandle, event: RunEvent) {
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        api.prevent_exit();
        match handle.get_webview_window(LABEL) {
            Some(window) => close(&window, handle.state::<App>().inner()),
            None => handle.exit(0),
        }
    }
}

/// Opens a link in whatever the person uses for it.
pub fn open_link(url: &str) -> Result<(), CommandError> {
    let refused = || CommandError::new("link_scheme", "only web and mail links are opened");
    let url = Url::parse(url).map_err(|_| refused())?;
    if !matches!(url.scheme(), "http" | "https" | "mailto") {
        return Err(refused());
    }
    ::open::that_detached(url.as_str()).map_err(|error| CommandError::new("link_failed", error))
}

/// Shows a folder in whatever the person uses for it.
pub fn open_folder(folder: &Path) -> Result<(), CommandError> {
    ::open::that_detached(folder).map_err(|error| CommandError::new("folder_failed", error))
}

/// The page asks the person first where others would be left standing; a page that does not answer is not
/// waited for.
fn close(window: &WebviewWindow, app: &App) {
    let (app, handle) = (app.clone(), window.app_handle().clone());
    let members = app.others_here();
    tauri::async_runtime::spawn(async move {
        if members > 0 && app.feed().is_answered() {
            app.feed().tell(FeedEvent::QuitAsked { members }).await;
        } else {
            quit(&handle).await;
        }
    });
}

/// The window never leaves its own page: the one built in, or the developer's server while developing.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How Windows spells the same.
        "http" | "https" if url.host_str() == Some("tauri.localhost") => true,
        "http" => cfg!(dev) && url.host_str() == Some("localhost") && url.port() == Some(DEV_PORT),
        _ => false,
    }
}

fn size_of(window: &WebviewWindow) -> Option<WindowSize> {
    let scale = window.scale_factor().ok()?;
    let size = window.inner_size().ok()?.to_logical::<u32>(scale);
    let maximized = window.is_maximized().unwrap_or(false);
    // A maximized window keeps the size it had before.
    let known = window.state::<App>().preferences().preferences.window;
    match known {
        Some(known) if maximized => Some(WindowSize { maximized, ..known }),
        _ => Some(WindowSize { width: size.width, height: size.height, maximized }),
    }
}

/// Lets the input method show what is being composed in the text itself. Without it a click while composing
/// loses the last syllable on Linux.
#[cfg(target_os = "linux")]
fn type_hangul(window: &WebviewWindow) {
    use webkit2gtk::{InputMethodContextExt, WebViewExt};
    let asked = window.with_webview(|webview| {
        if let Some(context) = webview.inner().input_method_context() {
            context.set_enable_preedit(true);
        }
    });
    if let Err(error) = asked {
        tracing::warn!(%error, "the input method was not set up");
    }
}

#[cfg(not(target_os = "linux"))]
fn type_hangul(_window: &WebviewWindow) {}

const LABEL: &str = "main";

/// Where `npm run dev` serves the page.
const DEV_PORT: u16 = 1420;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_on_its_own_page() {
        let stays = |url: &str| is_own_page(&Url::parse(url).unwrap());
        assert!(stays("tauri://localhost/"));
        assert!(stays("http://tauri.localhost/index.html"));
        for url in [
            "https://example.org/",
            "http://127.0.0.1:4567/",
            "http://localhost:4567/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "about:blank",
            "tauri://elsewhere/",
            "http://tauri.localhost.example.org/",
        ] {
            assert!(!stays(url), "{url}");
        }
    }

    #[test]
    fn only_web_and_mail_links_are_opened() {
        for url in ["file:///etc/passwd", "javascript:alert(1)", "ssh://host", "not a link", "maru://join"] {
            assert_eq!(open_link(url).unwrap_err().code, "link_scheme", "{url}");
        }
    }
}
