//! What one connection alone is told, between what everybody hears: whole frames, each due once the feed is
//! written up to where it was said. Empty, it holds no memory.

use std::collections::VecDeque;

use super::feed::{Feed, Slices};

/// The frames that wait for one connection.
#[derive(Debug, Default)]
pub(crate) struct Private {
    frames: VecDeque<Frame>,
    /// Bytes of the first that are written.
    written: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Frame {
    /// The end of the feed when it was said.
    after: u64,
    bytes: Vec<u8>,
    then: Then,
}

/// What is to be done once a frame is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    /// Its sender has more to say and waits for this.
    Ready,
    /// An answer is due from now on.
    Ping,
}

/// Where a connection stands in the feed, and how far it may hear it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: u64,
    /// Whether it hears the feed at all.
    pub(crate) live: bool,
    /// Where the feed ends for it once nothing is waiting here.
    pub(crate) end: u64,
}

impl Private {
    pub(crate) fn push(&mut self, bytes: Vec<u8>, after: u64, then: Then) {
        self.bytes += bytes.len();
        self.frames.push_back(Frame { after, bytes, then });
    }

    /// Puts bytes before everything else. Only for a connection that stands within a frame of the feed, and so
    /// has begun none of these.
    pub(crate) fn push_first(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.bytes += bytes.len();
            self.frames.push_front(Frame { after: 0, bytes, then: Then::Nothing });
        }
    }

    /// The feed that these were due in is left: they wait for none of it, and none of another one.
    pub(crate) fn leave_feed(&mut self) {
        self.frames.iter_mut().for_each(|frame| frame.after = 0);
    }

    /// Forgets the frames that are not begun.
    pub(crate) fn keep_begun(&mut self) {
        self.frames.truncate(usize::from(self.written > 0));
        self.bytes = self.frames.front().map_or(0, |begun| begun.bytes.len() - self.written);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.frames.len()
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a ping is still to be written.
    pub(crate) fn has_ping(&self) -> bool {
        self.frames.iter().any(|frame| frame.then == Then::Ping)
    }

    /// Hands out what is due, of these and of the feed, in its order.
    pub(crate) fn gather<'a>(&'a self, mut place: Place, feed: &'a Feed, into: &mut Slices<'a>) {
        for nth in 0.. {
            let until = self.feed_until(nth, place);
            feed.gather(place.position, until, into);
            place.position = until;
            let Some(frame) = self.frames.get(nth) else { return };
            into.push(if nth == 0 { &frame.bytes[self.written..] } else { &frame.bytes });
            if into.is_full() {
                return;
            }
        }
    }

    /// Takes note of what was written of that, and hands out what is to be done now. Returns the position then.
    pub(crate) fn advance(&mut self, mut place: Place, mut bytes: usize, mut done: impl FnMut(Then)) -> u64 {
        loop {
            let until = self.feed_until(0, place);
            let step = bytes.min((until - place.position) as usize);
            place.position += step as u64;
            bytes -= step;
            let Some(first) = self.frames.front().filter(|_| place.position == until) else { break };
            let step = bytes.min(first.bytes.len() - self.written);
            self.written += step;
            self.bytes -= step;
            bytes -= step;
            if self.written < first.bytes.len() {
                break;
            }
            done(first.then);
            self.frames.pop_front();
            self.written = 0;
        }
        if self.frames.is_empty() {
            self.frames = VecDeque::new();
        }
        place.position
    }

    /// How far the feed is due before the nth frame.
    fn feed_until(&self, nth: usize, place: Place) -> u64 {
        if !place.live {
            return place.position;
        }
        self.frames.get(nth).map_or(place.end, |frame| frame.after).max(place.position)
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode::{TEXT, frame};
    use super::*;

    fn feed(words: &[&str]) -> Feed {
        let mut feed = Feed::default();
        words.iter().for_each(|word| feed.push(&frame(TEXT, word.as_bytes())));
        feed
    }

    /// Writes everything in steps of so many bytes.
    fn written(private: &mut Private, mut place: Place, feed: &Feed, step: usize) -> (Vec<u8>, Vec<Then>) {
        let (mut bytes, mut done) = (Vec::new(), Vec::new());
        loop {
            let mut slices = Slices::new();
            private.gather(place, feed, &mut slices);
            let due: Vec<u8> = slices.as_slices().iter().flat_map(|slice| slice.to_vec()).collect();
            if due.is_empty() {
                return (bytes, done);
            }
            let taken = &due[..step.min(due.len())];
            bytes.extend_from_slice(taken);
            place.position = private.advance(place, taken.len(), |then| done.push(then));
        }
    }

    #[test]
    fn each_frame_comes_whole_after_what_was_announced_before_it() {
        for step in 1..40 {
            let feed = feed(&["aa", "bb", "cc"]);
            let mut private = Private::default();
            private.push(b"<1>".to_vec(), 0, Then::Ping);
            private.push(b"<2>".to_vec(), 8, Then::Ready);
            private.push(b"<3>".to_vec(), 8, Then::Nothing);
            let place = Place { position: 0, live: true, end: feed.end() };
            let (bytes, done) = written(&mut private, place, &feed, step);
            assert_eq!(bytes, b"<1>\x81\x02aa\x81\x02bb<2><3>\x81\x02cc", "{step}");
            assert_eq!(done, [Then::Ping, Then::Ready, Then::Nothing]);
            assert!(private.is_empty() && private.bytes() == 0 && private.frames.capacity() == 0);
        }
    }

    #[test]
    fn who_is_not_live_hears_them_at_once_and_nothing_else() {
        let feed = feed(&["aa"]);
        let mut private = Private::default();
        private.push(b"<1>".to_vec(), 4, Then::Nothing);
        let place = Place { position: 0, live: false, end: feed.end() };
        assert_eq!(written(&mut private, place, &feed, 2).0, b"<1>");
    }

    #[test]
    fn who_goes_over_to_another_feed_hears_whole_frames_and_what_waits_first() {
        let (from, to) = (feed(&["aa", "bb", "cc"]), feed(&["dd", "ee"]));
        for written_before in 0..12 {
            let mut private = Private::default();
            private.push(b"<1>".to_vec(), 4, Then::Nothing);
            private.push(b"<2>".to_vec(), 12, Then::Nothing);
            let place = Place { position: 0, live: true, end: from.end() };
            let all = b"\x81\x02aa<1>\x81\x02bb\x81\x02cc<2>";
            let position = private.advance(place, written_before, |_| {});
            private.leave_feed();
            private.push_first(from.rest_of_frame(position).to_vec());
            private.push(b"<3>".to_vec(), 0, Then::Nothing);
            let place = Place { position: 4, live: true, end: to.end() };
            let mut heard = all[..written_before].to_vec();
            heard.extend(written(&mut private, place, &to, 3).0);
            let heard = String::from_utf8(heard.into_iter().map(|byte| byte & 0x7f).collect()).unwrap();
            let words: Vec<_> = heard.split(['\x01', '\x02']).filter(|word| !word.is_empty()).collect();
            assert!(heard.ends_with("<2><3>\x01\x02ee"), "{written_before}: {heard:?}");
            assert!(words.iter().all(|word| word.starts_with('<') || word.len() >= 2), "{heard:?}");
            assert_eq!(heard.matches("<1>").count(), 1, "{written_before}: {heard:?}");
        }
    }

    #[test]
    fn of_what_is_forgotten_a_begun_frame_is_kept() {
        let feed = feed(&[]);
        let mut private = Private::default();
        private.push(b"<1>".to_vec(), 0, Then::Nothing);
        private.push(b"<2>".to_vec(), 0, Then::Nothing);
        let place = Place { position: 0, live: false, end: 0 };
        private.advance(place, 1, |_| {});
        private.keep_begun();
        assert_eq!((private.count(), private.bytes()), (1, 2));
        assert_eq!(written(&mut private, place, &feed, 9).0, b"1>");
        private.push(b"<3>".to_vec(), 0, Then::Nothing);
        private.keep_begun();
        assert!(private.is_empty() && private.bytes() == 0);
    }
}
