//! What the room says, frame by frame.

use std::time::Duration;

use maru_wire::frames::PageOf;
use maru_wire::limits::TYPING_MS_MAX;
use maru_wire::{CaughtUp, Entry, Happening, Member, MemberId, MessageId, Nickname, RefusalCode, RoomFrame};

use super::mirror::{Earlier, Heard, Welcome};
use super::{Action, Keeping, MOVES_MAX, Session, Stage};
use crate::event::{Fault, Link, RoomEvent};

impl Session {
    /// A text message came. One that is no frame we know is passed over: a newer room may say more.
    pub fn handle_text(&mut self, text: &str, now: Duration) {
        if !matches!(self.stage, Stage::Opening { .. } | Stage::Live) {
            return;
        }
        self.handle_sign_of_life(now);
        if let Ok(frame) = RoomFrame::parse(text) {
            self.frame(frame, now);
        }
    }

    fn frame(&mut self, frame: RoomFrame, now: Duration) {
        match (self.stage, frame) {
            (_, RoomFrame::Bye { code, then, .. }) => self.bye = Some((code, then)),
            (Stage::Opening { due, told: false }, RoomFrame::Room { id, nonce, mechanisms, .. }) => {
                if self.expected.as_ref().is_some_and(|expected| *expected != id) {
                    self.actions.push_back(Action::HangUp);
                    return self.end(Fault::OtherRoom);
                }
                // What was meant for the room before is not said to strangers unasked.
                if self.mirror.handle_room(id.clone()) {
                    self.moved();
                    self.moves += 1;
                }
                if self.moves > MOVES_MAX {
                    self.actions.push_back(Action::HangUp);
                    return self.end(Fault::OtherRoom);
                }
                self.stage = Stage::Opening { due, told: true };
                self.shown_the_door(id, nonce, &mechanisms, now);
            }
            (Stage::Opening { told: true, .. }, RoomFrame::Challenge { data }) => self.challenged(&data),
            (Stage::Opening { told: true, .. }, RoomFrame::Authenticated { data }) => {
                self.authenticated(&data);
            }
            (Stage::Opening { told: true, .. }, RoomFrame::Refused { code, .. }) => {
                self.turned_away(code, now)
            }
            (
                Stage::Opening { told: true, .. },
                RoomFrame::Welcome {
                    you,
                    name,
                    head,
                    caught_up,
                    entries,
                    more,
                    count,
                    members,
                    limits,
                    can,
                    keeps,
                },
            ) if self.door.is_passed() => {
                let welcome =
                    Welcome { you, name, head, caught_up, entries, more, count, members, limits, can, keeps };
                self.welcomed(welcome, now);
            }
            (Stage::Live, frame) => self.inside(frame, now),
            // Said before it is due: by no room that is known yet.
            (_, _) => {}
        }
    }

    /// A frame of the room that let us in.
    fn inside(&mut self, frame: RoomFrame, now: Duration) {
        match frame {
            RoomFrame::Entry(entry) => self.entries(vec![entry], now),
            RoomFrame::Page { of: PageOf::Missed, entries, more } => {
                self.catching_up &= more;
                self.entries(entries, now);
            }
            RoomFrame::Page { of: PageOf::History, entries, more } => self.history(entries, more, now),
            RoomFrame::Page { of: PageOf::Excerpt, entries, more } => {
                self.events.push_back(RoomEvent::Excerpt { entries, more });
            }
            RoomFrame::Found { words, entries, more } => {
                self.events.push_back(RoomEvent::Found { words, entries, more });
            }
            RoomFrame::Disk { well } => {
                self.disk_well = well;
                self.events.push_back(RoomEvent::Disk { well });
            }
            RoomFrame::Roster { members, more } => {
                self.mirror.handle_roster(&members);
                self.events.push_back(RoomEvent::Members { members, more });
            }
            RoomFrame::Joined { member, count, .. } => self.presence(vec![member], vec![], count),
            RoomFrame::Left { member, count, .. } => self.presence(vec![], vec![member], count),
            RoomFrame::Presence { count, joined, left, .. } => self.presence(joined, left, count),
            RoomFrame::Typing { member, active, .. } => self.typing(member, active, now),
            RoomFrame::Refused { code, frame, id, .. } => self.refused(code, frame, id, now),
            RoomFrame::Room { .. }
            | RoomFrame::Challenge { .. }
            | RoomFrame::Authenticated { .. }
            | RoomFrame::Welcome { .. }
            | RoomFrame::Bye { .. } => {}
        }
    }

