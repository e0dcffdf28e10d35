//! The networks this machine's interfaces are part of: what is on the other side of the same cable or the same Wi-Fi.

use std::net::IpAddr;

use super::Interface;

/// One network of the building that this machine is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    /// This machine's own address in it.
    pub own: IpAddr,
    /// How many leading bits its addresses share.
    pub prefix_bits: u8,
}

/// The networks of this machine: none of a VPN, none inside this machine. Where the system does not tell, none.
pub fn networks() -> Vec<Network> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let of_building = found.iter().filter(|found| Interface::of(found).is_of_building());
    of_building
        .map(|found| match &found.addr {
            if_addrs::IfAddr::V4(v4) => Network { own: v4.ip.into(), prefix_bits: v4.prefixlen },
            if_addrs::IfAddr::V6(v6) => Network { own: v6.ip.into(), prefix_bits: v6.prefixlen },
        })
        .collect()
}

impl Network {
    /// Whether an address lies in it, so that a packet there passes no router.
    pub fn holds(&self, ip: IpAddr) -> bool {
        let bits = u32::from(self.prefix_bits);
        match (self.own, ip) {
            // A prefix of nothing would hold every address there is.
            _ if bits == 0 => false,
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                let shift = 32_u32.saturating_sub(bits);
                u32::from(own) >> shift == u32::from(ip) >> shift
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                let shift = 128_u32.saturating_sub(bits);
                u128::from(own) >> shift == u128::from(ip) >> shift
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(own: &str, prefix_bits: u8) -> Network {
        Network { own: own.parse().unwrap(), prefix_bits }
    }

    #[test]
    fn a_network_holds_what_shares_its_prefix_and_nothing_else() {
        let home = network("192.168.0.7", 24);
        assert!(home.holds("192.168.0.1".parse().unwrap()));
        for other in ["192.168.1.1", "8.8.8.8", "fd00::1"] {
            assert!(!home.holds(other.parse().unwrap()), "{other}");
        }
        assert!(network("10.1.2.3", 32).holds("10.1.2.3".parse().unwrap()));
        assert!(!network("10.1.2.3", 32).holds("10.1.2.4".parse().unwrap()));
        assert!(network("fd00::7", 64).holds("fd00::1:2".parse().unwrap()));
        assert!(!network("fd00::7", 64).holds("fd01::1".parse().unwrap()));
    }

    #[test]
    fn the_whole_internet_is_no_network_of_the_building() {
        assert!(!network("192.168.0.7", 0).holds("8.8.8.8".parse().unwrap()));
        assert!(!network("fd00::7", 0).holds("2001:db8::1".parse().unwrap()));
    }
}
