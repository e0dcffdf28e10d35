//! The room hosted here. This window is a member of it like any other, over loopback, so that what the host
//! sees is what guests see.

use std::net::IpAddr;

use maru_client::Target;
use maru_home::preferences::Language as Chosen;
use maru_home::{Certificate, HostedRoom};
use maru_lan::{Announced, Reach, addresses, invite};
use maru_server::tls::Identity;
use maru_server::visit::Origins;
use maru_server::{Host, HostOptions, Language, PortChoice};
use maru_wire::identity::member_id;
use maru_wire::limits::PASSPHRASE_ITERATIONS;
use maru_wire::scram::{Passphrase, Verifier};
use maru_wire::{ByeCode, Keeps, Nickname, PORT_DEFAULT, RoomId};
use serde::{Deserialize, Deserializer, Serialize};
use tauri::async_runtime::{JoinHandle, spawn};
use ts_rs::TS;

use super::joining::{Open, Way};
use super::tending::Tending;
use super::{App, Secret, lock};
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
    /// The passphrase that everybody has to show: one to set, null for none from now on; left out, what was chosen for
    /// this room before.
    #[serde(default, deserialize_with = "said")]
    pub passphrase: Option<Option<Secret>>,
    /// Which web pages may come in.
    #[serde(default)]
    pub origins: Pages,
    /// Whether programs that cannot show a passphrase come in without it.
    #[serde(default)]
    pub lets_foreign_in: bool,
    /// Whether this network is told of the room.
    #[serde(default = "yes")]
    pub announce: bool,
}

/// Which web pages may come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pages {
    /// The room's own.
    #[default]
    Own,
    /// Those from anywhere, files of this machine among them.
    Any,
}

/// What is known of a room that was hosted here before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct KnownRoom {
    /// What is kept of what is said there.
    pub keeps: Keeps,
    /// Whether it asks for a passphrase.
    pub passphrase: bool,
}

#[derive(Debug)]
pub(super) struct Hosting {
    host: Host,
    hosted: Hosted,
    id: RoomId,
    /// Whether others reach it, once that is known.
    pub(super) reach: Option<Reach>,
    tending: Tending,
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

    #[cfg(test)]
    pub(super) fn is_announced(&self) -> bool {
        self.tending.is_announced()
    }

    pub(super) fn reach(&self) -> Option<Reach> {
        self.reach.clone()
    }

    /// The network has changed, and with it the way in for others.
    pub(super) fn handle_addresses(&mut self, found: &[maru_lan::Address]) {
        self.hosted.addresses = shown(found);
        self.hosted.invite = invite::link(found, &self.id, self.hosted.pin.as_deref());
        self.hosted.url = invite::url(found, &self.id, self.hosted.pin.as_deref()).unwrap_or_default();
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
        let room = match request.passphrase {
            Some(passphrase) => self.guard(room, passphrase).await?,
            None => room,
        };
        let key = self.0.keys.key_for(&room.id)?;
        let certificate = Certificate::open(&self.0.settings.folders.data)?;
        let identity = Identity::from_der(certificate.chain_der().to_vec(), certificate.key_der())?;
        let asked = if request.port == 0 { PORT_DEFAULT } else { request.port };
        let id = room.id;
        let language = self.told_in();
        let options = HostOptions {
            bind: self.0.settings.bind,
            port: PortChoice::From(asked),
            host: Some(member_id(key.verifying_key().as_bytes())),
            keeps: room.keeps,
            folder: Some(room.folder),
            tls: Some(identity),
            passphrase: room.passphrase.clone(),
            lets_foreign_in: request.lets_foreign_in,
            origins: match request.origins {
                Pages::Own => Origins::Own,
                Pages::Any => Origins::Any,
            },
            language,
            own_addresses: addresses::own,
            ..HostOptions::new(id.clone(), room.name.clone())
        };
        let (tls, passphrase) = (options.tls.is_some(), options.passphrase.is_some());
        let host = Host::start(options).await?;
        let port = host.address().port();
        // Nobody knows it better: also where it was made anew.
        self.0.pins.remember(id.as_str(), certificate.pin())?;
        let door = own_door(&host, id.clone(), certificate.pin())?;
        let entrance = match self.enter(door, nickname, Open::Live, Way::host()).await {
            Ok(entrance) => entrance,
            Err(error) => {
                host.stop(ByeCode::RoomClosed).await;
                return Err(error);
            }
        };
        let handle = self.show(entrance).await;
        let found = addresses::addresses(port, self.0.settings.bind);
        let hosted = Hosted {
            room: handle,
            name: room.name.clone(),
            port,
            asked_port: (port != asked).then_some(asked),
            invite: invite::link(&found, &id, Some(certificate.pin())),
            url: invite::url(&found, &id, Some(certificate.pin())).unwrap_or_default(),
            pin: Some(certificate.pin().to_owned()),
            passphrase,
            addresses: shown(&found),
        };
        let watching = spawn(self.clone().watch(host.ended(), hosted.room.clone()));
        let announced =
            Announced { room: id.clone(), name: room.name, bind: host.address().ip(), port, tls, passphrase };
        let tending = Tending::start(self, &host, request.announce.then_some(announced));
        *hosting = Some(Hosting { host, hosted: hosted.clone(), id, reach: None, tending, watching });
        self.0.feed.tell(FeedEvent::Hosting { hosted: Some(hosted.clone()) }).await;
        Ok(hosted)
    }

