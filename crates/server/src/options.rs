//! What a host chooses before opening a room.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use maru_wire::limits::{MEMBERS_MAX_DEFAULT, PER_ADDRESS_MAX_DEFAULT, RATE_PER_SECOND_DEFAULT};
use maru_wire::scram::Verifier;
use maru_wire::{Keeps, MemberId, PORT_DEFAULT, RoomId};

use crate::tls::Identity;
use crate::visit::{Origins, PublicUrl};

/// What a room is opened with.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// The room.
    pub room: RoomId,
    /// What it is called; see [`maru_wire::nickname::room_name`].
    pub name: String,
    /// The address to listen on. The unspecified one of IPv6 means every address of both kinds.
    pub bind: IpAddr,
    /// The port to listen on.
    pub port: PortChoice,
    /// The member who is shown as the host.
    pub host: Option<MemberId>,
    /// The bounds a host may move.
    pub limits: HostLimits,
    /// What is kept of what is said.
    pub keeps: Keeps,
    /// What is known of the passphrase that everybody has to show, where there is one.
    pub passphrase: Option<Verifier>,
    /// Whether those who speak a dialect in which no passphrase can be shown may come in without it. Matters only where
    /// there is one.
    pub lets_foreign_in: bool,
    /// The room's own folder, where it is kept; none where nothing is.
    pub folder: Option<PathBuf>,
    /// Who the room is over TLS; without, none is spoken.
    pub tls: Option<Identity>,
    /// Pages that may use the room besides its own.
    pub origins: Origins,
    /// Where the room is reached besides the addresses of this machine.
    pub public_urls: Vec<PublicUrl>,
    /// This machine's own addresses, as far as they can be told: who comes from one of them is no other machine.
    pub own_addresses: fn() -> Vec<IpAddr>,
    /// The language of what such peers are told: they hear text, and can't translate codes.
    pub language: Language,
}

/// A language in which people are told something by the room itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

impl HostOptions {
    /// A room on every address, from the default port on, with the default bounds, that keeps nothing and is open to
    /// everybody who can reach it.
    pub fn new(room: RoomId, name: impl Into<String>) -> Self {
        Self {
            room,
            name: name.into(),
            bind: IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            port: PortChoice::From(PORT_DEFAULT),
            host: None,
            limits: HostLimits::default(),
            keeps: Keeps::Nothing,
            passphrase: None,
            lets_foreign_in: false,
            folder: None,
            tls: None,
            origins: Origins::default(),
            public_urls: Vec::new(),
            own_addresses: Vec::new,
            language: Language::default(),
        }
    }
}

/// Which port to listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// This one or, where it is taken, the next free one.
    From(u16),
    /// This one or none; 0 for any that is free.
    Exactly(u16),
}

/// The bounds a host may move; see `maru_wire::limits` for the defaults and their reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLimits {
    /// Members at once.
    pub members_max: usize,
    /// Connections from one address (IPv6: one /64); loopback is exempt.
    pub per_address_max: usize,
    /// Messages a second one member may send, over time.
    pub rate_per_second: u32,
}

impl Default for HostLimits {
    fn default() -> Self {
        Self {
            members_max: MEMBERS_MAX_DEFAULT,
            per_address_max: PER_ADDRESS_MAX_DEFAULT,
            rate_per_second: RATE_PER_SECOND_DEFAULT,
        }
    }
}