    fn welcomed(&mut self, welcome: Welcome, now: Duration) {
        // A room that begins anew, where we have been before, leaves a gap in what is shown.
        let caught_up = match welcome.caught_up {
            CaughtUp::First if self.been_live || self.mirror.cursor().is_some() => CaughtUp::NewEpoch,
            other => other,
        };
        let (limits, resumed) = (welcome.limits.clone(), welcome.caught_up == CaughtUp::Resumed);
        let more_follows = resumed && welcome.more;
        let Some(new) = self.mirror.handle_welcome(welcome) else {
            return self.drop_connection(Fault::Lost, now);
        };
        self.outbox.handle_limits(&limits);
        self.typists.clear();
        if !std::mem::replace(&mut self.disk_well, true) {
            self.events.push_back(RoomEvent::Disk { well: true });
        }
        self.stage = Stage::Live;
        self.live_since = now;
        (self.been_live, self.comes_back) = (true, true);
        self.catching_up = more_follows;
        if !resumed {
            self.keep_all_heard();
        } else if let Some(known) = self.mirror.known() {
            self.keep(Keeping::Known(known));
            self.keep_heard(&new);
        } else {
            self.keep(Keeping::Nothing);
        }
        for entry in &new {
            self.acknowledge(entry, now);
        }
        self.events.extend(self.mirror.entered_with(caught_up, new));
        self.show_link(Link::Live);
        self.settle_name(now);
        self.send_due(now);
    }

    /// A room where we are over another connection too keeps calling us what it did. A rename that was asked
    /// for while away is asked for again; otherwise the room's name for us is ours.
    fn settle_name(&mut self, now: Duration) {
        let Some(you) = self.mirror.you() else { return };
        if you.nickname == self.nickname || !self.rename_wanted {
            self.nickname = you.nickname.clone();
            self.rename_wanted = false;
        } else {
            self.send_rename(now);
        }
    }

    fn entries(&mut self, entries: Vec<Entry>, now: Duration) {
        let mut shown = Vec::with_capacity(entries.len());
        let mut heard_now = Vec::new();
        for entry in entries {
            let called = self.mirror.you().map(|you| you.nickname.clone());
            let heard = self.mirror.handle_entry(&entry);
            if heard == Heard::BeyondAHole {
                // Never a silent hole: come back and hear what is missing.
                self.drop_connection(Fault::Lost, now);
                break;
            }
            let awaited = self.acknowledge(&entry, now);
            if heard == Heard::Next {
                self.stopped_typing(&entry.by.id);
                self.follow_name(called);
                heard_now.push(entry.clone());
            }
            // One of ours from before a gap is shown too: the line that waits for it must not wait for ever.
            if heard == Heard::Next || awaited {
                shown.push(entry);
            }
        }
        self.keep_heard(&heard_now);
        if !shown.is_empty() {
            self.events.push_back(RoomEvent::Entries { entries: shown });
        }
        self.send_due(now);
    }

    /// Goes by the name the room calls us from now on, unless the person has asked for another since.
    fn follow_name(&mut self, called: Option<Nickname>) {
        if let Some(you) = self.mirror.you()
            && called.as_ref() == Some(&self.nickname)
        {
            self.nickname = you.nickname.clone();
        }
    }

    /// Whether the entry is a message of ours that waited for it.
    fn acknowledge(&mut self, entry: &Entry, now: Duration) -> bool {
        let awaited = match &entry.what {
            Happening::Said { id, .. } if self.mirror.is_you(&entry.by.id) => {
                self.outbox.handle_said(id, now).then_some(id)
            }
            Happening::Said { .. } | Happening::Renamed { .. } | Happening::Unknown => None,
        };
        if let Some(id) = awaited {
            self.keep(Keeping::Settled(id.clone()));
        }
        awaited.is_some()
    }

