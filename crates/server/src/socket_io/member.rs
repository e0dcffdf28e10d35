//! One member on Socket.IO: a task between its socket and the keeper. What it says waits in a bounded queue, what it
//! hears in the ring; it is let go where it takes neither.

use std::future::ready;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use maru_wire::ByeCode;
use maru_wire::limits::{MESSAGE_BYTES_MAX, PRIVATE_FRAMES_MAX, SHARE_FRAMES_MAX, WRITE_STALL_MS_MAX};
use serde::Serialize;
use serde_json::Value;
use socketioxide::extract::{Data, SocketRef};
use socketioxide::{SendError, SocketError};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::Seated;
use super::ring::{Event, FellBehind, Listener};
use super::session::Session;
use crate::hub::foreign::event_name;
use crate::hub::{SeatId, Utterance};
use crate::keeper::Request;
use crate::options::Language;
use crate::seat::share_of_bytes;

/// What the keeper has for one of them alone.
#[derive(Debug)]
pub(crate) enum Told {
    /// Text.
    Line(String),
    /// It hears from here on what everybody hears.
    Live(Listener),
    /// So much of its share is free again.
    Answered(u32),
    /// It is let go, with these words.
    Bye(Option<String>),
}

/// One of them.
struct Member {
    socket: SocketRef,
    seat: SeatId,
    requests: mpsc::Sender<Vec<Request>>,
    language: Language,
    said: mpsc::Receiver<Utterance>,
    said_bytes: Arc<AtomicUsize>,
    told: mpsc::Receiver<Told>,
    gone: watch::Receiver<()>,
    live: Option<Listener>,
    /// What it has said and is not answered.
    share: u32,
}

/// It can't be told anything any more.
struct Gone;

/// Takes a seat for a socket that has just connected.
pub(super) fn seat(
    socket: &SocketRef,
    seat: SeatId,
    address: IpAddr,
    requests: mpsc::Sender<Vec<Request>>,
    language: Language,
    (session, seated): (Session, Seated),
) {
    let (saying, said) = mpsc::channel(SAID_MAX);
    let (telling, told) = mpsc::channel(TOLD_MAX);
    let (going, gone) = watch::channel(());
    let going = Arc::new(going);
    let said_bytes = Arc::new(AtomicUsize::new(0));
    let mouth = Mouth { saying, bytes: Arc::clone(&said_bytes) };
    let other = mouth.clone();
    socket.on("message", move |socket: SocketRef, Data(said): Data<Value>| {
        mouth.say(socket, said, Utterance::Text);
        ready(())
    });
    socket.on("nickname", move |socket: SocketRef, Data(said): Data<Value>| {
        other.say(socket, said, Utterance::Name);
        ready(())
    });
    socket.on_disconnect(move || {
        going.send_replace(());
        ready(())
    });
    let (socket, live) = (socket.clone(), None);
    let member = Member { socket, seat, requests, language, said, said_bytes, told, gone, live, share: 0 };
    tokio::spawn(async move {
        member.run(address, telling).await;
        session.end().await;
        drop(seated);
    });
}

/// What hears a socket. It is called where the socket is read, and must not wait.
#[derive(Clone)]
struct Mouth {
    saying: mpsc::Sender<Utterance>,
    bytes: Arc<AtomicUsize>,
}

impl Mouth {
    fn say(&self, socket: SocketRef, said: Value, of: impl FnOnce(String) -> Utterance) {
        let Value::String(text) = said else { return };
        let bytes = text.len();
        let waiting = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if waiting > SAID_BYTES_MAX || self.saying.try_send(of(text)).is_err() {
            // More at once than the rate lets anybody say.
            let _ = socket.disconnect();
        }
    }
}

impl Member {
    async fn run(mut self, address: IpAddr, telling: mpsc::Sender<Told>) {
        let opened = Request::OpenSocket { seat: self.seat, address, telling };
        if self.requests.send(vec![opened]).await.is_ok() {
            // However it ends, the socket and the seat end with it.
            let _ = self.talk().await;
            let _ = self.requests.send(vec![Request::Gone { seat: self.seat }]).await;
        }
        let _ = self.socket.disconnect();
    }

