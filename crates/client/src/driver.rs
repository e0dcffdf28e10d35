//! A session on a real connection: dials, pumps and sleeps for it, and hands on what there is to show.

mod arriving;
mod clocks;
mod foreign;
mod keeper;
mod line;
mod showing;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use maru_wire::limits::INVITE_ADDRESSES_MAX;
use maru_wire::scram::{Passphrase, Salted};
use maru_wire::{Dialect, MessageId, MessageText, Nickname, Nonce, RoomId, SearchWords, Seq};
use rustls::RootCertStore;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::dial::{Dialed, Route, dial, public_authorities};
use crate::event::{Fault, Link, RoomEvent, Security};
use crate::inspector::Sight;
use crate::notebook::Notebooks;
use crate::scout::Found;
use crate::session::{Action, Channel, Closed, Proof, Session, SessionOptions};
use crate::target::{Endpoint, Target};
use crate::trust::{FirstUse, Trust, settle};
use clocks::{CLOCK_CHECK, Clocks};
use foreign::ForeignDriver;
use keeper::{Keeper, Kept};
use line::{Line, Turn};
use showing::Showing;

/// Signs a hello for a room, a nonce and the channel it goes over; none makes us nobody in particular.
pub type Prove = Box<dyn FnMut(&RoomId, &Nonce, &str) -> Option<Proof> + Send>;

/// Asks where a room is now: its addresses at the moment, the likeliest first.
pub type Finder = Arc<dyn Fn(RoomId) -> Finding + Send + Sync>;

/// The answer of a [`Finder`], on its way.
pub type Finding = Pin<Box<dyn Future<Output = Vec<Endpoint>> + Send>>;

/// How a room is joined.
pub struct JoinOptions {
    /// Where to dial.
    pub target: Target,
    /// What to be called.
    pub nickname: Nickname,
    /// Who we are there.
    pub prove: Prove,
    /// Where to keep what must not be lost; none keeps nothing beyond this run.
    pub notebooks: Option<Notebooks>,
    /// The room that was found at this target before: it is shown as it was kept until the target answers, and its
    /// certificate is the one to expect there.
    pub met: Option<RoomId>,
    /// The certificates that are known.
    pub trust: Arc<dyn Trust>,
    /// Whether the person has chosen to take the certificate that is there now, in place of the one that is known.
    pub take_certificate: bool,
    /// The passphrase of the room, for one that asks for it. It is shown over TLS only, and never said.
    pub passphrase: Option<Passphrase>,
    /// Whether this is the host's own window, which a room lets in by its key.
    pub is_host: bool,
    /// Who may vouch for the certificate of a name that was typed with TLS; by default those that browsers know.
    pub authorities: Arc<RootCertStore>,
    /// Who knows where a room is now that was found elsewhere before.
    pub finder: Option<Finder>,
    /// What is spoken there, where the person says so; otherwise it is found out.
    pub dialect: Option<Dialect>,
}

impl JoinOptions {
    /// A room at a target, as somebody: with nothing that is kept, and nothing known of it.
    pub fn new(target: Target, nickname: Nickname, prove: Prove) -> Self {
        let trust = Arc::new(FirstUse::default());
        let authorities = Arc::new(public_authorities());
        Self {
            target,
            nickname,
            prove,
            notebooks: None,
            met: None,
            trust,
            take_certificate: false,
            authorities,
            passphrase: None,
            is_host: false,
            finder: None,
            dialect: None,
        }
    }
}

impl JoinOptions {
    fn route(&self) -> Route {
        Route {
            target: self.target.clone(),
            met: self.met.clone(),
            trust: Arc::clone(&self.trust),
            authorities: Arc::clone(&self.authorities),
            take_certificate: self.take_certificate,
            returns: false,
        }
    }
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
    /// What was seen of the connection, for whoever asked to look.
    Sights(Vec<Sight>),
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

/// What was said and not acknowledged, in order.
type Unsaid = Vec<(MessageId, MessageText)>;

/// Whether a message was queued.
type Said = Result<(), SayError>;

enum Ask {
    Say { id: MessageId, text: MessageText, done: oneshot::Sender<Said> },
    Rename(Nickname),
    SetTyping(bool),
    LoadHistory,
    LoadExcerpt(Seq),
    Search { words: SearchWords, before: Option<Seq> },
    LoadRoster,
    RetryNow,
    Show(Passphrase),
    Snapshot,
    Dismiss(MessageId),
    TakeUpNotebook,
    Inspect(bool),
    Leave { done: oneshot::Sender<Unsaid> },
}

/// Joins a room on the current tokio runtime. What there is to show comes out of the receiver; whoever lets it
/// fill up gets a snapshot once there is room again, so that a frozen window costs a bounded amount of memory.
pub fn join(options: JoinOptions) -> std::io::Result<(Joined, mpsc::Receiver<Update>)> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
    let (asks, asked) = mpsc::channel(ASKS_MAX);
    let (updates, shown) = mpsc::channel(UPDATES_MAX);
    tokio::spawn(run(options, u64::from_le_bytes(seed), asked, Showing::new(updates)));
    Ok((Joined { asks }, shown))
}

