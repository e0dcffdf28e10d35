//! Rooms joined from this window: in, out, and everything that is said there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use maru_client::{Fault, JoinOptions, Joined, Link, Notebooks, RoomEvent, Target, Update, join};
use maru_wire::scram::Passphrase;
use maru_wire::{Dialect, MessageId, MessageText, Nickname, RoomId};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::finding::finder;
use super::trust::KnownPins;
use super::{App, OpenRoom, Secret, lock};
use crate::error::CommandError;
use crate::feed::{FeedEvent, RoomHandle};

/// What the page asks when it joins.
#[derive(Debug, Clone, Deserialize)]
pub struct JoinRequest {
    /// As typed or pasted.
    pub address: String,
    /// What to be called.
    pub nickname: String,
    /// How it is spoken there; none to find out.
    #[serde(default)]
    pub dialect: Option<Dialect>,
    /// What the room asks for.
    #[serde(default)]
    pub passphrase: Option<Secret>,
    /// Whether the certificate that is there now is taken in place of the one that is known.
    #[serde(default)]
    pub take_certificate: bool,
}

/// A room we were let into, and what was heard on the way.
pub(super) struct Entrance {
    pub id: RoomId,
    pub joined: Joined,
    pub heard: Vec<RoomEvent>,
    pub updates: mpsc::Receiver<Update>,
    /// Where it was found, as the room is remembered.
    pub addresses: Vec<String>,
}

/// What is known beforehand of how a room is entered.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// How it is spoken there; none to find out.
    pub dialect: Option<Dialect>,
    /// What the room asks for.
    pub passphrase: Option<Passphrase>,
    /// Whether the certificate that is there now is taken in place of the one that is known.
    pub take_certificate: bool,
    /// Whether the room is hosted by this window.
    pub is_host: bool,
}

impl Way {
    /// Into the room that this window hosts.
    pub(super) fn host() -> Self {
        Self { dialect: Some(Dialect::Maru), is_host: true, ..Self::default() }
    }
}

/// When a room counts as open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// Once it has let us in.
    Live,
    /// Also as it was kept here, while it is away.
    Kept,
}

impl App {
    /// Joins a room, or says why not. One that is open in this window already is that one. One that was joined before
    /// is opened as it was kept here, and comes back by itself where it is away.
    pub async fn join_room(&self, request: JoinRequest) -> Result<RoomHandle, CommandError> {
        let target = Target::parse(&request.address)?;
        let nickname = Nickname::parse(&request.nickname)?;
        let passphrase = match request.passphrase {
            Some(Secret(typed)) => Some(Passphrase::parse(&typed)?),
            None => None,
        };
        let JoinRequest { dialect, take_certificate, .. } = request;
        let way = Way { dialect, passphrase, take_certificate, is_host: false };
        let entrance = self.enter(target, nickname, Open::Kept, way).await?;
        Ok(self.show(entrance).await)
    }

    /// Leaves a room. The hosted one is closed by it.
    pub async fn leave_room(&self, handle: &RoomHandle) -> Result<(), CommandError> {
        let hosted = self.0.hosting.lock().await.as_ref().is_some_and(|hosting| hosting.is(handle));
        if hosted {
            self.stop_hosting().await?;
        }
        let room = lock(&self.0.rooms).remove(handle).ok_or_else(CommandError::not_joined)?;
        room.joined.leave().await;
        self.0.feed.tell(FeedEvent::Closed { room: handle.clone() }).await;
        Ok(())
    }

    /// Says something under an id the page chose.
    pub async fn say(&self, handle: &RoomHandle, id: String, text: &str) -> Result<(), CommandError> {
        let id = MessageId::try_from(id).map_err(|error| CommandError::new("bad_frame", error))?;
        let text = MessageText::parse(text)?;
        Ok(self.joined(handle)?.say(id, text).await?)
    }

    /// Forgets a message that failed, because the person gives it up.
    pub async fn dismiss(&self, handle: &RoomHandle, id: String) -> Result<(), CommandError> {
        let id = MessageId::try_from(id).map_err(|error| CommandError::new("bad_frame", error))?;
        self.joined(handle)?.dismiss(id).await;
        Ok(())
    }

