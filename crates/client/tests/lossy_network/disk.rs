//! The host's disk: a whole log in memory behind the questions of a store. It is slow, stalls, is full, cannot be
//! read, and outlives the host or not, as chance has it. It also knows everything that ever was on it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use maru_room::log::{PageBounds, first_hash};
use maru_room::{Draft, FormerEpoch, Page, Restored, Standing, Written, entry_after};
use maru_server::hub::{Answer, DiskFailed, Question, SeatId};
use maru_wire::{CaughtUp, ChainHash, Cursor, Entry, Epoch, Happening, MemberId, MessageId, Seq};

use super::chance::Chance;

pub(crate) struct Disk {
    chance: Chance,
    kept: Kept,
    under_way: Option<UnderWay>,
    asked: Vec<Asked>,
    backups: Vec<Kept>,
    pub(crate) stalled_until: Duration,
    pub(crate) full_until: Duration,
    /// Whether it now and then fails for no reason.
    pub(crate) is_unsound: bool,
    /// Every entry that ever was on it, by its hash, with the hash of the one before.
    ever: HashMap<[u8; 16], (Entry, ChainHash)>,
    /// Messages that were on it and went with a log that was lost or rolled back.
    pub(crate) lost: HashSet<String>,
}

/// What a file holds: the log and what a store knows of it.
#[derive(Clone)]
struct Kept {
    epoch: Epoch,
    formers: Vec<FormerEpoch>,
    base: ChainHash,
    entries: Vec<Entry>,
    trimmed: Seq,
    said: HashMap<(MemberId, MessageId), Seq>,
}

struct UnderWay {
    drafts: Vec<Draft>,
    lands: Duration,
    told: Duration,
    outcome: Option<Result<Vec<Written>, DiskFailed>>,
}

struct Asked {
    seat: SeatId,
    question: Question,
    reads: Duration,
    told: Duration,
    answer: Option<Answer>,
}

impl Disk {
    pub(crate) fn new(epoch: Epoch, chance: Chance) -> Self {
        Self {
            chance,
            kept: Kept::begun(epoch),
            under_way: None,
            asked: Vec::new(),
            backups: Vec::new(),
            stalled_until: Duration::ZERO,
            full_until: Duration::ZERO,
            is_unsound: false,
            ever: HashMap::new(),
            lost: HashSet::new(),
        }
    }

    /// Begins to write; [`Disk::poll_written`] tells what becomes of it.
    pub(crate) fn write(&mut self, drafts: Vec<Draft>, now: Duration) {
        assert!(self.under_way.is_none(), "one list at a time");
        let lands = now + self.delay();
        let told = lands + self.delay();
        self.under_way = Some(UnderWay { drafts, lands, told, outcome: None });
    }

    /// What the host is told of what is under way, once there is something to tell.
    pub(crate) fn poll_written(&mut self, now: Duration) -> Option<Result<Vec<Written>, DiskFailed>> {
        let under_way = self.under_way.as_mut()?;
        if under_way.outcome.is_none() && now >= under_way.lands.max(self.stalled_until) {
            let drafts = std::mem::take(&mut under_way.drafts);
            let outcome = self.commit(drafts, now);
            self.under_way.as_mut()?.outcome = Some(outcome);
        }
        let is_due = self.under_way.as_ref().is_some_and(|u| u.outcome.is_some() && u.told <= now);
        if is_due { self.under_way.take()?.outcome } else { None }
    }

    /// All of it or nothing: one transaction.
    fn commit(&mut self, drafts: Vec<Draft>, now: Duration) -> Result<Vec<Written>, DiskFailed> {
        if now < self.full_until || (self.is_unsound && self.chance.one_in(40)) {
            return Err(DiskFailed);
        }
        Ok(drafts.into_iter().map(|draft| self.take(draft)).collect())
    }

    fn take(&mut self, draft: Draft) -> Written {
        if let Happening::Said { id, text } = &draft.what
            && let Some(seq) = self.kept.said.get(&(draft.by.id.clone(), id.clone()))
        {
            let first = self.kept.entry(*seq).expect("an entry that was written");
            let is_same = matches!(&first.what, Happening::Said { text: said, .. } if *said == *text);
            return if is_same { Written::Known(first.clone()) } else { Written::IdReused };
        }
        let entry = entry_after(&self.kept.head(), draft);
        self.add(entry.clone());
        Written::New(entry)
    }

