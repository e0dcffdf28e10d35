//! Rooms joined from this window: in, out, and everything that is said there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use maru_client::{Fault, JoinOptions, Joined, Link, RoomEvent, Target, Update, join};
use maru_wire::{MessageId, MessageText, Nickname, RoomId};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{App, OpenRoom, lock};
use crate::error::CommandError;
use crate::feed::{FeedEvent, RoomHandle};

/// What the page asks when it joins.
#[derive(Debug, Clone, Deserialize)]
pub struct JoinRequest {
    /// As typed or pasted.
    pub address: String,
    /// What to be called.
    pub nickname: String,
}

/// A room we were let into, and what was heard on the way.
pub(super) struct Entrance {
    pub id: RoomId,
    pub joined: Joined,
    pub heard: Vec<RoomEvent>,
    pub updates: mpsc::Receiver<Update>,
}

impl App {
    /// Joins a room, or says why not. One that is open in this window already is that one.
    pub async fn join_room(&self, request: JoinRequest) -> Result<RoomHandle, CommandError> {
        let target = Target::parse(&request.address)?;
        let nickname = Nickname::parse(&request.nickname)?;
        let entrance = self.enter(target, nickname).await?;
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

    /// Goes by another name in a room.
    pub async fn rename(&self, handle: &RoomHandle, nickname: &str) -> Result<(), CommandError> {
        let nickname = Nickname::parse(nickname)?;
        self.joined(handle)?.rename(nickname).await;
        Ok(())
    }

    /// The room behind a handle, to ask something of.
    pub fn joined(&self, handle: &RoomHandle) -> Result<Arc<Joined>, CommandError> {
        let rooms = lock(&self.0.rooms);
        rooms.get(handle).map(|room| Arc::clone(&room.joined)).ok_or_else(CommandError::not_joined)
    }

    /// Tells a page that has just begun to listen everything from the start.
    pub async fn tell_all(&self) {
        let hosted = self.0.hosting.lock().await.as_ref().map(|hosting| hosting.hosted().clone());
        self.0.feed.tell(FeedEvent::Hosting { hosted }).await;
        let rooms: Vec<OpenRoom> = lock(&self.0.rooms).values().cloned().collect();
        for room in rooms {
            room.joined.snapshot().await;
        }
    }

    /// Dials, and waits until we are in or know why not.
    pub(super) async fn enter(&self, target: Target, nickname: Nickname) -> Result<Entrance, CommandError> {
        let options = JoinOptions { target, nickname, prove: self.prove() };
        let (joined, mut updates) = join(options).map_err(|error| CommandError::new("host_failed", error))?;
        let mut heard = Vec::new();
        loop {
            let Some(Update::Events(events) | Update::Snapshot(events)) = updates.recv().await else {
                return Err(Fault::Lost.into());
            };
            for event in &events {
                if let RoomEvent::Link { link: Link::Ended { fault } } = event {
                    let fault = *fault;
                    joined.leave().await;
                    return Err(fault.into());
                }
            }
            let id = events.iter().find_map(|event| match event {
                RoomEvent::Entered { room, .. } => Some(room.clone()),
                _ => None,
            });
            heard.extend(events);
            if let Some(id) = id {
                return Ok(Entrance { id, joined, heard, updates });
            }
        }
    }

    /// Opens a room in this window and passes on what is heard there. One that is open here already keeps its
    /// handle. Where its connection is not live it goes on by the new way in: the old one may lead to an address
    /// that nobody has any more.
    pub(super) async fn show(&self, entrance: Entrance) -> RoomHandle {
        let Entrance { id, joined, heard, mut updates } = entrance;
        let passing = Arc::new(tokio::sync::Mutex::new(()));
        let passes = Arc::clone(&passing).try_lock_owned().expect("nobody else knows it yet");
        let live = Arc::new(AtomicBool::new(true));
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
        };
        for event in events {
            if let RoomEvent::Link { link } = &event {
                live.store(*link == Link::Live, Ordering::Relaxed);
            }
            self.0.feed.tell(FeedEvent::Room { room: handle.clone(), event }).await;
        }
    }
}
