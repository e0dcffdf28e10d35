//! Being asked to end by the system: a logout, a shutdown, a `kill`. Everybody is told before we go.

use tauri::AppHandle;

use crate::window;

/// Quits politely when the system asks for it. Nobody is there to be asked back.
#[cfg(unix)]
pub(crate) fn listen(handle: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return tracing::warn!("signals of the system cannot be heard");
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        window::quit(&handle).await;
    });
}

/// Windows closes the window instead.
#[cfg(not(unix))]
pub(crate) fn listen(_handle: &AppHandle) {}
