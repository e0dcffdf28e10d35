//! A member of a real room, and what it has been told.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use maru_client::{
    Fault, JoinOptions, Joined, Link, Notebooks, Proof, Prove, RoomEvent, Target, Update, join,
};
use maru_server::{Host, HostOptions, PortChoice};
use maru_wire::identity::hello_to_sign;
use maru_wire::{Dialect, Entry, Happening, MessageId, MessageText, Nickname, RoomId};
use tokio::sync::mpsc;

/// Fails rather than hangs. Never a measure of speed.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("nothing came in half a minute")
}

pub(crate) fn options(port: u16) -> HostOptions {
    HostOptions {
        bind: Ipv4Addr::LOCALHOST.into(),
        port: PortChoice::Exactly(port),
        ..HostOptions::new(RoomId::parse("r1").unwrap(), "점심 모임")
    }
}

/// Opens a room; port 0 is any that is free.
#[allow(dead_code, reason = "not every test opens one")]
pub(crate) async fn open(port: u16) -> Host {
    Host::start(options(port)).await.unwrap()
}

pub(crate) struct Guest {
    pub(crate) joined: Joined,
    pub(crate) updates: mpsc::Receiver<Update>,
    told: VecDeque<RoomEvent>,
}

impl Guest {
    pub(crate) fn at(address: &str, nickname: &str) -> Self {
        Self::keeping(address, nickname, None, None)
    }

    /// With a place for notebooks, and the room that was found there before.
    pub(crate) fn keeping(
        address: &str,
        nickname: &str,
        notebooks: Option<Notebooks>,
        met: Option<&str>,
    ) -> Self {
        let met = met.map(|room| RoomId::parse(room).unwrap());
        Self::of(JoinOptions { notebooks, met, ..Self::options(address, nickname) })
    }

    /// Somebody with a key of their own, at an address.
    pub(crate) fn options(address: &str, nickname: &str) -> JoinOptions {
        let mut bits = [0; 32];
        bits[..nickname.len().min(32)].copy_from_slice(&nickname.as_bytes()[..nickname.len().min(32)]);
        let key = SigningKey::from_bytes(&bits);
        let prove: Prove = Box::new(move |room, nonce, channel| {
            let signature = key.sign(&hello_to_sign(room, nonce, channel));
            Some(Proof {
                key: BASE64URL_NOPAD.encode(key.verifying_key().as_bytes()),
                signature: BASE64URL_NOPAD.encode(&signature.to_bytes()),
            })
        });
        let (target, nickname) = (Target::parse(address).unwrap(), Nickname::parse(nickname).unwrap());
        JoinOptions::new(target, nickname, prove)
    }

    /// Where nobody but a room of ours is expected, and nothing is to be found out.
    pub(crate) fn in_maru(address: &str, nickname: &str) -> Self {
        let (target, nickname) = (Target::parse(address).unwrap(), Nickname::parse(nickname).unwrap());
        let dialect = Some(Dialect::Maru);
        Self::of(JoinOptions { dialect, ..JoinOptions::new(target, nickname, Box::new(|_, _, _| None)) })
    }

    pub(crate) fn of(options: JoinOptions) -> Self {
        let (joined, updates) = join(options).unwrap();
        Self { joined, updates, told: VecDeque::new() }
    }

    pub(crate) fn join(host: &Host, nickname: &str) -> Self {
        Self::at(&host.address().to_string(), nickname)
    }

    pub(crate) async fn in_room(host: &Host, nickname: &str) -> Self {
        let mut guest = Self::join(host, nickname);
        guest.told(|event| matches!(event, RoomEvent::Link { link: Link::Live }).then_some(())).await;
        guest
    }

    pub(crate) async fn say(&self, id: &str, text: &str) {
        let said = self.joined.say(MessageId::parse(id).unwrap(), MessageText::parse(text).unwrap());
        soon(said).await.unwrap();
    }

    pub(crate) async fn says_and_hears(&mut self, id: &str) {
        self.say(id, "한 줄").await;
        self.hears(id).await;
    }

    /// Takes what is told until something is what is looked for.
    pub(crate) async fn told<T>(&mut self, mut pick: impl FnMut(&RoomEvent) -> Option<T>) -> T {
        loop {
            while let Some(event) = self.told.pop_front() {
                if let Some(picked) = pick(&event) {
                    return picked;
                }
            }
            match soon(self.updates.recv()).await.expect("the session goes on") {
                Update::Snapshot(events) | Update::Events(events) => self.told.extend(events),
                Update::Sights(_) => {}
            }
        }
    }

    pub(crate) async fn hears(&mut self, message: &str) {
        self.told(|event| entries(event).iter().any(|entry| said(entry) == Some(message)).then_some(()))
            .await;
    }

    /// All lines told up to one.
    pub(crate) async fn lines_up_to(&mut self, last: &str) -> Vec<String> {
        let mut lines = Vec::new();
        self.told(|event| {
            lines.extend(entries(event).iter().filter_map(said).map(String::from));
            lines.iter().any(|line| line == last).then_some(())
        })
        .await;
        lines
    }

    pub(crate) async fn ended(&mut self) -> Fault {
        self.told(|event| match event {
            RoomEvent::Link { link: Link::Ended { fault } } => Some(*fault),
            _ => None,
        })
        .await
    }
}

/// How many lines an event shows.
pub(crate) fn said_in(event: &RoomEvent) -> usize {
    entries(event).iter().filter_map(said).count()
}

fn entries(event: &RoomEvent) -> &[Entry] {
    match event {
        RoomEvent::Entered { entries, .. } | RoomEvent::Entries { entries } => entries,
        _ => &[],
    }
}

fn said(entry: &Entry) -> Option<&str> {
    if let Happening::Said { id, .. } = &entry.what { Some(id.as_str()) } else { None }
}
