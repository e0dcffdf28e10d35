//! Who is in the room, under which name and number. A name is one member's while they are here; a number is
//! theirs for good, as long as the room remembers them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use maru_wire::limits::ROSTER_PAGE_MEMBERS_MAX;
use maru_wire::{Member, MemberId, Nickname};

/// Everybody who is here, and the numbers of those who were.
#[derive(Debug, Default)]
pub struct Roster {
    here: HashMap<MemberId, Present>,
    by_number: BTreeMap<u32, MemberId>,
    by_skeleton: HashMap<String, MemberId>,
    numbers: HashMap<MemberId, u32>,
    /// Those with a number, the longest known first.
    known: VecDeque<MemberId>,
    next_number: u32,
}

#[derive(Debug)]
struct Present {
    member: Member,
    connections: usize,
}

/// Somebody here has that name, or one that looks like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameTaken;

/// What taking a connection away meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure {
    /// The member has left.
    Gone(Member),
    /// The member is still here over another connection, or never was.
    StillHere,
}

impl Roster {
    pub(crate) fn enter(
        &mut self,
        id: &MemberId,
        nickname: &Nickname,
        host: bool,
    ) -> Result<(Member, bool), NameTaken> {
        if let Some(present) = self.here.get_mut(id) {
            present.connections += 1;
            return Ok((present.member.clone(), false));
        }
        let skeleton = nickname.skeleton();
        if self.by_skeleton.contains_key(&skeleton) {
            return Err(NameTaken);
        }
        let number = self.number_of(id);
        let member = Member { id: id.clone(), nickname: nickname.clone(), number, host };
        self.by_skeleton.insert(skeleton, id.clone());
        self.by_number.insert(number, id.clone());
        self.here.insert(id.clone(), Present { member: member.clone(), connections: 1 });
        Ok((member, true))
    }

    pub(crate) fn depart(&mut self, id: &MemberId) -> Departure {
        match self.here.get_mut(id) {
            Some(present) if present.connections > 1 => {
                present.connections -= 1;
                Departure::StillHere
            }
            Some(_) => {
                let member = self.here.remove(id).expect("just seen").member;
                self.by_number.remove(&member.number);
                self.by_skeleton.remove(&member.nickname.skeleton());
                Departure::Gone(member)
            }
            None => Departure::StillHere,
        }
    }

    pub(crate) fn rename(&mut self, id: &MemberId, nickname: Nickname) -> Result<Member, NameTaken> {
        let present = self.here.get_mut(id).expect("a member who is here");
        let skeleton = nickname.skeleton();
        if self.by_skeleton.get(&skeleton).is_some_and(|holder| holder != id) {
            return Err(NameTaken);
        }
        self.by_skeleton.remove(&present.member.nickname.skeleton());
        self.by_skeleton.insert(skeleton, id.clone());
        present.member.nickname = nickname;
        Ok(present.member.clone())
    }

    fn number_of(&mut self, id: &MemberId) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = self.next_number;
        self.next_number = self.next_number.wrapping_add(1);
        self.numbers.insert(id.clone(), number);
        self.known.push_back(id.clone());
        if self.known.len() > KNOWN_MEMBERS_MAX {
            let forgotten = self.known.pop_front().expect("more than one is known");
            self.numbers.remove(&forgotten);
        }
        number
    }

    /// A member who is here.
    pub fn member(&self, id: &MemberId) -> Option<&Member> {
        self.here.get(id).map(|present| &present.member)
    }

    /// How many members are here.
    pub fn count(&self) -> usize {
        self.here.len()
    }

    /// The first page of members by number.
    pub fn first_page(&self) -> (Vec<Member>, bool) {
        self.page(0)
    }

    /// The page of members whose numbers follow this one.
    pub fn page_after(&self, number: u32) -> (Vec<Member>, bool) {
        number.checked_add(1).map_or((Vec::new(), false), |from| self.page(from))
    }

    fn page(&self, from: u32) -> (Vec<Member>, bool) {
        let mut ids = self.by_number.range(from..).map(|(_, id)| id);
        let page: Vec<Member> =
            ids.by_ref().take(ROSTER_PAGE_MEMBERS_MAX).filter_map(|id| self.member(id).cloned()).collect();
        (page, ids.next().is_some())
    }
}

/// Members whose numbers are remembered after they left: a few times the largest room.
const KNOWN_MEMBERS_MAX: usize = 400_000;
