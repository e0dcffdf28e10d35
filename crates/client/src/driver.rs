//! A session on a real connection: dials, pumps and sleeps for it, and hands on what there is to show.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use futures_util::{SinkExt, StreamExt};
use maru_wire::limits::{CLOSE_MS_MAX, WRITE_STALL_MS_MAX};
use maru_wire::{MessageId, MessageText, Nickname, Nonce, RoomId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::dial::{DialOptions, Socket, dial};
use crate::event::{Fault, RoomEvent};
use crate::session::{Action, Closed, Proof, Session, SessionOptions};
use crate::target::Target;

/// Signs a hello for a room and nonce; none makes us nobody in particular.
pub type Prove = Box<dyn FnMut(&RoomId, &Nonce) -> Option<Proof> + Send>;

/// How a room is joined.
pub struct JoinOptions {
    /// Where to dial.
    pub target: Target,
    /// What to be called.
    pub nickname: Nickname,
    /// Who we are there.
    pub prove: Prove,
}

impl std::fmt::Debug for JoinOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinOptions").field("target", &self.target).finish_non_exhaustive()
    }
}

/// What there is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Everything, from an empty room on: whoever shows the room had fallen behind, or asked for it.
    Snapshot(Vec<RoomEvent>),
    /// What happened next.
    Events(Vec<RoomEvent>),
}

/// A room that was joined. Dropping it leaves the room.
#[derive(Debug)]
pub struct Joined {
    asks: mpsc::Sender<Ask>,
}

/// Why a message was not even queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SayError {
    /// The outbox holds as many messages as it may; the text has to be kept by whoever typed it.
    OutboxFull,
    /// The room was left.
    Left,
}

enum Ask {
    Say { id: MessageId, text: MessageText, done: oneshot::Sender<Result<(), SayError>> },
    Rename(Nickname),
    SetTyping(bool),
    LoadHistory,
    LoadRoster,
    RetryNow,
    Snapshot,
    Leave { done: oneshot::Sender<()> },
}

/// Joins a room on the current tokio runtime. What there is to show comes out of the receiver; whoever lets it
/// fill up gets a snapshot once there is room again, so that a frozen window costs a bounded amount of memory.
pub fn join(options: JoinOptions) -> std::io::Result<(Joined, mpsc::Receiver<Update>)> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
    let (asks, asked) = mpsc::channel(ASKS_MAX);
    let (updates, shown) = mpsc::channel(UPDATES_MAX);
    let session = Session::new(
        SessionOptions {
            nickname: options.nickname,
            room: options.target.room.clone(),
            seed: u64::from_le_bytes(seed),
        },
        Duration::ZERO,
    );
    let driver = Driver {
        session,
        target: options.target,
        prove: options.prove,
        started: Instant::now(),
        line: Line::None,
        updates,
        behind: false,
    };
    tokio::spawn(driver.run(asked));
    Ok((Joined { asks }, shown))
}

impl Joined {
    /// Queues a message; see [`Session::say`].
    pub async fn say(&self, id: MessageId, text: MessageText) -> Result<(), SayError> {
        let (done, said) = oneshot::channel();
        self.asks.send(Ask::Say { id, text, done }).await.map_err(|_| SayError::Left)?;
        said.await.map_err(|_| SayError::Left)?
    }

    /// See [`Session::rename`].
    pub async fn rename(&self, nickname: Nickname) {
        self.ask(Ask::Rename(nickname)).await;
    }

    /// See [`Session::set_typing`].
    pub async fn set_typing(&self, active: bool) {
        self.ask(Ask::SetTyping(active)).await;
    }

    /// See [`Session::load_history`].
    pub async fn load_history(&self) {
        self.ask(Ask::LoadHistory).await;
    }

    /// See [`Session::load_roster`].
    pub async fn load_roster(&self) {
        self.ask(Ask::LoadRoster).await;
    }

    /// See [`Session::retry_now`].
    pub async fn retry_now(&self) {
        self.ask(Ask::RetryNow).await;
    }

    /// Asks for a [`Update::Snapshot`].
    pub async fn snapshot(&self) {
        self.ask(Ask::Snapshot).await;
    }