    /// Forgets a room: what was heard there, what was still to be said, and its log where it was hosted here. One that
    /// is open is left first. Its key stays: whoever comes back is the same member.
    pub async fn forget_room(&self, id: &RoomId) -> Result<(), CommandError> {
        let open =
            lock(&self.0.rooms).iter().find(|(_, room)| room.id == *id).map(|(handle, _)| handle.clone());
        if let Some(handle) = open {
            self.leave_room(&handle).await?;
        }
        self.notebooks().forget(id)?;
        self.0.joined_rooms.forget(id)?;
        self.0.pins.forget(id.as_str())?;
        Ok(self.0.hosted_rooms.forget(id)?)
    }

    /// Goes by another name in a room.
    pub async fn rename(&self, handle: &RoomHandle, nickname: &str) -> Result<(), CommandError> {
        let nickname = Nickname::parse(nickname)?;
        self.joined(handle)?.rename(nickname).await;
        Ok(())
    }

    /// Shows what goes over a room's connection, or no longer.
    pub async fn inspect(&self, handle: &RoomHandle, on: bool) -> Result<(), CommandError> {
        self.joined(handle)?.inspect(on).await;
        Ok(())
    }

    /// The room behind a handle, to ask something of.
    pub fn joined(&self, handle: &RoomHandle) -> Result<Arc<Joined>, CommandError> {
        let rooms = lock(&self.0.rooms);
        rooms.get(handle).map(|room| Arc::clone(&room.joined)).ok_or_else(CommandError::not_joined)
    }

    /// Tells a page that has just begun to listen everything from the start.
    pub async fn tell_all(&self) {
        let hosting =
            self.0.hosting.lock().await.as_ref().map(|hosting| (hosting.hosted().clone(), hosting.reach()));
        let (hosted, reach) = hosting.unzip();
        self.0.feed.tell(FeedEvent::Hosting { hosted }).await;
        if let Some(reach) = reach.flatten() {
            self.0.feed.tell(FeedEvent::Reach { reach }).await;
        }
        let rooms: Vec<OpenRoom> = lock(&self.0.rooms).values().cloned().collect();
        for room in rooms {
            room.joined.snapshot().await;
        }
    }

    /// Dials, and waits until the room is open or we know why not.
    pub(super) async fn enter(
        &self,
        target: Target,
        nickname: Nickname,
        open: Open,
        way: Way,
    ) -> Result<Entrance, CommandError> {
        let addresses: Vec<String> = target.addresses.iter().map(|at| target.ws_url(at)).collect();
        let met = addresses.iter().find_map(|address| self.0.joined_rooms.at_address(address));
        let met = met.filter(|_| open == Open::Kept);
        let notebooks = Some(self.notebooks());
        let finder = finder(&target);
        let Way { dialect, passphrase, take_certificate, is_host } = way;
        let options = JoinOptions {
            notebooks,
            met,
            finder,
            dialect,
            passphrase,
            take_certificate,
            trust: Arc::new(KnownPins(self.0.pins.clone())),
            is_host,
            ..JoinOptions::new(target, nickname, self.prove())
        };
        let (joined, mut updates) = join(options).map_err(|error| CommandError::new("host_failed", error))?;
        let mut heard = Vec::new();
        loop {
            let events = match updates.recv().await {
                Some(Update::Events(events) | Update::Snapshot(events)) => events,
                Some(Update::Sights(_)) => continue,
                None => return Err(Fault::Lost.into()),
            };
            if let Some(fault) = events.iter().find_map(|event| kept_out(event, open)) {
                joined.leave().await;
                return Err(fault.into());
            }
            let id = events.iter().find_map(|event| match event {
                RoomEvent::Entered { room, kept, .. } if !kept || open == Open::Kept => Some(room.clone()),
                _ => None,
            });
            heard.extend(events);
            if let Some(id) = id {
                return Ok(Entrance { id, joined, heard, updates, addresses });
            }
        }
    }

