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
    pub fn rename(&mut self, nickname: Nickname, now: Duration) {
        self.nickname = nickname;
        self.rename_wanted = true;
        if self.stage == Stage::Live {
            self.send_rename(now);
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
            self.send_besides(ClientFrame::Typing { active }, now);
        }
    }

    /// Asks for the page before the oldest entry heard, if there is one; one at a time.
    pub fn load_history(&mut self, now: Duration) {
        if self.stage != Stage::Live || self.history_asked {
            return;
        }
        if let Some(before) = self.mirror.history_before() {
            self.history_asked = true;
            self.ask(ClientFrame::History { before }, now);
        }
    }

    /// Asks for the log from a place on, to be shown apart from what is heard.
    pub fn load_excerpt(&mut self, from: Seq, now: Duration) {
        if self.stage == Stage::Live {
            self.ask(ClientFrame::Excerpt { from }, now);
        }
    }

    /// Looks for messages, the latest or those before a place.
    pub fn search(&mut self, words: SearchWords, before: Option<Seq>, now: Duration) {
        if self.stage == Stage::Live {
            self.ask(ClientFrame::Search { words, before }, now);
        }
    }

    /// Asks for the members after those known by name.
    pub fn load_roster(&mut self, now: Duration) {
        if self.stage != Stage::Live {
            return;
        }
        if let Some(after) = self.mirror.roster_after() {
            self.ask(ClientFrame::Roster { after }, now);
        }
    }

    pub(super) fn send_rename(&mut self, now: Duration) {
        self.send_besides(ClientFrame::Rename { nickname: self.nickname.clone() }, now);
    }

    /// Puts a question to the room as soon as its rate allows: whoever scrolls fast waits, and is not sent away.
    fn ask(&mut self, question: ClientFrame, now: Duration) {
        if self.questions.len() >= QUESTIONS_MAX {
            // Who asks so much has moved on since the oldest.
            self.questions.pop_front();
        }
        self.questions.push_back(question);
        self.ask_due(now);
    }

    fn ask_due(&mut self, now: Duration) {
        while self.questions_due().is_some_and(|due| due <= now)
            && let Some(question) = self.questions.pop_front()
        {
            self.send_besides(question, now);
        }
    }

    /// When the next question may be asked, if one waits.
    pub(super) fn questions_due(&self) -> Option<Duration> {
        self.outbox.due_besides(self.questions.front()?)
    }

    /// Sends what does not wait its turn.
    fn send_besides(&mut self, frame: ClientFrame, now: Duration) {
        self.outbox.handle_sent_besides(&frame, now);
        self.actions.push_back(Action::Send(frame));
    }

    /// What was missed comes first: most of what is still to be said may be part of it.
    pub(super) fn may_send(&self) -> bool {
        self.stage == Stage::Live && !self.catching_up
    }

    pub(super) fn send_due(&mut self, now: Duration) {
        self.ask_due(now);
        if !self.may_send() {
            return;
        }
        while let Some(frame) = self.outbox.poll_frame(now) {
            self.actions.push_back(Action::Send(frame));
        }
    }
}

/// Questions that wait for the room's rate.
const QUESTIONS_MAX: usize = 16;
