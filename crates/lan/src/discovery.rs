//! Rooms found by themselves: multicast DNS (RFC 6762) and DNS-SD (RFC 6763), service `_maru._tcp`. One part announces
//! a hosted room, the other hears of those that others announce. What is announced anybody on the network may have
//! written: it is bounded, it is text, and it never makes us dial out of this network.
//!
//! # Layout
//! - [`Announcer`]: a hosted room told to the network. [`Browser`]: the rooms that are told there; [`find`]: one of them.
//! - `claim`: what is said of a room, written and read. `heard`: the list of all that is known, pure.

mod announcer;
mod browser;
mod claim;
mod heard;

use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{IfKind, IfPredicate, ServiceDaemon};

use crate::addresses::Interface;

pub use announcer::{Announced, Announcer};
pub use browser::{Browser, find};

/// Why the network is not told or not listened to: the system gives us no thread or no socket for it. Rooms can be
/// joined by their addresses all the same.
#[derive(Debug)]
pub struct DiscoveryError(mdns_sd::Error);

impl std::fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rooms on this network cannot be found: {}", self.0)
    }
}

impl std::error::Error for DiscoveryError {}

impl From<mdns_sd::Error> for DiscoveryError {
    fn from(error: mdns_sd::Error) -> Self {
        Self(error)
    }
}

/// Whether a room bound to `bind` is to be announced at all: one for this machine alone is nobody else's business.
pub fn is_for_others(bind: IpAddr) -> bool {
    !bind.to_canonical().is_loopback()
}

/// A responder and querier on the building's networks, ended (with a good-bye for all it announces) when it is dropped.
struct Voice(ServiceDaemon);

impl Voice {
    fn raise() -> Result<Self, DiscoveryError> {
        let voice = Self(ServiceDaemon::new()?);
        // What comes later counts for more: none but those of the building.
        voice.0.disable_interface(IfKind::All)?;
        let of_building = |found: &if_addrs::Interface| Interface::of(found).is_of_building();
        voice.0.enable_interface(IfKind::Predicate(IfPredicate::new(of_building)))?;
        voice.0.set_ip_check_interval(INTERFACES_CHECK_S)?;
        Ok(voice)
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        // Its thread says good-bye and ends by itself; one that has ended already has nothing to say.
        let _ = self.0.shutdown();
    }
}

/// RFC 6763, section 7: the application's name and its transport.
const SERVICE: &str = "_maru._tcp.local.";

/// Seconds between two looks at the interfaces: a laptop that changes its Wi-Fi is announced there while its person
/// still looks.
const INTERFACES_CHECK_S: u32 = 2;

/// The longest wait for the responder to say good-bye.
const WITHDRAW_MAX: Duration = Duration::from_secs(1);