    /// Opens a room in this window and passes on what is heard there. One that is open here already keeps its
    /// handle. Where its connection is not live it goes on by the new way in: the old one may lead to an address
    /// that nobody has any more.
    pub(super) async fn show(&self, entrance: Entrance) -> RoomHandle {
        let Entrance { id, joined, heard, mut updates, addresses } = entrance;
        let passing = Arc::new(tokio::sync::Mutex::new(()));
        let passes = Arc::clone(&passing).try_lock_owned().expect("nobody else knows it yet");
        let live = Arc::new(AtomicBool::new(false));
        heard.iter().for_each(|event| note_link(event, &live));
        let mut ours = true;
        self.remember(&heard, &addresses, &mut ours);
        let room = OpenRoom { id, joined: Arc::new(joined), live: Arc::clone(&live), passing };
        let (handle, before) = match self.place(&room) {
            Ok(placed) => placed,
            Err(handle) => {
                room.joined.leave().await;
                return handle;
            }
        };
        let mut unsaid = Vec::new();
        if let Some(before) = before {
            unsaid = before.joined.leave().await;
            // Its last words come before the first of the new way in.
            drop(before.passing.lock().await);
            // It kept the room until now.
            room.joined.take_up_notebook().await;
        }
        let (app, told) = (self.clone(), handle.clone());
        self.pass_on(&handle, &live, Update::Snapshot(heard)).await;
        for (id, text) in unsaid {
            // As many as one outbox held, another holds.
            let _ = room.joined.say(id, text).await;
        }
        tauri::async_runtime::spawn(async move {
            let _passes = passes;
            while let Some(update) = updates.recv().await {
                if let Update::Events(events) | Update::Snapshot(events) = &update {
                    app.remember(events, &addresses, &mut ours);
                }
                app.pass_on(&told, &live, update).await;
            }
        });
        handle
    }

    /// Finds the handle of a room: a new one, or that of a connection it takes the place of. An error is the
    /// handle under which it is open and live.
    fn place(&self, room: &OpenRoom) -> Result<(RoomHandle, Option<OpenRoom>), RoomHandle> {
        let mut rooms = lock(&self.0.rooms);
        let known = rooms.iter().find(|(_, open)| open.id == room.id);
        if let Some((handle, open)) = known
            && open.live.load(Ordering::Relaxed)
        {
            return Err(handle.clone());
        }
        let handle = known
            .map(|(handle, _)| handle.clone())
            .unwrap_or_else(|| format!("room-{}", self.0.next_handle.fetch_add(1, Ordering::Relaxed)));
        let before = rooms.insert(handle.clone(), room.clone());
        Ok((handle, before))
    }

    async fn pass_on(&self, handle: &RoomHandle, live: &AtomicBool, update: Update) {
        let events = match update {
            Update::Events(events) => events,
            Update::Snapshot(events) => {
                self.0.feed.tell(FeedEvent::Reset { room: handle.clone() }).await;
                events
            }
            Update::Sights(sights) => {
                return self.0.feed.tell(FeedEvent::Sights { room: handle.clone(), sights }).await;
            }
        };
        for event in events {
            note_link(&event, live);
            self.0.feed.tell(FeedEvent::Room { room: handle.clone(), event }).await;
        }
    }

    /// Notes where a room was found, so that it is found again while it is away.
    fn remember(&self, events: &[RoomEvent], addresses: &[String], ours: &mut bool) {
        for event in events {
            if let RoomEvent::Connected { dialect, .. } = event {
                // A server that is no room of ours has to be found out each time.
                *ours = *dialect == Dialect::Maru;
            }
            let RoomEvent::Entered { room, name, kept: false, .. } = event else { continue };
            if !*ours {
                continue;
            }
            for address in addresses {
                if let Err(error) = self.0.joined_rooms.note(room, name, address) {
                    tracing::warn!(%error, "a joined room is not remembered");
                }
            }
        }
    }

    fn notebooks(&self) -> Notebooks {
        Notebooks::in_folder(self.0.joined_rooms.folder())
    }
}

/// Why a room cannot be opened, if this tells so.
fn kept_out(event: &RoomEvent, open: Open) -> Option<Fault> {
    match event {
        RoomEvent::Link { link: Link::Ended { fault } } => Some(*fault),
        RoomEvent::Link { link: Link::Waiting { fault, .. } } if open == Open::Live => Some(*fault),
        _ => None,
    }
}

fn note_link(event: &RoomEvent, live: &AtomicBool) {
    if let RoomEvent::Link { link } = event {
        live.store(*link == Link::Live, Ordering::Relaxed);
    }
}
