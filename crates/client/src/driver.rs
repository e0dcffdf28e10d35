//! A session on a real connection: dials, pumps and sleeps for it, and hands on what there is to show.

mod arriving;
mod clocks;
mod foreign;
mod joined;
mod keeper;
mod line;
mod options;
mod showing;

use std::time::{Duration, SystemTime};

use maru_wire::Dialect;
use maru_wire::limits::INVITE_ADDRESSES_MAX;
use maru_wire::scram::Salted;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::dial::{Dialed, Route, dial};
use crate::event::{Fault, Link, Security};
use crate::scout::Found;
use crate::session::{Action, Channel, Closed, Session, SessionOptions};
use crate::target::Target;
use crate::trust::settle;
use clocks::{CLOCK_CHECK, Clocks};
use foreign::ForeignDriver;
use joined::{Ask, Said, Unsaid};
use keeper::{Keeper, Kept};
use line::{Line, Turn};
use showing::Showing;

pub use joined::{Joined, SayError, Update};
pub use options::{Finder, Finding, JoinOptions, Prove};

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
