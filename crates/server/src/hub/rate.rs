//! How fast one connection may speak: a token bucket.

use std::time::Duration;

use maru_wire::limits::RATE_BURST_SECONDS;

/// Holds up to a burst of tokens and gains them at a rate; each frame takes what it costs.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: u32,
    /// In billionths of a token, so that no time is lost to rounding.
    nano_tokens: u64,
    filled_at: Duration,
}

impl Bucket {
    pub(super) fn full(per_second: u32, now: Duration) -> Self {
        let mut bucket = Self { per_second, nano_tokens: 0, filled_at: now };
        bucket.nano_tokens = bucket.capacity();
        bucket
    }

    /// Takes that many tokens, if there are as many; a burst at the most, so that nothing waits for ever.
    pub(super) fn take(&mut self, cost: u32, now: Duration) -> bool {
        let elapsed = now.saturating_sub(self.filled_at);
        self.filled_at = self.filled_at.max(now);
        let gained =
            u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX).saturating_mul(u64::from(self.per_second));
        self.nano_tokens = self.nano_tokens.saturating_add(gained).min(self.capacity());
        let cost = (u64::from(cost) * TOKEN).min(self.capacity());
        if self.nano_tokens < cost {
            return false;
        }
        self.nano_tokens -= cost;
        true
    }

    fn capacity(&self) -> u64 {
        // At least one, so that any rate lets a hello in.
        (u64::from(self.per_second) * u64::from(RATE_BURST_SECONDS)).max(1) * TOKEN
    }
}

const TOKEN: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(bucket: &mut Bucket, now: Duration) -> usize {
        (0..10_000).take_while(|_| bucket.take(1, now)).count()
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let mut bucket = Bucket::full(100, Duration::ZERO);
        assert_eq!(taken(&mut bucket, Duration::ZERO), 200);
        assert_eq!(taken(&mut bucket, Duration::from_millis(500)), 50);
        assert_eq!(taken(&mut bucket, Duration::from_millis(505)), 0);
        assert_eq!(taken(&mut bucket, Duration::from_millis(510)), 1, "no part of a token is lost");
        assert_eq!(taken(&mut bucket, Duration::from_secs(3_600)), 200, "and no more than a burst");
    }

    #[test]
    fn what_costs_more_is_let_through_less_often_but_never_not_at_all() {
        let mut bucket = Bucket::full(100, Duration::ZERO);
        assert_eq!((0..100).take_while(|_| bucket.take(65, Duration::ZERO)).count(), 3);
        assert!(!bucket.take(65, Duration::from_millis(500)), "55 are there");
        assert!(bucket.take(65, Duration::from_millis(600)));
        assert!(bucket.take(100_000, Duration::from_secs(60)), "a whole burst");
        assert!(!bucket.take(1, Duration::from_secs(60)));
    }

    #[test]
    fn a_time_that_runs_backwards_gives_nothing() {
        let mut bucket = Bucket::full(1, Duration::from_secs(10));
        assert_eq!(taken(&mut bucket, Duration::from_secs(10)), 2);
        assert_eq!(taken(&mut bucket, Duration::from_secs(5)), 0);
        assert_eq!(taken(&mut bucket, Duration::from_secs(11)), 1);
    }
}
