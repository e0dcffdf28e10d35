use super::*;
use maru_wire::limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX, ROSTER_PAGE_MEMBERS_MAX};
use maru_wire::{ChainHash, Cursor};
use proptest::prelude::*;

fn room_of(entries_max: usize) -> Room {
    let bounds = LogBounds { entries_max, bytes_max: usize::MAX };
    let mut room = Room::new(Epoch::parse("e1").unwrap(), bounds);
    room.enter(&id("a"), &name("민지"), false, 0).unwrap();
    room
}

fn id(text: &str) -> MemberId {
    MemberId::parse(text).unwrap()
}

fn name(text: &str) -> Nickname {
    Nickname::parse(text).unwrap()
}

fn say(message: &str, text: &str) -> Command {
    Command::Say { id: MessageId::parse(message).unwrap(), text: MessageText::parse(text).unwrap() }
}

fn said(room: &mut Room, message: &str) -> Entry {
    match apply(room, &id("a"), say(message, "안녕"), 5) {
        Ok(Written::New(entry)) => entry,
        other => panic!("{other:?}"),
    }
}

/// What becomes of a command that changes something.
fn apply(room: &mut Room, by: &MemberId, command: Command, at: u64) -> Result<Written, Refusal> {
    let draft = room.draft(by, command, at)?.expect("it changes something");
    Ok(room.write(draft))
}

fn rename(nickname: &str) -> Command {
    Command::Rename { nickname: name(nickname) }
}

fn seqs(page: &Page) -> Vec<u64> {
    page.entries.iter().map(|entry| entry.seq.0).collect()
}

#[test]
fn entries_are_numbered_from_one_without_a_hole() {
    let mut room = room_of(10);
    let places: Vec<u64> = (0..3).map(|i| said(&mut room, &format!("m{i}")).seq.0).collect();
    assert_eq!(places, [1, 2, 3]);
    assert_eq!(room.log().head().seq, Seq(3));
}

#[test]
fn saying_the_same_again_gives_the_first_entry_and_writes_nothing() {
    let mut room = room_of(10);
    let first = said(&mut room, "m");
    assert_eq!(apply(&mut room, &id("a"), say("m", "안녕"), 99), Ok(Written::Known(first)));
    assert_eq!(room.log().head().seq, Seq(1));
}

#[test]
fn another_text_under_the_same_id_is_refused() {
    let mut room = room_of(10);
    said(&mut room, "m");
    assert_eq!(apply(&mut room, &id("a"), say("m", "다른 말"), 5), Ok(Written::IdReused));
}

#[test]
fn two_members_may_use_the_same_message_id() {
    let mut room = room_of(10);
    room.enter(&id("b"), &name("준호"), false, 0).unwrap();
    said(&mut room, "m");
    assert!(matches!(apply(&mut room, &id("b"), say("m", "다른 말"), 5), Ok(Written::New(_))));
}

#[test]
fn who_is_not_here_says_nothing() {
    assert_eq!(apply(&mut room_of(10), &id("ghost"), say("m", "우"), 5), Err(Refusal::NotHere));
}

#[test]
fn everybody_is_told_of_a_rename_and_a_name_is_one_members() {
    let mut room = room_of(10);
    room.enter(&id("b"), &name("Junho"), false, 0).unwrap();
    assert_eq!(apply(&mut room, &id("a"), rename("junho"), 5), Err(Refusal::NameTaken), "it looks like his");
    let Ok(Written::New(entry)) = apply(&mut room, &id("a"), rename("수아"), 5) else { panic!() };
    assert_eq!(entry.what, Happening::Renamed { from: name("민지") });
    assert_eq!(entry.by.nickname, name("수아"));
    assert_eq!(room.draft(&id("a"), rename("수아"), 5), Ok(None));
    assert!(matches!(apply(&mut room, &id("b"), rename("민지"), 5), Ok(Written::New(_))), "free again");
}

#[test]
fn a_member_may_change_the_case_of_their_own_name() {
    let mut room = room_of(10);
    apply(&mut room, &id("a"), rename("minji"), 5).unwrap();
    assert!(matches!(apply(&mut room, &id("a"), rename("MinJi"), 5), Ok(Written::New(_))));
}

