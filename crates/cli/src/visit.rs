//! A room joined from a terminal: what `join` and `send` have in common. Finds a free name where the person did not
//! choose one, and knows what the room has not acknowledged.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use maru_client::{
    Endpoint, Fault, Finder, JoinOptions, Joined, Link, NotebookFault, Notebooks, SayError, Target, Update,
    join,
};
use maru_home::JoinedRooms;
use maru_lan::discovery;
use maru_wire::limits::{CLOSE_MS_MAX, NICKNAME_GRAPHEMES_MAX};
use maru_wire::scram::Passphrase;
use maru_wire::{Dialect, MessageId, MessageText, Nickname, RoomId};
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
    /// Where the room is to be remembered, if it is.
    remembering: Option<Remembering>,
    /// Why the room is away, while it is.
    away: Option<Fault>,
    ended: Option<Fault>,
    progress_at: Instant,
}

/// Which room to join, and as what.
pub(crate) struct Wanted {
    pub target: Target,
    /// What is spoken there; none where that is to be found out.
    pub dialect: Option<Dialect>,
    /// None for what the person is called elsewhere.
    pub nickname: Option<Nickname>,
    /// What to show where it is asked for.
    pub passphrase: Option<Passphrase>,
    /// Whether to take the certificate that is there now, in place of one that is known.
    pub take_certificate: bool,
}

impl Wanted {
    fn addresses(&self) -> Vec<String> {
        self.target.addresses.iter().map(|at| self.target.ws_url(at)).collect()
    }

    /// The room that was found there before.
    fn met(&self, rooms: &JoinedRooms) -> Option<RoomId> {
        let met = self.addresses().iter().find_map(|address| rooms.at_address(address));
        met.filter(|_| self.dialect.is_none_or(|dialect| dialect == Dialect::Maru))
    }
}

/// A room that is joined for longer than one message.
struct Remembering {
    rooms: JoinedRooms,
    addresses: Vec<String>,
    /// Whether what is said is kept until the room has it.
    kept: bool,
}

/// Where a room that is remembered is kept, and which one was there before.
struct Kept {
    notebooks: Option<Notebooks>,
    met: Option<RoomId>,
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
    /// Begins to join a room that is remembered: what is said there and not taken is said when it is joined again.
    pub(crate) fn begin_remembered(wanted: Wanted, person: &Person, words: Words) -> io::Result<Self> {
        let rooms = person.joined_rooms();
        let addresses = wanted.addresses();
        let notebooks = Some(Notebooks::in_folder(rooms.folder()));
        let met = wanted.met(&rooms);
        let mut visit = Self::join(wanted, person, words, Kept { notebooks, met })?;
        visit.remembering = Some(Remembering { rooms, addresses, kept: true });
        Ok(visit)
    }

    /// Begins to join for this once.
    pub(crate) fn begin(wanted: Wanted, person: &Person, words: Words) -> io::Result<Self> {
        // Nothing is kept of it, but its certificate is known where the room is.
        let met = wanted.met(&person.joined_rooms());
        Self::join(wanted, person, words, Kept { notebooks: None, met })
    }

    fn join(
        wanted: Wanted,
        person: &Person,
        words: Words,
        Kept { notebooks, met }: Kept,
    ) -> io::Result<Self> {
        let Wanted { target, dialect, nickname, passphrase, take_certificate } = wanted;
        let (nickname, naming) = match nickname {
            Some(name) => (name, Naming::Chosen),
            None => {
                let name = person.nickname().cloned().unwrap_or_else(|| Person::guest(words));
                (name.clone(), Naming::Free { name, tries: 1 })
            }
        };
        let finder = finder(&target);
        let (joined, updates) = join(JoinOptions {
            notebooks,
            met,
            dialect,
            passphrase,
            take_certificate,
            trust: person.trust(),
            finder,
            ..JoinOptions::new(target, nickname, person.prove())
        })?;
        let (hearing, progress_at) = (Hearing::default(), Instant::now());
        let (remembering, away, ended) = (None, None, None);
        Ok(Self { joined, updates, hearing, naming, remembering, away, ended, progress_at })
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
        for event in &news {
            self.notice(event).await;
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

    async fn notice(&mut self, event: &Event) {
        match event {
            Event::Link { link: Link::Waiting { fault, .. } } => self.away = Some(*fault),
            Event::Link { link: Link::Live } => self.away = None,
            // Whoever reads this output is told here.
            Event::Unsent { id: Some(id), .. } => self.joined.dismiss(id.clone()).await,
            Event::Notebook { fault } => {
                if let Some(remembering) = &mut self.remembering {
                    remembering.kept = fault.is_none_or(|fault| fault == NotebookFault::SetAside);
                }
            }
            // Nothing of a foreign server is kept, and none is a room that is found again.
            Event::Connected { dialect, .. } if *dialect != Dialect::Maru => self.remembering = None,
            Event::Entered { room, name, .. } => {
                let Some(Remembering { rooms, addresses, .. }) = &self.remembering else { return };
                for address in addresses {
                    if let Err(error) = rooms.note(room, name, address) {
                        tracing::warn!(%error, "a joined room is not remembered");
                    }
                }
            }
            _ => {}
        }
    }

    /// Says something. The room's own entry of it is the acknowledgement.
    pub(crate) async fn say(&mut self, text: MessageText) -> io::Result<Result<(), SayError>> {
        let mut random = [0; 10];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let id = MessageId::at(u64::try_from(now.as_millis()).unwrap_or_default(), random);
        self.hearing.handle_said(id.clone());
        self.progress_at = Instant::now();
        Ok(self.joined.say(id, text).await)
    }

    /// Goes by another name, from now on by the person's choice.
    pub(crate) async fn rename(&mut self, name: Nickname) {
        self.naming = Naming::Chosen;
        self.joined.rename(name).await;
    }

    /// Begins to look at what goes over the wire.
    pub(crate) async fn inspect(&self) {
        self.joined.inspect(true).await;
    }

    /// Shows a passphrase, and tries again to be let in.
    pub(crate) async fn show(&mut self, passphrase: Passphrase) {
        self.ended = None;
        self.joined.show(passphrase).await;
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

    /// Why the room is away, while it is.
    pub(crate) fn away(&self) -> Option<Fault> {
        self.away
    }

    /// Whether what the room has not acknowledged is said when it is joined again.
    pub(crate) fn is_kept(&self) -> bool {
        self.remembering.as_ref().is_some_and(|remembering| remembering.kept)
    }

    /// How many messages the room has not acknowledged.
    pub(crate) fn outstanding(&self) -> usize {
        self.hearing.outstanding()
    }

    /// When to stop waiting for the room to acknowledge what was said. Getting in has bounds of its own, but for a
    /// room that was joined before and is waited for.
    pub(crate) fn patience_until(&self) -> Option<Instant> {
        (self.entered() || self.away.is_some()).then(|| self.progress_at + PATIENCE)
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

/// Asks the network where a room is now that was found elsewhere before. One that was found on this machine is not looked
/// for: the network is not asked of what never was on it.
fn finder(target: &Target) -> Option<Finder> {
    if target.is_of_this_machine() {
        return None;
    }
    Some(Arc::new(|room| {
        Box::pin(
            async move { discovery::find(&room, FIND_MAX).await.into_iter().map(Endpoint::from).collect() },
        )
    }))
}

/// The longest wait for the network to tell of a room: most that are there answer within a second.
const FIND_MAX: Duration = Duration::from_secs(3);

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
