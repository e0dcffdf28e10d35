//! A disk that takes what it is told, or stalls, or is full: a whole log in memory behind the questions of a store.

use std::collections::VecDeque;

use maru_room::{Draft, Log, LogBounds, Page, Restored, Room, Standing, Written};
use maru_wire::{Epoch, Happening, Member, MemberId, MessageId, MessageText, Nickname, Seq};

use crate::hub::{Answer, DiskFailed, Question, SeatId};

pub(super) struct Disk {
    room: Room,
    /// What is being written.
    pub under_way: Option<Vec<Draft>>,
    pub asked: VecDeque<(SeatId, Question)>,
    /// Whether nothing is written for now, nor refused.
    pub is_stalled: bool,
    /// Whether nothing is looked up for now.
    pub is_silent: bool,
    pub is_full: bool,
    pub is_unreadable: bool,
    /// The last place that is not kept any more.
    pub trimmed: Seq,
}

impl Disk {
    /// One that holds that many messages of one member.
    pub(super) fn with(entries: u64) -> Self {
        let bounds = LogBounds { entries_max: usize::MAX, bytes_max: usize::MAX };
        let mut room = Room::new(Epoch::parse("e1").unwrap(), bounds);
        for i in 0..entries {
            let by = Member {
                id: MemberId::parse("before").unwrap(),
                nickname: Nickname::parse("하나").unwrap(),
                number: 0,
                host: false,
            };
            let id = MessageId::parse(&format!("before-{i}")).unwrap();
            let text = MessageText::parse(&format!("{i}번째 말")).unwrap();
            room.write(Draft { by, what: Happening::Said { id, text }, at: i });
        }
        Self {
            room,
            under_way: None,
            asked: VecDeque::new(),
            is_stalled: false,
            is_silent: false,
            is_full: false,
            is_unreadable: false,
            trimmed: Seq(0),
        }
    }

    /// What was under way is lost with the program.
    pub(super) fn forget(&mut self) {
        self.under_way = None;
        self.asked.clear();
    }

    pub(super) fn log(&self) -> &Log {
        self.room.log()
    }

    /// What becomes of what is under way, unless the disk stalls.
    pub(super) fn written(&mut self) -> Option<Result<Vec<Written>, DiskFailed>> {
        if self.is_stalled {
            return None;
        }
        let drafts = self.under_way.take()?;
        if self.is_full {
            return Some(Err(DiskFailed));
        }
        Some(Ok(drafts.into_iter().map(|draft| self.room.write(draft)).collect()))
    }

    pub(super) fn answer(&mut self) -> Option<(SeatId, Answer)> {
        if self.is_silent {
            return None;
        }
        let (seat, question) = self.asked.pop_front()?;
        if self.is_unreadable {
            return Some((seat, Answer::Failed));
        }
        let log = self.log();
        let answer = match question {
            Question::Resume(cursor) => match log.standing(&cursor) {
                Standing::Here(seq) if seq < self.trimmed => Answer::Resume(Standing::Trimmed, none()),
                Standing::Here(seq) => Answer::Resume(Standing::Here(seq), log.after(seq)),
                gap => Answer::Resume(gap, none()),
            },
            Question::After(seq) => Answer::Page(log.after(seq.max(self.trimmed))),
            Question::Before(seq) => Answer::Page(log.before(seq)),
            Question::From(seq) => Answer::Page(log.from(seq.max(self.trimmed.next()))),
            Question::Search { words, before } => Answer::Page(self.search(words.as_str(), before)),
        };
        Some((seat, answer))
    }

    fn search(&self, words: &str, before: Option<Seq>) -> Page {
        let mut page = self.log().before(before.unwrap_or(self.log().head().seq.next()));
        page.entries.retain(
            |entry| matches!(&entry.what, Happening::Said { text, .. } if text.as_str().contains(words)),
        );
        page
    }

    /// What a store tells when the room is opened again, with the latest entries up to that many.
    pub(super) fn restored(&self, here: usize) -> Restored {
        let log = self.log();
        let head = log.head();
        let first = head.seq.0.saturating_sub(here as u64);
        let tail: Vec<_> = (first + 1..=head.seq.0).filter_map(|seq| log.entry(Seq(seq)).cloned()).collect();
        let base = log.entry(Seq(first)).map_or_else(|| maru_room::log::first_hash(&head.epoch), |e| e.hash);
        Restored {
            head,
            formers: Vec::new(),
            base,
            tail,
            trimmed: self.trimmed,
            members: vec![(MemberId::parse("before").unwrap(), 0)],
        }
    }
}

fn none() -> Page {
    Page { entries: Vec::new(), more: false }
}