#[test]
fn a_taken_name_keeps_a_newcomer_out_until_it_is_free() {
    let mut room = room_of(10);
    assert_eq!(room.enter(&id("b"), &name("민지"), false, 0), Err(NameTaken));
    assert!(matches!(room.depart(&id("a"), None), Departure::Gone(_)));
    assert!(room.enter(&id("b"), &name("민지"), false, 0).is_ok());
}

#[test]
fn a_name_waits_a_while_for_a_member_who_lost_their_connection() {
    let mut room = room_of(10);
    room.enter(&id("b"), &name("준호"), false, 0).unwrap();
    room.depart(&id("a"), Some(60_000));
    assert_eq!(room.enter(&id("c"), &name("민지"), false, 59_999), Err(NameTaken));
    assert_eq!(apply(&mut room, &id("b"), rename("민지"), 59_999), Err(Refusal::NameTaken));
    assert!(room.enter(&id("a"), &name("민지"), false, 59_999).is_ok(), "it waits for them");
    room.depart(&id("a"), Some(60_000));
    assert!(room.enter(&id("c"), &name("민지"), false, 60_000).is_ok(), "and then for nobody");
}

#[test]
fn names_kept_for_the_absent_are_bounded() {
    let mut room = room_of(10);
    for i in 0..5_000 {
        let (id, name) = (id(&format!("m{i}")), name(&format!("손님{i}")));
        room.enter(&id, &name, false, 0).unwrap();
        room.depart(&id, Some(60_000));
    }
    assert!(room.enter(&id("x"), &name("손님4999"), false, 1).is_ok());
    assert_eq!(room.enter(&id("y"), &name("손님0"), false, 1), Err(NameTaken));
}

#[test]
fn a_member_is_here_until_their_last_connection_goes() {
    let mut room = room_of(10);
    let (again, newly) = room.enter(&id("a"), &name("다른이름"), false, 0).unwrap();
    assert_eq!((again.nickname, newly), (name("민지"), false));
    assert_eq!(room.depart(&id("a"), None), Departure::StillHere);
    assert!(matches!(room.depart(&id("a"), None), Departure::Gone(_)));
    assert_eq!(room.depart(&id("a"), None), Departure::StillHere, "and not less than once");
}

#[test]
fn a_returning_member_keeps_their_number() {
    let mut room = room_of(10);
    room.enter(&id("b"), &name("준호"), false, 0).unwrap();
    room.depart(&id("a"), None);
    let (back, newly) = room.enter(&id("a"), &name("민지2"), false, 0).unwrap();
    assert_eq!((back.number, newly), (0, true));
}

#[test]
fn the_roster_comes_in_pages_by_number() {
    let mut room = room_of(10);
    for i in 0..ROSTER_PAGE_MEMBERS_MAX {
        room.enter(&id(&format!("m{i}")), &name(&format!("손님{i}")), false, 0).unwrap();
    }
    let (first, more) = room.roster().first_page();
    assert_eq!((first.len(), more), (ROSTER_PAGE_MEMBERS_MAX, true));
    let (rest, more) = room.roster().page_after(first.last().unwrap().number);
    assert_eq!((rest.len(), more), (1, false));
    assert_eq!(room.roster().page_after(u32::MAX), (vec![], false));
}

#[test]
fn the_oldest_entries_are_trimmed_at_the_bound_with_their_ids() {
    let mut room = room_of(3);
    for i in 0..5 {
        said(&mut room, &format!("m{i}"));
    }
    assert_eq!(seqs(&room.log().latest()), [3, 4, 5]);
    assert_eq!(room.said.map(|said| said.len()), Some(3));
}

#[test]
fn the_log_is_bounded_in_bytes_too_and_keeps_the_latest_entry_however_large() {
    let mut room = Room::new(Epoch::parse("e1").unwrap(), LogBounds { entries_max: 100, bytes_max: 2_000 });
    room.enter(&id("a"), &name("민지"), false, 0).unwrap();
    for i in 0..20 {
        said(&mut room, &format!("m{i}"));
    }
    assert!(room.log().latest().entries.len() < 10);
    apply(&mut room, &id("a"), say("big", &"가".repeat(5_000)), 5).unwrap();
    assert_eq!(seqs(&room.log().latest()), [21]);
}

