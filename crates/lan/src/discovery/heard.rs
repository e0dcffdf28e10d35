//! The rooms that were heard of, by announcement or by asking: a list within bounds. Pure; whatever comes in anybody on
//! the network may have said.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use maru_wire::limits::{INVITE_ADDRESSES_MAX, ROOMS_NEARBY_MAX};
use maru_wire::{RoomCard, RoomId, nickname::room_name};

use super::claim::Claim;
use crate::addresses::{Network, ranked_as_heard};
use crate::{Nearby, invite};

/// All that was heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Those of this machine.
    networks: Vec<Network>,
    /// By the full name of the service.
    announced: BTreeMap<String, Told>,
    /// By the address that answered.
    asked: BTreeMap<SocketAddr, Told>,
}

/// One room, as one source tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    claim: Claim,
    addresses: Vec<SocketAddr>,
}

impl Heard {
    /// This machine is on these networks now.
    pub(super) fn handle_networks(&mut self, networks: Vec<Network>) -> bool {
        let has_changed = self.networks != networks;
        self.networks = networks;
        has_changed
    }

    /// An announcement was heard, or what it says has changed. Returns whether that changes anything.
    pub(super) fn handle_announced(
        &mut self,
        service: &str,
        claim: Option<Claim>,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) -> bool {
        let Some(claim) = claim else { return self.handle_gone(service) };
        if !self.announced.contains_key(service) && self.announced.len() >= ROOMS_NEARBY_MAX {
            return false;
        }
        let mut addresses: Vec<_> = addresses.into_iter().take(TOLD_ADDRESSES_MAX).collect();
        addresses.sort_unstable();
        let told = Told { claim, addresses };
        self.announced.insert(service.into(), told.clone()) != Some(told)
    }

    /// An announcement was taken back, or has run out.
    pub(super) fn handle_gone(&mut self, service: &str) -> bool {
        self.announced.remove(service).is_some()
    }

    /// Nothing is known of what is announced any more.
    pub(super) fn handle_silence(&mut self) -> bool {
        !std::mem::take(&mut self.announced).is_empty()
    }

    /// The network's addresses are asked anew.
    pub(super) fn handle_asking(&mut self) -> bool {
        !std::mem::take(&mut self.asked).is_empty()
    }

    /// A room has answered when it was asked.
    pub(super) fn handle_card(&mut self, at: SocketAddr, card: RoomCard) -> bool {
        if self.asked.len() >= ROOMS_NEARBY_MAX {
            return false;
        }
        let name = room_name(&card.name).unwrap_or_else(|_| card.id.to_string());
        let claim = Claim { id: card.id, name, tls: card.tls, passphrase: card.passphrase, members: None };
        let told = Told { claim, addresses: vec![at] };
        self.asked.insert(at, told.clone()) != Some(told)
    }

    /// Each room once, by name. Of two who tell of one room the one that is announced is believed, and the addresses
    /// are put together.
    pub(super) fn rooms(&self) -> Vec<Nearby> {
        let mut rooms: BTreeMap<&RoomId, (&Claim, BTreeSet<SocketAddr>)> = BTreeMap::new();
        for told in self.announced.values().chain(self.asked.values()) {
            let near: Vec<_> = told.addresses.iter().filter(|address| self.is_near(address)).collect();
            if !near.is_empty() {
                let (_, addresses) = rooms.entry(&told.claim.id).or_insert((&told.claim, BTreeSet::new()));
                addresses.extend(near);
            }
        }
        let mut shown: Vec<Nearby> =
            rooms.into_values().map(|(claim, addresses)| nearby(claim, addresses)).collect();
        shown.sort_by(|one, other| (&one.name, one.id.as_str()).cmp(&(&other.name, other.id.as_str())));
        shown.truncate(ROOMS_NEARBY_MAX);
        shown
    }

    /// Whether an address is one of this very network, where whoever announces can be. Anything else would let a
    /// stranger make us dial whomever they like.
    fn is_near(&self, address: &SocketAddr) -> bool {
        let ip = address.ip();
        let is_link_local = matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local());
        address.port() != 0 && !is_link_local && self.networks.iter().any(|network| network.holds(ip))
    }
}

fn nearby(claim: &Claim, addresses: BTreeSet<SocketAddr>) -> Nearby {
    let mut addresses = ranked_as_heard(addresses);
    addresses.truncate(INVITE_ADDRESSES_MAX);
    Nearby {
        id: claim.id.clone(),
        name: claim.name.clone(),
        members: claim.members,
        tls: claim.tls,
        passphrase: claim.passphrase,
        invite: invite::link(&addresses, &claim.id, None),
        addresses: addresses.iter().map(crate::Address::host_and_port).collect(),
    }
}

