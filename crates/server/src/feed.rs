//! What the room announces, encoded once, for every connection to read at its own pace. A connection is a
//! position in it. Bounded: a reader that falls off the tail is let go and resumes from the log.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use maru_wire::limits::{FEED_BYTES_MAX, FEED_FRAMES_MAX};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A ring of encoded frames, counted from the first that was ever announced.
#[derive(Debug)]
pub(crate) struct Feed {
    ring: Mutex<Ring>,
    end: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Ring {
    frames: VecDeque<Utf8Bytes>,
    /// The position of the oldest frame that is kept.
    start: u64,
    bytes: usize,
}

/// The reader's position is not kept any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FellBehind;

impl Feed {
    pub(crate) fn new() -> Self {
        Self { ring: Mutex::default(), end: watch::Sender::new(0) }
    }

    /// Appends a frame. Readers wake at [`Feed::announce`].
    pub(crate) fn push(&self, frame: Utf8Bytes) {
        let mut ring = self.ring();
        ring.bytes += frame.len();
        ring.frames.push_back(frame);
        while ring.frames.len() > FEED_FRAMES_MAX || (ring.bytes > FEED_BYTES_MAX && ring.frames.len() > 1) {
            let oldest = ring.frames.pop_front().expect("more than one frame is kept");
            ring.bytes -= oldest.len();
            ring.start += 1;
        }
    }

    /// Wakes the readers, once for all that was pushed since.
    pub(crate) fn announce(&self) {
        let end = self.end();
        self.end.send_if_modified(|announced| std::mem::replace(announced, end) != end);
    }

    /// Takes the frames from a position on into `into`, about `bytes_max` of them and at least one if there is
    /// any, and returns the position after them.
    pub(crate) fn read(
        &self,
        from: u64,
        bytes_max: usize,
        into: &mut Vec<Utf8Bytes>,
    ) -> Result<u64, FellBehind> {
        let ring = self.ring();
        let skipped = from.checked_sub(ring.start).ok_or(FellBehind)?;
        let mut bytes = 0;
        let mut position = from;
        for frame in ring.frames.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)) {
            if bytes > 0 && bytes + frame.len() > bytes_max {
                break;
            }
            bytes += frame.len();
            into.push(frame.clone());
            position += 1;
        }
        Ok(position)
    }

    /// The position of the next frame.
    pub(crate) fn end(&self) -> u64 {
        let ring = self.ring();
        ring.start + ring.frames.len() as u64
    }

    /// Changes whenever frames were announced.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.end.subscribe()
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(feed: &Feed, from: u64, bytes_max: usize) -> Result<(Vec<String>, u64), FellBehind> {
        let mut frames = Vec::new();
        let position = feed.read(from, bytes_max, &mut frames)?;
        Ok((frames.iter().map(ToString::to_string).collect(), position))
    }

    #[test]
    fn a_reader_goes_on_from_its_position() {
        let feed = Feed::new();
        for text in ["a", "b", "c"] {
            feed.push(text.into());
        }
        assert_eq!(read(&feed, 1, 100), Ok((vec!["b".into(), "c".into()], 3)));
        assert_eq!(read(&feed, 3, 100), Ok((vec![], 3)));
    }

    #[test]
    fn a_read_is_bounded_in_bytes_but_takes_at_least_one_frame() {
        let feed = Feed::new();
        for text in ["가나다라", "b", "c"] {
            feed.push(text.into());
        }
        assert_eq!(read(&feed, 0, 1).unwrap().1, 1);
        assert_eq!(read(&feed, 1, 1).unwrap().1, 2);
    }

    #[test]
    fn memory_is_bounded_and_who_falls_off_is_told() {
        let feed = Feed::new();
        let frame: Utf8Bytes = "x".repeat(1024 * 1024).into();
        for _ in 0..20 {
            feed.push(frame.clone());
        }
        assert!(feed.ring().bytes <= FEED_BYTES_MAX);
        assert_eq!(read(&feed, 0, 1), Err(FellBehind));
        assert_eq!(feed.end(), 20);
        for _ in 0..FEED_FRAMES_MAX + 10 {
            feed.push("".into());
        }
        assert_eq!(feed.ring().frames.len(), FEED_FRAMES_MAX);
    }
}
