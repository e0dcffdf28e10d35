//! A member in the test's own process, over the real client, and what it was told.

use std::collections::VecDeque;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use maru_client::{JoinOptions, Joined, Link, Proof, Prove, RoomEvent, Target, Update, join};
use maru_wire::identity::hello_to_sign;
use maru_wire::{Entry, Happening, MessageId, MessageText, Nickname};
use tokio::sync::mpsc;

/// Fails rather than hangs. Never a measure of speed.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("nothing came in a minute")
}

pub(crate) struct Member {
    pub(crate) joined: Joined,
    updates: mpsc::Receiver<Update>,
    told: VecDeque<RoomEvent>,
}

impl Member {
    /// Joins with a key that is made of the nickname: the same member each time.
    pub(crate) fn join(url: &str, nickname: &str) -> Self {
        let mut bits = [0; 32];
        bits.iter_mut().zip(nickname.bytes()).for_each(|(bit, byte)| *bit = byte);
        let key = SigningKey::from_bytes(&bits);
        let prove: Prove = Box::new(move |room, nonce, channel| {
            let signature = key.sign(&hello_to_sign(room, nonce, channel));
            Some(Proof {
                key: BASE64URL_NOPAD.encode(key.verifying_key().as_bytes()),
                signature: BASE64URL_NOPAD.encode(&signature.to_bytes()),
            })
        });
        let target = Target::parse(url).unwrap();
        let (joined, updates) =
            join(JoinOptions::new(target, Nickname::parse(nickname).unwrap(), prove)).unwrap();
        Self { joined, updates, told: VecDeque::new() }
    }

    pub(crate) async fn in_room(url: &str, nickname: &str) -> Self {
        let mut member = Self::join(url, nickname);
        member.told(|event| matches!(event, RoomEvent::Link { link: Link::Live }).then_some(())).await;
        member
    }

    pub(crate) async fn say(&self, id: &str, text: &str) {
        let said = self.joined.say(MessageId::parse(id).unwrap(), MessageText::parse(text).unwrap());
        soon(said).await.unwrap();
    }

    /// What is told next. Dropping this loses nothing.
    pub(crate) async fn next(&mut self) -> RoomEvent {
        loop {
            if let Some(event) = self.told.pop_front() {
                return event;
            }
            match self.updates.recv().await.expect("the session goes on") {
                Update::Snapshot(events) | Update::Events(events) => self.told.extend(events),
                Update::Sights(_) => {}
            }
        }
    }

    /// Takes what is told until something is what is looked for.
    pub(crate) async fn told<T>(&mut self, mut pick: impl FnMut(&RoomEvent) -> Option<T>) -> T {
        soon(async {
            loop {
                if let Some(picked) = pick(&self.next().await) {
                    return picked;
                }
            }
        })
        .await
    }

    /// The entry of a message, once it is told.
    pub(crate) async fn hears(&mut self, id: &str) -> Entry {
        self.told(|event| heard(event).iter().find(|entry| said(entry) == Some(id)).cloned()).await
    }

    /// The whole log, as somebody finds it who scrolls back to its beginning.
    pub(crate) async fn whole_log(url: &str) -> Vec<Entry> {
        let mut reader = Self::join(url, "reader");
        let entered = |event: &RoomEvent| match event {
            RoomEvent::Entered { entries, older, .. } => Some((entries.clone(), *older)),
            _ => None,
        };
        let (mut log, mut older) = reader.told(entered).await;
        while older {
            reader.joined.load_history().await;
            let (mut page, more) = reader
                .told(|event| match event {
                    RoomEvent::History { entries, older } => Some((entries.clone(), *older)),
                    RoomEvent::Refused { .. } => Some((Vec::new(), true)),
                    _ => None,
                })
                .await;
            page.append(&mut log);
            (log, older) = (page, more);
        }
        soon(reader.joined.leave()).await;
        log
    }
}

/// What an event tells of what lasts, in order, as it is said.
pub(crate) fn heard(event: &RoomEvent) -> &[Entry] {
    match event {
        RoomEvent::Entered { entries, .. } | RoomEvent::Entries { entries } => entries,
        _ => &[],
    }
}

/// The name of a message.
pub(crate) fn said(entry: &Entry) -> Option<&str> {
    if let Happening::Said { id, .. } = &entry.what { Some(id.as_str()) } else { None }
}
