//! The room hosted here. This window is a member of it like any other, over loopback, so that what the host
//! sees is what guests see.

use std::net::IpAddr;

use maru_client::Target;
use maru_home::Certificate;
use maru_lan::addresses;
use maru_lan::addresses::own_addresses;
use maru_server::tls::Identity;
use maru_server::{Host, HostOptions, PortChoice};
use maru_wire::identity::member_id;
use maru_wire::{ByeCode, Keeps, Nickname, PORT_DEFAULT, RoomId};
use serde::Deserialize;
use tauri::async_runtime::{JoinHandle, spawn};

use super::App;
use super::joining::Open;
use crate::error::CommandError;
use crate::feed::{Address, FeedEvent, Hosted, RoomHandle};

/// What the page asks when it hosts.
#[derive(Debug, Clone, Deserialize)]
pub struct HostRequest {
    /// What the room is called.
    pub name: String,
    /// What we are called in it.
    pub nickname: String,
    /// The port to begin with; 0 for the default one.
    pub port: u16,
    /// What to keep of what is said; none for what was chosen for this room before.
    #[serde(default)]
    pub keeps: Option<Keeps>,
}

#[derive(Debug)]
pub(super) struct Hosting {
    host: Host,
    hosted: Hosted,
    /// Waits for an end that nobody asked for.
    watching: JoinHandle<()>,
}

impl Hosting {
    pub(super) fn is(&self, handle: &RoomHandle) -> bool {
        self.hosted.room == *handle
    }

    pub(super) fn hosted(&self) -> &Hosted {
        &self.hosted
    }
}

impl App {
    /// Opens a room on the network and joins it.
    pub async fn host_room(&self, request: HostRequest) -> Result<Hosted, CommandError> {
        let mut hosting = self.0.hosting.lock().await;
        if hosting.is_some() {
            return Err(CommandError::new("already_hosting", "this window hosts a room already"));
        }
        let nickname = Nickname::parse(&request.nickname)?;
        let room = self.0.hosted_rooms.room_named(&request.name)?;
        let room = match request.keeps {
            Some(keeps) => self.0.hosted_rooms.keep_as(room, keeps)?,
            None => room,
        };
        let key = self.0.keys.key_for(&room.id)?;
        let certificate = Certificate::open(&self.0.settings.folders.data)?;
        let identity = Identity::from_der(certificate.chain_der().to_vec(), certificate.key_der())?;
        let asked = if request.port == 0 { PORT_DEFAULT } else { request.port };
        let id = room.id;
        let options = HostOptions {
            bind: self.0.settings.bind,
            port: PortChoice::From(asked),
            host: Some(member_id(key.verifying_key().as_bytes())),
            keeps: room.keeps,
            folder: Some(room.folder),
            tls: Some(identity),
            own_addresses,
            ..HostOptions::new(id.clone(), room.name.clone())
        };
        let host = Host::start(options).await?;
        let port = host.address().port();
        let entrance = match self.enter(own_door(&host, id)?, nickname, Open::Live).await {
            Ok(entrance) => entrance,
            Err(error) => {
                host.stop(ByeCode::RoomClosed).await;
                return Err(error);
            }
        };
        let handle = self.show(entrance).await;
        let hosted = Hosted {
            room: handle,
            name: room.name,
            port,
            asked_port: (port != asked).then_some(asked),
            addresses: shown(port, self.0.settings.bind),
        };
        let watching = spawn(self.clone().watch(host.ended(), hosted.room.clone()));
        *hosting = Some(Hosting { host, hosted: hosted.clone(), watching });
        self.0.feed.tell(FeedEvent::Hosting { hosted: Some(hosted.clone()) }).await;
        Ok(hosted)
    }

    /// Closes the hosted room: everybody is told, and the port is free.
    pub async fn stop_hosting(&self) -> Result<(), CommandError> {
        let hosting = self.0.hosting.lock().await.take();
        let hosting = hosting.ok_or_else(|| CommandError::new("not_hosting", "no room is hosted here"))?;
        // Or it would take this end for one that nobody asked for.
        hosting.watching.abort();
        hosting.host.stop(ByeCode::RoomClosed).await;
        self.0.feed.tell(FeedEvent::Hosting { hosted: None }).await;
        Ok(())
    }

    /// What is kept of the room that was hosted here under this name; none where there was none.
    pub fn kept_of(&self, name: &str) -> Option<Keeps> {
        self.0.hosted_rooms.known(name).map(|room| room.keeps)
    }

    async fn watch(self, ended: impl Future<Output = ()>, room: RoomHandle) {
        ended.await;
        self.handle_host_failed(room).await;
    }

    /// The hosted room has ended, though nobody stopped it. Its port and its log are given up, so that it can be opened
    /// again; our own way into it goes on dialling, and so do those of its members.
    pub(super) async fn handle_host_failed(&self, room: RoomHandle) {
        let mut hosting = self.0.hosting.lock().await;
        let Some(failed) = hosting.take() else { return };
        tracing::error!("the hosted room has failed");
        failed.host.stop(ByeCode::Restarting).await;
        drop(hosting);
        self.0.feed.tell(FeedEvent::HostFailed { room }).await;
        self.0.feed.tell(FeedEvent::Hosting { hosted: None }).await;
    }

    /// How many others are in the hosted room.
    pub fn others_here(&self) -> u32 {
        // A room that is just being opened or closed has nobody to ask about.
        let Ok(hosting) = self.0.hosting.try_lock() else { return 0 };
        hosting.as_ref().map_or(0, |hosting| hosting.host.members().borrow().saturating_sub(1))
    }
}

/// The way into our own room.
fn own_door(host: &Host, room: RoomId) -> Result<Target, CommandError> {
    let ip = match host.address().ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) | IpAddr::V6(_) => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    };
    let address = std::net::SocketAddr::new(ip, host.address().port());
    Ok(Target { room: Some(room), ..Target::parse(&format!("ws://{address}/"))? })
}

fn shown(port: u16, bind: IpAddr) -> Vec<Address> {
    let found = addresses::addresses(port, bind);
    found.into_iter().map(|address| Address { url: address.url(), kind: address.kind }).collect()
}
