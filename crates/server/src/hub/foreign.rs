//! Those who speak another dialect than `maru.v1`: text in, text out. What they say becomes the same commands as
//! anybody's, at the same rate; what they hear is the room's events as lines of text. A text of theirs is text: it
//! renames nobody else, and is no frame of ours. They have no place to come back to: what they say is said at most
//! once.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use maru_room::{Command, Departure};
use maru_wire::{
    ByeCode, ClientFrame, Dialect, Entry, Happening, MemberId, MessageId, MessageText, MessageTextError,
    Nickname, RefusalCode, RoomFrame,
};
use serde_json::Value;

use super::seat::{Seat, Stage};
use super::{Deed, Hub, Later, Now, SeatId, not_text};
use crate::words::renamed;

/// What one of them said, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Utterance {
    /// Text.
    Text(String),
    /// A binary message: text too, where it is UTF-8.
    Bytes(Vec<u8>),
    /// A name, where the dialect has a word of its own for it.
    Name(String),
}

/// How many are live, by what they hear: nothing is made for nobody.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    frames: usize,
    lines: usize,
    events: usize,
}

/// What one of them wants.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Say(MessageText),
    Name(Nickname),
    /// Blank lines, mostly.
    Nothing,
    /// What is not taken.
    Refused(RefusalCode),
}

