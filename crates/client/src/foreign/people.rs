//! Who is at a foreign server, as far as can be told: we, the server itself, and the names that were heard. Nobody hears
//! who leaves, so the names that were not heard for the longest time make room.

use std::collections::VecDeque;

use maru_wire::{Member, MemberId, Nickname};
use sha2::{Digest, Sha256};

use super::codec::By;

/// The people known.
#[derive(Debug)]
pub(super) struct People {
    you: Member,
    server: Member,
    /// Whether the server has spoken itself.
    server_spoke: bool,
    /// The one heard last at the back.
    named: VecDeque<Member>,
    next_number: u32,
}

/// Somebody who was heard.
pub(super) struct Met {
    pub member: Member,
    /// Who is known by it for the first time.
    pub joined: Vec<Member>,
    /// Who had to make room.
    pub left: Vec<Member>,
    /// Whether it is the server, for the first time: it is listed, and nobody who came.
    pub shown: bool,
}

impl People {
    pub(super) fn new(nickname: Nickname, host: &str) -> Self {
        let server = Member { id: id_of("server", host), nickname: server_name(host), number: 0, host: true };
        let you = Member { id: id_of("you", host), nickname, number: 1, host: false };
        Self { you, server, server_spoke: false, named: VecDeque::new(), next_number: 2 }
    }

    pub(super) fn you(&self) -> &Member {
        &self.you
    }

    pub(super) fn server(&self) -> &Member {
        &self.server
    }

    /// Goes by another name. Returns the one before.
    pub(super) fn rename(&mut self, nickname: Nickname) -> Nickname {
        std::mem::replace(&mut self.you.nickname, nickname)
    }

    /// Whoever was heard. Nobody is taken for us, by whatever name: anybody there may have said it.
    pub(super) fn meet(&mut self, by: &By) -> Met {
        let (mut joined, mut left, mut shown) = (Vec::new(), Vec::new(), false);
        let member = match by {
            By::Server => {
                shown = !std::mem::replace(&mut self.server_spoke, true);
                self.server.clone()
            }
            By::Named(name) => match self.named.iter().position(|member| member.nickname == *name) {
                Some(at) => {
                    let member = self.named.remove(at).expect("a place that was just found");
                    self.named.push_back(member.clone());
                    member
                }
                None => {
                    if self.named.len() >= NAMES_MAX {
                        left.extend(self.named.pop_front());
                    }
                    let number = self.next_number;
                    self.next_number = self.next_number.wrapping_add(1);
                    let id = id_of("name", name.as_str());
                    let member = Member { id, nickname: name.clone(), number, host: false };
                    joined.push(member.clone());
                    self.named.push_back(member.clone());
                    member
                }
            },
        };
        Met { member, joined, left, shown }
    }

    /// How many people are known; a server is none.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.named.len() + 1).unwrap_or(u32::MAX)
    }

    /// Everybody known, by number.
    pub(super) fn members(&self) -> Vec<Member> {
        let server = self.server_spoke.then_some(&self.server);
        let mut members: Vec<Member> =
            server.into_iter().chain([&self.you]).chain(&self.named).cloned().collect();
        members.sort_by_key(|member| member.number);
        members
    }
}

/// Its host and port, shortened where it is too long for a name.
fn server_name(host: &str) -> Nickname {
    let shortened: String = host.chars().take(NAME_CHARS_MAX).collect();
    Nickname::parse(&shortened).unwrap_or_else(|_| Nickname::parse("server").expect("six letters are a name"))
}

fn id_of(kind: &str, name: &str) -> MemberId {
    let digest = Sha256::digest(format!("{kind}\n{name}"));
    MemberId::from_random(std::array::from_fn(|i| digest[i]))
}

/// Names that are remembered: as many as a room of ours has members unless told otherwise.
const NAMES_MAX: usize = maru_wire::limits::MEMBERS_MAX_DEFAULT;

/// Characters of a host's name that are shown as that of a member.
const NAME_CHARS_MAX: usize = maru_wire::limits::NICKNAME_GRAPHEMES_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> By {
        By::Named(Nickname::parse(name).unwrap())
    }

    fn people() -> People {
        People::new(Nickname::parse("민지").unwrap(), "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535")
    }

    #[test]
    fn a_name_is_one_member_and_the_longest_unheard_makes_room() {
        let mut people = people();
        let first = people.meet(&named("준"));
        assert_eq!(first.joined.first(), Some(&first.member));
        for n in 1..NAMES_MAX {
            people.meet(&named(&n.to_string()));
        }
        let again = people.meet(&named("준"));
        assert_eq!((again.member, again.joined.len()), (first.member, 0));
        let one_more = people.meet(&named("하나"));
        assert_eq!(one_more.left[0].nickname.as_str(), "1");
        assert_eq!(people.count() as usize, NAMES_MAX + 1, "we are there too");
    }

    #[test]
    fn a_server_is_a_member_once_it_speaks_and_nobody_is_taken_for_us() {
        let mut people = people();
        assert_eq!(people.count(), 1);
        let server = people.meet(&By::Server);
        assert!(server.member.host && server.shown && server.joined.is_empty());
        assert!(!people.meet(&By::Server).shown);
        assert_eq!(people.members().len(), 2);
        let namesake = people.meet(&named("민지")).member;
        assert_ne!(namesake.id, people.you().id);
    }
}
