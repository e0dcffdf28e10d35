//! The threads that look things up in a room's log, beside the one that writes it: history, search and what somebody
//! missed long ago delay nobody's acknowledgement.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use maru_room::{Page, Standing};
use maru_store::{Found, ReadError, Reader};
use tokio::sync::mpsc::WeakSender;

use crate::hub::{Answer, Question, SeatId};
use crate::keeper::Request;

/// How the keeper reaches the readers. They end when this is dropped. The hub asks one question a seat at a time, so
/// that no more of them wait than there are members.
pub(crate) struct Readers {
    /// Pages and places: some milliseconds each.
    pages: Sender<(SeatId, Question)>,
    /// As many as are asked at once read through the log one after the other, and keep nobody from coming back.
    searches: Sender<(SeatId, Question)>,
}

impl Readers {
    /// Starts a thread for each reader. Answers go to `keeper`, as long as anybody else knows it.
    pub(crate) fn start(
        pages: impl IntoIterator<Item = Reader>,
        searches: Reader,
        keeper: &WeakSender<Vec<Request>>,
    ) -> std::io::Result<Self> {
        Ok(Self { pages: desk(pages, keeper)?, searches: desk([searches], keeper)? })
    }

    /// Has a question answered.
    pub(crate) fn ask(&self, seat: SeatId, question: Question) {
        let desk = match question {
            Question::Search { .. } => &self.searches,
            Question::Resume(_) | Question::After(_) | Question::Before(_) | Question::From(_) => &self.pages,
        };
        // Readers that are gone went with the room.
        let _ = desk.send((seat, question));
    }
}

/// Threads that share the questions of one kind.
fn desk(
    readers: impl IntoIterator<Item = Reader>,
    keeper: &WeakSender<Vec<Request>>,
) -> std::io::Result<Sender<(SeatId, Question)>> {
    let (questions, asked) = channel();
    let asked = Arc::new(Mutex::new(asked));
    for reader in readers {
        let (asked, keeper) = (Arc::clone(&asked), keeper.clone());
        let name = "maru-reader".into();
        std::thread::Builder::new().name(name).spawn(move || run(&reader, &asked, &keeper))?;
    }
    Ok(questions)
}

fn run(reader: &Reader, asked: &Mutex<Receiver<(SeatId, Question)>>, keeper: &WeakSender<Vec<Request>>) {
    loop {
        let next = asked.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((seat, question)) = next else { return };
        // A question that fails whoever answers it must not leave the next ones without an answer.
        let answered = catch_unwind(AssertUnwindSafe(|| answer(reader, question)));
        let answer = answered.unwrap_or(Ok(Answer::Failed)).unwrap_or_else(|error| {
            tracing::error!(%error, "the room's log could not be read");
            Answer::Failed
        });
        let Some(keeper) = keeper.upgrade() else { return };
        if keeper.blocking_send(vec![Request::Answer { seat, answer }]).is_err() {
            return;
        }
    }
}

fn answer(reader: &Reader, question: Question) -> Result<Answer, ReadError> {
    Ok(match question {
        Question::Resume(cursor) => match reader.standing(&cursor)? {
            Standing::Here(seq) => Answer::Resume(Standing::Here(seq), reader.after(seq)?),
            gap => Answer::Resume(gap, Page { entries: Vec::new(), more: false }),
        },
        Question::After(seq) => Answer::Page(reader.after(seq)?),
        Question::Before(seq) => Answer::Page(reader.before(seq)?),
        Question::From(seq) => Answer::Page(reader.from(seq)?),
        Question::Search { words, before } => {
            let Found { entries, more } = reader.search(&words, before)?;
            Answer::Page(Page { entries, more })
        }
    })
}
