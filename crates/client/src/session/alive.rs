//! Whether the other side is still there: pings, silence, and a machine that slept.

use std::time::Duration;

use maru_wire::limits::{PING_INTERVAL_MS, PINGS_MISSED_MAX};

use super::{Action, Session, Stage};
use crate::event::Fault;

impl Session {
    /// The other side gave a sign of life that is no frame.
    pub fn handle_sign_of_life(&mut self, now: Duration) {
        self.heard_at = now;
        self.pinged_at = None;
        self.probe_due = None;
    }

    /// The machine slept, or its network changed: the connection may only look alive.
    pub fn handle_wake(&mut self, now: Duration) {
        match self.stage {
            Stage::Live => {
                self.probe_due.get_or_insert(now + PROBE);
                self.actions.push_back(Action::Ping);
            }
            Stage::Waiting { .. } => self.dial(),
            Stage::Dialing | Stage::Opening { .. } | Stage::Ended => {}
        }
    }

    pub(super) fn keep_alive(&mut self, now: Duration) {
        if self.probe_due.is_some_and(|due| due <= now) || now >= self.heard_at + SILENCE_MAX {
            return self.drop_connection(Fault::Lost, now);
        }
        if now >= self.ping_due() {
            self.pinged_at = Some(now);
            self.actions.push_back(Action::Ping);
        }
    }

    pub(super) fn alive_until(&self) -> Duration {
        let silence = self.heard_at + SILENCE_MAX;
        self.probe_due.into_iter().chain([self.ping_due(), silence]).min().unwrap_or(silence)
    }

    /// The host pings too; ours is for when it does not.
    fn ping_due(&self) -> Duration {
        self.pinged_at.unwrap_or(self.heard_at) + PING_INTERVAL
    }
}

pub(crate) const PING_INTERVAL: Duration = Duration::from_millis(PING_INTERVAL_MS);

/// Silence after which the other side counts as gone: two pings and a little, so that the host's own pings
/// come first.
pub(crate) const SILENCE_MAX: Duration =
    Duration::from_millis(PING_INTERVAL_MS * PINGS_MISSED_MAX as u64 + 5_000);

/// How long an answer may take after the machine slept.
pub(crate) const PROBE: Duration = Duration::from_secs(5);
