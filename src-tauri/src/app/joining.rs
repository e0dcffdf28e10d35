//! Rooms joined from this window: in, out, and everything that is said there.

use std::sync::Arc;
use std::sync::atomic::Ordering;

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
        if let Some(handle) = self.handle_of(&entrance.id) {
            entrance.joined.leave().await;
            return Ok(handle);
        }
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

    /// Opens a room in this window and passes on what is heard there.
    pub(super) async fn show(&self, entrance: Entrance) -> RoomHandle {
        let Entrance { id, joined, heard, mut updates } = entrance;
        let handle = format!("room-{}", self.0.next_handle.fetch_add(1, Ordering::Relaxed));
        let room = OpenRoom { id, joined: Arc::new(joined) };
        lock(&self.0.rooms).insert(handle.clone(), room);
        let (app, told) = (self.clone(), handle.clone());
        self.pass_on(&handle, Update::Snapshot(heard)).await;
        tauri::async_runtime::spawn(async move {
            while let Some(update) = updates.recv().await {
                app.pass_on(&told, update).await;
            }
        });
        handle
    }

    async fn pass_on(&self, handle: &RoomHandle, update: Update) {
        let events = match update {
            Update::Events(events) => events,
            Update::Snapshot(events) => {
                self.0.feed.tell(FeedEvent::Reset { room: handle.clone() }).await;
                events
            }
        };
        for event in events {
            self.0.feed.tell(FeedEvent::Room { room: handle.clone(), event }).await;
        }
    }

    fn handle_of(&self, id: &RoomId) -> Option<RoomHandle> {
        let rooms = lock(&self.0.rooms);
        rooms.iter().find(|(_, room)| room.id == *id).map(|(handle, _)| handle.clone())
    }
}
