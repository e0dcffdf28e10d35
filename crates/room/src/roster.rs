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
    /// Names of those who lost their connection, kept for them until a time.
    reserved: HashMap<String, (MemberId, u64)>,
    /// Names that were asked for and are not written yet, in order.
    renaming: HashMap<MemberId, Vec<Nickname>>,
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
    /// An empty room that knows the numbers of those who were there, the longest known first.
    pub(crate) fn knowing(members: impl IntoIterator<Item = (MemberId, u32)>) -> Self {
        let mut roster = Self::default();
        for (id, number) in members {
            roster.next_number = roster.next_number.max(number.wrapping_add(1));
            roster.give_number(&id, number);
        }
        roster
    }

    pub(crate) fn enter(
        &mut self,
        id: &MemberId,
        nickname: &Nickname,
        host: bool,
        at: u64,
    ) -> Result<(Member, bool), NameTaken> {
        if let Some(present) = self.here.get_mut(id) {
            present.connections += 1;
            return Ok((present.member.clone(), false));
        }
        if self.is_taken(nickname, id, at) {
            return Err(NameTaken);
        }
        let number = self.number_of(id);
        let member = Member { id: id.clone(), nickname: nickname.clone(), number, host };
        self.hold(nickname, id);
        self.by_number.insert(number, id.clone());
        self.here.insert(id.clone(), Present { member: member.clone(), connections: 1 });
        Ok((member, true))
    }

    pub(crate) fn depart(&mut self, id: &MemberId, reserved_until: Option<u64>) -> Departure {
        match self.here.get_mut(id) {
            Some(present) if present.connections > 1 => {
                present.connections -= 1;
                Departure::StillHere
            }
            Some(_) => {
                let member = self.here.remove(id).expect("just seen").member;
                self.by_number.remove(&member.number);
                self.release(&member.nickname);
                // What is on its way into the log is theirs until it is there: they may be back before it is.
                self.hold_all(id);
                if let Some(until) = reserved_until
                    && self.reserved.len() < RESERVED_NAMES_MAX
                {
                    let kept = member.nickname.skeletons().map(|skeleton| (skeleton, (id.clone(), until)));
                    self.reserved.extend(kept);
                }
                Departure::Gone(member)
            }
            None => Departure::StillHere,
        }
    }

    /// Makes a name theirs alone before it is shown.
    pub(crate) fn draft_rename(
        &mut self,
        id: &MemberId,
        nickname: Nickname,
        at: u64,
    ) -> Result<Member, NameTaken> {
        if self.is_taken(&nickname, id, at) {
            return Err(NameTaken);
        }
        self.hold(&nickname, id);
        self.renaming.entry(id.clone()).or_default().push(nickname);
        Ok(self.member_as_drafted(id).expect("a member who is here"))
    }

    /// The name is written: they are called by it from here on, if they are still here.
    pub(crate) fn record_rename(&mut self, id: &MemberId, nickname: &Nickname) {
        let mut before = None;
        if let Some(asked) = self.renaming.get_mut(id) {
            before = asked.iter().position(|asked| asked == nickname).map(|written| asked.remove(written));
            if asked.is_empty() {
                self.renaming.remove(id);
            }
        }
        if let Some(present) = self.here.get_mut(id) {
            before = Some(std::mem::replace(&mut present.member.nickname, nickname.clone()));
        }
        if let Some(before) = before {
            self.release(&before);
            self.hold_all(id);
        }
    }

    /// The name that was asked for last will not be written.
    pub(crate) fn drop_rename(&mut self, id: &MemberId, nickname: &Nickname) {
        let Some(asked) = self.renaming.get_mut(id) else { return };
        if asked.pop_if(|asked| asked == nickname).is_some() {
            if asked.is_empty() {
                self.renaming.remove(id);
            }
            self.release(nickname);
            self.hold_all(id);
        }
    }

    /// No name that was asked for will be written.
    pub(crate) fn drop_renames(&mut self) {
        for (id, asked) in std::mem::take(&mut self.renaming) {
            asked.iter().for_each(|nickname| self.release(nickname));
            self.hold_all(&id);
        }
    }

    /// Holds every name of a member: what is released may look like what stays.
    fn hold_all(&mut self, id: &MemberId) {
        let asked = self.renaming.get(id).cloned().unwrap_or_default();
        let current = self.member(id).map(|member| member.nickname.clone());
        for nickname in asked.iter().chain(&current) {
            self.hold(nickname, id);
        }
    }

    /// Whether a name, or one that looks like it, is somebody else's, who is here or will be back in a moment.
    fn is_taken(&mut self, nickname: &Nickname, id: &MemberId, at: u64) -> bool {
        self.reserved.retain(|_, (_, until)| *until > at);
        nickname.skeletons().iter().any(|skeleton| {
            let holder = self.by_skeleton.get(skeleton);
            let absent = self.reserved.get(skeleton).map(|(holder, _)| holder);
            holder.into_iter().chain(absent).any(|holder| holder != id)
        })
    }

    fn hold(&mut self, nickname: &Nickname, id: &MemberId) {
        self.reserved.retain(|_, (holder, _)| holder != id);
        self.by_skeleton.extend(nickname.skeletons().map(|skeleton| (skeleton, id.clone())));
    }

    fn release(&mut self, nickname: &Nickname) {
        for skeleton in nickname.skeletons() {
            self.by_skeleton.remove(&skeleton);
        }
    }

    fn number_of(&mut self, id: &MemberId) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = self.next_number;
        self.next_number = self.next_number.wrapping_add(1);
        self.give_number(id, number);
        number
    }

    fn give_number(&mut self, id: &MemberId, number: u32) {
        self.numbers.insert(id.clone(), number);
        self.known.push_back(id.clone());
        if self.known.len() > KNOWN_MEMBERS_MAX {
            let forgotten = self.known.pop_front().expect("more than one is known");
            self.numbers.remove(&forgotten);
        }
    }

    /// A member who is here, by the name they asked for last, written or not.
    pub(crate) fn member_as_drafted(&self, id: &MemberId) -> Option<Member> {
        let mut member = self.member(id)?.clone();
        if let Some(nickname) = self.renaming.get(id).and_then(|asked| asked.last()) {
            member.nickname = nickname.clone();
        }
        Some(member)
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

/// Names kept for members who lost their connection, two skeletons each; more at once is no accident.
const RESERVED_NAMES_MAX: usize = 2_048;

/// Members whose numbers are remembered after they left: a few times the largest room.
const KNOWN_MEMBERS_MAX: usize = 400_000;
