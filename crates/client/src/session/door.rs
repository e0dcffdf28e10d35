//! Showing a room its passphrase, between `room` and `hello`. Only over TLS that was not opened by somebody in
//! between, and never to a room that cannot prove that it has the passphrase too.

use std::time::Duration;

use maru_wire::limits::PASSPHRASE_MS_MAX;
use maru_wire::scram::{Asked, Binding, EXPORTER_BYTES, Opening, Passphrase, Promise, SHA_256_PLUS, Salted};
use maru_wire::{ClientFrame, Nonce, RoomId};

use super::{Action, Session, Stage};
use crate::event::{Fault, Security};

/// What the edge knows of a connection, and chance for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// What guards it.
    pub security: Security,
    /// What its TLS exports (RFC 9266).
    pub exporter: Option<[u8; EXPORTER_BYTES]>,
    /// Chance, for a nonce.
    pub chance: [u8; 16],
}

/// What we have to show, and how far that has come on this connection.
#[derive(Debug)]
pub(super) struct Door {
    passphrase: Option<Passphrase>,
    /// Whether the host's own key is ours, which needs no passphrase.
    is_host: bool,
    channel: Option<Channel>,
    /// What the passphrase is worth to the room, worked out once.
    salted: Option<Salted>,
    showing: Showing,
}

#[derive(Debug)]
enum Showing {
    /// Nothing was asked for, or all is shown.
    Nothing,
    /// The first text is said.
    Begun { hello: Hello, opening: Opening },
    /// The edge salts the passphrase.
    Salting { hello: Hello, asked: Asked },
    /// The last text is said; the room has to prove itself.
    Proven { hello: Hello, promise: Promise },
}

/// What a hello is to be signed for, once it is due.
#[derive(Debug)]
struct Hello {
    room: RoomId,
    nonce: Nonce,
}

impl Door {
    pub(super) fn closed() -> Self {
        Self { passphrase: None, is_host: false, channel: None, salted: None, showing: Showing::Nothing }
    }

    /// Whether what the room says now is what it says inside.
    pub(super) fn is_passed(&self) -> bool {
        matches!(self.showing, Showing::Nothing)
    }

    pub(super) fn handle_disconnected(&mut self) {
        self.showing = Showing::Nothing;
        self.channel = None;
    }
}

impl Session {
    /// With what a room may ask to be shown: its passphrase, or the key of its host, which the host's own window has.
    pub fn showing(mut self, passphrase: Option<Passphrase>, is_host: bool) -> Self {
        (self.door.passphrase, self.door.is_host) = (passphrase, is_host);
        self
    }

    /// Shows this passphrase from now on, at once where the room was left for want of one.
    pub fn show(&mut self, passphrase: Passphrase) {
        self.door.passphrase = Some(passphrase);
        self.door.salted = None;
        self.retry_now();
    }

    /// What is known of the connection that is about to be handed in as open. Without it nothing guards it.
    pub fn handle_channel(&mut self, channel: Channel) {
        self.security = Some(channel.security);
        self.door.channel = Some(channel);
        self.events.extend(self.connected());
    }

    /// The passphrase is salted, as [`Action::Salt`] asked for.
    pub fn handle_salted(&mut self, salted: Salted) {
        match std::mem::replace(&mut self.door.showing, Showing::Nothing) {
            Showing::Salting { hello, asked } if salted.fits(asked.salt(), asked.iterations()) => {
                self.prove_passphrase(hello, asked, &salted);
            }
            // It was for a connection that is over.
            other => self.door.showing = other,
        }
        self.door.salted = Some(salted);
    }

