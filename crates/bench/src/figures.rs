//! Medians and percentiles.

/// The median; of an even number of values the mean of the middle two. None of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// How far the values lie apart: (largest - smallest) / median, in percent. Says how noisy a figure is.
pub fn spread_percent(values: &[f64]) -> f64 {
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    median(values).filter(|median| *median > 0.0).map_or(0.0, |median| (largest - smallest) / median * 100.0)
}

/// Waits, in microseconds.
#[derive(Debug, Default, Clone)]
pub struct Waits {
    micros: Vec<u32>,
}

impl Waits {
    /// One more, in nanoseconds.
    pub fn push_nanos(&mut self, nanos: u64) {
        self.micros.push(u32::try_from(nanos / 1_000).unwrap_or(u32::MAX));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// In milliseconds, the smallest wait that this share of all (0 to 1) does not exceed: the nearest rank. None of nothing.
    pub fn percentile_ms(&mut self, share: f64) -> Option<f64> {
        self.micros.sort_unstable();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank within the list")]
        let rank = (share * self.micros.len() as f64).ceil() as usize;
        let at = rank.clamp(1, self.micros.len().max(1)) - 1;
        self.micros.get(at).map(|micros| f64::from(*micros) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_not_the_mean() {
        assert_eq!(median(&[100.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_spread_is_counted_from_the_median() {
        assert!((spread_percent(&[9.0, 10.0, 12.0]) - 30.0).abs() < 1e-9);
        assert!(spread_percent(&[]).abs() < 1e-9);
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let mut waits = Waits::default();
        assert_eq!(waits.percentile_ms(0.5), None);
        for millis in (1..=100).rev() {
            waits.push_nanos(millis * 1_000_000);
        }
        assert_eq!(waits.percentile_ms(0.5), Some(50.0));
        assert_eq!(waits.percentile_ms(0.99), Some(99.0));
        assert_eq!(waits.percentile_ms(1.0), Some(100.0));
        assert_eq!(waits.percentile_ms(0.0), Some(1.0));
    }
}
