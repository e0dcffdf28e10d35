//! From stranger to member: who it is, what they missed, and the seam between that and what is live.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, VerifyingKey};
use maru_room::Standing;
use maru_wire::frames::PageOf;
use maru_wire::identity::{PUBLIC_KEY_BYTES, SIGNATURE_BYTES, hello_to_sign, member_id};
use maru_wire::{ByeCode, CaughtUp, Cursor, Member, MemberId, Nickname, RefusalCode, RoomFrame, RoomId};

use super::presence::{CATCH_UP_NAMES_MAX, Changes, fitting};
use super::seat::{CatchingUp, Seat, Stage};
use super::{Deed, Hub, Now, SeatId};

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
        self.welcome(id, you, cursor);
    }

    fn welcome(&mut self, id: SeatId, you: Member, cursor: Option<&Cursor>) {
        let log = self.room.log();
        let standing = cursor.map(|cursor| log.standing(cursor));
        let (caught_up, page) = match standing {
            Some(Standing::Here(seq)) => (CaughtUp::Resumed, log.after(seq)),
            Some(Standing::NewEpoch) => (CaughtUp::NewEpoch, log.latest()),
            Some(Standing::Trimmed) => (CaughtUp::Trimmed, log.latest()),
            Some(Standing::Diverged) => (CaughtUp::Diverged, log.latest()),
            None => (CaughtUp::First, log.latest()),
        };
        let more_follows = caught_up == CaughtUp::Resumed && page.more;
        let catching_up = more_follows.then(|| CatchingUp {
            at: page.entries.last().expect("a page with more behind it is not empty").seq,
            changes: Changes::default(),
        });
        let seat = self.seats.get_mut(&id).expect("the seat that says hello");
        if let Some(due) = seat.hello_due.take() {
            self.hellos_due.remove(&(due, id));
        }
        seat.stage = Stage::Member { id: you.id.clone(), catching_up };
        let (members, _) = fitting(self.room.roster().first_page());
        let frame = RoomFrame::Welcome {
            you,
            name: self.name.clone(),
            head: self.room.log().head(),
            caught_up,
            entries: page.entries,
            more: page.more,
            count: self.count(),
            members,
            limits: self.stated_limits(),
            can: CAPABILITIES.map(String::from).to_vec(),
        };
        self.deeds.push_back(Deed::Tell { seat: id, frame: Box::new(frame), more: more_follows });
        if more_follows {
            self.catching_up.insert(id);
        } else {
            self.deeds.push_back(Deed::GoLive(id));
        }
    }

    /// Tells the next page of what was missed; with the last one, the connection goes live in the same step.
    pub(super) fn next_missed_page(&mut self, id: SeatId) {
        let Some(mut catching_up) = self.seats.get_mut(&id).and_then(Seat::take_catching_up) else { return };
        let page = self.room.log().after(catching_up.at);
        // The log may have been trimmed past a slow reader: then it has to come back and hear of the gap.
        if page.entries.first().is_some_and(|first| first.seq != catching_up.at.next()) {
            return self.dismiss(id, ByeCode::TooSlow);
        }
        let more = page.more;
        catching_up.at = page.entries.last().map_or(catching_up.at, |last| last.seq);
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
        self.deeds.push_back(Deed::GoLive(id));
    }
}

/// The member a key belongs to, if the signature shows that the key's holder signed this hello.
fn proven(key: &str, signature: &str, room: &RoomId, seat: &Seat) -> Option<MemberId> {
    let key: [u8; PUBLIC_KEY_BYTES] = BASE64URL_NOPAD.decode(key.as_bytes()).ok()?.try_into().ok()?;
    let signature: [u8; SIGNATURE_BYTES] =
        BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?.try_into().ok()?;
    let signed = hello_to_sign(room, &seat.nonce, &seat.channel);
    let verifying = VerifyingKey::from_bytes(&key).ok()?;
    verifying.verify_strict(&signed, &Signature::from_bytes(&signature)).ok()?;
    Some(member_id(&key))
}

/// What a room of this version can do.
const CAPABILITIES: [&str; 3] = ["history", "roster", "typing"];