/// Finds out who is there, if that is to be found out, and talks to them in their way.
async fn run(mut options: JoinOptions, seed: u64, mut asks: mpsc::Receiver<Ask>, mut showing: Showing) {
    let mut held = Vec::new();
    let mut dialect = options.dialect.unwrap_or_default();
    let mut found = None;
    if !arriving::is_known(&options) {
        let Some(arrived) = arriving::arrive(&mut options, &mut asks, &mut showing).await else { return };
        held = arrived.held;
        if let Found::Foreign(foreigner) = arrived.found {
            dialect = foreigner.dialect;
            found = Some(foreigner);
        }
    }
    match dialect {
        Dialect::Maru => Driver::run(options, seed, held, asks, showing).await,
        _ => ForeignDriver::new(options, dialect, found, seed, showing).run(held, asks).await,
    }
}

impl Joined {
    /// Queues a message; see [`Session::say`]. Where the room has a notebook, it is on disk once this returns.
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

    /// See [`Session::load_excerpt`].
    pub async fn load_excerpt(&self, from: Seq) {
        self.ask(Ask::LoadExcerpt(from)).await;
    }

    /// See [`Session::search`].
    pub async fn search(&self, words: SearchWords, before: Option<Seq>) {
        self.ask(Ask::Search { words, before }).await;
    }

    /// See [`Session::load_roster`].
    pub async fn load_roster(&self) {
        self.ask(Ask::LoadRoster).await;
    }

    /// See [`Session::retry_now`].
    pub async fn retry_now(&self) {
        self.ask(Ask::RetryNow).await;
    }

    /// See [`Session::show`].
    pub async fn show(&self, passphrase: Passphrase) {
        self.ask(Ask::Show(passphrase)).await;
    }

    /// Asks for a [`Update::Snapshot`].
    pub async fn snapshot(&self) {
        self.ask(Ask::Snapshot).await;
    }

    /// See [`Session::dismiss`].
    pub async fn dismiss(&self, id: MessageId) {
        self.ask(Ask::Dismiss(id)).await;
    }

    /// Begins to look at the connection, or stops: what is seen comes as [`Update::Sights`], from the handshake of the
    /// present connection on. Nothing of it is kept, and it costs nothing, while nobody looks.
    pub async fn inspect(&self, on: bool) {
        self.ask(Ask::Inspect(on)).await;
    }

    /// Tries again to open the room's notebook, which another may have given up.
    pub async fn take_up_notebook(&self) {
        self.ask(Ask::TakeUpNotebook).await;
    }

    /// Leaves politely and waits, in bounded time, until the connection is closed. Returns what was said and is
    /// not acknowledged, in order: under the same ids it can be said again over another connection. By then all is in
    /// the notebook, and its lock is free.
    pub async fn leave(&self) -> Vec<(MessageId, MessageText)> {
        let (done, left) = oneshot::channel();
        self.ask(Ask::Leave { done }).await;
        left.await.unwrap_or_default()
    }

    async fn ask(&self, ask: Ask) {
        // A driver that is gone has left already.
        let _ = self.asks.send(ask).await;
    }
}

struct Driver {
    session: Session,
    route: Route,
    finder: Option<Finder>,
    prove: Prove,
    started: Instant,
    line: Line,
    ground: Ground,
    keeper: Keeper,
    /// The passphrase being salted, on a thread where that holds nobody up.
    salting: Option<JoinHandle<Salted>>,
    /// Lines said before it is known which room's notebook they belong into.
    held: Vec<Ask>,
    /// Who said something, to be answered once it is kept.
    said: Vec<(oneshot::Sender<Said>, Said)>,
    showing: Showing,
}