#[test]
fn a_place_in_the_log_is_known_by_epoch_seq_and_hash() {
    let mut room = room_of(3);
    let cursors: Vec<Cursor> = (0..5)
        .map(|i| {
            said(&mut room, &format!("m{i}"));
            room.log().head()
        })
        .collect();
    let standing = |cursor: &Cursor| room.log().standing(cursor);
    assert_eq!(standing(&cursors[4]), Standing::Here(Seq(5)));
    assert_eq!(standing(&cursors[1]), Standing::Here(Seq(2)), "the one before the oldest kept");
    assert_eq!(standing(&cursors[0]), Standing::Trimmed);
    let other = |change: &dyn Fn(&mut Cursor)| {
        let mut cursor = cursors[3].clone();
        change(&mut cursor);
        cursor
    };
    assert_eq!(standing(&other(&|c| c.epoch = Epoch::parse("e2").unwrap())), Standing::NewEpoch);
    assert_eq!(standing(&other(&|c| c.hash = ChainHash([9; 16]))), Standing::Diverged);
    assert_eq!(standing(&other(&|c| c.seq = Seq(6))), Standing::Diverged, "from the future");
}

#[test]
fn the_empty_log_is_a_place_too() {
    let room = room_of(3);
    let cursor = room.log().head();
    assert_eq!(room.log().standing(&cursor), Standing::Here(Seq(0)));
}

#[test]
fn logs_that_differ_anywhere_differ_in_every_later_hash() {
    let (mut one, mut other) = (room_of(10), room_of(10));
    said(&mut one, "m1");
    said(&mut other, "m2");
    assert_ne!(said(&mut one, "m3").hash, said(&mut other, "m3").hash);
}

