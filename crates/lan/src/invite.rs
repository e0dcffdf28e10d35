//! An invite: one link with every address of a room, so that whoever opens it finds a way in, and one URL for
//! those who have only a browser.

use maru_wire::RoomId;
use maru_wire::limits::INVITE_ADDRESSES_MAX;

use crate::{Address, Kind};

/// `maru://join?a=…&a=…&room=…&pin=…`, with the best [`INVITE_ADDRESSES_MAX`] of the addresses in their order. This
/// machine's own is left out where there is another. The pin is that of the room's certificate, where it is known for
/// sure; a passphrase is never part of an invite.
pub fn link(addresses: &[Address], room: &RoomId, pin: Option<&str>) -> String {
    format!("maru://join?{}", carried(useful(addresses).take(INVITE_ADDRESSES_MAX), room, pin))
}

/// The page of the room at its best address, for a browser and for a camera. The rest of the invite is in its fragment,
/// which a browser does not send.
pub fn url(addresses: &[Address], room: &RoomId, pin: Option<&str>) -> Option<String> {
    let others = useful(addresses).take(INVITE_ADDRESSES_MAX).skip(1);
    page(addresses).map(|page| format!("{page}#{}", carried(others, room, pin)))
}

/// The page of the room at its best address alone, short enough to be typed.
pub fn page(addresses: &[Address]) -> Option<String> {
    useful(addresses).next().map(Address::url)
}

fn carried<'a>(addresses: impl Iterator<Item = &'a Address>, room: &RoomId, pin: Option<&str>) -> String {
    let mut carried = String::new();
    for address in addresses {
        // A query has no brackets (RFC 3986, section 3.4); pages that make links of text stop at them.
        let place = address.host_and_port().replace('[', "%5B").replace(']', "%5D");
        carried.push_str(&format!("a={place}&"));
    }
    carried.push_str(&format!("room={room}"));
    if let Some(pin) = pin {
        carried.push_str(&format!("&pin={pin}"));
    }
    carried
}

fn useful(addresses: &[Address]) -> impl Iterator<Item = &Address> {
    let only_loopback = addresses.iter().all(|address| address.kind == Kind::Loopback);
    addresses.iter().filter(move |address| only_loopback || address.kind != Kind::Loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(ip: &str, kind: Kind) -> Address {
        Address { ip: ip.parse().unwrap(), port: 4567, kind, score: 0, interface: String::new() }
    }

    fn room() -> RoomId {
        RoomId::parse("cs1uhCLEB_ttCYaQ8RMLfQ").unwrap()
    }

    #[test]
    fn an_invite_carries_all_addresses_in_their_order() {
        let addresses = [
            address("192.168.0.10", Kind::Lan),
            address("fd00::1", Kind::Lan),
            address("127.0.0.1", Kind::Loopback),
        ];
        assert_eq!(
            link(&addresses, &room(), None),
            "maru://join?a=192.168.0.10:4567&a=%5Bfd00::1%5D:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ"
        );
        assert_eq!(page(&addresses).unwrap(), "http://192.168.0.10:4567/");
        assert_eq!(page(&addresses[1..]).unwrap(), "http://[fd00::1]:4567/");
        assert_eq!(
            url(&addresses, &room(), Some("P-n")).unwrap(),
            "http://192.168.0.10:4567/#a=%5Bfd00::1%5D:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ&pin=P-n"
        );
        assert!(link(&addresses, &room(), Some("P-n")).ends_with("&room=cs1uhCLEB_ttCYaQ8RMLfQ&pin=P-n"));
    }

    #[test]
    fn a_room_for_this_machine_alone_has_an_invite_too() {
        let addresses = [address("127.0.0.1", Kind::Loopback)];
        assert_eq!(
            link(&addresses, &room(), None),
            "maru://join?a=127.0.0.1:4567&room=cs1uhCLEB_ttCYaQ8RMLfQ"
        );
        assert_eq!(url(&[], &room(), None), None);
    }

    #[test]
    fn no_more_addresses_than_an_invite_may_have() {
        let many: Vec<_> = (1..=20).map(|n| address(&format!("10.0.0.{n}"), Kind::Lan)).collect();
        let link = link(&many, &room(), None);
        assert_eq!(link.matches("a=10.").count(), INVITE_ADDRESSES_MAX);
        assert!(link.contains("a=10.0.0.8:") && !link.contains("a=10.0.0.9:"), "the best ones stay");
    }
}
