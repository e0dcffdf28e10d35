//! What is not in memory is looked up in the store: one question a seat at a time, the others wait.

use maru_room::{Page, Standing};
use maru_wire::frames::PageOf;
use maru_wire::{ByeCode, Cursor, Entry, RefusalCode, RoomFrame, SearchWords, Seq};

use super::{Deed, Hub, SeatId};

/// What is to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// How a returning member's place relates to the log, and the page after it.
    Resume(Cursor),
    /// The page after a place.
    After(Seq),
    /// The page before a place.
    Before(Seq),
    /// The page from a place on.
    From(Seq),
    /// Messages that have all of the words, the latest of them before a place.
    Search {
        /// What to look for.
        words: SearchWords,
        /// Where to begin; none for the latest.
        before: Option<Seq>,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::Resume`]; the page is empty unless the standing is [`Standing::Here`].
    Resume(Standing, Page),
    /// To all others.
    Page(Page),
    /// The store could not be read.
    Failed,
}

impl Hub {
    /// Puts a question of a seat to the store, or behind the one that is under way.
    pub(super) fn ask(&mut self, id: SeatId, question: Question, share: u32) {
        let Some(seat) = self.seats.get_mut(&id) else { return };
        if seat.questions.is_empty() {
            self.deeds.push_back(Deed::Ask { seat: id, question: question.clone() });
        }
        seat.questions.push_back((question, share));
    }

    /// The store has answered.
    pub fn handle_answer(&mut self, id: SeatId, mut answer: Answer) {
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let Some((question, share)) = seat.questions.pop_front() else { return };
        if let Some((next, _)) = seat.questions.front() {
            self.deeds.push_back(Deed::Ask { seat: id, question: next.clone() });
        }
        // The store may have written what nobody was told yet.
        let head = self.head_seq();
        if let Answer::Resume(_, page) | Answer::Page(page) = &mut answer {
            page.entries.retain(|entry| entry.seq <= head);
        }
        match (question, answer) {
            (Question::Resume(_), Answer::Resume(standing, page)) => {
                self.welcome(id, Some(standing), Some(page))
            }
            (Question::After(_), Answer::Page(page)) => self.missed_page(id, page),
            (Question::Before(_), Answer::Page(page)) => self.tell_page(id, PageOf::History, page),
            (Question::From(_), Answer::Page(mut page)) => {
                page.more = page.entries.last().is_some_and(|last| last.seq < head);
                self.tell_page(id, PageOf::Excerpt, page);
            }
            (Question::Search { words, .. }, Answer::Page(Page { entries, more })) => {
                self.tell(id, RoomFrame::Found { words, entries, more });
            }
            (question, _) => self.not_found_out(id, &question),
        }
        self.answered(id, share);
    }

    pub(super) fn tell_page(&mut self, id: SeatId, of: PageOf, page: Page) {
        let Page { entries, more } = page;
        self.tell(id, RoomFrame::Page { of, entries, more });
    }

    fn not_found_out(&mut self, id: SeatId, question: &Question) {
        let frame = match question {
            // Without what was missed nobody can go on; perhaps another time.
            Question::Resume(_) | Question::After(_) => return self.dismiss(id, ByeCode::Restarting),
            Question::Before(_) => "history",
            Question::From(_) => "excerpt",
            Question::Search { .. } => "search",
        };
        self.refuse(id, RefusalCode::Unavailable, Some(frame), None);
    }
}

/// The place after which more is missed, once a page was told.
pub(super) fn last_place(entries: &[Entry], before: Seq) -> Seq {
    entries.last().map_or(before, |last| last.seq)
}