impl Hub {
    /// A connection that did not negotiate `maru.v1` said something. `share` comes back with [`Deed::Answered`].
    pub fn handle_utterance(&mut self, id: SeatId, said: Utterance, share: u32, now: Now) {
        self.clock = now;
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let is_guess = std::mem::take(&mut seat.is_guess);
        let text = match said {
            Utterance::Text(text) => text,
            Utterance::Bytes(_) if !seat.is_foreign() => {
                return self.handle_frame(id, Err(not_text()), share, now);
            }
            Utterance::Bytes(bytes) => match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => return self.part(id, INVALID_TEXT),
            },
            Utterance::Name(name) => return self.fulfil_within_rate(id, named(&name), share, now),
        };
        let dialect = match seat.dialect {
            Some(Dialect::Plain) if is_guess => self.take_up_late(id, &text, now),
            Some(dialect) => dialect,
            None => match self.take_up(id, &text, now) {
                Some(dialect) => dialect,
                None => return self.answered(id, share),
            },
        };
        let wish = match dialect {
            Dialect::Maru => return self.handle_frame(id, ClientFrame::parse(&text), share, now),
            Dialect::NicknameJson => in_json(&text),
            Dialect::Plain => in_plain_text(&text),
            Dialect::SocketIo => said_as(&text),
        };
        self.fulfil_within_rate(id, wish, share, now);
    }

    /// A connection that negotiated nothing has said nothing: it speaks plain text, until its first words disprove it.
    pub(super) fn handle_silence(&mut self, id: SeatId, now: Now) {
        if let Some(seat) = self.seats.get_mut(&id) {
            (seat.dialect, seat.is_guess) = (Some(Dialect::Plain), true);
            self.enter_foreign(id, None, now);
        }
    }

    /// Lets one of them in, by the name they want if it is free, by one like it if not.
    pub(super) fn enter_foreign(&mut self, id: SeatId, wanted: Option<Nickname>, now: Now) {
        let is_admitted = self.admits_foreign();
        let Some(seat) = self.seats.get_mut(&id) else { return };
        if let Some(due) = seat.hello_due.take() {
            self.hellos_due.remove(&(due, id));
        }
        if !is_admitted {
            return self.dismiss(id, ByeCode::PassphraseNeeded);
        }
        let (dialect, nobody) = (seat.dialect, seat.nobody.clone());
        let base = wanted.clone().unwrap_or_else(|| match dialect {
            Some(Dialect::NicknameJson) => anonymous(),
            _ => self.language.guest(),
        });
        let is_guest = wanted.is_none() && dialect != Some(Dialect::NicknameJson);
        let running = if is_guest { &mut self.guests } else { &mut self.namesakes };
        *running = running.wrapping_add(1);
        let entered = names(&base, *running, is_guest)
            .find_map(|name| self.room.enter(&nobody, &name, false, now.unix_ms).ok());
        let Some((you, _)) = entered else { return self.dismiss(id, ByeCode::RoomFull) };
        self.announce_joined(you.clone());
        let seat = self.seats.get_mut(&id).expect("the seat that was just seen");
        seat.stage = Stage::Member { id: you.id, catching_up: None };
        let greeting = match dialect {
            Some(Dialect::Plain) => Some(self.language.greeting(&self.name, &you.nickname)),
            Some(Dialect::SocketIo) => Some(self.language.greeting_alone(&self.name, &you.nickname)),
            _ => (wanted.is_some() && you.nickname != base).then(|| self.language.called(&you.nickname)),
        };
        self.deeds.extend(greeting.map(|line| Deed::TellLine(id, line)));
        self.go_live(id);
    }

    /// One connection hears from here on what is announced in its dialect.
    pub(super) fn go_live(&mut self, id: SeatId) {
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let dialect = seat.dialect.unwrap_or_default();
        seat.live = true;
        self.hearing.enter(dialect);
        self.deeds.push_back(Deed::GoLive(id, dialect));
    }

    /// Everybody who is live hears of this, each in their dialect.
    pub(super) fn announce(&mut self, frame: RoomFrame) {
        if self.hearing.events > 0 {
            let line = self.line(&frame).or_else(|| self.notice(&frame));
            let event = event_name(&frame).map(|_| Box::new(frame.clone()));
            if line.is_some() || event.is_some() {
                self.deeds.push_back(Deed::Emit { event, line });
            }
        }
        if self.hearing.lines > 0
            && let Some(line) = self.line(&frame)
        {
            self.deeds.push_back(Deed::AnnounceLine(line));
        }
        self.deeds.push_back(Deed::Announce(frame));
    }

    /// Tells one of them what a frame means, if it means anything to them.
    pub(super) fn tell_foreign(&mut self, id: SeatId, frame: &RoomFrame) {
        if let RoomFrame::Refused { code, .. } = frame {
            self.deeds.push_back(Deed::TellLine(id, self.language.refusal(*code).into()));
        }
    }

    /// The good-bye of a connection that speaks so.
    pub(super) fn bye(&self, id: SeatId, dialect: Option<Dialect>, code: ByeCode) -> Deed {
        match dialect {
            Some(Dialect::Maru) => Deed::Dismiss(id, code),
            _ => {
                let line = Some(self.language.bye(code).into());
                Deed::Part { seat: id, line, close_code: code.close_code() }
            }
        }
    }

    /// Lets one of them go without a word.
    fn part(&mut self, id: SeatId, close_code: u16) {
        self.deeds.push_back(Deed::Part { seat: id, line: None, close_code });
        self.free(id, true);
    }

    /// The first words of a connection that negotiated nothing: they show how it speaks. None where there is nothing
    /// more in them.
    fn take_up(&mut self, id: SeatId, text: &str, now: Now) -> Option<Dialect> {
        let dialect = dialect_of(text);
        self.seats.get_mut(&id)?.dialect = Some(dialect);
        match dialect {
            Dialect::Maru => self.await_hello(id, now),
            Dialect::NicknameJson => {
                // Who names themselves first comes by that name, so nobody is told of another.
                if let Wish::Name(name) = in_json(text) {
                    self.enter_foreign(id, Some(name), now);
                    return None;
                }
                self.enter_foreign(id, None, now);
            }
            Dialect::Plain | Dialect::SocketIo => self.enter_foreign(id, None, now),
        }
        Some(dialect)
    }

    /// The first words of one whose silence was taken for plain text: they may disprove it.
    fn take_up_late(&mut self, id: SeatId, text: &str, now: Now) -> Dialect {
        let dialect = dialect_of(text);
        match dialect {
            Dialect::Maru => self.begin_anew(id, now),
            Dialect::NicknameJson => {
                if let Some(seat) = self.seats.get_mut(&id) {
                    seat.dialect = Some(dialect);
                }
                self.call_anonymous(id, text, now);
            }
            Dialect::Plain | Dialect::SocketIo => {}
        }
        dialect
    }

    /// Who was taken for a speaker of plain text speaks `maru.v1`: the guest that was made up for it leaves, and it stands
    /// at the door like any other.
    fn begin_anew(&mut self, id: SeatId, now: Now) {
        let is_guarded = self.passphrase.is_some();
        let Some(seat) = self.seats.get_mut(&id) else { return };
        if std::mem::take(&mut seat.live) {
            self.hearing.leave(seat.dialect);
            self.deeds.push_back(Deed::BeginAnew(id));
        }
        seat.dialect = Some(Dialect::Maru);
        let door = if is_guarded { Stage::Outside(Box::default()) } else { Stage::Stranger };
        if let Stage::Member { id: guest, .. } = std::mem::replace(&mut seat.stage, door)
            && let Departure::Gone(guest) = self.room.depart(&guest, None)
        {
            self.announce_left(guest);
        }
        self.await_hello(id, now);
    }

    /// Says which room this is to one that speaks `maru.v1` after all, and waits for its hello.
    fn await_hello(&mut self, id: SeatId, now: Now) {
        let due = now.since_start + Duration::from_millis(self.hello_ms_max());
        let Some(seat) = self.seats.get_mut(&id) else { return };
        if let Some(former) = seat.hello_due.replace(due) {
            self.hellos_due.remove(&(former, id));
        }
        self.hellos_due.insert((due, id));
        self.tell_room(id);
    }

    /// Who was taken for a speaker of plain text and turns out to be nameless is called as the nameless are.
    fn call_anonymous(&mut self, id: SeatId, text: &str, now: Now) {
        if !matches!(in_json(text), Wish::Name(_)) {
            self.rename_foreign(id, &anonymous(), 0, now);
        }
    }

    fn fulfil_within_rate(&mut self, id: SeatId, wish: Wish, share: u32, now: Now) {
        let rate = self.limits.rate_per_second;
        let Some(seat) = self.seats.get_mut(&id) else { return };
        let later = match wish {
            Wish::Say(text) => {
                let message = seat.next_message_id(now);
                let say = ClientFrame::Say { id: message, text };
                if seat.bucket.take(say.cost(rate), now.since_start) {
                    self.speech(id, say, share, now)
                } else {
                    self.refuse(id, RefusalCode::TooFast, None, None);
                    None
                }
            }
            Wish::Name(nickname) => {
                let cost = ClientFrame::Rename { nickname: nickname.clone() }.cost(rate);
                if self.is_called(id, &nickname) || self.take_cost(id, cost, now) {
                    self.rename_foreign(id, &nickname, share, now)
                } else {
                    self.refuse(id, RefusalCode::TooFast, None, None);
                    None
                }
            }
            Wish::Nothing | Wish::Refused(_) if !seat.bucket.take(1, now.since_start) => {
                self.refuse(id, RefusalCode::TooFast, None, None);
                None
            }
            Wish::Nothing => None,
            Wish::Refused(code) => {
                self.refuse(id, code, None, None);
                None
            }
        };
        if later.is_none() {
            self.answered(id, share);
        }
    }

    fn take_cost(&mut self, id: SeatId, cost: u32, now: Now) -> bool {
        self.seats.get_mut(&id).is_some_and(|seat| seat.bucket.take(cost, now.since_start))
    }

    fn is_called(&self, id: SeatId, nickname: &Nickname) -> bool {
        let member = self.seats.get(&id).and_then(Seat::member);
        member.and_then(|id| self.room.roster().member(id)).is_some_and(|member| member.nickname == *nickname)
    }

    fn rename_foreign(&mut self, id: SeatId, wanted: &Nickname, share: u32, now: Now) -> Option<Later> {
        let member: MemberId = self.seats.get(&id)?.member()?.clone();
        for nickname in names(wanted, self.namesakes, false) {
            let is_another = nickname != *wanted;
            let called = is_another.then(|| self.language.called(&nickname));
            match self.apply(id, &member, Command::Rename { nickname }, share, now) {
                Err(RefusalCode::NicknameTaken) => {}
                Err(code) => {
                    self.refuse(id, code, None, None);
                    return None;
                }
                Ok(later) => {
                    self.deeds.extend(called.map(|line| Deed::TellLine(id, line)));
                    return later;
                }
            }
        }
        self.refuse(id, RefusalCode::NicknameTaken, None, None);
        None
    }

    /// What everybody who hears text is told of it.
    fn line(&self, frame: &RoomFrame) -> Option<String> {
        let RoomFrame::Entry(Entry { by, what, .. }) = frame else { return None };
        match what {
            Happening::Said { text, .. } => Some(format!("{}: {}", shown(&by.nickname), text.as_str())),
            Happening::Renamed { from } => Some(renamed(&shown(from), &shown(&by.nickname))),
            Happening::Unknown => None,
        }
    }

    /// Who came and who went, where that is told too.
    fn notice(&self, frame: &RoomFrame) -> Option<String> {
        match frame {
            RoomFrame::Joined { member, .. } => Some(self.language.joined(&shown(&member.nickname))),
            RoomFrame::Left { member, .. } => Some(self.language.left(&shown(&member.nickname))),
            RoomFrame::Presence { count, .. } => Some(self.language.count(*count)),
            _ => None,
        }
    }
}

