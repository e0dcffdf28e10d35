//! Being asked to end by the system or the keyboard: politely the first time, at once the second, or when politeness
//! takes too long.

use std::io;
use std::time::Duration;

use maru_wire::limits::CLOSE_MS_MAX;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Requests to end. Only the first comes out of it.
#[derive(Debug)]
pub(crate) struct Signals(mpsc::Receiver<Signal>);

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The person, at the keyboard: Ctrl+C, SIGINT.
    Interrupt,
    /// The system, or whoever runs this as a service: SIGTERM.
    Terminate,
}

impl Signals {
    /// Begins to listen, on the current tokio runtime. SIGHUP keeps its meaning, so that `nohup` works.
    pub(crate) fn listen() -> io::Result<Self> {
        let (first, signals) = mpsc::channel(1);
        let mut source = Source::open()?;
        tokio::spawn(async move {
            let signal = source.next().await;
            // Whoever does not listen any more is about to end.
            let _ = first.send(signal).await;
            // Or hangs in a write to somebody who does not read.
            let signal = timeout(ENDING_MAX, source.next()).await.unwrap_or(signal);
            std::process::exit(signal.exit_code().into());
        });
        Ok(Self(signals))
    }

    /// Waits for the first one.
    pub(crate) async fn first(&mut self) -> Signal {
        match self.0.recv().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}

impl Signal {
    /// 128 and the signal's number, as shells have it.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// How long ending may take after the first signal: a room takes up to twice [`CLOSE_MS_MAX`] to close.
const ENDING_MAX: Duration = Duration::from_millis(3 * CLOSE_MS_MAX);

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn open() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(windows)]
struct Source {
    interrupt: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
    shutdown: tokio::signal::windows::CtrlShutdown,
    stop: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Source {
    fn open() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
        Ok(Self {
            interrupt: ctrl_c()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
            stop: ctrl_break()?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.close.recv() => Signal::Terminate,
            _ = self.shutdown.recv() => Signal::Terminate,
            _ = self.stop.recv() => Signal::Terminate,
        }
    }
}