/// What a hello over the line goes by.
struct Ground {
    /// What it is bound to.
    channel: String,
    security: Security,
    /// The pin of the certificate that was shown.
    pin: Option<String>,
    /// Whether the room has been recognised by it.
    recognised: bool,
}

impl Ground {
    fn none() -> Self {
        Self { channel: String::new(), security: Security::Plain, pin: None, recognised: false }
    }
}

enum Happened {
    Asked(Option<Ask>),
    Line(Turn),
    Kept(Kept),
    Salted(Result<Salted, JoinError>),
    TimePassed,
    CaughtUp,
}

impl Driver {
    async fn run(
        options: JoinOptions,
        seed: u64,
        held: Vec<Ask>,
        mut asks: mpsc::Receiver<Ask>,
        showing: Showing,
    ) {
        let mut driver = Self::begin(options, seed, showing).await;
        for ask in held {
            driver.asked(ask).await;
        }
        let mut clocks = Clocks::now();
        loop {
            driver.settle().await;
            let happened = driver.happens(&mut asks).await;
            if clocks.jumped() {
                let now = driver.now();
                driver.session.handle_wake(now);
            }
            match happened {
                Happened::Asked(Some(ask)) => {
                    // What was asked meanwhile is kept by one write.
                    let others = std::iter::from_fn(|| asks.try_recv().ok()).take(ASKS_TOGETHER_MAX);
                    for ask in std::iter::once(ask).chain(others) {
                        if let Ask::Leave { done } = ask {
                            return driver.leave(Some(done)).await;
                        }
                        driver.asked(ask).await;
                    }
                }
                Happened::Asked(None) => return driver.leave(None).await,
                Happened::Line(turn) => driver.turned(turn),
                Happened::Kept(kept) => driver.keeper.handle(&mut driver.session, kept).await,
                Happened::Salted(salted) => {
                    driver.salting = None;
                    // Where it failed, the room's patience ends.
                    if let Ok(salted) = salted {
                        driver.session.handle_salted(salted);
                    }
                }
                Happened::TimePassed => {
                    let now = driver.now();
                    driver.session.handle_timeout(now);
                }
                Happened::CaughtUp => driver.send_snapshot(),
            }
        }
    }

    async fn begin(mut options: JoinOptions, seed: u64, showing: Showing) -> Self {
        let route = options.route();
        let finder = options.finder.take();
        let JoinOptions { target, nickname, prove, notebooks, met, passphrase, is_host, .. } = options;
        let mut keeper = Keeper::new(notebooks);
        let room = target.room.clone();
        let found = match room.as_ref().or(met.as_ref()) {
            Some(room) => keeper.restore(room).await,
            None => None,
        };
        let (restored, fault) = match found {
            Some(Ok((restored, fault))) => (Some(restored), fault),
            Some(Err(fault)) => (None, Some(fault)),
            None => (None, None),
        };
        let session = Session::new(SessionOptions { nickname, room, restored, seed }, Duration::ZERO);
        let mut session = session.showing(passphrase, is_host);
        if fault.is_some() {
            session.handle_notebook(fault);
        }
        Self {
            session,
            route,
            finder,
            prove,
            started: Instant::now(),
            line: Line::None,
            ground: Ground::none(),
            keeper,
            salting: None,
            held: Vec::new(),
            said: Vec::new(),
            showing,
        }
    }

    /// Does what the session asks for, in this order: what is shown or sent is kept.
    async fn settle(&mut self) {
        loop {
            if !self.held.is_empty() && !self.holds_lines() {
                for ask in std::mem::take(&mut self.held) {
                    self.asked(ask).await;
                }
            }
            self.keeper.keep(&mut self.session).await;
            match self.session.poll_action() {
                Some(action) => self.carry_out(action).await,
                None => break,
            }
        }
        for (done, said) in self.said.drain(..) {
            // Whoever said it may have gone on without waiting.
            let _ = done.send(said);
        }
        self.show();
    }

    /// Whether a line has to wait until the room tells which one it is: only then is there a notebook for it.
    fn holds_lines(&self) -> bool {
        let over = matches!(self.session.link(), Link::Ended { .. });
        self.keeper.seeks() && self.session.room().is_none() && !over
    }