impl Hearing {
    fn enter(&mut self, dialect: Dialect) {
        *self.of(dialect) += 1;
    }

    pub(super) fn leave(&mut self, dialect: Option<Dialect>) {
        *self.of(dialect.unwrap_or_default()) -= 1;
    }

    pub(super) fn has_frames(&self) -> bool {
        self.frames > 0
    }

    fn of(&mut self, dialect: Dialect) -> &mut usize {
        match dialect {
            Dialect::Maru => &mut self.frames,
            Dialect::NicknameJson | Dialect::Plain => &mut self.lines,
            Dialect::SocketIo => &mut self.events,
        }
    }
}

impl Seat {
    /// A name for its next message, unlike all of the same member's: the time, and a number that begins somewhere
    /// else for each connection.
    fn next_message_id(&mut self, now: Now) -> MessageId {
        let nonce = BASE64URL_NOPAD.decode(self.nonce.as_str().as_bytes()).expect("a nonce is made of bits");
        let (head, tail) = nonce[..10].split_at(2);
        let number =
            u64::from_be_bytes(tail.try_into().expect("eight bytes")).wrapping_add(self.messages_named);
        self.messages_named += 1;
        let mut bits = [0; 10];
        bits[..2].copy_from_slice(head);
        bits[2..].copy_from_slice(&number.to_be_bytes());
        MessageId::at(now.unix_ms, bits)
    }
}

