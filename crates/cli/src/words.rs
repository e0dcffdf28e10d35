//! Every word that a person reads in a terminal, in Korean and in English. The Korean is polite (해요체), and no
//! particle depends on what is filled in.

mod catalogue;

use maru_client::{Fault, NotebookFault, Security, TargetError};
use maru_lan::{Kind, Reach};
use maru_wire::{Dialect, Keeps, RefusalCode};

pub(crate) use catalogue::Word;

/// The words in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words(Language);

/// The languages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
}

impl Language {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 2] = [Self::Ko, Self::En];
}

impl Words {
    /// In the language of the system; English where it is none of ours.
    pub(crate) fn of_this_system() -> Self {
        let locale = sys_locale::get_locale().unwrap_or_default().to_lowercase();
        let language = locale.split(['-', '_', '.']).next().unwrap_or_default();
        Self(if language == "ko" { Language::Ko } else { Language::En })
    }

    #[cfg(test)]
    pub(crate) fn of(language: Language) -> Self {
        Self(language)
    }

    pub(crate) fn language(self) -> Language {
        self.0
    }

    /// Words that are always the same.
    pub(crate) fn text(self, word: Word) -> &'static str {
        word.text(self.0)
    }

    /// Words with something filled in: `{name}` stands for the value of that name.
    pub(crate) fn with(self, word: Word, values: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut rest = self.text(word);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, after) = after.split_once('}').expect("a brace that opens in the catalogue closes");
            let value = values.iter().find(|(known, _)| *known == name);
            filled.push_str(value.map_or(name, |(_, value)| value));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// What is not kept of a room; nothing has to be said of one that keeps everything.
    pub(crate) fn keeps(self, keeps: Keeps) -> Option<String> {
        match keeps {
            Keeps::Everything => None,
            Keeps::Last { entries } => Some(self.with(Word::KeepsLast, &[("n", &entries.to_string())])),
            Keeps::Nothing => Some(self.text(Word::KeepsNothing).into()),
        }
    }

    /// Whether others reach a room, and what to do; nothing where it was told already, with the address.
    pub(crate) fn reach(self, reach: &Reach) -> Option<String> {
        Some(match reach {
            Reach::HereOnly | Reach::NoNetwork => return None,
            Reach::Reached => self.text(Word::ReachOk).into(),
            Reach::Waiting => self.text(Word::ReachWait).into(),
            Reach::VpnOnly => self.text(Word::ReachVpn).into(),
            Reach::Firewall { command: None } => self.text(Word::ReachWallWindow).into(),
            Reach::Firewall { command: Some(command) } => self.with(Word::ReachWall, &[("command", command)]),
        })
    }

    /// How a connection is spoken on, and what guards it.
    pub(crate) fn connection(self, dialect: Dialect, security: Security) -> String {
        let dialect = match dialect {
            Dialect::Maru => "maru.v1",
            Dialect::NicknameJson => self.text(Word::DialectNicknameJson),
            Dialect::Plain => self.text(Word::DialectPlain),
            Dialect::SocketIo => "Socket.IO",
        };
        let security = self.text(match security {
            Security::Plain => Word::SecurityPlain,
            Security::Pinned => Word::SecurityPinned,
            Security::FirstSeen => Word::SecurityFirstSeen,
            Security::Authority => Word::SecurityAuthority,
        });
        self.with(Word::Connected, &[("dialect", dialect), ("security", security)])
    }

    /// How many people are in a room.
    pub(crate) fn member_count(self, n: u32) -> String {
        let word = match n {
            0 => Word::NobodyHere,
            1 => Word::MemberCountOne,
            _ => Word::MemberCount,
        };
        self.with(word, &[("n", &n.to_string())])
    }
}

impl Word {
    /// What keeps us out of a room, and what to do.
    pub(crate) fn of_fault(fault: Fault) -> Self {
        match fault {
            Fault::NotFound => Self::NotFound,
            Fault::Refused => Self::NobodyThere,
            Fault::Timeout => Self::Timeout,
            Fault::NotARoom => Self::NotARoom,
            Fault::OtherRoom => Self::OtherRoom,
            Fault::Forbidden => Self::Forbidden,
            Fault::Tls => Self::Tls,
            Fault::CertificateChanged => Self::CertificateChanged,
            Fault::PassphraseNeeded => Self::PassphraseNeeded,
            Fault::WrongPassphrase => Self::WrongPassphrase,
            Fault::TooManyAttempts => Self::TooManyAttempts,
            Fault::PassphraseUnguarded => Self::PassphraseUnguarded,
            Fault::RoomFull => Self::RoomFull,
            Fault::AddressFull => Self::AddressFull,
            Fault::BadNickname => Self::BadNickname,
            Fault::NicknameTaken => Self::NicknameTaken,
            Fault::Lost => Self::Lost,
            Fault::RoomClosed => Self::RoomClosed,
            Fault::Rejected => Self::Rejected,
            Fault::Left => Self::YouLeft,
        }
    }