    /// Waits for what happens next. What is dropped here loses nothing: each of these may be asked for again.
    async fn happens(&mut self, asks: &mut mpsc::Receiver<Ask>) -> Happened {
        // Often enough to notice a machine that slept.
        let latest = Instant::now() + CLOCK_CHECK;
        let due = self.session.poll_timeout().map_or(latest, |due| (self.started + due).min(latest));
        tokio::select! {
            ask = asks.recv() => Happened::Asked(ask),
            turn = self.line.happens() => Happened::Line(turn),
            kept = self.keeper.happens() => Happened::Kept(kept),
            salted = finished(&mut self.salting) => Happened::Salted(salted),
            () = tokio::time::sleep_until(due) => Happened::TimePassed,
            () = self.showing.caught_up() => Happened::CaughtUp,
        }
    }

    async fn asked(&mut self, ask: Ask) {
        let now = self.now();
        match ask {
            Ask::Say { .. } if self.holds_lines() && self.held.len() < ASKS_MAX => self.held.push(ask),
            Ask::Say { id, text, done } => {
                let said = self.session.say(id, text, unix_ms(), now).map_err(|_| SayError::OutboxFull);
                self.said.push((done, said));
            }
            Ask::Dismiss(id) => self.session.dismiss(&id),
            Ask::TakeUpNotebook => {
                if let Some(room) = self.session.room().cloned() {
                    self.keeper.enter(&mut self.session, &room).await;
                }
            }
            Ask::Rename(nickname) => self.session.rename(nickname, now),
            Ask::SetTyping(active) => self.session.set_typing(active, now),
            Ask::LoadHistory => self.session.load_history(now),
            Ask::LoadExcerpt(from) => self.session.load_excerpt(from, now),
            Ask::Search { words, before } => self.session.search(words, before, now),
            Ask::LoadRoster => self.session.load_roster(now),
            Ask::RetryNow => self.session.retry_now(),
            Ask::Show(passphrase) => self.session.show(passphrase),
            Ask::Snapshot => self.showing.fall_behind(),
            Ask::Inspect(on) => self.showing.inspect(on),
            Ask::Leave { .. } => {}
        }
    }

    fn turned(&mut self, turn: Turn) {
        let now = self.now();
        if let Turn::Read(Ok(message)) = &turn {
            self.showing.hears(message);
        }
        match turn {
            Turn::Dialed(Ok(dialed)) => self.dialed(*dialed),
            Turn::Dialed(Err(fault)) => self.closed(Closed::Dial(fault)),
            Turn::Read(Ok(Message::Text(text))) => self.session.handle_text(&text, now),
            Turn::Read(Ok(Message::Close(close))) => {
                let code = close.map(|close| Closed::Code(close.code.into()));
                self.closed(code.unwrap_or(Closed::Lost));
            }
            Turn::Read(Ok(_)) => self.session.handle_sign_of_life(now),
            Turn::Read(Err(_)) | Turn::Over => self.closed(Closed::Lost),
            Turn::Wrote => {}
        }
    }

    fn dialed(&mut self, dialed: Dialed) {
        let now = self.now();
        let mut chance = [0; 16];
        if getrandom::fill(&mut chance).is_err() {
            // A system without chance has no secrets to show.
            return self.closed(Closed::Lost);
        }
        let (channel, security, exporter) = (dialed.channel(), dialed.security, dialed.exporter);
        // What has led there is tried again, also where it was found only now.
        let addresses = &mut self.route.target.addresses;
        addresses.retain(|endpoint| *endpoint != dialed.endpoint);
        addresses.insert(0, dialed.endpoint);
        addresses.truncate(INVITE_ADDRESSES_MAX);
        self.ground = Ground { channel, security, pin: dialed.pin, recognised: false };
        self.line = Line::open(Box::new(dialed.socket));
        self.showing.opened(dialed.seen);
        self.session.handle_channel(Channel { security, exporter, chance });
        self.session.handle_connected(now);
    }

    /// Whether the room that has told which one it is may be it, by its certificate: before that nothing is said.
    fn recognises(&mut self) -> bool {
        let Some(room) = self.session.room().cloned().filter(|_| !self.ground.recognised) else {
            return self.ground.recognised;
        };
        let Ground { security, pin, .. } = &self.ground;
        match settle(&*self.route.trust, &room, pin.as_deref(), *security, self.route.take_certificate) {
            Ok(()) => {
                // It was chosen for this one, not for whichever comes after it.
                self.route.take_certificate = false;
                (self.route.met, self.route.returns) = (Some(room), true);
                self.ground.recognised = true;
            }
            Err(fault) => self.closed(Closed::Dial(fault)),
        }
        self.ground.recognised
    }