    /// Takes an entry that is made elsewhere: in a room that is kept nowhere but in memory.
    pub(crate) fn add(&mut self, entry: Entry) {
        let head = self.kept.head();
        assert_eq!(entry.seq, head.seq.next(), "entries follow each other");
        if let Happening::Said { id, .. } = &entry.what {
            let again = self.kept.said.insert((entry.by.id.clone(), id.clone()), entry.seq);
            assert_eq!(again, None, "{id} is in the log twice");
        }
        self.ever.insert(entry.hash.0, (entry.clone(), head.hash));
        self.kept.entries.push(entry);
    }

    pub(crate) fn ask(&mut self, seat: SeatId, question: Question, now: Duration) {
        assert!(self.asked.iter().all(|asked| asked.seat != seat), "one question a seat at a time");
        let reads = now + self.delay();
        let told = reads + self.delay();
        self.asked.push(Asked { seat, question, reads, told, answer: None });
    }

    /// The next answer that is told, in an order of its own.
    pub(crate) fn poll_answer(&mut self, now: Duration) -> Option<(SeatId, Answer)> {
        let is_unsound = self.is_unsound;
        for asked in self.asked.iter_mut().filter(|asked| asked.answer.is_none() && asked.reads <= now) {
            let fails = is_unsound && self.chance.one_in(20);
            let found = || self.kept.answer(&asked.question);
            asked.answer = Some(if fails { Answer::Failed } else { found() });
        }
        let due = self.asked.iter().position(|asked| asked.answer.is_some() && asked.told <= now)?;
        let Asked { seat, answer, .. } = self.asked.swap_remove(due);
        Some((seat, answer?))
    }

    /// The host's process is gone: what was under way is on the disk or not.
    pub(crate) fn crash(&mut self, now: Duration) {
        self.asked.clear();
        let Some(UnderWay { drafts, outcome: None, .. }) = self.under_way.take() else { return };
        if self.chance.one_in(2) && now >= self.full_until {
            drafts.into_iter().for_each(|draft| drop(self.take(draft)));
        }
    }

    /// Somebody deletes the room's folder.
    pub(crate) fn delete(&mut self, epoch: Epoch) {
        self.replace(Kept::begun(epoch));
    }

    pub(crate) fn back_up(&mut self) {
        if self.backups.len() == BACKUPS_MAX {
            self.backups.remove(0);
        }
        self.backups.push(self.kept.clone());
    }

    /// Somebody restores a backup, if there is one: as a new epoch, or behind the store's back as it was.
    pub(crate) fn restore(&mut self, epoch: Option<Epoch>) {
        if self.backups.is_empty() {
            return;
        }
        let which = self.chance.up_to(self.backups.len() as u64) as usize;
        let mut kept = self.backups[which].clone();
        if let Some(epoch) = epoch {
            let former = std::mem::replace(&mut kept.epoch, epoch);
            kept.formers.push(FormerEpoch { epoch: former, end: Seq(kept.entries.len() as u64) });
        }
        self.replace(kept);
    }

    fn replace(&mut self, kept: Kept) {
        let before = std::mem::replace(&mut self.kept, kept);
        let gone = before.said.keys().filter(|name| !self.kept.said.contains_key(*name));
        self.lost.extend(gone.map(|(_, id)| id.to_string()));
    }

    /// Retention: only so many of the latest entries are kept.
    pub(crate) fn trim(&mut self, keeps: u64) {
        let up_to = (self.kept.entries.len() as u64).saturating_sub(keeps);
        self.kept.trimmed = self.kept.trimmed.max(Seq(up_to));
    }

    /// What a store tells when the room is opened, with the latest entries up to that many in memory.
    pub(crate) fn restored(&self, here: usize) -> Restored {
        let kept = &self.kept;
        let first = kept.entries.len().saturating_sub(here).max(kept.trimmed.0 as usize);
        let mut members: Vec<(MemberId, u32)> = Vec::new();
        for entry in &kept.entries {
            if members.iter().all(|(known, _)| *known != entry.by.id) {
                members.push((entry.by.id.clone(), entry.by.number));
            }
        }
        Restored {
            head: kept.head(),
            formers: kept.formers.clone(),
            base: kept.hash_at(Seq(first as u64)).expect("a place in the log"),
            tail: kept.entries[first..].to_vec(),
            trimmed: kept.trimmed,
            members,
        }
    }

    pub(crate) fn head(&self) -> Cursor {
        self.kept.head()
    }

    /// The log as it is now, from its first entry on.
    pub(crate) fn log(&self) -> &[Entry] {
        &self.kept.entries
    }

