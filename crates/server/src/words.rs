//! What a peer that hears only text is told by the room itself, in the host's language: it can't translate codes.
//! Every such line begins with `* `, which no member's line does. Knows no seat.

use maru_wire::{ByeCode, Nickname, RefusalCode};

use crate::options::Language;
use Language::{English, Korean};

impl Language {
    /// What a peer without a name is called, before its number.
    pub(crate) fn guest(self) -> Nickname {
        let name = match self {
            English => "Guest",
            Korean => "손님",
        };
        Nickname::parse(name).expect("a name")
    }

    /// To a newcomer who was given a name, and may choose another by a line of text.
    pub(crate) fn greeting(self, room: &str, you: &Nickname) -> String {
        match self {
            English => {
                format!("* Welcome to {room}. You are {you} here; /nick NAME changes that.")
            }
            Korean => {
                format!("* {room}에 오신 것을 환영해요. 여기서 쓰는 이름: {you} (바꾸려면 /nick 이름)")
            }
        }
    }

    /// To a newcomer who was given a name.
    pub(crate) fn greeting_alone(self, room: &str, you: &Nickname) -> String {
        match self {
            English => format!("* Welcome to {room}. You are {you} here."),
            Korean => format!("* {room}에 오신 것을 환영해요. 여기서 쓰는 이름: {you}"),
        }
    }

    /// To somebody whose name is another than they asked for, since that one is taken.
    pub(crate) fn called(self, you: &Nickname) -> String {
        match self {
            English => format!("* That name is taken. You are {you} here."),
            Korean => format!("* 이미 쓰는 이름이에요. 여기서 쓰는 이름: {you}"),
        }
    }

    /// Somebody came.
    pub(crate) fn joined(self, name: &str) -> String {
        match self {
            English => format!("* {name} joined"),
            Korean => format!("* {name} 님이 들어왔어요"),
        }
    }

    /// Somebody went.
    pub(crate) fn left(self, name: &str) -> String {
        match self {
            English => format!("* {name} left"),
            Korean => format!("* {name} 님이 나갔어요"),
        }
    }

    /// Some came or went in a large room.
    pub(crate) fn count(self, count: u32) -> String {
        match self {
            English => format!("* {count} people are here"),
            Korean => format!("* 지금 {count}명이 있어요"),
        }
    }

