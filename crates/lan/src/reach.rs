//! Whether others can reach a room, and what to do where they seem not to. The judgement is pure; what was seen is an
//! argument.

use serde::Serialize;
use ts_rs::TS;

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