    /// The room has told which one it is, and how it wants to be shown its passphrase.
    pub(super) fn shown_the_door(
        &mut self,
        room: RoomId,
        nonce: Nonce,
        mechanisms: &[String],
        now: Duration,
    ) {
        if mechanisms.is_empty() && self.is_missing_its_door() {
            return self.turn_back(Fault::WrongPassphrase);
        }
        if mechanisms.is_empty() || self.door.is_host {
            return self.actions.push_back(Action::Prove { room, nonce });
        }
        let Some((binding, chance)) = self.binding(mechanisms) else {
            return self.turn_back(Fault::PassphraseUnguarded);
        };
        if self.door.passphrase.is_none() {
            return self.turn_back(Fault::PassphraseNeeded);
        }
        let opening = Opening::new(binding, chance);
        self.authenticate(opening.mechanism(), opening.first());
        self.door.showing = Showing::Begun { hello: Hello { room, nonce }, opening };
        let due = now + Duration::from_millis(PASSPHRASE_MS_MAX);
        self.stage = Stage::Opening { due, told: true };
    }

    /// Whether a room that asks for nothing should have asked: the person knows its passphrase, and nothing else tells
    /// that it is the room they mean. Whoever stands in between has only to leave the question out.
    fn is_missing_its_door(&self) -> bool {
        let security = self.door.channel.as_ref().map(|channel| channel.security);
        let is_known = matches!(security, Some(Security::Pinned | Security::Authority));
        self.door.passphrase.is_some() && !self.door.is_host && !is_known
    }

    /// What to bind the conversation to; none where somebody in between could make use of it. Behind a proxy that
    /// speaks TLS for the room nothing can be bound, and an authority vouches for the proxy; a room itself always
    /// offers it.
    fn binding(&self, mechanisms: &[String]) -> Option<(Binding, [u8; 16])> {
        let channel = self.door.channel.as_ref()?;
        let offers_plus = mechanisms.iter().any(|mechanism| mechanism == SHA_256_PLUS);
        let binding = match (channel.security, channel.exporter) {
            (Security::Plain, _) => return None,
            (_, Some(exporter)) if offers_plus => Binding::Exporter(exporter),
            (Security::Authority, _) => Binding::NotOffered,
            (Security::Pinned | Security::FirstSeen, _) => return None,
        };
        Some((binding, channel.chance))
    }

    pub(super) fn challenged(&mut self, challenge: &str) {
        match std::mem::replace(&mut self.door.showing, Showing::Nothing) {
            Showing::Begun { hello, opening } => match opening.challenged(challenge) {
                Ok(asked) => self.salt(hello, asked),
                Err(_) => self.turn_back(Fault::NotARoom),
            },
            other => self.door.showing = other,
        }
    }

    fn salt(&mut self, hello: Hello, asked: Asked) {
        if let Some(salted) = self.door.salted.take_if(|it| it.fits(asked.salt(), asked.iterations())) {
            self.prove_passphrase(hello, asked, &salted);
            self.door.salted = Some(salted);
        } else if let Some(passphrase) = self.door.passphrase.clone() {
            let (salt, iterations) = (asked.salt().to_vec(), asked.iterations());
            self.actions.push_back(Action::Salt { passphrase, salt, iterations });
            self.door.showing = Showing::Salting { hello, asked };
        }
    }

    fn prove_passphrase(&mut self, hello: Hello, asked: Asked, salted: &Salted) {
        let mechanism = asked.mechanism();
        let (last, promise) = asked.answer(salted);
        self.authenticate(mechanism, last);
        self.door.showing = Showing::Proven { hello, promise };
    }

    pub(super) fn authenticated(&mut self, answer: &str) {
        match std::mem::replace(&mut self.door.showing, Showing::Nothing) {
            Showing::Proven { hello: Hello { room, nonce }, promise } if promise.is_kept(answer) => {
                self.actions.push_back(Action::Prove { room, nonce });
            }
            // Whoever takes any passphrase and does not have it is not the room we mean.
            Showing::Proven { .. } => self.turn_back(Fault::WrongPassphrase),
            other => self.door.showing = other,
        }
    }

    fn authenticate(&mut self, mechanism: &str, data: String) {
        let frame = ClientFrame::Authenticate { mechanism: mechanism.into(), data };
        self.actions.push_back(Action::Send(frame));
    }

    fn turn_back(&mut self, fault: Fault) {
        self.actions.push_back(Action::HangUp);
        self.end(fault);
    }
}