#[test]
fn a_page_is_bounded_in_rows_and_bytes_but_never_empty() {
    let mut room = room_of(1_000);
    for i in 0..PAGE_ENTRIES_MAX + 5 {
        said(&mut room, &format!("m{i}"));
    }
    let page = room.log().latest();
    assert_eq!((page.entries.len(), page.more), (PAGE_ENTRIES_MAX, true));
    apply(&mut room, &id("a"), say("big", &"\"".repeat(PAGE_BYTES_MAX)), 5).unwrap();
    let page = room.log().latest();
    assert_eq!((page.entries.len(), page.more), (1, true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn pages_in_either_direction_make_up_the_log(count in 0usize..300, kept in 1usize..300, size in 1usize..400) {
        let mut room = room_of(kept);
        for i in 0..count {
            apply(&mut room, &id("a"), say(&format!("m{i}"), &"가".repeat(size)), 5).unwrap();
        }
        let oldest = count.saturating_sub(kept) as u64;
        let all: Vec<u64> = (oldest + 1..=count as u64).collect();

        let mut forward = Vec::new();
        let mut place = Seq(oldest);
        loop {
            let page = room.log().after(place);
            forward.extend(seqs(&page));
            place = page.entries.last().map_or(place, |entry| entry.seq);
            if !page.more { break; }
        }
        prop_assert_eq!(&forward, &all);

        let mut backward = Vec::new();
        let mut page = room.log().latest();
        loop {
            let mut run = seqs(&page);
            run.extend(backward);
            backward = run;
            if !page.more { break; }
            page = room.log().before(page.entries[0].seq);
        }
        prop_assert_eq!(&backward, &all);
    }
}

/// A room whose store has written `entries` entries, of which the last `here` are in memory and the first `trimmed`
/// nowhere.
fn restored(entries: u64, here: u64, trimmed: u64) -> Room {
    let mut log = Log::new(Epoch::parse("e2").unwrap(), LogBounds::default());
    let mut all = Vec::new();
    let by = Member { id: id("a"), nickname: name("민지"), number: 4, host: false };
    for i in 0..entries {
        let what = Happening::Said {
            id: MessageId::parse(&format!("m{i}")).unwrap(),
            text: MessageText::parse("안녕").unwrap(),
        };
        let entry = entry_after(&log.head(), Draft { by: by.clone(), what, at: i });
        log.record(entry.clone(), |_| {});
        all.push(entry);
    }
    let base = all[(entries - here - 1) as usize].hash;
    let restored = Restored {
        head: log.head(),
        formers: vec![FormerEpoch { epoch: Epoch::parse("e1").unwrap(), end: Seq(entries - 2) }],
        base,
        tail: all.split_off((entries - here) as usize),
        trimmed: Seq(trimmed),
        members: vec![(id("a"), 4)],
    };
    Room::restored(restored, LogBounds { entries_max: here as usize, bytes_max: usize::MAX })
}

fn cursor(epoch: &str, seq: u64, hash: ChainHash) -> Cursor {
    Cursor { epoch: Epoch::parse(epoch).unwrap(), seq: Seq(seq), hash }
}

#[test]
fn a_restored_room_goes_on_where_its_store_ended() {
    let mut room = restored(300, 100, 0);
    assert_eq!(room.log().head().seq, Seq(300));
    let (you, _) = room.enter(&id("a"), &name("민지"), false, 0).unwrap();
    assert_eq!(you.number, 4, "whoever has said something keeps their number");
    let (other, _) = room.enter(&id("b"), &name("준호"), false, 0).unwrap();
    assert_eq!(other.number, 5);
    let draft = room.draft(&id("b"), say("n", "네"), 9).unwrap().unwrap();
    let entry = entry_after(&room.log().head(), draft);
    room.record(entry.clone());
    assert_eq!((room.log().head().seq, room.log().head().hash), (Seq(301), entry.hash));
}

#[test]
fn what_is_not_in_memory_is_asked_of_the_store_as_far_as_it_is_kept() {
    let room = restored(300, 100, 50);
    let log = room.log();
    let at = |seq| log.standing(&cursor("e2", seq, ChainHash([9; 16])));
    assert_eq!(at(49), Standing::Trimmed);
    assert_eq!([at(50), at(199)], [Standing::Older; 2]);
    assert_eq!(at(200), Standing::Diverged, "the place before the oldest here has a known hash");
    let known = log.entry(Seq(250)).unwrap().hash;
    assert_eq!(log.standing(&cursor("e2", 250, known)), Standing::Here(Seq(250)));
    assert!(!log.reaches(Seq(199)) && log.reaches(Seq(200)));
    assert!(log.asks_store_before(Seq(201)) && log.asks_store_before(Seq(300)));
    assert!(!log.asks_store_before(Seq(301)), "a whole page is here");
    assert!(log.latest().more);
}

#[test]
fn a_place_in_a_former_epoch_counts_as_far_as_both_share_it() {
    let room = restored(300, 100, 0);
    let log = room.log();
    let hash = |seq| log.entry(Seq(seq)).unwrap().hash;
    assert_eq!(log.standing(&cursor("e1", 298, hash(298))), Standing::Here(Seq(298)));
    assert_eq!(log.standing(&cursor("e1", 299, hash(299))), Standing::Diverged);
    assert_eq!(log.standing(&cursor("e1", 290, ChainHash([9; 16]))), Standing::Diverged);
    assert_eq!(log.standing(&cursor("e0", 290, hash(290))), Standing::NewEpoch);
}

#[test]
fn a_name_is_theirs_while_it_is_written_and_shown_once_it_is() {
    let mut room = room_of(10);
    room.enter(&id("b"), &name("준호"), false, 0).unwrap();
    let draft = room.draft(&id("a"), rename("수아"), 5).unwrap().unwrap();
    assert_eq!(draft.by.nickname, name("수아"));
    assert_eq!(room.roster().member(&id("a")).unwrap().nickname, name("민지"), "not yet");
    assert_eq!(room.draft(&id("b"), rename("수아"), 5), Err(Refusal::NameTaken));
    assert_eq!(room.draft(&id("b"), rename("민지"), 5), Err(Refusal::NameTaken));
    let said = room.draft(&id("a"), say("m", "안녕"), 5).unwrap().unwrap();
    assert_eq!(said.by.nickname, name("수아"), "what follows is said by the new name");
    room.write(draft);
    assert_eq!(room.roster().member(&id("a")).unwrap().nickname, name("수아"));
    assert!(room.draft(&id("b"), rename("민지"), 5).is_ok(), "free again");
}

#[test]
fn a_name_that_could_not_be_written_is_free_again() {
    let mut room = room_of(10);
    room.enter(&id("b"), &name("준호"), false, 0).unwrap();
    room.draft(&id("a"), rename("minji"), 5).unwrap().unwrap();
    room.draft(&id("a"), rename("MinJi"), 5).unwrap().unwrap();
    room.drop_drafts();
    assert_eq!(room.draft(&id("b"), rename("민지"), 5), Err(Refusal::NameTaken), "still called so");
    assert!(room.draft(&id("b"), rename("minji"), 5).is_ok());
}
