//! What a person says and asks for here.

use std::time::Duration;

use maru_wire::limits::TYPING_INTERVAL_MS;
use maru_wire::{ClientFrame, MessageId, MessageText, Nickname, SearchWords, Seq};

use super::outbox::OutboxFull;
use super::{Action, Keeping, Line, Session, Stage};

impl Session {
    /// Says something under an id chosen by the caller; again is harmless. `at` is the time in milliseconds
    /// since the Unix epoch, for showing. Offline, it waits.
    pub fn say(
        &mut self,
        id: MessageId,
        text: MessageText,
        at: u64,
        now: Duration,
    ) -> Result<(), OutboxFull> {
        let line = Line { id, text, at };
        if let Some(event) = self.outbox.queue(line.clone())? {
            self.keep(Keeping::Queued(line));
            self.events.push_back(event);
        }
        // The room takes a message as the end of writing.
        self.typing_sent_at = None;
        self.send_due(now);
        Ok(())
    }

    /// Forgets a line that failed, because the person gives it up.
    pub fn dismiss(&mut self, id: &MessageId) {
        if self.outbox.dismiss(id) {
            self.keep(Keeping::Settled(id.clone()));
        }
    }

    /// Goes by another name: now where we are in the room, else from the next hello on.
    pub fn rename(&mut self, nickname: Nickname) {
        self.nickname = nickname;
        self.rename_wanted = true;
        if self.stage == Stage::Live {
            self.send_rename();
        }
    }

    /// Tells that the person is writing, or stopped. Passed on at most every two seconds.
    pub fn set_typing(&mut self, active: bool, now: Duration) {
        if self.stage != Stage::Live {
            return;
        }
        let interval = Duration::from_millis(TYPING_INTERVAL_MS);
        let passed_on = match (active, self.typing_sent_at) {
            (true, Some(sent)) => now >= sent + interval,
            (true, None) => true,
            (false, sent) => sent.is_some(),
        };
        if passed_on {
            self.typing_sent_at = active.then_some(now);
            self.send_besides(ClientFrame::Typing { active });
        }
    }

    /// Asks for the page before the oldest entry heard, if there is one; one at a time.
    pub fn load_history(&mut self) {
        if self.stage != Stage::Live || self.history_asked {
            return;
        }
        if let Some(before) = self.mirror.history_before() {
            self.history_asked = true;
            self.send_besides(ClientFrame::History { before });
        }
    }

    /// Asks for the log from a place on, to be shown apart from what is heard.
    pub fn load_excerpt(&mut self, from: Seq) {
        if self.stage == Stage::Live {
            self.send_besides(ClientFrame::Excerpt { from });
        }
    }

    /// Looks for messages, the latest or those before a place.
    pub fn search(&mut self, words: SearchWords, before: Option<Seq>) {
        if self.stage == Stage::Live {
            self.send_besides(ClientFrame::Search { words, before });
        }
    }

    /// Asks for the members after those known by name.
    pub fn load_roster(&mut self) {
        if self.stage != Stage::Live {
            return;
        }
        if let Some(after) = self.mirror.roster_after() {
            self.send_besides(ClientFrame::Roster { after });
        }
    }

    pub(super) fn send_rename(&mut self) {
        self.send_besides(ClientFrame::Rename { nickname: self.nickname.clone() });
    }

    /// Sends what does not wait its turn.
    fn send_besides(&mut self, frame: ClientFrame) {
        self.outbox.handle_sent_besides(&frame, self.heard_at);
        self.actions.push_back(Action::Send(frame));
    }

    /// What was missed comes first: most of what is still to be said may be part of it.
    pub(super) fn may_send(&self) -> bool {
        self.stage == Stage::Live && !self.catching_up
    }

    pub(super) fn send_due(&mut self, now: Duration) {
        if !self.may_send() {
            return;
        }
        while let Some(frame) = self.outbox.poll_frame(now) {
            self.actions.push_back(Action::Send(frame));
        }
    }
}