    fn closed(&mut self, closed: Closed) {
        self.showing.closed(None);
        self.line.hang_up();
        let now = self.now();
        self.session.handle_closed(closed, now);
    }

    async fn carry_out(&mut self, action: Action) {
        match action {
            Action::Dial => {
                let (route, finder) = (self.route.clone(), self.finder.clone());
                self.line = Line::Dialing(Box::pin(async move { follow(route, finder).await }));
            }
            Action::Prove { .. } | Action::Send(_) if !self.recognises() => {}
            Action::Prove { room, nonce } => {
                self.keeper.enter(&mut self.session, &room).await;
                let proof = (self.prove)(&room, &nonce, &self.ground.channel);
                self.session.handle_proof(proof);
            }
            Action::Salt { passphrase, salt, iterations } => {
                let salting = tokio::task::spawn_blocking(move || passphrase.salted(&salt, iterations));
                self.salting = Some(salting);
            }
            Action::HangUp => {
                self.showing.closed(None);
                self.line.hang_up();
            }
            Action::Send(frame) => self.send(Message::text(frame.encode())),
            Action::Ping => self.send(Message::Ping(Bytes::new())),
        }
    }

    fn send(&mut self, message: Message) {
        self.showing.sends(&message);
        self.line.send(message);
    }

    fn show(&mut self) {
        let events = std::iter::from_fn(|| self.session.poll_event()).collect();
        self.showing.show(events);
    }

    fn send_snapshot(&mut self) {
        let now = self.now();
        self.showing.show_snapshot(|| self.session.snapshot(now));
    }

    async fn leave(mut self, done: Option<oneshot::Sender<Unsaid>>) {
        for ask in std::mem::take(&mut self.held) {
            if let Ask::Say { id, text, .. } = ask {
                // Whoever said it hears that the room was left.
                let _ = self.session.say(id, text, unix_ms(), self.started.elapsed());
            }
        }
        self.session.leave();
        self.keeper.keep(&mut self.session).await;
        while let Some(action) = self.session.poll_action() {
            match action {
                Action::Send(frame) => self.line.send(Message::text(frame.encode())),
                Action::HangUp => self.line.close().await,
                Action::Dial | Action::Prove { .. } | Action::Salt { .. } | Action::Ping => {}
            }
        }
        self.keeper.close(&mut self.session).await;
        if let Some(done) = done {
            // Whoever leaves may have gone on without waiting.
            let _ = done.send(self.session.unacknowledged());
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Waits for what is being done; for ever where nothing is.
async fn finished<T>(doing: &mut Option<JoinHandle<T>>) -> Result<T, JoinError> {
    match doing {
        Some(doing) => doing.await,
        None => std::future::pending().await,
    }
}

/// Dials a room where it was, and where it is now if it is not there any more. Whoever says where is not believed: only
/// a room whose certificate is known is followed.
async fn follow(route: Route, finder: Option<Finder>) -> Result<Dialed, Fault> {
    let fault = match dial(&route).await {
        Ok(dialed) => return Ok(dialed),
        Err(fault) => fault,
    };
    let room = route.target.room.clone().or_else(|| route.met.clone());
    let (Some(finder), Some(room), Some(_)) = (finder, room, route.pin()) else { return Err(fault) };
    let mut found = timeout(FIND_MAX, finder(room.clone())).await.unwrap_or_default();
    found.retain(|endpoint| !route.target.addresses.contains(endpoint));
    found.truncate(INVITE_ADDRESSES_MAX);
    if found.is_empty() {
        return Err(fault);
    }
    let target = Target { addresses: found, room: Some(room), ..route.target.clone() };
    // What is wrong with an address that anybody may have named says nothing about the room.
    dial(&Route { target, ..route }).await.map_err(|_| fault)
}

fn unix_ms() -> u64 {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(unix.as_millis()).unwrap_or(u64::MAX)
}

/// How long is waited for somebody to say where a room is now.
const FIND_MAX: Duration = Duration::from_secs(5);

/// Requests of the person that may wait for the driver.
const ASKS_MAX: usize = 256;

/// Requests that are taken up together.
const ASKS_TOGETHER_MAX: usize = 64;

/// Updates that may wait to be shown before they are replaced by a snapshot.
const UPDATES_MAX: usize = 256;
