//! The addresses under which others can reach this machine, the likeliest first. The judgement is a pure
//! function over a list of interfaces; reading that list is the edge.

mod names;
mod networks;

use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

pub use networks::{Network, networks};

/// One address others can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// The port the room is on.
    pub port: u16,
    /// What lies behind it.
    pub kind: Kind,
    /// How likely others reach it; higher is likelier, and nothing else is meant by it.
    pub score: u16,
    /// The name of its interface, as the system calls it; empty where it is not known.
    pub interface: String,
}

/// What lies behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The network of the building.
    Lan,
    /// A private network laid over others: only its members reach it.
    Vpn,
    /// A network inside this machine, of containers or virtual machines.
    Virtual,
    /// This machine alone.
    Loopback,
    /// A name instead of an address.
    Name,
}

/// One address of an interface, as the system tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What the system calls it: `eth0`, `en0`, `Wi-Fi`, `이더넷`.
    pub name: String,
    /// The address.
    pub ip: IpAddr,
    /// Whether the link is up.
    pub up: bool,
    /// Whether there is only one other end, as with a tunnel.
    pub point_to_point: bool,
}

/// The addresses of this machine where a room bound to `bind` and `port` can be reached, the best first,
/// [`ADDRESSES_MAX`] at most. Where the system does not tell them, what is known for sure.
pub fn addresses(port: u16, bind: IpAddr) -> Vec<Address> {
    ranked(&interfaces(), port, bind)
}

/// All addresses of this machine, whatever they are worth: who comes from one of them is no other machine.
pub fn own_addresses() -> Vec<IpAddr> {
    interfaces().into_iter().map(|interface| interface.ip).collect()
}

/// Judges a list of interfaces; see [`addresses()`].
pub fn ranked(interfaces: &[Interface], port: u16, bind: IpAddr) -> Vec<Address> {
    let bind = bind.to_canonical();
    let mut found: Vec<Address> = Vec::new();
    for interface in interfaces.iter().filter(|interface| is_bound(interface.ip, bind)) {
        let Some((kind, score)) = judged(interface) else { continue };
        if !found.iter().any(|known| known.ip == interface.ip) {
            found.push(Address { ip: interface.ip, port, kind, score, interface: interface.name.clone() });
        }
    }
    if found.iter().any(|address| address.kind != Kind::Loopback) {
        found.retain(|address| address.kind != Kind::Loopback);
    }
    if found.is_empty() {
        found.push(without_interface(port, bind));
    }
    // Stable: of equals the one the system names first.
    found.sort_by_key(|address| Reverse(address.score));
    found.truncate(ADDRESSES_MAX);
    found
}

/// The same judgement over addresses that somebody else told of, where only the range is known.
pub(crate) fn ranked_as_heard(addresses: impl IntoIterator<Item = SocketAddr>) -> Vec<Address> {
    let judge = |address: SocketAddr| {
        let (ip, name) = (address.ip(), String::new());
        let (kind, score) = judged(&Interface { name, ip, up: true, point_to_point: false })?;
        Some(Address { ip, port: address.port(), kind, score, interface: String::new() })
    };
    let mut found: Vec<Address> = addresses.into_iter().filter_map(judge).collect();
    found.sort_by_key(|address| Reverse(address.score));
    found
}

impl Address {
    /// What to type or scan: the room's page, which is also where a WebSocket is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.host_and_port())
    }

    /// `host:port`, IPv6 in brackets.
    pub fn host_and_port(&self) -> String {
        SocketAddr::new(self.ip, self.port).to_string()
    }
}

impl Interface {
    pub(crate) fn of(found: &if_addrs::Interface) -> Self {
        Self {
            ip: found.ip(),
            // Some drivers never tell; only a certain "down" counts.
            up: found.oper_status != if_addrs::IfOperStatus::Down,
            point_to_point: found.is_p2p(),
            name: found.name.clone(),
        }
    }