    /// Leaves politely and waits, in bounded time, until the connection is closed.
    pub async fn leave(self) {
        let (done, left) = oneshot::channel();
        self.ask(Ask::Leave { done }).await;
        let _ = left.await;
    }

    async fn ask(&self, ask: Ask) {
        // A driver that is gone has left already.
        let _ = self.asks.send(ask).await;
    }
}

struct Driver {
    session: Session,
    target: Target,
    prove: Prove,
    started: Instant,
    line: Line,
    updates: mpsc::Sender<Update>,
    /// Whether events were dropped since the last update was taken.
    behind: bool,
}

/// The connection, such as it is.
enum Line {
    None,
    Dialing(Pin<Box<dyn Future<Output = Result<Socket, Fault>> + Send>>),
    Open(Box<Socket>),
}

enum Happened {
    Asked(Option<Ask>),
    Dialed(Result<Box<Socket>, Fault>),
    Read(Option<Result<Message, tokio_tungstenite::tungstenite::Error>>),
    TimePassed,
    CaughtUp,
}

impl Driver {
    async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        let mut clocks = Clocks::now();
        loop {
            self.carry_out().await;
            self.show();
            match self.happens(&mut asks).await {
                Happened::Asked(Some(Ask::Leave { done })) => {
                    self.leave().await;
                    let _ = done.send(());
                    return;
                }
                Happened::Asked(None) => return self.leave().await,
                Happened::Asked(Some(ask)) => self.asked(ask),
                Happened::Dialed(Ok(socket)) => {
                    self.line = Line::Open(socket);
                    let now = self.now();
                    self.session.handle_connected(now);
                }
                Happened::Dialed(Err(fault)) => self.closed(Closed::Dial(fault)),
                Happened::Read(message) => self.read(message),
                Happened::TimePassed => {
                    let now = self.now();
                    if clocks.jumped() {
                        self.session.handle_wake(now);
                    }
                    self.session.handle_timeout(now);
                }
                Happened::CaughtUp => self.send_snapshot(),
            }
        }
    }

    async fn happens(&mut self, asks: &mut mpsc::Receiver<Ask>) -> Happened {
        // Often enough to notice a machine that slept.
        let latest = Instant::now() + CLOCK_CHECK;
        let due = self.session.poll_timeout().map_or(latest, |due| (self.started + due).min(latest));
        tokio::select! {
            ask = asks.recv() => Happened::Asked(ask),
            happened = self.line.happens() => happened,
            () = tokio::time::sleep_until(due) => Happened::TimePassed,
            Ok(_) = self.updates.reserve(), if self.behind => Happened::CaughtUp,
        }
    }

    fn asked(&mut self, ask: Ask) {
        let now = self.now();
        match ask {
            Ask::Say { id, text, done } => {
                let said = self.session.say(id, text, unix_ms(), now).map_err(|_| SayError::OutboxFull);
                // Whoever said it may have gone on without waiting.
                let _ = done.send(said);
            }
            Ask::Rename(nickname) => self.session.rename(nickname),
            Ask::SetTyping(active) => self.session.set_typing(active, now),
            Ask::LoadHistory => self.session.load_history(),
            Ask::LoadRoster => self.session.load_roster(),
            Ask::RetryNow => self.session.retry_now(),
            Ask::Snapshot => self.behind = true,
            Ask::Leave { .. } => {}
        }
    }

    fn read(&mut self, message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) {
        let now = self.now();
        match message {
            Some(Ok(Message::Text(text))) => self.session.handle_text(&text, now),
            Some(Ok(Message::Close(close))) => {
                let code = close.map(|close| Closed::Code(close.code.into()));
                self.closed(code.unwrap_or(Closed::Lost));
            }
            Some(Ok(_)) => self.session.handle_sign_of_life(now),
            Some(Err(_)) | None => self.closed(Closed::Lost),
        }
    }

    fn closed(&mut self, closed: Closed) {
        self.line.hang_up();
        let now = self.now();
        self.session.handle_closed(closed, now);
    }

    async fn carry_out(&mut self) {
        let mut unflushed = false;
        while let Some(action) = self.session.poll_action() {
            let message = match action {
                Action::Dial => {
                    let target = self.target.clone();
                    let dialing = async move { dial(&target, DialOptions::default()).await };
                    self.line = Line::Dialing(Box::pin(dialing));
                    continue;
                }
                Action::Prove { room, nonce } => {
                    let proof = (self.prove)(&room, &nonce);
                    self.session.handle_proof(proof);
                    continue;
                }
                Action::HangUp => {
                    self.line.hang_up();
                    continue;
                }
                Action::Send(frame) => Message::text(frame.encode()),
                Action::Ping => Message::Ping(Bytes::new()),
            };
            if let Line::Open(socket) = &mut self.line {
                unflushed = true;
                if !written(socket.feed(message)).await {
                    self.closed(Closed::Lost);
                }
            }
        }
        if unflushed
            && let Line::Open(socket) = &mut self.line
            && !written(socket.flush()).await
        {
            self.closed(Closed::Lost);
        }
    }

    fn show(&mut self) {
        let mut events = Vec::new();
        while let Some(event) = self.session.poll_event() {
            events.push(event);
        }
        if !events.is_empty() && !self.behind && self.updates.try_send(Update::Events(events)).is_err() {
            self.behind = true;
        }
    }

    fn send_snapshot(&mut self) {
        let snapshot = Update::Snapshot(self.session.snapshot());
        self.behind = self.updates.try_send(snapshot).is_err();
    }

    async fn leave(&mut self) {
        self.session.leave();
        let mut socket = None;
        while let Some(action) = self.session.poll_action() {
            match (action, &mut self.line) {
                (Action::Send(frame), Line::Open(socket)) => {
                    // A socket that takes no more is closed below like any other.
                    let _ = written(socket.send(Message::text(frame.encode()))).await;
                }
                (Action::HangUp, line) => {
                    if let Line::Open(open) = std::mem::replace(line, Line::None) {
                        socket = Some(open);
                    }
                }
                _ => {}
            }
        }
        if let Some(socket) = socket {
            close(*socket).await;
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Line {
    async fn happens(&mut self) -> Happened {
        match self {
            Self::None => std::future::pending().await,
            Self::Dialing(dialing) => Happened::Dialed(dialing.await.map(Box::new)),
            Self::Open(socket) => Happened::Read(socket.next().await),
        }
    }

    /// Gives the connection up; its close is said in the background, in bounded time.
    fn hang_up(&mut self) {
        if let Self::Open(socket) = std::mem::replace(self, Self::None) {
            tokio::spawn(close(*socket));
        }
    }
}

async fn close(mut socket: Socket) {
    let _ = timeout(Duration::from_millis(CLOSE_MS_MAX), async {
        if socket.close(None).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
    })
    .await;
}

async fn written(writing: impl Future<Output = Result<(), tokio_tungstenite::tungstenite::Error>>) -> bool {
    matches!(timeout(Duration::from_millis(WRITE_STALL_MS_MAX), writing).await, Ok(Ok(())))
}

/// Two clocks, of which one stands still while the machine sleeps.
struct Clocks {
    running: Instant,
    wall: SystemTime,
}

impl Clocks {
    fn now() -> Self {
        Self { running: Instant::now(), wall: SystemTime::now() }
    }

    /// Whether the wall clock has moved on by more than the other since the last look.
    fn jumped(&mut self) -> bool {
        let before = std::mem::replace(self, Self::now());
        let ran = self.running - before.running;
        let passed = self.wall.duration_since(before.wall).unwrap_or(Duration::ZERO);
        // The other clock runs on through some kinds of sleep; then the wait itself was too long.
        passed > ran + CLOCK_JUMP || ran > CLOCK_CHECK + CLOCK_JUMP
    }
}

fn unix_ms() -> u64 {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(unix.as_millis()).unwrap_or(u64::MAX)
}

/// How often the clocks are compared.
const CLOCK_CHECK: Duration = Duration::from_secs(5);

/// How far apart the clocks may run without meaning that the machine slept.
const CLOCK_JUMP: Duration = Duration::from_secs(5);

/// Requests of the person that may wait for the driver.
const ASKS_MAX: usize = 256;

/// Updates that may wait to be shown before they are replaced by a snapshot.
const UPDATES_MAX: usize = 256;