    /// Why what is heard and said is not kept here, and what to do.
    pub(crate) fn of_notebook(fault: NotebookFault) -> Self {
        match fault {
            NotebookFault::InUse => Self::NotebookInUse,
            NotebookFault::Newer => Self::NotebookNewer,
            NotebookFault::Full => Self::NotebookFull,
            NotebookFault::SetAside => Self::NotebookSetAside,
            NotebookFault::Unwritable => Self::NotebookUnwritable,
        }
    }

    /// Why something was not taken, and what to do.
    pub(crate) fn of_refusal(code: RefusalCode) -> Self {
        match code {
            RefusalCode::BadNickname => Self::BadNickname,
            RefusalCode::NicknameTaken => Self::NicknameTaken,
            RefusalCode::Empty => Self::Empty,
            RefusalCode::TooLong => Self::TooLong,
            RefusalCode::NotText => Self::NotText,
            RefusalCode::TooFast => Self::TooFast,
            RefusalCode::Unavailable => Self::Unavailable,
            RefusalCode::IdReused => Self::SayAgain,
            RefusalCode::WrongPassphrase => Self::WrongPassphrase,
            RefusalCode::NotJson
            | RefusalCode::UnknownType
            | RefusalCode::BadFrame
            | RefusalCode::HelloFirst
            | RefusalCode::AlreadyHere
            | RefusalCode::BadSignature
            | RefusalCode::PassphraseFirst
            | RefusalCode::Unknown => Self::NotUnderstood,
        }
    }

    /// Why an address leads nowhere, and what to do.
    pub(crate) fn of_target_error(error: TargetError) -> Self {
        match error {
            TargetError::Empty => Self::AddressEmpty,
            TargetError::TooLong => Self::AddressTooLong,
            TargetError::Scheme => Self::AddressScheme,
            TargetError::Port => Self::AddressPort,
            TargetError::Unreadable => Self::AddressUnreadable,
            TargetError::InviteIncomplete => Self::InviteIncomplete,
        }
    }

    /// What lies behind an address.
    pub(crate) fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Lan => Self::KindLan,
            Kind::Vpn => Self::KindVpn,
            Kind::Virtual => Self::KindVirtual,
            Kind::Loopback => Self::KindLoopback,
            Kind::Name => Self::KindName,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_hangul(c: char) -> bool {
        ('가'..='힣').contains(&c)
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split('{').skip(1).map(|rest| rest.split_once('}').expect("it closes").0).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_have_all_words_with_the_same_things_to_fill_in() {
        for word in Word::ALL {
            let (ko, en) = (word.text(Language::Ko), word.text(Language::En));
            assert!(ko.contains(is_hangul), "{word:?}: {ko}");
            assert!(!en.is_empty() && !en.contains(is_hangul), "{word:?}: {en}");
            assert_eq!(placeholders(ko), placeholders(en), "{word:?}");
        }
    }

    #[test]
    fn no_particle_depends_on_what_is_filled_in() {
        const PARTICLES: [&str; 12] =
            ["은", "는", "이", "가", "을", "를", "과", "와", "로", "으로", "아", "야"];
        for word in Word::ALL {
            for after in word.text(Language::Ko).split('}').skip(1) {
                let particle: String = after.chars().take_while(|c| is_hangul(*c)).collect();
                assert!(!PARTICLES.contains(&particle.as_str()), "{word:?}: }}{after}");
            }
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_in_itself() {
        let words = Words::of(Language::En);
        let names = [("old", "{new}"), ("new", "{old}")];
        assert_eq!(words.with(Word::Renamed, &names), "{new} is now {old}");
    }

    #[test]
    fn nobody_one_and_many_have_words_of_their_own() {
        let told = [0, 1, 2].map(|n| Words::of(Language::En).member_count(n));
        assert_eq!(told, ["Nobody is here right now", "1 person here", "2 people here"]);
    }
}
