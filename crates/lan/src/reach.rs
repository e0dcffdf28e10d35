//! Whether others can reach a room, and what to do where they seem not to. The judgement is pure; what was seen is an
//! argument.

mod firewall;

use std::net::IpAddr;

use serde::Serialize;
use ts_rs::TS;

use crate::{Address, Kind};

pub use firewall::Firewall;

/// What is known of whether others can reach a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export)]
pub enum Reach {
    /// Somebody has, from another address.
    Reached,
    /// Nobody has yet, and nothing speaks against it.
    Waiting,
    /// The room is for this machine alone, as it was asked for.
    HereOnly,
    /// This machine is on no network.
    NoNetwork,
    /// Only members of a private network laid over others can: the building's own network is not among the addresses.
    VpnOnly,
    /// A firewall is at work here.
    Firewall {
        /// What opens the port, to be run by the person; none where there is a window for it.
        command: Option<String>,
    },
}

/// Judges by what is known of a room bound to `bind` and `port`: its addresses, whether a request has come from another
/// machine, and the firewall of this one. Of several reasons the one that has to be seen to first.
pub fn judge(
    bind: IpAddr,
    port: u16,
    addresses: &[Address],
    reached: bool,
    firewall: Option<Firewall>,
) -> Reach {
    // An address that no interface has is one that was asked for and is away.
    let is_here = |address: &&Address| !address.interface.is_empty();
    let has = |kind| addresses.iter().filter(is_here).any(|address| address.kind == kind);
    // Whatever speaks against it, somebody was here.
    if reached {
        Reach::Reached
    } else if bind.to_canonical().is_loopback() {
        Reach::HereOnly
    } else if !has(Kind::Lan) {
        if has(Kind::Vpn) { Reach::VpnOnly } else { Reach::NoNetwork }
    } else if let Some(firewall) = firewall {
        Reach::Firewall { command: firewall.command(port) }
    } else {
        Reach::Waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(kind: Kind) -> Address {
        Address { ip: "192.168.0.7".parse().unwrap(), port: 4567, kind, score: 1, interface: "eth0".into() }
    }

    fn judged(kinds: &[Kind], reached: bool, firewall: Option<Firewall>) -> Reach {
        let addresses: Vec<_> = kinds.iter().map(|kind| address(*kind)).collect();
        judge("::".parse().unwrap(), 4567, &addresses, reached, firewall)
    }

    #[test]
    fn only_a_request_from_elsewhere_tells_that_others_reach_us() {
        assert_eq!(judged(&[Kind::Lan], false, None), Reach::Waiting);
        for (kinds, firewall) in [(&[Kind::Lan][..], Some(Firewall::Ufw)), (&[Kind::Vpn], None), (&[], None)]
        {
            assert_eq!(judged(kinds, true, firewall), Reach::Reached);
        }
    }

    #[test]
    fn the_reason_that_comes_first_is_told() {
        let ufw = Some(Firewall::Ufw);
        assert_eq!(judged(&[Kind::Loopback], false, ufw), Reach::NoNetwork);
        assert_eq!(judged(&[Kind::Virtual], false, ufw), Reach::NoNetwork, "containers are no company");
        assert_eq!(judged(&[Kind::Vpn, Kind::Virtual], false, ufw), Reach::VpnOnly);
        let command = Some("sudo ufw allow 4567/tcp".into());
        assert_eq!(judged(&[Kind::Lan, Kind::Vpn], false, ufw), Reach::Firewall { command });
    }

    #[test]
    fn an_address_that_is_away_is_no_network() {
        let away = Address { interface: String::new(), ..address(Kind::Lan) };
        assert_eq!(judge(away.ip, 4567, &[away], false, None), Reach::NoNetwork);
    }

    #[test]
    fn a_room_for_this_machine_alone_is_as_it_was_asked_for() {
        for bind in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let judged =
                judge(bind.parse().unwrap(), 4567, &[address(Kind::Loopback)], false, Some(Firewall::Ufw));
            assert_eq!(judged, Reach::HereOnly, "{bind}");
        }
    }

    #[test]
    fn a_script_reads_each_state_by_its_word() {
        let written = |reach: &Reach| serde_json::to_string(reach).unwrap();
        assert_eq!(written(&Reach::VpnOnly), r#"{"state":"vpn_only"}"#);
        let firewall = Reach::Firewall { command: None };
        assert_eq!(written(&firewall), r#"{"state":"firewall","command":null}"#);
    }
}