    async fn talk(&mut self) -> Result<(), Gone> {
        loop {
            let may_speak = (self.share as usize) < SHARE_FRAMES_MAX;
            tokio::select! {
                _ = self.gone.changed() => return Err(Gone),
                told = self.told.recv() => match told {
                    Some(Told::Line(line)) => self.emit("message", &line).await?,
                    Some(Told::Live(listener)) => self.live = Some(listener),
                    Some(Told::Answered(share)) => self.share = self.share.saturating_sub(share),
                    Some(Told::Bye(line)) => return self.say_bye(line).await,
                    // The keeper has ended, or too much waited here.
                    None => return Err(Gone),
                },
                heard = next(&mut self.live) => match heard {
                    Ok(event) => self.hear(&event).await?,
                    Err(FellBehind) => {
                        let words = self.language.bye(ByeCode::TooSlow);
                        return self.emit("message", words).await;
                    }
                },
                said = self.said.recv(), if may_speak => match said {
                    Some(said) => self.say(said).await?,
                    None => return Err(Gone),
                },
            }
        }
    }

    async fn say(&mut self, said: Utterance) -> Result<(), Gone> {
        let bytes = match &said {
            Utterance::Text(text) | Utterance::Name(text) => text.len(),
            Utterance::Bytes(bytes) => bytes.len(),
        };
        self.said_bytes.fetch_sub(bytes, Ordering::Relaxed);
        let share = share_of_bytes(bytes);
        self.share += share;
        let request = Request::Utterance { seat: self.seat, said, share };
        self.requests.send(vec![request]).await.map_err(|_| Gone)
    }

    /// What was announced before the good-bye is heard before it.
    async fn say_bye(&mut self, line: Option<String>) -> Result<(), Gone> {
        while let Some(Ok(Some(event))) = self.live.as_mut().map(Listener::now) {
            self.hear(&event).await?;
        }
        match line {
            Some(line) => self.emit("message", &line).await,
            None => Ok(()),
        }
    }

    async fn hear(&self, Event { event, line }: &Event) -> Result<(), Gone> {
        if let Some(frame) = event.as_deref()
            && let Some(name) = event_name(frame)
        {
            self.emit(name, frame).await?;
        }
        match line {
            Some(line) => self.emit("message", line).await,
            None => Ok(()),
        }
    }

    /// Emits, once there is room for it.
    async fn emit<T: Serialize + Sync + ?Sized>(&self, event: &str, what: &T) -> Result<(), Gone> {
        let until = Instant::now() + Duration::from_millis(WRITE_STALL_MS_MAX);
        let mut pause = FULL_PAUSE_MIN;
        loop {
            match self.socket.emit(event, what) {
                Ok(()) => return Ok(()),
                Err(SendError::Socket(SocketError::InternalChannelFull)) if Instant::now() < until => {
                    // Nobody tells when there is.
                    tokio::time::sleep(pause).await;
                    pause = (2 * pause).min(FULL_PAUSE_MAX);
                }
                Err(_) => return Err(Gone),
            }
        }
    }
}

/// The next of what everybody hears; never, for one who is not live.
async fn next(live: &mut Option<Listener>) -> Result<Arc<Event>, FellBehind> {
    match live {
        Some(listener) => listener.next().await,
        None => std::future::pending().await,
    }
}

/// Messages that wait for their task: as many as a member may say at once, and a little more.
const SAID_MAX: usize = 2_560;

/// Bytes of them: a few of the longest.
const SAID_BYTES_MAX: usize = 16 * MESSAGE_BYTES_MAX;

/// What waits for one alone: of each that it said and was not answered a refusal and its share, and what comes between.
const TOLD_MAX: usize = 2 * PRIVATE_FRAMES_MAX;

/// How long to wait where a socket has no room for another packet: one that reads has some in a moment.
const FULL_PAUSE_MIN: Duration = Duration::from_millis(1);

/// The same for one that has not had any for a while.
const FULL_PAUSE_MAX: Duration = Duration::from_millis(16);