/// What a peer is called that could name itself and does not.
fn anonymous() -> Nickname {
    Nickname::parse("Anon").expect("a name")
}

/// Names to try, the best first. `running` has not been given to many, so that nobody looks for long.
fn names(base: &Nickname, running: u32, is_guest: bool) -> impl Iterator<Item = Nickname> {
    let (bare, small) = if is_guest { (None, 2..2) } else { (Some(base.clone()), 2..NUMBERS_SMALL) };
    let from = if is_guest { running } else { running.saturating_add(NUMBERS_SMALL) };
    let numbers = small.chain(from..from.saturating_add(NUMBERS_TRIED));
    bare.into_iter().chain(numbers.filter_map(|number| numbered(base, number)))
}

/// A name with a number behind it, shortened where both together would be too long.
fn numbered(base: &Nickname, number: u32) -> Option<Nickname> {
    let mut base = base.as_str();
    loop {
        if let Ok(name) = Nickname::parse(&format!("{base} {number}")) {
            return Some(name);
        }
        let (last, _) = base.char_indices().next_back()?;
        base = &base[..last];
    }
}

/// A name as it stands before a colon, or in a word of the room's: it ends there, and passes for neither.
fn shown(nickname: &Nickname) -> String {
    let name = nickname.as_str().replace(':', "∶").replace('→', "⟶");
    match name.strip_prefix('*') {
        Some(rest) => format!("∗{rest}"),
        None => name,
    }
}

/// How a peer speaks whose first words these are.
fn dialect_of(text: &str) -> Dialect {
    match object(text).as_ref().and_then(|object| object["type"].as_str()) {
        Some("hello") => Dialect::Maru,
        Some("nickname" | "new_message") => Dialect::NicknameJson,
        _ => Dialect::Plain,
    }
}

fn in_json(text: &str) -> Wish {
    let object = object(text).unwrap_or_default();
    match (object["type"].as_str(), object["payload"].as_str()) {
        (Some("nickname"), Some(name)) => named(name),
        (Some("new_message"), Some(text)) => said_as(text),
        _ => Wish::Refused(RefusalCode::BadFrame),
    }
}

fn in_plain_text(text: &str) -> Wish {
    match text.strip_prefix("/nick") {
        Some(name) if name.is_empty() || name.starts_with(char::is_whitespace) => named(name),
        _ => said_as(text),
    }
}

fn said_as(text: &str) -> Wish {
    match MessageText::parse(text) {
        Ok(text) => Wish::Say(text),
        Err(MessageTextError::Empty) => Wish::Nothing,
        Err(MessageTextError::TooLong) => Wish::Refused(RefusalCode::TooLong),
    }
}

fn named(name: &str) -> Wish {
    Nickname::parse(name).map_or(Wish::Refused(RefusalCode::BadNickname), Wish::Name)
}

/// A JSON object, if the text is one.
fn object(text: &str) -> Option<Value> {
    text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
}

/// The event by which Socket.IO tells of a frame, where it has one of its own.
pub(crate) fn event_name(frame: &RoomFrame) -> Option<&'static str> {
    match frame {
        RoomFrame::Entry(_) => Some("entry"),
        RoomFrame::Joined { .. } => Some("joined"),
        RoomFrame::Left { .. } => Some("left"),
        RoomFrame::Presence { .. } => Some("presence"),
        _ => None,
    }
}

/// The close code of RFC 6455, section 7.4.1, for text that is not UTF-8.
const INVALID_TEXT: u16 = 1007;

/// Small numbers that are tried behind a name, so that most who share one have a short one.
const NUMBERS_SMALL: u32 = 10;

/// Other numbers that are tried: as many as could be taken by chance.
const NUMBERS_TRIED: u32 = 200;
