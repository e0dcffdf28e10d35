//! What was said here and is not acknowledged yet, by the names of the messages. Knows neither texts nor time.

use std::collections::HashSet;

use maru_wire::MessageId;

/// The messages on their way.
#[derive(Debug, Default)]
pub(crate) struct Outstanding {
    /// Handed over; the session has not told yet that it queued them.
    handed_over: HashSet<MessageId>,
    /// In the session's outbox.
    queued: HashSet<MessageId>,
}

impl Outstanding {
    pub(crate) fn hand_over(&mut self, id: MessageId) {
        self.handed_over.insert(id);
    }

    /// The session has it. Returns whether that is new here.
    pub(crate) fn handle_queued(&mut self, id: &MessageId) -> bool {
        self.handed_over.remove(id);
        self.queued.insert(id.clone())
    }

    /// The room has it, or never will. Returns whether it was ours and on its way.
    pub(crate) fn settle(&mut self, id: &MessageId) -> bool {
        // Both, always.
        self.handed_over.remove(id) | self.queued.remove(id)
    }

    /// All that the session has at a moment. What was handed over later is told of later.
    pub(crate) fn handle_snapshot(&mut self, queued: HashSet<MessageId>) {
        self.handed_over.retain(|id| !queued.contains(id));
        self.queued = queued;
    }

    /// Whether it is ours and on its way.
    pub(crate) fn awaits(&self, id: &MessageId) -> bool {
        self.handed_over.contains(id) || self.queued.contains(id)
    }

    pub(crate) fn count(&self) -> usize {
        self.handed_over.len() + self.queued.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> MessageId {
        MessageId::parse(text).unwrap()
    }

    #[test]
    fn a_message_is_on_its_way_until_it_is_settled() {
        let mut outstanding = Outstanding::default();
        outstanding.hand_over(id("a"));
        assert_eq!(outstanding.count(), 1);
        assert!(outstanding.handle_queued(&id("a")));
        assert_eq!(outstanding.count(), 1);
        assert!(outstanding.settle(&id("a")));
        assert!(!outstanding.settle(&id("a")));
        assert_eq!(outstanding.count(), 0);
    }

    #[test]
    fn one_that_was_acknowledged_unheard_is_settled_by_a_snapshot() {
        let mut outstanding = Outstanding::default();
        for name in ["a", "b", "c"] {
            outstanding.hand_over(id(name));
        }
        outstanding.handle_queued(&id("a"));
        outstanding.handle_queued(&id("b"));
        outstanding.handle_snapshot([id("b")].into());
        assert_eq!(outstanding.count(), 2, "b waits, and c may have been handed over after the snapshot");
    }
}
