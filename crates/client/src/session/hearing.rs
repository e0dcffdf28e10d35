//! What the room says, frame by frame.

use std::time::Duration;

use maru_wire::frames::PageOf;
use maru_wire::limits::TYPING_MS_MAX;
use maru_wire::{CaughtUp, Entry, Happening, Member, MemberId, MessageId, RefusalCode, RoomFrame};

use super::mirror::{Heard, Welcome};
use super::{Action, Session, Stage};
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
        match frame {
            RoomFrame::Room { id, nonce, .. } => {
                if self.expected.as_ref().is_some_and(|expected| *expected != id) {
                    self.actions.push_back(Action::HangUp);
                    return self.end(Fault::OtherRoom);
                }
                self.mirror.handle_room(id.clone());
                self.nonce = Some(nonce.clone());
                self.actions.push_back(Action::Prove { room: id, nonce });
            }
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
                ..
            } => {
                let welcome =
                    Welcome { you, name, head, caught_up, entries, more, count, members, limits, can };
                self.welcomed(welcome, now);
            }
            RoomFrame::Entry(entry) => self.entries(vec![entry], now),
            RoomFrame::Page { of: PageOf::Missed, entries, .. } => self.entries(entries, now),
            RoomFrame::Page { of: PageOf::History, entries, more } => self.history(entries, more),
            RoomFrame::Roster { members, more } => {
                self.mirror.handle_members(&members);
                self.events.push_back(RoomEvent::Members { members, more });
            }
            RoomFrame::Joined { member, count, .. } => self.presence(vec![member], vec![], count),
            RoomFrame::Left { member, count, .. } => self.presence(vec![], vec![member], count),
            RoomFrame::Presence { count, joined, left, .. } => self.presence(joined, left, count),
            RoomFrame::Typing { member, active, .. } => self.typing(member, active, now),
            RoomFrame::Refused { code, frame, id, .. } => self.refused(code, frame, id, now),
            RoomFrame::Bye { code, .. } => self.bye = Some(code),
        }
    }

    fn welcomed(&mut self, welcome: Welcome, now: Duration) {
        // A room that begins anew, where we have been before, leaves a gap in what is shown.
        let caught_up = match welcome.caught_up {
            CaughtUp::First if self.been_live => CaughtUp::NewEpoch,
            other => other,
        };
        self.outbox.handle_limits(&welcome.limits);
        self.typists.clear();
        let Some(new) = self.mirror.handle_welcome(welcome) else {
            return self.drop_connection(Fault::Lost, now);
        };
        self.stage = Stage::Live;
        self.been_live = true;
        self.backoff.reset();
        self.acknowledge(&new);
        self.events.extend(self.mirror.entered_with(caught_up, new));
        self.show_link(Link::Live);
        // Renamed while away, or the room still knows us by another name over another connection.
        if self.mirror.you().is_some_and(|you| you.nickname != self.nickname) {
            self.send_rename();
        }
        self.send_due(now);
    }

    fn entries(&mut self, entries: Vec<Entry>, now: Duration) {
        self.acknowledge(&entries);
        let mut new = Vec::with_capacity(entries.len());
        for entry in entries {
            match self.mirror.handle_entry(&entry) {
                Heard::Next => new.push(entry),
                Heard::Again => {}
                // Never a silent hole: come back and hear what is missing.
                Heard::BeyondAHole => {
                    self.drop_connection(Fault::Lost, now);
                    break;
                }
            }
        }
        for entry in &new {
            self.stopped_typing(&entry.by.id);
            if self.mirror.is_you(&entry.by.id) && matches!(entry.what, Happening::Renamed { .. }) {
                self.nickname = entry.by.nickname.clone();
            }
        }
        if !new.is_empty() {
            self.events.push_back(RoomEvent::Entries { entries: new });
        }
    }

    fn acknowledge(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Happening::Said { id, .. } = &entry.what
                && self.mirror.is_you(&entry.by.id)
            {
                self.outbox.handle_said(id);
            }
        }
    }

    fn history(&mut self, entries: Vec<Entry>, more: bool) {
        self.history_asked = false;
        if let Some((entries, older)) = self.mirror.handle_history(entries, more) {
            self.events.push_back(RoomEvent::History { entries, older });
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
        if self.typists.len() < TYPISTS_MAX && self.typists.insert(member.clone(), until).is_none() {
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

    fn refused(&mut self, code: RefusalCode, frame: Option<String>, id: Option<MessageId>, now: Duration) {
        let hello = matches!(self.stage, Stage::Opening { .. });
        match (code, &id) {
            (RefusalCode::NicknameTaken | RefusalCode::BadNickname, _) if hello => {
                self.actions.push_back(Action::HangUp);
                self.end(if code == RefusalCode::BadNickname {
                    Fault::BadNickname
                } else {
                    Fault::NicknameTaken
                });
            }
            (_, _) if hello => {
                self.actions.push_back(Action::HangUp);
                self.end(Fault::Rejected);
            }
            (_, Some(id)) => self.events.extend(self.outbox.handle_refused(id, code, now)),
            (_, None) => {
                if frame.as_deref() == Some("rename")
                    && let Some(you) = self.mirror.you()
                {
                    self.nickname = you.nickname.clone();
                }
                self.history_asked &= frame.as_deref() != Some("history");
                self.events.push_back(RoomEvent::Refused { code, frame });
            }
        }
    }
}

/// Members shown as writing at once; more would be noise.
const TYPISTS_MAX: usize = 50;
