//! What everybody on Socket.IO hears: a bounded ring, in which each holds a position. Whoever falls off it is told so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use maru_wire::RoomFrame;
use tokio::sync::watch;

/// Something that everybody on Socket.IO hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// As an event of its own.
    pub event: Option<Box<RoomFrame>>,
    /// As text.
    pub line: Option<String>,
}

/// The latest of it.
#[derive(Debug)]
pub(crate) struct Ring {
    kept: Mutex<Kept>,
    /// The position after the last.
    end: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<Arc<Event>>,
    /// The position of the first that is kept.
    first: u64,
    bytes: usize,
}

/// One who listens.
#[derive(Debug)]
pub(crate) struct Listener {
    ring: Arc<Ring>,
    position: u64,
    end: watch::Receiver<u64>,
}

/// What this one would hear next is not kept any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FellBehind;

impl Ring {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { kept: Mutex::default(), end: watch::Sender::new(0) })
    }

    /// Everybody who listens hears this.
    pub(crate) fn push(&self, event: Event) {
        let mut kept = self.kept();
        kept.bytes += event.bytes();
        kept.events.push_back(Arc::new(event));
        while kept.events.len() > EVENTS_MAX || (kept.bytes > BYTES_MAX && kept.events.len() > 1) {
            let Some(oldest) = kept.events.pop_front() else { break };
            kept.bytes -= oldest.bytes();
            kept.first += 1;
        }
        let end = kept.first + kept.events.len() as u64;
        drop(kept);
        self.end.send_replace(end);
    }

    /// Listens from here on.
    pub(crate) fn listen(self: &Arc<Self>) -> Listener {
        let end = self.end.subscribe();
        let position = *end.borrow();
        Listener { ring: Arc::clone(self), position, end }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// The next that is there.
    pub(crate) fn now(&mut self) -> Result<Option<Arc<Event>>, FellBehind> {
        let kept = self.ring.kept();
        let place = self.position.checked_sub(kept.first).ok_or(FellBehind)?;
        let next = usize::try_from(place).ok().and_then(|place| kept.events.get(place)).cloned();
        self.position += u64::from(next.is_some());
        Ok(next)
    }

    /// The next, once it is there. Nothing is lost where this is dropped before.
    pub(crate) async fn next(&mut self) -> Result<Arc<Event>, FellBehind> {
        loop {
            self.end.mark_unchanged();
            if let Some(next) = self.now()? {
                return Ok(next);
            }
            // The ring is held by this one too, and so is its sender.
            let _ = self.end.changed().await;
        }
    }
}

impl Event {
    /// About what it takes: its text is in both forms, and many names may be in one without.
    fn bytes(&self) -> usize {
        let names = match self.event.as_deref() {
            Some(RoomFrame::Presence { joined, left, .. }) => {
                joined.iter().chain(left).map(|member| MEMBER_BYTES + member.nickname.as_str().len()).sum()
            }
            _ => 0,
        };
        OVERHEAD_BYTES + names + 2 * self.line.as_ref().map_or(0, String::len)
    }
}

/// Events that are kept: some seconds of a lively room.
const EVENTS_MAX: usize = 1_024;

/// Bytes that are kept: what all slow members on Socket.IO together cost.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// What an event takes besides its text.
const OVERHEAD_BYTES: usize = 400;

/// What a member in it takes besides the name.
const MEMBER_BYTES: usize = 100;

#[cfg(test)]
mod tests {
    use maru_wire::limits::PRESENCE_NAMES_MAX;
    use maru_wire::{Member, MemberId, Nickname, Seq};

    use super::*;

    fn event(text: &str) -> Event {
        Event { event: None, line: Some(text.into()) }
    }

    fn heard(listener: &mut Listener) -> Vec<String> {
        std::iter::from_fn(|| listener.now().unwrap()).filter_map(|event| event.line.clone()).collect()
    }

    #[tokio::test]
    async fn each_hears_everything_from_where_it_began_once_and_in_order() {
        let ring = Ring::new();
        let mut early = ring.listen();
        ring.push(event("a"));
        let mut late = ring.listen();
        ring.push(event("b"));
        assert_eq!(early.next().await.unwrap().line.as_deref(), Some("a"));
        assert_eq!(heard(&mut early), ["b"]);
        assert_eq!(heard(&mut late), ["b"]);
        let waiting = tokio::spawn(async move { early.next().await.unwrap().line.clone() });
        ring.push(event("c"));
        assert_eq!(waiting.await.unwrap().as_deref(), Some("c"));
    }

    #[test]
    fn many_who_come_and_go_under_long_names_are_within_the_bounds_too() {
        let ring = Ring::new();
        let nickname = Nickname::parse(&"👨‍👩‍👧‍👦".repeat(32)).unwrap();
        let member = Member { id: MemberId::from_random([7; 16]), nickname, number: 1, host: false };
        let both = vec![member; PRESENCE_NAMES_MAX];
        for count in 0..EVENTS_MAX as u32 {
            let presence = RoomFrame::Presence {
                count,
                joined: both.clone(),
                left: both.clone(),
                after: Seq::default(),
            };
            ring.push(Event { event: Some(Box::new(presence)), line: Some("* 300".into()) });
        }
        let kept = ring.kept();
        let names = 2 * PRESENCE_NAMES_MAX * kept.events.len() * both[0].nickname.as_str().len();
        assert!(names <= BYTES_MAX, "{names}");
    }

    #[test]
    fn who_is_behind_by_more_than_the_bounds_falls_off() {
        for (text, fits) in [("x".to_owned(), EVENTS_MAX), ("x".repeat(64 * 1024), 31)] {
            let ring = Ring::new();
            let (mut slow, mut slower) = (ring.listen(), ring.listen());
            (0..fits).for_each(|_| ring.push(event(&text)));
            assert_eq!(heard(&mut slow).len(), fits);
            ring.push(event(&text));
            assert_eq!(heard(&mut slow).len(), 1);
            assert_eq!(slower.now(), Err(FellBehind));
            assert!(ring.kept().bytes <= BYTES_MAX);
        }
    }
}
