//! A foreign server on a real connection: dials, pumps and sleeps for its session, and hands on what there is to show.

use std::pin::Pin;
use std::time::Duration;

use maru_wire::Dialect;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::clocks::{CLOCK_CHECK, Clocks};
use super::line::{Line, Turn};
use super::showing::Showing;
use super::{ASKS_TOGETHER_MAX, Ask, JoinOptions, SayError, unix_ms};
use crate::event::Fault;
use crate::foreign::{Action, Foreign, ForeignOptions, Payload};
use crate::scout::{self, Foreigner};
use crate::session::Closed;
use crate::way::Way;

type Dialing = Pin<Box<dyn Future<Output = Result<Foreigner, Fault>> + Send>>;

pub(super) struct ForeignDriver {
    session: Foreign,
    dialect: Dialect,
    way: Option<Way>,
    /// The connection on which it was found out what is spoken: the first dial is answered by it.
    found: Option<Box<Foreigner>>,
    dialing: Option<Dialing>,
    line: Line,
    started: Instant,
    showing: Showing,
}

enum Happened {
    Asked(Option<Ask>),
    Dialed(Result<Foreigner, Fault>),
    Line(Turn),
    TimePassed,
    CaughtUp,
}

impl ForeignDriver {
    pub(super) fn new(
        options: JoinOptions,
        dialect: Dialect,
        found: Option<Box<Foreigner>>,
        seed: u64,
        showing: Showing,
    ) -> Self {
        let way = Way::to(options.route());
        let JoinOptions { target, nickname, .. } = options;
        let session = Foreign::new(ForeignOptions { dialect, target, nickname, seed }, Duration::ZERO);
        let (dialing, line, started) = (None, Line::None, Instant::now());
        Self { session, dialect, way, found, dialing, line, started, showing }
    }

    pub(super) async fn run(mut self, held: Vec<Ask>, mut asks: mpsc::Receiver<Ask>) {
        held.into_iter().for_each(|ask| self.asked(ask));
        let mut clocks = Clocks::now();
        loop {
            self.settle();
            let happened = self.happens(&mut asks).await;
            if clocks.jumped() {
                self.session.handle_wake(self.now());
            }
            match happened {
                Happened::Asked(Some(ask)) => {
                    let others = std::iter::from_fn(|| asks.try_recv().ok()).take(ASKS_TOGETHER_MAX);
                    for ask in std::iter::once(ask).chain(others) {
                        if let Ask::Leave { done } = ask {
                            let unsaid = self.leave().await;
                            // Whoever leaves may have gone on without waiting.
                            let _ = done.send(unsaid);
                            return;
                        }
                        self.asked(ask);
                    }
                }
                Happened::Asked(None) => {
                    self.leave().await;
                    return;
                }
                Happened::Dialed(Ok(foreigner)) => self.opened(foreigner),
                Happened::Dialed(Err(fault)) => {
                    self.session.handle_closed(Closed::Dial(fault), self.now());
                }
                Happened::Line(turn) => self.turned(turn),
                Happened::TimePassed => self.session.handle_timeout(self.now()),
                Happened::CaughtUp => {
                    let now = self.now();
                    self.showing.show_snapshot(|| self.session.snapshot(now));
                }
            }
        }
    }

    /// Does what the session asks for, and shows what it tells.
    fn settle(&mut self) {
        loop {
            while let Some(action) = self.session.poll_action() {
                self.carry_out(action);
            }
            if !self.line.is_written() {
                break;
            }
            self.session.handle_written(unix_ms());
            match self.session.poll_action() {
                Some(action) => self.carry_out(action),
                None => break,
            }
        }
        let events = std::iter::from_fn(|| self.session.poll_event()).collect();
        self.showing.show(events);
    }