    /// Whether it leads into the building's own network: no VPN, nothing virtual, not this machine itself.
    pub(crate) fn is_of_building(&self) -> bool {
        let is_wired = !self.ip.is_loopback() && !self.point_to_point && self.up;
        is_wired && names::kind(&self.name) == Kind::Lan
    }

    /// Whether a room bound to `bind` is announced by this address.
    pub(crate) fn is_announced(&self, bind: IpAddr) -> bool {
        let kind = judged(self).map(|(kind, _)| kind);
        self.is_of_building() && kind == Some(Kind::Lan) && is_bound(self.ip, bind.to_canonical())
    }
}

/// What the system says, or nothing where it says nothing.
fn interfaces() -> Vec<Interface> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    found.iter().map(Interface::of).collect()
}

/// Whether a socket bound to `bind` answers at `ip`.
fn is_bound(ip: IpAddr, bind: IpAddr) -> bool {
    match bind {
        IpAddr::V4(bind) if bind.is_unspecified() => ip.is_ipv4(),
        IpAddr::V6(bind) if bind.is_unspecified() => true,
        bind => ip == bind,
    }
}

/// What an address is worth; none where nobody can use it.
fn judged(interface: &Interface) -> Option<(Kind, u16)> {
    if interface.ip.is_loopback() {
        return Some((Kind::Loopback, if interface.ip.is_ipv4() { 1 } else { 0 }));
    }
    let (range_kind, range_score) = match interface.ip {
        IpAddr::V4(ip) => judged_v4(ip)?,
        IpAddr::V6(ip) => judged_v6(ip)?,
    };
    let kind = match names::kind(&interface.name) {
        Kind::Lan if interface.point_to_point => Kind::Vpn,
        Kind::Lan => range_kind,
        kind => kind,
    };
    let kind_score = match kind {
        Kind::Lan => 3_000,
        Kind::Vpn => 2_000,
        Kind::Virtual | Kind::Loopback | Kind::Name => 1_000,
    };
    let known_score = if names::is_physical(&interface.name) { 100 } else { 0 };
    let score = kind_score + range_score + known_score;
    // Unplugged, but it may be plugged in again while the room is open.
    Some((kind, if interface.up { score } else { score / 10 }))
}

fn judged_v4(ip: Ipv4Addr) -> Option<(Kind, u16)> {
    match ip.octets() {
        [0, ..] | [224..=255, ..] => None,
        // VirtualBox's own network, which Windows calls "Ethernet 2".
        [192, 168, 56, _] => Some((Kind::Virtual, 400)),
        [192, 168, ..] | [10, ..] => Some((Kind::Lan, 500)),
        // Where Docker, Hyper-V and WSL make their networks as well.
        [172, 16..=31, ..] => Some((Kind::Lan, 400)),
        // RFC 6598: what Tailscale gives out.
        [100, 64..=127, ..] => Some((Kind::Vpn, 400)),
        // RFC 3927: two machines on a cable without a router; better than nothing.
        [169, 254, ..] => Some((Kind::Lan, 10)),
        _ => Some((Kind::Lan, 300)),
    }
}

fn judged_v6(ip: Ipv6Addr) -> Option<(Kind, u16)> {
    // Link-local addresses need the name of the reader's own interface.
    if ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local() {
        return None;
    }
    // Below any IPv4 address: long to type, and many home routers keep the guests' ones apart.
    Some((Kind::Lan, if ip.is_unique_local() { 150 } else { 100 }))
}

/// What is left to say when no interface fits: the address that was asked for, or this machine.
fn without_interface(port: u16, bind: IpAddr) -> Address {
    let local = if bind.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let ip = if bind.is_unspecified() { local } else { bind };
    let kind = if ip.is_loopback() { Kind::Loopback } else { Kind::Lan };
    Address { ip, port, kind, score: 0, interface: String::new() }
}

/// Addresses told at most: more than an invite carries, fewer than a host of many containers has.
pub const ADDRESSES_MAX: usize = 16;

#[cfg(test)]
mod tests;
