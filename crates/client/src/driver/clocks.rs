//! Noticing that the machine slept, or that this process was stopped. Looks at no wall clock: one that is set, by a
//! person or by the network, says nothing of either.

use std::time::Duration;

use tokio::time::Instant;

/// Two clocks, of which one goes on while the machine sleeps, where the system has such a one.
pub(super) struct Clocks {
    running: Instant,
    through_sleep: Option<Duration>,
}

impl Clocks {
    pub(super) fn now() -> Self {
        Self { running: Instant::now(), through_sleep: through_sleep() }
    }

    /// Whether more time has passed since the last look than this process has seen of it.
    pub(super) fn jumped(&mut self) -> bool {
        let before = std::mem::replace(self, Self::now());
        let ran = self.running - before.running;
        let passed = self.through_sleep.zip(before.through_sleep).map(|(now, then)| now.saturating_sub(then));
        jump(ran, passed.unwrap_or(ran))
    }
}

fn jump(ran: Duration, passed: Duration) -> bool {
    // A process that was stopped, and a system whose only clock runs on through sleep, show it by a wait that took
    // too long.
    passed > ran + CLOCK_JUMP || ran > CLOCK_CHECK + CLOCK_JUMP
}

/// A clock that is never set and does not stand still while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn through_sleep() -> Option<Duration> {
    Duration::try_from(rustix::time::clock_gettime(rustix::time::ClockId::Boottime)).ok()
}

/// On Apple's systems it is the one that others call monotonic.
#[cfg(target_vendor = "apple")]
fn through_sleep() -> Option<Duration> {
    Duration::try_from(rustix::time::clock_gettime(rustix::time::ClockId::Monotonic)).ok()
}

/// Elsewhere the other clock does so itself (Windows), or there is none.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn through_sleep() -> Option<Duration> {
    None
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
        assert!(!jump(seconds(5), seconds(0)));
        assert!(jump(seconds(1), seconds(600)), "the machine slept");
        assert!(jump(seconds(600), seconds(600)), "the process was stopped");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_clock_that_runs_through_sleep_is_no_wall_clock() {
        let unix = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
        let (first, second) = (through_sleep().unwrap(), through_sleep().unwrap());
        assert!(first <= second && second < unix / 2, "it counts from the start of the machine");
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_was_stopped_is_noticed_once() {
        let mut clocks = Clocks::now();
        tokio::time::advance(CLOCK_CHECK).await;
        assert!(!clocks.jumped());
        tokio::time::advance(CLOCK_CHECK + CLOCK_JUMP * 2).await;
        assert!(clocks.jumped());
        assert!(!clocks.jumped());
    }
}
