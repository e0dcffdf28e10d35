//! Which peers count as one when connections are limited by address.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address, or the /64 of an IPv6 one: what one household or one phone gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressKey(IpAddr);

impl AddressKey {
    /// The key of an address; none for loopback, which is not limited.
    pub fn of(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return None;
        }
        Some(Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Option<AddressKey> {
        AddressKey::of(text.parse().unwrap())
    }

    #[test]
    fn loopback_is_nobody_in_particular() {
        assert_eq!([key("127.0.0.1"), key("::1"), key("::ffff:127.0.0.1")], [None, None, None]);
    }

    #[test]
    fn one_slash_64_is_one_peer_and_a_mapped_address_is_its_ipv4_self() {
        assert_eq!(key("2001:db8:1:2::3"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::3"), key("2001:db8:1:3::3"));
        assert_eq!(key("::ffff:192.168.0.7"), key("192.168.0.7"));
        assert_ne!(key("192.168.0.7"), key("192.168.0.8"));
    }
}
