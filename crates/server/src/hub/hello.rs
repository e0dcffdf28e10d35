//! From stranger to member: who it is, what they missed, and the seam between that and what is live.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, VerifyingKey};
use maru_room::{Page, Standing};
use maru_wire::frames::PageOf;
use maru_wire::identity::{PUBLIC_KEY_BYTES, SIGNATURE_BYTES, hello_to_sign, member_id};
use maru_wire::{ByeCode, CaughtUp, Cursor, MemberId, Nickname, RefusalCode, RoomFrame, RoomId, Seq};

use super::asking::last_place;
use super::presence::{CATCH_UP_NAMES_MAX, Changes, fitting};
use super::seat::{CatchingUp, Seat, Stage};
use super::{Deed, Hub, Now, Question, SeatId};

impl Hub {
    pub(super) fn hello(
        &mut self,
        id: SeatId,
        nickname: &Nickname,
        proof: Option<(&str, &str)>,
        cursor: Option<&Cursor>,
        now: Now,
    ) {
        let Some(seat) = self.seats.get(&id) else { return };
        if seat.member().is_some() {
            return self.refuse(id, RefusalCode::AlreadyHere, Some("hello"), None);
        }
        let member = match proof {
            None => Some(seat.nobody.clone()),
            Some((key, signature)) => proven(key, signature, &self.id, seat),
        };
        let Some(member) = member else {
            return self.refuse(id, RefusalCode::BadSignature, Some("hello"), None);
        };
        let host = self.host.as_ref() == Some(&member);
        let Ok((you, newly)) = self.room.enter(&member, nickname, host, now.unix_ms) else {
            return self.refuse(id, RefusalCode::NicknameTaken, Some("hello"), None);
        };
        if newly {
            self.announce_joined(you.clone());
        }
        let seat = self.seats.get_mut(&id).expect("the seat that says hello");
        if let Some(due) = seat.hello_due.take() {
            self.hellos_due.remove(&(due, id));
        }
        seat.stage = Stage::Member { id: you.id, catching_up: None };
        let standing = cursor.map(|cursor| self.room.log().standing(cursor));
        match (standing, cursor) {
            (Some(Standing::Older), Some(cursor)) => self.ask(id, Question::Resume(cursor.clone()), 0),
            (standing, _) => self.welcome(id, standing, None),
        }
    }

    /// Tells a new member where they are, and what they missed as far as it fits. `from_store` is the page after the
    /// place of one that is not in memory.
    pub(super) fn welcome(&mut self, id: SeatId, standing: Option<Standing>, from_store: Option<Page>) {
        let Some(you) = self.seats.get(&id).and_then(Seat::member) else { return };
        let Some(you) = self.room.roster().member(you).cloned() else { return };
        let log = self.room.log();
        // Between two looks of a reader the log may have been trimmed past the place.
        let has_hole = |seq: Seq| {
            let first = from_store.as_ref().and_then(|page| page.entries.first());
            first.is_some_and(|first| first.seq != seq.next())
        };
        let (caught_up, place) = match standing {
            Some(Standing::Here(seq)) if has_hole(seq) => (CaughtUp::Trimmed, log.head().seq),
            Some(Standing::Here(seq)) => (CaughtUp::Resumed, seq),
            Some(Standing::NewEpoch) => (CaughtUp::NewEpoch, log.head().seq),
            Some(Standing::Trimmed | Standing::Older) => (CaughtUp::Trimmed, log.head().seq),
            Some(Standing::Diverged) => (CaughtUp::Diverged, log.head().seq),
            None => (CaughtUp::First, log.head().seq),
        };
        let resumed = caught_up == CaughtUp::Resumed;
        let page = if resumed { from_store.unwrap_or_else(|| log.after(place)) } else { log.latest() };
        let at = if resumed { last_place(&page.entries, place) } else { place };
        // What follows came after the store was read, or does not fit.
        let more_follows = at < log.head().seq;
        let (members, _) = fitting(self.room.roster().first_page());
        let frame = RoomFrame::Welcome {
            you,
            name: self.name.clone(),
            head: log.head(),
            caught_up,
            entries: page.entries,
            more: if resumed { more_follows } else { page.more },
            count: self.count(),
            members,
            limits: self.stated_limits(),
            can: self.capabilities(),
            keeps: self.keeps,
        };
        self.deeds.push_back(Deed::Tell { seat: id, frame: Box::new(frame), more: more_follows });
        if !self.is_disk_well() {
            self.tell(id, RoomFrame::Disk { well: false });
        }
        if more_follows {
            let seat = self.seats.get_mut(&id).expect("the seat that was just seen");
            seat.go_on_catching_up(CatchingUp { at, changes: Changes::default() });
            self.catching_up.insert(id);
        } else {
            self.go_live(id);
        }
    }

    /// The connection has written a page of what was missed: the next one comes from memory or from the store.
    pub(super) fn next_missed_page(&mut self, id: SeatId) {
        let Some(at) = self.seats.get(&id).and_then(Seat::catching_up_at) else { return };
        if !self.room.has_store() || self.room.log().reaches(at) {
            let page = self.room.log().after(at);
            self.missed_page(id, page);
        } else {
            self.ask(id, Question::After(at), 0);
        }
    }

    /// Tells the next page of what was missed; with the last one, the connection goes live in the same step.
    pub(super) fn missed_page(&mut self, id: SeatId, page: Page) {
        let Some(mut catching_up) = self.seats.get_mut(&id).and_then(Seat::take_catching_up) else { return };
        // The log may have been trimmed past a slow reader: then it has to come back and hear of the gap.
        if page.entries.first().is_none_or(|first| first.seq != catching_up.at.next()) {
            return self.dismiss(id, ByeCode::TooSlow);
        }
        catching_up.at = last_place(&page.entries, catching_up.at);
        let more = catching_up.at < self.head_seq();
        let frame = RoomFrame::Page { of: PageOf::Missed, entries: page.entries, more };
        self.deeds.push_back(Deed::Tell { seat: id, frame: Box::new(frame), more });
        if more {
            let seat = self.seats.get_mut(&id).expect("the seat that was just seen");
            return seat.go_on_catching_up(catching_up);
        }
        self.catching_up.remove(&id);
        if !catching_up.changes.is_empty() {
            let after = self.head_seq();
            self.tell(id, catching_up.changes.into_frame(self.room.roster(), after, CATCH_UP_NAMES_MAX));
        }
        self.go_live(id);
    }

    /// What this room can do: what is only in memory is not worth a search.
    fn capabilities(&self) -> Vec<String> {
        let search = self.room.has_store().then_some("search");
        CAPABILITIES.into_iter().chain(search).map(String::from).collect()
    }
}

/// The member a key belongs to, if the signature shows that the key's holder signed this hello.
pub(super) fn proven(key: &str, signature: &str, room: &RoomId, seat: &Seat) -> Option<MemberId> {
    let key: [u8; PUBLIC_KEY_BYTES] = BASE64URL_NOPAD.decode(key.as_bytes()).ok()?.try_into().ok()?;
    let signature: [u8; SIGNATURE_BYTES] =
        BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?.try_into().ok()?;
    let verifying = VerifyingKey::from_bytes(&key).ok()?;
    let signature = Signature::from_bytes(&signature);
    let fits = |channel: &String| {
        verifying.verify_strict(&hello_to_sign(room, &seat.nonce, channel), &signature).is_ok()
    };
    seat.channels.iter().any(fits).then(|| member_id(&key))
}

/// What every room of this version can do.
const CAPABILITIES: [&str; 4] = ["history", "roster", "typing", "excerpt"];
