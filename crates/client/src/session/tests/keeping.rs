//! What outlasts a run: each thing that happens is written on a sheet, as a notebook does it, and a new session begins
//! with what the sheet holds.

use std::collections::BTreeMap;

use maru_wire::limits::MIRROR_ENTRIES_MAX;
use maru_wire::{CaughtUp, Entry, RefusalCode};

use super::*;
use crate::event::NotebookFault;
use crate::session::{Keeping, Kept, Line};

/// The smallest notebook there can be.
#[derive(Debug, Default)]
struct Sheet {
    kept: Option<Kept>,
    entries: BTreeMap<u64, Entry>,
    waiting: Vec<Line>,
    failed: Vec<(Line, RefusalCode)>,
}

impl Sheet {
    fn write(&mut self, keeping: Keeping) {
        match keeping {
            Keeping::Begun(kept) => {
                self.entries = kept.entries.iter().map(|entry| (entry.seq.0, entry.clone())).collect();
                self.kept = Some(kept);
            }
            Keeping::Known(known) => self.kept.as_mut().unwrap().known = known,
            Keeping::Heard { cursor, entries, oldest } => {
                let kept = self.kept.as_mut().unwrap();
                kept.cursor = cursor;
                self.entries.extend(entries.into_iter().map(|entry| (entry.seq.0, entry)));
                let before = self.entries.len();
                self.entries.retain(|seq, _| *seq >= oldest.0);
                kept.older |= self.entries.len() < before;
            }
            Keeping::Earlier { entries, older } => {
                self.entries.extend(entries.into_iter().map(|entry| (entry.seq.0, entry)));
                self.kept.as_mut().unwrap().older = older;
            }
            Keeping::Nothing => (self.kept, self.entries) = (None, BTreeMap::new()),
            Keeping::Queued(line) => {
                self.failed.retain(|(failed, _)| failed.id != line.id);
                self.waiting.push(line);
            }
            Keeping::Settled(id) => {
                self.waiting.retain(|line| line.id != id);
                self.failed.retain(|(line, _)| line.id != id);
            }
            Keeping::Failed { id, code } => {
                let at = self.waiting.iter().position(|line| line.id == id).unwrap();
                self.failed.push((self.waiting.remove(at), code));
            }
        }
    }

    fn restored(&self) -> Restored {
        let entries = self.entries.values().cloned().collect();
        let kept = self.kept.clone().map(|kept| Kept { entries, ..kept });
        Restored { room: room(), kept, waiting: self.waiting.clone(), failed: self.failed.clone() }
    }
}

impl Bench {
    fn restored(sheet: &Sheet) -> Self {
        let mut bench = Self::with(None, Some(sheet.restored()));
        bench.assert_shown();
        bench
    }

    fn write_on(&mut self, sheet: &mut Sheet) {
        while let Some(keeping) = self.session.poll_keeping() {
            sheet.write(keeping);
        }
    }
}

/// In a room with a notebook, all of which is written so far.
fn live(head: u64) -> (Bench, Sheet) {
    let mut sheet = Sheet::default();
    let mut bench = Bench::restored(&sheet);
    bench.enter(&welcome("first", head, &entries(1..=head), false));
    bench.write_on(&mut sheet);
    bench.events();
    (bench, sheet)
}

fn room() -> RoomId {
    RoomId::parse("r1").unwrap()
}

