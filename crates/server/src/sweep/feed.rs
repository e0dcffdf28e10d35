//! What everybody hears: encoded frames in one ring of bytes. A reader is a position in it, counted in bytes
//! from the first that was ever announced. Knows nobody who reads.

use std::collections::VecDeque;
use std::io::IoSlice;

use maru_wire::limits::FEED_BYTES_MAX;

use super::Tongue;
use super::encode::frame_len;

/// One for each tongue. Each has its bound, and one that nobody hears is given nothing.
pub(crate) type Feeds = [Feed; Tongue::COUNT];

/// The ring, in segments. No frame lies across two of them, so each begins with a frame.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    segments: VecDeque<Segment>,
    /// Of an emptied segment, for the next.
    spare: Option<Vec<u8>>,
    /// The position after the last frame.
    end: u64,
    /// What the segments have taken of memory.
    capacity: usize,
}

#[derive(Debug)]
struct Segment {
    start: u64,
    bytes: Vec<u8>,
}

impl Segment {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Feed {
    /// The position after the last frame.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The position before which everything has to be forgotten to make room for a frame of this length.
    pub(crate) fn crowded(&self, frame: usize) -> Option<u64> {
        let fits = self.segments.back().is_some_and(|last| has_room(&last.bytes, frame));
        let wanted = if fits { 0 } else { frame.max(SEGMENT_BYTES) };
        let oldest = self.segments.front().filter(|_| self.capacity + wanted > FEED_BYTES_MAX)?;
        Some(oldest.end())
    }

    /// Appends one whole frame.
    pub(crate) fn push(&mut self, frame: &[u8]) {
        if !self.segments.back().is_some_and(|last| has_room(&last.bytes, frame.len())) {
            let spare = self.spare.take().filter(|spare| has_room(spare, frame.len()));
            let bytes = spare.unwrap_or_else(|| Vec::with_capacity(frame.len().max(SEGMENT_BYTES)));
            self.capacity += bytes.capacity();
            self.segments.push_back(Segment { start: self.end, bytes });
        }
        let last = self.segments.back_mut().expect("a segment with room for the frame");
        last.bytes.extend_from_slice(frame);
        self.end += frame.len() as u64;
    }

    /// Frees what lies before a position that nobody reads before.
    pub(crate) fn forget_before(&mut self, position: u64) {
        while self.segments.front().is_some_and(|oldest| oldest.end() <= position) {
            let mut oldest = self.segments.pop_front().expect("the segment that was just seen");
            self.capacity -= oldest.bytes.capacity();
            if oldest.bytes.capacity() == SEGMENT_BYTES {
                oldest.bytes.clear();
                self.spare = Some(oldest.bytes);
            }
        }
    }

    /// Hands out the bytes between two positions, as many as there is room for.
    pub(crate) fn gather<'a>(&'a self, from: u64, until: u64, into: &mut Slices<'a>) {
        let mut position = from;
        let mut index = self.index_of(from);
        while position < until && !into.is_full() {
            let Some(segment) = self.segments.get(index) else { return };
            let first = (position - segment.start) as usize;
            let last = (until.min(segment.end()) - segment.start) as usize;
            into.push(&segment.bytes[first..last]);
            position = segment.end();
            index += 1;
        }
    }

    /// Everything from a position on, where that is in one piece.
    pub(crate) fn last_from(&self, position: u64) -> Option<&[u8]> {
        let last = self.segments.back().filter(|last| last.start <= position)?;
        Some(&last.bytes[(position - last.start) as usize..])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// What is left of the frame that a position lies in; nothing at the beginning of one.
    pub(crate) fn rest_of_frame(&self, position: u64) -> &[u8] {
        let Some(segment) = self.segments.get(self.index_of(position)) else { return &[] };
        let position = (position - segment.start) as usize;
        let mut boundary = 0;
        while boundary < position {
            boundary += frame_len(&segment.bytes[boundary..]);
        }
        &segment.bytes[position..boundary]
    }

    fn index_of(&self, position: u64) -> usize {
        // Nearly everybody reads in the last one.
        match self.segments.back() {
            Some(last) if last.start <= position => self.segments.len() - 1,
            _ => self.segments.partition_point(|segment| segment.end() <= position),
        }
    }
}

fn has_room(bytes: &Vec<u8>, frame: usize) -> bool {
    bytes.len() + frame <= bytes.capacity()
}

/// What one write takes.
#[derive(Debug)]
pub(crate) struct Slices<'a> {
    slices: [IoSlice<'a>; SLICES_MAX],
    count: usize,
    bytes: usize,
}

impl<'a> Slices<'a> {
    pub(crate) fn new() -> Self {
        Self { slices: [IoSlice::new(&[]); SLICES_MAX], count: 0, bytes: 0 }
    }

