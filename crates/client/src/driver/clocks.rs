//! Noticing that the machine slept.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Two clocks, of which one stands still while the machine sleeps.
pub(super) struct Clocks {
    running: Instant,
    wall: SystemTime,
}

impl Clocks {
    pub(super) fn now() -> Self {
        Self { running: Instant::now(), wall: SystemTime::now() }
    }

    /// Whether the wall clock has moved on by more than the other since the last look.
    pub(super) fn jumped(&mut self) -> bool {
        let before = std::mem::replace(self, Self::now());
        let ran = self.running - before.running;
        let passed = self.wall.duration_since(before.wall).unwrap_or(Duration::ZERO);
        jump(ran, passed)
    }
}

fn jump(ran: Duration, passed: Duration) -> bool {
    // The other clock runs on through some kinds of sleep; then the wait itself was too long.
    passed > ran + CLOCK_JUMP || ran > CLOCK_CHECK + CLOCK_JUMP
}

/// How often the clocks are compared at least.
pub(super) const CLOCK_CHECK: Duration = Duration::from_secs(5);

/// How far apart the clocks may run without meaning that the machine slept.
const CLOCK_JUMP: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_leapt_or_a_wait_that_took_too_long_is_a_sleep() {
        let seconds = Duration::from_secs;
        assert!(!jump(seconds(5), seconds(5)));
        assert!(!jump(seconds(5), seconds(0)), "the wall clock was set back");
        assert!(jump(seconds(1), seconds(600)));
        assert!(jump(seconds(600), seconds(600)));
    }
}