    /// Waits for what happens next. What is dropped here loses nothing: each of these may be asked for again.
    async fn happens(&mut self, asks: &mut mpsc::Receiver<Ask>) -> Happened {
        let latest = Instant::now() + CLOCK_CHECK;
        let due = self.session.poll_timeout().map_or(latest, |due| (self.started + due).min(latest));
        let dialing = async {
            match &mut self.dialing {
                Some(dialing) => dialing.await,
                None => std::future::pending().await,
            }
        };
        let happened = tokio::select! {
            ask = asks.recv() => Happened::Asked(ask),
            dialed = dialing => Happened::Dialed(dialed),
            turn = self.line.happens() => Happened::Line(turn),
            () = tokio::time::sleep_until(due) => Happened::TimePassed,
            () = self.showing.caught_up() => Happened::CaughtUp,
        };
        if let Happened::Dialed(_) = happened {
            self.dialing = None;
        }
        happened
    }

    fn asked(&mut self, ask: Ask) {
        let now = self.now();
        match ask {
            Ask::Say { id, text, done } => {
                let said = self.session.say(id, text, unix_ms(), now).map_err(|_| SayError::OutboxFull);
                // Whoever said it may have gone on without waiting.
                let _ = done.send(said);
            }
            Ask::Dismiss(id) => self.session.dismiss(&id),
            Ask::Rename(nickname) => self.session.rename(nickname, unix_ms()),
            Ask::RetryNow => self.session.retry_now(),
            Ask::Snapshot => self.showing.fall_behind(),
            Ask::Inspect(on) => self.showing.inspect(on),
            // Nothing of this can be said in these dialects, and nothing is kept.
            Ask::Show(_)
            | Ask::SetTyping(_)
            | Ask::LoadHistory
            | Ask::LoadExcerpt(_)
            | Ask::Search { .. }
            | Ask::LoadRoster
            | Ask::TakeUpNotebook
            | Ask::Leave { .. } => {}
        }
    }

    fn opened(&mut self, foreigner: Foreigner) {
        let Foreigner { wire, heard, introduced, security, seen, .. } = foreigner;
        self.line = Line::open(wire);
        self.showing.opened(seen);
        self.session.handle_connected(security, introduced, self.now());
        for message in heard {
            self.turned(Turn::Read(Ok(message)));
        }
    }

    fn turned(&mut self, turn: Turn) {
        let now = self.now();
        if let Turn::Read(Ok(message)) = &turn {
            self.showing.hears(message);
        }
        match turn {
            Turn::Read(Ok(Message::Text(text))) => {
                self.session.handle_payload(Payload::Text(&text), unix_ms(), now);
            }
            Turn::Read(Ok(Message::Binary(bytes))) => {
                self.session.handle_payload(Payload::Binary(&bytes), unix_ms(), now);
            }
            Turn::Read(Ok(Message::Close(close))) => {
                let code = close.map(|close| Closed::Code(close.code.into()));
                self.closed(code.unwrap_or(Closed::Lost));
            }
            Turn::Read(Ok(_)) => self.session.handle_sign_of_life(now),
            Turn::Read(Err(_)) | Turn::Over => self.closed(Closed::Lost),
            Turn::Wrote | Turn::Dialed(_) => {}
        }
    }

    fn closed(&mut self, closed: Closed) {
        self.showing.closed(None);
        self.line.hang_up();
        self.session.handle_closed(closed, self.now());
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Dial => match (self.found.take(), &self.way) {
                (Some(found), _) => self.opened(*found),
                (None, Some(way)) => {
                    let (way, dialect) = (way.clone(), self.dialect);
                    self.dialing = Some(Box::pin(async move { scout::dial(&way, dialect).await }));
                }
                (None, None) => self.session.handle_closed(Closed::Dial(Fault::NotFound), self.now()),
            },
            Action::HangUp => {
                self.showing.closed(None);
                self.dialing = None;
                self.line.hang_up();
            }
            Action::Send(text) => self.send(Message::text(text)),
            Action::Ping => self.send(Message::Ping(Bytes::new())),
        }
    }

    fn send(&mut self, message: Message) {
        self.showing.sends(&message);
        self.line.send(message);
    }

    async fn leave(&mut self) -> super::Unsaid {
        let unsaid = self.session.unsaid();
        self.session.leave();
        while let Some(action) = self.session.poll_action() {
            match action {
                Action::Send(text) => self.line.send(Message::text(text)),
                Action::HangUp => self.line.close().await,
                Action::Dial | Action::Ping => {}
            }
        }
        unsaid
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}