    /// Adds bytes; a full one takes no more.
    pub(crate) fn push(&mut self, bytes: &'a [u8]) {
        if !self.is_full() {
            self.slices[self.count] = IoSlice::new(bytes);
            self.count += 1;
            self.bytes += bytes.len();
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.count == SLICES_MAX
    }

    /// How many bytes these are.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn as_slices(&self) -> &[IoSlice<'a>] {
        &self.slices[..self.count]
    }
}

/// Bytes taken from the system at once: a room where everybody keeps up never needs a second segment.
const SEGMENT_BYTES: usize = 64 * 1024;

/// Pieces in one write: more than a socket takes at once, as segments go.
const SLICES_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::super::encode::{TEXT, frame};
    use super::*;

    fn read(feed: &Feed, from: u64, until: u64) -> Vec<u8> {
        let mut slices = Slices::new();
        feed.gather(from, until, &mut slices);
        slices.as_slices().iter().flat_map(|slice| slice.to_vec()).collect()
    }

    #[test]
    fn a_reader_goes_on_from_its_position_across_segments() {
        let mut feed = Feed::default();
        let mut all = Vec::new();
        for i in 0..10u8 {
            let frame = frame(TEXT, &vec![i; 30_000]);
            feed.push(&frame);
            all.extend(frame);
        }
        assert_eq!(feed.end(), all.len() as u64);
        for from in [0, 1, 30_004, 60_008, 100_000, all.len()] {
            assert!(read(&feed, from as u64, feed.end()) == all[from..], "{from}");
        }
        assert!(read(&feed, 7, 60_009) == all[7..60_009]);
    }

    #[test]
    fn the_rest_of_a_frame_ends_where_the_next_begins() {
        let mut feed = Feed::default();
        let (short, long) = (frame(TEXT, b"ab"), frame(TEXT, &[7; 70_000]));
        feed.push(&short);
        feed.push(&long);
        feed.push(&short);
        assert_eq!(feed.rest_of_frame(0), b"");
        assert_eq!(feed.rest_of_frame(1), &short[1..]);
        assert_eq!(feed.rest_of_frame(4), b"");
        assert!(feed.rest_of_frame(4 + 9) == &long[9..]);
        assert_eq!(feed.rest_of_frame(feed.end() - 1), b"b");
        assert_eq!(feed.rest_of_frame(feed.end()), b"");
    }

    #[test]
    fn memory_is_bounded_whatever_the_frames_are_like() {
        for length in [0, 100, 40_000, 65_530, 400_000] {
            let mut feed = Feed::default();
            let frame = frame(TEXT, &vec![0; length]);
            for _ in 0..(3 * FEED_BYTES_MAX / (length + 1_000)) {
                while let Some(position) = feed.crowded(frame.len()) {
                    feed.forget_before(position);
                }
                feed.push(&frame);
                let taken: usize = feed.segments.iter().map(|segment| segment.bytes.capacity()).sum();
                assert!(taken == feed.capacity && taken <= FEED_BYTES_MAX, "{length}: {taken}");
            }
        }
    }

    #[test]
    fn a_room_where_all_keep_up_holds_one_segment_and_no_more() {
        let mut feed = Feed::default();
        let frame = frame(TEXT, &[0; 1_000]);
        for _ in 0..1_000 {
            feed.push(&frame);
            feed.forget_before(feed.end());
            assert!(feed.segments.is_empty() && feed.spare.is_some());
        }
        assert_eq!(read(&feed, feed.end(), feed.end()), b"");
    }
}
