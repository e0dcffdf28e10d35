//! A room joined from a terminal: what `join` and `send` have in common. Finds a free name where the person did not
//! choose one, and knows what the room has not acknowledged.

use std::io;
use std::time::Duration;

use maru_client::{Fault, JoinOptions, Joined, Link, SayError, Target, Update, join};
use maru_wire::limits::{CLOSE_MS_MAX, NICKNAME_GRAPHEMES_MAX};
use maru_wire::{MessageId, MessageText, Nickname};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::events::Event;
use crate::hearing::Hearing;
use crate::person::Person;
use crate::words::Words;

/// A room, joined.
pub(crate) struct Visit {
    joined: Joined,
    updates: mpsc::Receiver<Update>,
    hearing: Hearing,
    naming: Naming,
    ended: Option<Fault>,
    progress_at: Instant,
}

/// What to be called.
#[derive(Debug)]
enum Naming {
    /// That, or nothing.
    Chosen,
    /// That, or with a number behind it where somebody has it.
    Free { name: Nickname, tries: u32 },
}

impl Visit {
    /// Begins to join. Without a nickname it is what the person is called elsewhere.
    pub(crate) fn begin(
        target: Target,
        chosen: Option<Nickname>,
        person: &Person,
        words: Words,
    ) -> io::Result<Self> {
        let (nickname, naming) = match chosen {
            Some(name) => (name, Naming::Chosen),
            None => {
                let name = person.nickname().cloned().unwrap_or_else(|| Person::guest(words));
                (name.clone(), Naming::Free { name, tries: 1 })
            }
        };
        let (joined, updates) = join(JoinOptions { target, nickname, prove: person.prove() })?;
        let (hearing, progress_at) = (Hearing::default(), Instant::now());
        Ok(Self { joined, updates, hearing, naming, ended: None, progress_at })
    }

    /// Waits for what the session tells. It may be given up; nothing is lost then.
    pub(crate) async fn told(&mut self) -> Option<Update> {
        self.updates.recv().await
    }

    /// Takes what [`Self::told`] gave. A session that is no more has lost the room.
    pub(crate) async fn hear(&mut self, update: Option<Update>) -> Vec<Event> {
        let Some(update) = update else {
            self.ended.get_or_insert(Fault::Lost);
            return Vec::new();
        };
        let before = (self.hearing.entered(), self.hearing.outstanding());
        let mut news = self.hearing.hear(update);
        if before != (self.hearing.entered(), self.hearing.outstanding()) {
            self.progress_at = Instant::now();
        }
        if let Some(fault) = news.iter().find_map(ended) {
            match self.another_name(fault) {
                Some(name) => {
                    news.retain(|event| ended(event).is_none());
                    self.joined.rename(name).await;
                    self.joined.retry_now().await;
                }
                None => self.ended = Some(fault),
            }
        }
        news
    }

    /// Says something. The room's own entry of it is the acknowledgement.
    pub(crate) async fn say(&mut self, text: MessageText) -> io::Result<Result<(), SayError>> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).map_err(io::Error::other)?;
        let id = MessageId::from_random(bits);
        self.hearing.handle_said(id.clone());
        self.progress_at = Instant::now();
        Ok(self.joined.say(id, text).await)
    }

    /// Goes by another name, from now on by the person's choice.
    pub(crate) async fn rename(&mut self, name: Nickname) {
        self.naming = Naming::Chosen;
        self.joined.rename(name).await;
    }

    /// Leaves politely, in bounded time.
    pub(crate) async fn leave(self) {
        let left = timeout(Duration::from_millis(2 * CLOSE_MS_MAX), self.joined.leave()).await;
        if left.is_err() {
            tracing::info!("left without a good-bye");
        }
    }

    /// Why the room is over, once it is.
    pub(crate) fn ended(&self) -> Option<Fault> {
        self.ended
    }

    /// Whether the room has let us in.
    pub(crate) fn entered(&self) -> bool {
        self.hearing.entered()
    }

    /// How many messages the room has not acknowledged.
    pub(crate) fn outstanding(&self) -> usize {
        self.hearing.outstanding()
    }

    /// When to stop waiting for the room to acknowledge what was said. Getting in has bounds of its own.
    pub(crate) fn patience_until(&self) -> Option<Instant> {
        self.entered().then(|| self.progress_at + PATIENCE)
    }

    fn another_name(&mut self, fault: Fault) -> Option<Nickname> {
        let Naming::Free { name, tries } = &mut self.naming else { return None };
        if fault != Fault::NicknameTaken || *tries >= NAMES_TRIED {
            return None;
        }
        *tries += 1;
        numbered(name, *tries)
    }
}

fn ended(event: &Event) -> Option<Fault> {
    if let Event::Link { link: Link::Ended { fault } } = event { Some(*fault) } else { None }
}

/// The name with a number behind it, shortened where both are too long.
fn numbered(name: &Nickname, number: u32) -> Option<Nickname> {
    (0..NICKNAME_GRAPHEMES_MAX).find_map(|shorter| {
        let chars = name.as_str().chars().count().checked_sub(shorter)?;
        let begin: String = name.as_str().chars().take(chars).collect();
        Nickname::parse(&format!("{begin} {number}")).ok()
    })
}

/// Names tried before giving up: as many as there are people with one name in a large room.
const NAMES_TRIED: u32 = 50;

/// How long the room may take to acknowledge another message.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn with_number(name: &str, number: u32) -> String {
        numbered(&Nickname::parse(name).unwrap(), number).unwrap().into()
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        assert_eq!(with_number("민지", 2), "민지 2");
        assert_eq!(with_number(&"각".repeat(32), 12), format!("{} 12", "각".repeat(29)));
    }
}