    /// Why the room did not take what was said.
    pub(crate) fn refusal(self, code: RefusalCode) -> &'static str {
        let (korean, english) = match code {
            RefusalCode::TooLong => (
                "* 메시지가 너무 길어 보내지 않았어요. 64 KiB까지 보낼 수 있어요.",
                "* Not sent: the message is longer than 64 KiB.",
            ),
            RefusalCode::TooFast => (
                "* 너무 빨라서 보내지 않았어요. 잠시 뒤 다시 보내 주세요.",
                "* Not sent: that was too fast. Wait a moment and say it again.",
            ),
            RefusalCode::Unavailable => (
                "* 방장의 디스크에 지금 쓸 수 없어 보내지 않았어요. 잠시 뒤 다시 보내 주세요.",
                "* Not sent: the host's disk does not take it just now. Say it again later.",
            ),
            RefusalCode::BadNickname => (
                "* 쓸 수 없는 이름이에요. 보이는 글자로 32자까지 쓸 수 있어요.",
                "* That can't be a name: up to 32 characters, all of them visible.",
            ),
            RefusalCode::NicknameTaken => {
                ("* 이미 쓰는 이름이에요. 다른 이름을 골라 주세요.", "* That name is taken. Choose another.")
            }
            RefusalCode::BadFrame | RefusalCode::NotJson | RefusalCode::UnknownType => (
                r#"* 알아듣지 못했어요. 여기서는 {"type":"nickname","payload":"이름"}과 {"type":"new_message","payload":"할 말"}로 말해요."#,
                r#"* Not understood: say {"type":"nickname","payload":"NAME"} or {"type":"new_message","payload":"TEXT"}."#,
            ),
            RefusalCode::PassphraseFirst | RefusalCode::WrongPassphrase => {
                ("* 암호가 있어야 들어올 수 있는 방이에요.", "* This room asks for a passphrase.")
            }
            RefusalCode::NotText
            | RefusalCode::HelloFirst
            | RefusalCode::AlreadyHere
            | RefusalCode::BadSignature
            | RefusalCode::Empty
            | RefusalCode::IdReused
            | RefusalCode::Unknown => ("* 보내지 못했어요.", "* Not sent."),
        };
        self.choose(korean, english)
    }

    /// Why the connection ends.
    pub(crate) fn bye(self, code: ByeCode) -> &'static str {
        let (korean, english) = match code {
            ByeCode::TooSlow => (
                "* 너무 뒤처져서 연결을 끊어요. 다시 들어와 주세요.",
                "* You fell too far behind. Come back in a moment.",
            ),
            ByeCode::PingTimeout => ("* 응답이 없어 연결을 끊어요.", "* You did not answer for a while."),
            ByeCode::Restarting => (
                "* 방을 연 프로그램이 다시 시작해요. 잠시 뒤 다시 들어와 주세요.",
                "* The host program ends. Come back in a while.",
            ),
            ByeCode::RoomFull => ("* 방이 가득 찼어요.", "* This room is full."),
            ByeCode::AddressFull => {
                ("* 이 주소에서 들어온 연결이 너무 많아요.", "* Too many connections come from your address.")
            }
            ByeCode::RoomClosed => ("* 방장이 방을 닫았어요.", "* The host closed the room."),
            ByeCode::TooFast => {
                ("* 너무 빨리, 너무 많이 보내서 연결을 끊어요.", "* Too many messages, again and again.")
            }
            ByeCode::TooManyErrors => (
                "* 알아들을 수 없는 말이 너무 많아 연결을 끊어요.",
                "* Too much that could not be understood.",
            ),
            ByeCode::TooManyFrames => {
                ("* 메시지가 너무 잘게 나뉘어 연결을 끊어요.", "* A message came in too many pieces.")
            }
            ByeCode::PassphraseNeeded => (
                "* 암호가 있어야 들어올 수 있는 방이에요. 마루 앱이나 브라우저로 들어와 주세요.",
                "* This room asks for a passphrase. Join it with Maru or with a browser.",
            ),
            ByeCode::WrongPassphrase | ByeCode::TooManyAttempts => {
                ("* 암호가 맞지 않아요.", "* That is not the passphrase of this room.")
            }
            ByeCode::HelloTimeout | ByeCode::Left | ByeCode::Unknown => ("* 안녕히 가세요.", "* Good-bye."),
        };
        self.choose(korean, english)
    }

    fn choose(self, korean: &'static str, english: &'static str) -> &'static str {
        match self {
            English => english,
            Korean => korean,
        }
    }
}

/// Somebody goes by another name from here on.
pub(crate) fn renamed(from: &str, to: &str) -> String {
    format!("* {from} → {to}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_room_is_marked_as_its_own_in_both_languages() {
        let name = Nickname::parse("민지").unwrap();
        for language in [English, Korean] {
            let mut lines = vec![
                language.greeting("방", &name),
                language.greeting_alone("방", &name),
                language.called(&name),
                language.joined("민지"),
                language.left("민지"),
                language.count(201),
            ];
            lines.extend(ByeCode::ALL.map(|code| language.bye(code).to_owned()));
            let refusals =
                [RefusalCode::TooLong, RefusalCode::TooFast, RefusalCode::BadFrame, RefusalCode::Unknown];
            lines.extend(refusals.map(|code| language.refusal(code).to_owned()));
            for line in lines {
                assert!(line.starts_with("* ") && !line.contains('\n'), "{line}");
            }
        }
    }
}