    /// Another room is at this address now. What waits was meant for the one before: it fails, is kept there, and the
    /// person may say it here again.
    fn moved(&mut self) {
        for event in self.outbox.handle_moved() {
            self.failed(event);
        }
    }

    fn failed(&mut self, event: RoomEvent) {
        if let RoomEvent::Unsent { id, code } = &event {
            self.keep(Keeping::Failed { id: id.clone(), code: *code });
        }
        self.events.push_back(event);
    }

    fn history(&mut self, entries: Vec<Entry>, more: bool, now: Duration) {
        if !std::mem::take(&mut self.history_asked) {
            return;
        }
        match self.mirror.handle_history(entries, more) {
            Some(Earlier { new, older, kept, older_than_kept }) => {
                if !kept.is_empty() && self.mirror.stretch().is_some() {
                    self.keep(Keeping::Earlier { entries: kept, older: older_than_kept });
                }
                self.events.push_back(RoomEvent::History { entries: new, older });
            }
            None => self.drop_connection(Fault::Lost, now),
        }
    }

    fn presence(&mut self, joined: Vec<Member>, left: Vec<Member>, count: u32) {
        self.mirror.handle_presence(&joined, &left, count);
        for member in &left {
            self.typists.remove(&member.id);
        }
        self.events.push_back(RoomEvent::Presence { joined, left, count });
    }

    fn typing(&mut self, member: MemberId, active: bool, now: Duration) {
        if self.mirror.is_you(&member) {
            return;
        }
        if !active {
            return self.stopped_typing(&member);
        }
        let until = now + Duration::from_millis(TYPING_MS_MAX);
        if let Some(renewed) = self.typists.get_mut(&member) {
            *renewed = until;
        } else if self.typists.len() < TYPISTS_MAX {
            self.typists.insert(member.clone(), until);
            self.events.push_back(RoomEvent::Typing { member, active });
        }
    }

    fn stopped_typing(&mut self, member: &MemberId) {
        if self.typists.remove(member).is_some() {
            self.events.push_back(RoomEvent::Typing { member: member.clone(), active: false });
        }
    }

    pub(super) fn lapse_typing(&mut self, now: Duration) {
        let lapsed: Vec<MemberId> =
            self.typists.iter().filter(|(_, until)| **until <= now).map(|(id, _)| id.clone()).collect();
        for member in lapsed {
            self.stopped_typing(&member);
        }
    }

    /// The room did not take our hello.
    fn turned_away(&mut self, code: RefusalCode, now: Duration) {
        let fault = match code {
            RefusalCode::BadNickname => Fault::BadNickname,
            RefusalCode::NicknameTaken => Fault::NicknameTaken,
            RefusalCode::PassphraseFirst => Fault::PassphraseNeeded,
            RefusalCode::WrongPassphrase => Fault::WrongPassphrase,
            RefusalCode::TooFast | RefusalCode::Unavailable => return self.drop_connection(Fault::Lost, now),
            _ => Fault::Rejected,
        };
        self.actions.push_back(Action::HangUp);
        self.end(fault);
    }

    fn refused(&mut self, code: RefusalCode, frame: Option<String>, id: Option<MessageId>, now: Duration) {
        if let Some(id) = &id {
            if let Some(event) = self.outbox.handle_refused(id, code, now) {
                self.failed(event);
            }
            return self.send_due(now);
        }
        match frame.as_deref() {
            Some("rename") => {
                if let Some(you) = self.mirror.you() {
                    self.nickname = you.nickname.clone();
                }
                self.rename_wanted = false;
            }
            Some("history") => self.history_asked = false,
            _ => {}
        }
        self.events.push_back(RoomEvent::Refused { code, frame });
    }
}

/// Members shown as writing at once; more would be noise.
const TYPISTS_MAX: usize = 50;