/// Addresses kept of one announcement, before those elsewhere are left out.
const TOLD_ADDRESSES_MAX: usize = 4 * INVITE_ADDRESSES_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORKS: [&str; 2] = ["192.168.0.7", "10.1.0.7"];

    fn here() -> Heard {
        let networks = NETWORKS.map(|own| Network { own: own.parse().unwrap(), prefix_bits: 24 });
        Heard { networks: networks.into(), ..Heard::default() }
    }

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    fn claim(id: &str, name: &str) -> Option<Claim> {
        let (id, name) = (RoomId::parse(id).unwrap(), name.into());
        Some(Claim { id, name, tls: true, passphrase: false, members: Some(2) })
    }

    fn announce(heard: &mut Heard, service: &str, claim: Option<Claim>, addresses: &[&str]) -> bool {
        heard.handle_announced(service, claim, addresses.iter().map(|address| at(address)))
    }

    #[test]
    fn a_room_is_shown_once_however_many_addresses_it_has() {
        let mut heard = here();
        assert!(announce(&mut heard, "a", claim("r1", "Lunch"), &["192.168.0.2:4567", "10.1.0.2:4567"]));
        assert!(announce(&mut heard, "a (2)", claim("r1", "Lunch"), &["192.168.0.3:4567"]));
        assert!(!announce(&mut heard, "a (2)", claim("r1", "Lunch"), &["192.168.0.3:4567"]), "nothing new");
        let rooms = heard.rooms();
        assert_eq!(rooms.len(), 1);
        assert_eq!(rooms[0].addresses.len(), 3);
        assert_eq!((rooms[0].name.as_str(), rooms[0].members, rooms[0].tls), ("Lunch", Some(2), true));
        assert!(rooms[0].invite.starts_with("maru://join?a="), "{}", rooms[0].invite);
        assert!(rooms[0].invite.ends_with("room=r1"), "{}", rooms[0].invite);
    }

    #[test]
    fn two_rooms_of_one_name_are_two() {
        let mut heard = here();
        announce(&mut heard, "a", claim("r1", "Lunch"), &["192.168.0.2:4567"]);
        announce(&mut heard, "b", claim("r2", "Lunch"), &["192.168.0.3:4567"]);
        let shown: Vec<_> = heard.rooms().into_iter().map(|room| (room.id, room.addresses)).collect();
        let room = |id, address: &str| (RoomId::parse(id).unwrap(), vec![address.to_owned()]);
        assert_eq!(shown, [room("r1", "192.168.0.2:4567"), room("r2", "192.168.0.3:4567")]);
    }

    #[test]
    fn an_announcement_never_makes_us_dial_out_of_this_network() {
        let mut heard = here();
        let elsewhere = ["8.8.8.8:80", "127.0.0.1:22", "192.168.1.1:80", "[2001:db8::1]:80", "[fe80::1]:80"];
        announce(&mut heard, "a", claim("r1", "x"), &elsewhere);
        announce(&mut heard, "b", claim("r2", "x"), &["192.168.0.2:0"]);
        assert_eq!(heard.rooms(), []);
        announce(&mut heard, "a", claim("r1", "x"), &["8.8.8.8:80", "192.168.0.2:4567"]);
        assert_eq!(heard.rooms()[0].addresses, ["192.168.0.2:4567"]);
    }

    #[test]
    fn a_room_is_near_as_long_as_we_are_on_its_network() {
        let mut heard = here();
        announce(&mut heard, "a", claim("r1", "x"), &["192.168.0.2:4567", "10.1.0.2:4567"]);
        let wifi = Network { own: "10.1.0.7".parse().unwrap(), prefix_bits: 24 };
        assert!(heard.handle_networks(vec![wifi]));
        assert_eq!(heard.rooms()[0].addresses, ["10.1.0.2:4567"]);
        assert!(heard.handle_networks(Vec::new()));
        assert_eq!(heard.rooms(), []);
    }

    #[test]
    fn what_is_taken_back_is_gone() {
        let mut heard = here();
        announce(&mut heard, "a", claim("r1", "x"), &["192.168.0.2:4567"]);
        assert!(heard.handle_gone("a"));
        assert!(!heard.handle_gone("a"));
        assert_eq!(heard.rooms(), []);
        announce(&mut heard, "a", claim("r1", "x"), &["192.168.0.2:4567"]);
        assert!(announce(&mut heard, "a", None, &["192.168.0.2:4567"]), "it is no room any more");
        assert_eq!(heard.rooms(), []);
    }

    #[test]
    fn a_flood_of_announcements_costs_a_bound_and_hides_no_room_that_is_known() {
        let mut heard = here();
        announce(&mut heard, "known", claim("r1", "Lunch"), &["192.168.0.2:4567"]);
        for n in 0..10 * ROOMS_NEARBY_MAX {
            announce(&mut heard, &format!("s{n}"), claim(&format!("x{n}"), "x"), &["192.168.0.3:4567"]);
            heard.handle_card(at(&format!("192.168.0.4:{}", n + 1)), card(&format!("y{n}"), "y"));
        }
        assert_eq!((heard.announced.len(), heard.asked.len()), (ROOMS_NEARBY_MAX, ROOMS_NEARBY_MAX));
        assert!(heard.rooms().len() <= ROOMS_NEARBY_MAX);
        assert!(heard.rooms().iter().any(|room| room.id.as_str() == "r1"));
        let many: Vec<String> = (1..=200).map(|n| format!("192.168.0.{n}:4567")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        announce(&mut heard, "known", claim("r1", "Lunch"), &many);
        let rooms = heard.rooms();
        let known = rooms.iter().find(|room| room.id.as_str() == "r1").unwrap();
        assert_eq!(known.addresses.len(), INVITE_ADDRESSES_MAX);
    }

    fn card(id: &str, name: &str) -> RoomCard {
        RoomCard::new(RoomId::parse(id).unwrap(), name.into(), true, true)
    }

    #[test]
    fn a_room_that_was_asked_and_is_announced_is_one() {
        let mut heard = here();
        assert!(heard.handle_card(at("192.168.0.2:4567"), card("r1", "Lun\u{202e}ch")));
        assert_eq!(heard.rooms()[0].name, "r1", "a name that may not be shown is none");
        assert_eq!(heard.rooms()[0].members, None);
        announce(&mut heard, "a", claim("r1", "Lunch"), &["192.168.0.2:4567"]);
        assert_eq!(heard.rooms().len(), 1);
        assert_eq!((heard.rooms()[0].name.as_str(), heard.rooms()[0].members), ("Lunch", Some(2)));
        heard.handle_silence();
        assert_eq!(heard.rooms()[0].name, "r1");
        heard.handle_asking();
        assert_eq!(heard.rooms(), []);
    }
}