    pub(crate) fn has_trimmed(&self) -> bool {
        self.kept.trimmed > Seq(0)
    }

    /// Whether an entry is on the disk now.
    pub(crate) fn has(&self, entry: &Entry) -> bool {
        self.kept.entry(entry.seq) == Some(entry)
    }

    /// An entry that was on the disk at some time, and the hash of the one before it.
    pub(crate) fn once_had(&self, hash: ChainHash) -> Option<&(Entry, ChainHash)> {
        self.ever.get(&hash.0)
    }

    /// What a member has to be told who shows this place; either of the two where both are right.
    pub(crate) fn due(&self, cursor: &Cursor) -> [CaughtUp; 2] {
        let kept = &self.kept;
        let due = match (kept.knows(&cursor.epoch), kept.hash_at(cursor.seq) == Some(cursor.hash)) {
            (false, _) => CaughtUp::NewEpoch,
            (true, true) => CaughtUp::Resumed,
            (true, false) => CaughtUp::Diverged,
        };
        [due, if cursor.seq < kept.trimmed { CaughtUp::Trimmed } else { due }]
    }

    fn delay(&mut self) -> Duration {
        let longest = self.chance.one_of(&[1, 1, 5, 30, 300, 2_000]);
        self.chance.ms_up_to(longest)
    }
}

impl Kept {
    fn begun(epoch: Epoch) -> Self {
        let base = first_hash(&epoch);
        let (entries, formers) = (Vec::new(), Vec::new());
        Self { epoch, formers, base, entries, trimmed: Seq(0), said: HashMap::new() }
    }

    fn entry(&self, seq: Seq) -> Option<&Entry> {
        self.entries.get(usize::try_from(seq.0.checked_sub(1)?).ok()?)
    }

    fn hash_at(&self, seq: Seq) -> Option<ChainHash> {
        if seq == Seq(0) { Some(self.base) } else { self.entry(seq).map(|entry| entry.hash) }
    }

    fn head(&self) -> Cursor {
        let seq = Seq(self.entries.len() as u64);
        Cursor { epoch: self.epoch.clone(), seq, hash: self.hash_at(seq).expect("the last place") }
    }

    fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Resume(cursor) => {
                let standing = self.standing(cursor);
                let is_here = standing == Standing::Here(cursor.seq);
                let nothing = Page { entries: Vec::new(), more: false };
                Answer::Resume(standing, if is_here { self.after(cursor.seq) } else { nothing })
            }
            Question::After(seq) => Answer::Page(self.after(*seq)),
            Question::Before(seq) => Answer::Page(self.before(*seq)),
            Question::From(seq) => Answer::Page(self.after(Seq(seq.0.saturating_sub(1)))),
            Question::Search { words, before } => {
                let mut page = self.before(before.unwrap_or(self.head().seq.next()));
                page.entries.retain(|entry| {
                    let Happening::Said { text, .. } = &entry.what else { return false };
                    words.iter().all(|word| text.as_str().contains(word))
                });
                Answer::Page(page)
            }
        }
    }

    fn standing(&self, cursor: &Cursor) -> Standing {
        if !self.knows(&cursor.epoch) {
            Standing::NewEpoch
        } else if cursor.seq < self.trimmed {
            Standing::Trimmed
        } else if self.hash_at(cursor.seq) == Some(cursor.hash) {
            Standing::Here(cursor.seq)
        } else {
            Standing::Diverged
        }
    }

    fn knows(&self, epoch: &Epoch) -> bool {
        self.epoch == *epoch || self.formers.iter().any(|former| former.epoch == *epoch)
    }

    fn after(&self, seq: Seq) -> Page {
        let kept = self.entries.get(seq.max(self.trimmed).0 as usize..).unwrap_or_default();
        let entries = page(kept.iter());
        let more = entries.len() < kept.len();
        Page { entries, more }
    }

    fn before(&self, seq: Seq) -> Page {
        let end = (seq.0.saturating_sub(1) as usize).min(self.entries.len());
        let kept = self.entries.get(self.trimmed.0 as usize..end).unwrap_or_default();
        let mut entries = page(kept.iter().rev());
        entries.reverse();
        let more = entries.len() < kept.len();
        Page { entries, more }
    }
}

fn page<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Entry> {
    let mut page = PageBounds::default();
    entries.take_while(|entry| page.takes(entry)).cloned().collect()
}

const BACKUPS_MAX: usize = 3;