    /// Closes the hosted room: everybody is told, and the port is free.
    pub async fn stop_hosting(&self) -> Result<(), CommandError> {
        let hosting = self.0.hosting.lock().await.take();
        let hosting = hosting.ok_or_else(|| CommandError::new("not_hosting", "no room is hosted here"))?;
        // Or it would take this end for one that nobody asked for.
        hosting.watching.abort();
        tokio::join!(hosting.host.stop(ByeCode::RoomClosed), hosting.tending.end());
        self.0.feed.tell(FeedEvent::Hosting { hosted: None }).await;
        Ok(())
    }

    /// What is known of the room that was hosted here under this name; none where there was none.
    pub fn known_room(&self, name: &str) -> Option<KnownRoom> {
        self.0
            .hosted_rooms
            .known(name)
            .map(|room| KnownRoom { keeps: room.keeps, passphrase: room.passphrase.is_some() })
    }

    /// Remembers which passphrase everybody has to show, as what it makes of it alone.
    async fn guard(&self, room: HostedRoom, chosen: Option<Secret>) -> Result<HostedRoom, CommandError> {
        let Some(Secret(typed)) = chosen else { return Ok(self.0.hosted_rooms.guard_with(room, None)?) };
        let passphrase = Passphrase::parse(&typed)?;
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| CommandError::new("data_unwritable", error))?;
        let derive = move || Verifier::derive(&passphrase, salt, PASSPHRASE_ITERATIONS);
        let verifier = tauri::async_runtime::spawn_blocking(derive).await;
        let verifier = verifier.map_err(|error| CommandError::new("host_failed", error))?;
        Ok(self.0.hosted_rooms.guard_with(room, Some(verifier))?)
    }

    /// The language in which the room tells something to peers that hear only text.
    fn told_in(&self) -> Language {
        let is_korean = match lock(&self.0.preferences).language {
            Chosen::Ko => true,
            Chosen::En => false,
            Chosen::System => sys_locale::get_locale().is_some_and(|locale| locale.starts_with("ko")),
        };
        if is_korean { Language::Korean } else { Language::English }
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

    /// Which room is hosted here.
    pub(super) async fn hosted_id(&self) -> Option<RoomId> {
        self.0.hosting.lock().await.as_ref().map(|hosting| hosting.id.clone())
    }

    /// How many others are in the hosted room.
    pub fn others_here(&self) -> u32 {
        // A room that is just being opened or closed has nobody to ask about.
        let Ok(hosting) = self.0.hosting.try_lock() else { return 0 };
        hosting.as_ref().map_or(0, |hosting| hosting.host.members().borrow().saturating_sub(1))
    }
}

/// A field that was given, even where it is null.
fn said<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<Secret>>, D::Error> {
    Deserialize::deserialize(value).map(Some)
}

fn yes() -> bool {
    true
}

/// The way into our own room.
fn own_door(host: &Host, room: RoomId, pin: &str) -> Result<Target, CommandError> {
    let ip = match host.address().ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) | IpAddr::V6(_) => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    };
    let address = std::net::SocketAddr::new(ip, host.address().port());
    Ok(Target { room: Some(room), pin: Some(pin.into()), ..Target::parse(&format!("ws://{address}/"))? })
}

fn shown(found: &[maru_lan::Address]) -> Vec<Address> {
    found.iter().map(|address| Address { url: address.url(), kind: address.kind }).collect()
}
