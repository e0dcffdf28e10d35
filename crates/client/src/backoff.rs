//! How long to wait before dialing again: doubling, with full jitter, so that a room's members do not all
//! come back in the same instant (Brooker, "Exponential Backoff And Jitter", 2015).

use std::time::Duration;

use maru_wire::limits::{RETRY_MS_MAX, RETRY_MS_MIN};

#[derive(Debug)]
pub(crate) struct Backoff {
    attempt: u32,
    chance: u64,
}

impl Backoff {
    pub(crate) fn new(seed: u64) -> Self {
        Self { attempt: 0, chance: seed }
    }

    /// The wait after one more dial that failed.
    pub(crate) fn next_wait(&mut self) -> Duration {
        let longest = RETRY_MS_MIN.saturating_mul(1 << self.attempt.min(16)).min(RETRY_MS_MAX);
        self.attempt += 1;
        Duration::from_millis(WAIT_MS_MIN + self.random() % (longest - WAIT_MS_MIN + 1))
    }

    /// We are in: the next wait is short again.
    pub(crate) fn reset(&mut self) {
        self.attempt = 0;
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    fn random(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Never quite at once, so that a host that refuses is not dialed in a tight loop.
const WAIT_MS_MIN: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_within_a_doubling_bound_and_differ() {
        let mut backoff = Backoff::new(7);
        let waits: Vec<u64> = (0..40).map(|_| backoff.next_wait().as_millis() as u64).collect();
        for (i, wait) in waits.iter().enumerate() {
            let longest = (RETRY_MS_MIN << i.min(16)).min(RETRY_MS_MAX);
            assert!((WAIT_MS_MIN..=longest).contains(wait), "wait {i} is {wait}");
        }
        assert!(waits[20..].iter().max() > Some(&(RETRY_MS_MAX / 2)));
        assert!(waits[20..].iter().min() < Some(&(RETRY_MS_MAX / 2)));
        backoff.reset();
        assert!(backoff.next_wait().as_millis() as u64 <= RETRY_MS_MIN);
    }

    #[test]
    fn two_members_wait_differently() {
        assert_ne!(
            (0..5).map(|_| Backoff::new(1).next_wait()).collect::<Vec<_>>(),
            (0..5).map(|_| Backoff::new(2).next_wait()).collect::<Vec<_>>()
        );
    }
}