#[test]
fn a_restored_room_is_shown_at_once_and_resumed_from_its_place() {
    let (mut bench, mut sheet) = live(2);
    bench.hears(&entry(3));
    bench.write_on(&mut sheet);
    let mut again = Bench::restored(&sheet);
    match &again.events()[..] {
        [
            RoomEvent::Entered { kept: true, caught_up: CaughtUp::First, name, entries, .. },
            RoomEvent::Link { .. },
        ] => {
            assert_eq!((name.as_str(), entries.len()), ("점심 모임", 3));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(again.link(), Link::Connecting { attempt: 0 });
    assert_eq!(again.cursor(), Some(place(3)));
    again.hears(&welcome("resumed", 5, &entries(4..=5), false));
    assert_eq!((again.heard(), again.shown.gaps.len()), (vec![1, 2, 3, 4, 5], 0), "nothing twice, no hole");
    let entered = |event: &RoomEvent| matches!(event, RoomEvent::Entered { kept: false, .. });
    assert!(again.session.snapshot(again.now).iter().any(entered));
}

#[test]
fn a_room_that_is_away_stays_readable_and_is_waited_for() {
    let (_, sheet) = live(2);
    let mut bench = Bench::restored(&sheet);
    bench.closes(Closed::Dial(Fault::Refused));
    assert_eq!((bench.waiting(), bench.heard()), (Some(Fault::Refused), vec![1, 2]));
    bench.assert_shown();
    bench.wait_for_dial();
    bench.enter(&welcome("resumed", 2, &[], false));
    assert_eq!(bench.heard(), [1, 2]);
}

#[test]
fn a_place_that_holds_nothing_yet_makes_no_room() {
    let mut bench = Bench::restored(&Sheet::default());
    bench.closes(Closed::Dial(Fault::Refused));
    assert_eq!(bench.ended(), Some(Fault::Refused), "who never got in is told why at once");
}

#[test]
fn a_line_is_to_be_written_before_it_is_shown_or_sent_and_is_said_by_the_next_run() {
    let (mut bench, mut sheet) = live(0);
    bench.closes(Closed::Lost);
    bench.say("x1");
    bench.say("x2");
    bench.write_on(&mut sheet);
    let mut again = Bench::restored(&sheet);
    assert_eq!(again.shown.pending.len(), 2);
    again.say("x3");
    again.enter(&welcome("resumed", 0, &[], false));
    assert_eq!(again.said(), ["x1", "x2", "x3"]);
    for (seq, id) in [(1, "x1"), (2, "x2"), (3, "x3")] {
        again.hears(&own(seq, id));
    }
    again.write_on(&mut sheet);
    let mut third = Bench::restored(&sheet);
    assert_eq!((sheet.waiting.len(), third.heard()), (0, vec![1, 2, 3]));
    third.enter(&welcome("resumed", 3, &[], false));
    assert!(third.said().is_empty(), "never again");
}

#[test]
fn a_line_whose_acknowledgement_was_lost_is_said_again_and_one_that_came_meanwhile_is_not() {
    let (mut bench, mut sheet) = live(0);
    bench.say("x1");
    bench.say("x2");
    bench.write_on(&mut sheet);
    // Both were sent and taken; the program ends before it hears of either.
    let mut again = Bench::restored(&sheet);
    again.enter(&welcome("resumed", 1, &[own(1, "x1")], false));
    assert_eq!(again.said(), ["x2"]);
    again.hears(&own(2, "x2"));
    again.write_on(&mut sheet);
    assert!(sheet.waiting.is_empty() && again.shown.pending.is_empty());
}

#[test]
fn an_acknowledgement_that_was_not_written_only_makes_a_line_be_said_again() {
    let (mut bench, mut sheet) = live(0);
    bench.say("x1");
    bench.write_on(&mut sheet);
    let before = sheet.waiting.clone();
    bench.hears(&own(1, "x1"));
    bench.write_on(&mut sheet);
    sheet.waiting = before;
    let mut again = Bench::restored(&sheet);
    again.enter(&welcome("resumed", 1, &[], false));
    assert_eq!(again.said(), ["x1"], "which the room answers with its first entry");
    again.hears(&own(1, "x1"));
    assert!(again.shown.pending.is_empty());
    assert_eq!(again.heard(), [1]);
}

#[test]
fn a_tail_that_was_not_written_is_heard_again() {
    let (mut bench, mut sheet) = live(2);
    bench.hears(&entry(3));
    bench.write_on(&mut sheet);
    for seq in 4..=9 {
        bench.hears(&entry(seq));
    }
    let mut again = Bench::restored(&sheet);
    assert_eq!(again.cursor(), Some(place(3)));
    again.hears(&welcome("resumed", 9, &entries(4..=9), false));
    assert_eq!(again.heard(), (1..=9).collect::<Vec<_>>());
}

#[test]
fn a_refused_line_stays_with_its_reason_until_it_is_said_again_or_given_up() {
    let (mut bench, mut sheet) = live(0);
    for id in ["x1", "x2"] {
        bench.say(id);
        bench.hears(&refused("too_long", "say", Some(id)));
    }
    bench.write_on(&mut sheet);
    let mut again = Bench::restored(&sheet);
    assert_eq!(again.shown.pending[&message("x1")], Some(RefusalCode::TooLong));
    again.say("x1");
    again.session.dismiss(&message("x2"));
    // Whoever gave it up shows it no more.
    again.shown.pending.remove(&message("x2"));
    again.write_on(&mut sheet);
    assert_eq!((sheet.waiting.len(), sheet.failed.len()), (1, 0));
    again.enter(&welcome("resumed", 0, &[], false));
    assert_eq!(again.said(), ["x1"]);
}

#[test]
fn what_was_kept_before_a_gap_is_replaced() {
    for caught_up in ["new_epoch", "trimmed", "diverged", "first"] {
        let (_, mut sheet) = live(2);
        let mut bench = Bench::restored(&sheet);
        bench.enter(&welcome(caught_up, 90, &entries(89..=90), true));
        assert_eq!(bench.shown.gaps.len(), 1, "{caught_up}");
        bench.write_on(&mut sheet);
        assert_eq!(Bench::restored(&sheet).heard(), [89, 90]);
        assert!(sheet.kept.unwrap().older);
    }
}

#[test]
fn history_is_kept_as_far_as_there_is_room_for_it() {
    let mut sheet = Sheet::default();
    let mut bench = Bench::restored(&sheet);
    bench.enter(&welcome("first", 9, &entries(8..=9), true));
    bench.session.load_history(bench.now);
    bench.hears(&page("history", &entries(3..=7), true));
    bench.write_on(&mut sheet);
    let mut again = Bench::restored(&sheet);
    assert_eq!((again.heard(), again.shown.older), ((3..=9).collect(), true));
    again.enter(&welcome("resumed", 9, &[], false));
    again.session.load_history(again.now);
    assert!(again.actions().contains(&Action::Send(ClientFrame::History { before: Seq(3) })));
}

#[test]
fn no_more_is_kept_than_the_mirror_holds() {
    let max = MIRROR_ENTRIES_MAX as u64;
    let (mut bench, mut sheet) = live(0);
    for seq in 1..=max + 5 {
        bench.session.handle_text(&entry(seq), bench.now);
        bench.write_on(&mut sheet);
    }
    assert_eq!((sheet.entries.len(), sheet.entries.first_key_value().unwrap().0), (MIRROR_ENTRIES_MAX, &6));
    assert!(sheet.kept.unwrap().older);
}

#[test]
fn where_the_host_keeps_nothing_only_the_lines_to_be_said_are_kept() {
    let nothing = |caught_up, head, entries: &[String]| {
        welcome(caught_up, head, entries, false).replace("everything", "nothing")
    };
    let (_, mut sheet) = live(2);
    let mut bench = Bench::restored(&sheet);
    bench.enter(&nothing("resumed", 3, &entries(3..=3)));
    bench.hears(&entry(4));
    bench.say("x1");
    bench.write_on(&mut sheet);
    assert_eq!((sheet.kept.as_ref(), sheet.entries.len(), sheet.waiting.len()), (None, 0, 1), "not any more");
    let mut again = Bench::restored(&sheet);
    assert!(again.heard().is_empty() && again.shown.pending.len() == 1);
    again.enter(&nothing("first", 4, &entries(1..=4)));
    assert_eq!((again.said(), again.shown.gaps.len()), (vec!["x1".to_owned()], 0));
    again.write_on(&mut sheet);
    assert_eq!(sheet.kept, None);
}

#[test]
fn a_place_found_at_the_door_gives_the_cursor_and_the_lines_that_were_said_first() {
    let (mut bench, mut sheet) = live(2);
    bench.closes(Closed::Lost);
    bench.say("x1");
    bench.write_on(&mut sheet);
    let mut again = Bench::new();
    again.say("x2");
    again.session.handle_connected(again.now);
    again.hears(ROOM);
    assert_eq!(again.session.poll_keeping(), None, "nowhere to keep it yet");
    again.session.handle_restored(sheet.restored());
    assert!(matches!(again.session.poll_keeping(), Some(Keeping::Queued(line)) if line.id == message("x2")));
    again.session.handle_proof(None);
    let cursor = again.actions().into_iter().find_map(|action| match action {
        Action::Send(ClientFrame::Hello { cursor, .. }) => cursor,
        _ => None,
    });
    assert_eq!(cursor, Some(place(2)));
    again.hears(&welcome("resumed", 2, &[], false));
    assert_eq!((again.said(), again.heard()), (vec!["x1".into(), "x2".into()], vec![1, 2]));
}

#[test]
fn a_place_that_comes_free_later_takes_up_all_that_was_heard_meanwhile() {
    let (mut bench, mut sheet) = live(2);
    let mut other = Bench::live_with(&welcome("first", 3, &entries(2..=3), true));
    other.session.handle_notebook(Some(NotebookFault::InUse));
    other.settle();
    assert_eq!(other.events(), [RoomEvent::Notebook { fault: Some(NotebookFault::InUse) }]);
    other.say("x2");
    bench.say("x1");
    bench.write_on(&mut sheet);
    other.session.handle_restored(sheet.restored());
    other.settle();
    assert!(other.events().contains(&RoomEvent::Notebook { fault: None }));
    other.write_on(&mut sheet);
    let again = Bench::restored(&sheet);
    assert_eq!((again.heard(), again.shown.pending.len()), (vec![2, 3], 2));
}

#[test]
fn another_room_at_the_address_gets_neither_the_lines_nor_the_place_of_the_one_before() {
    let (mut bench, mut sheet) = live(2);
    bench.closes(Closed::Lost);
    bench.say("x1");
    bench.write_on(&mut sheet);
    let mut again = Bench::restored(&sheet);
    again.session.handle_connected(again.now);
    again.hears(&ROOM.replace("r1", "r2"));
    again.write_on(&mut sheet);
    assert_eq!((sheet.waiting.len(), sheet.failed.len()), (0, 1), "kept where it was meant for");
    let other = Restored { room: RoomId::parse("r2").unwrap(), kept: None, waiting: vec![], failed: vec![] };
    again.session.handle_restored(other);
    again.actions();
    again.session.handle_proof(None);
    assert!(matches!(&again.actions()[..], [Action::Send(ClientFrame::Hello { cursor: None, .. })]));
    again.hears(&welcome("first", 1, &entries(1..=1), false));
    assert_eq!((again.heard(), again.shown.gaps.len()), (vec![1], 0), "not even a gap");
    let mut second = Sheet::default();
    again.write_on(&mut second);
    assert_eq!((second.entries.len(), second.waiting.len(), second.failed.len()), (1, 0, 0));
}

#[test]
fn without_a_place_nothing_waits_to_be_written() {
    let mut bench = Bench::live();
    bench.say("x1");
    bench.hears(&own(1, "x1"));
    assert_eq!(bench.session.poll_keeping(), None);
    let (mut bench, _) = live(0);
    bench.session.handle_notebook(Some(NotebookFault::Unwritable));
    bench.say("x1");
    assert_eq!(bench.session.poll_keeping(), None, "it goes on in memory");
    assert_eq!(bench.said(), ["x1"]);
}
