use maru_client::Fault;
use maru_wire::{
    Happening, Keeps, Member, MemberId, MessageText, Nickname, RefusalCode, RoomId, StatedLimits,
};

use super::*;

fn member() -> Member {
    Member {
        id: MemberId::parse("m1").unwrap(),
        nickname: Nickname::parse("민지").unwrap(),
        number: 0,
        host: false,
    }
}

fn id(seq: u64) -> MessageId {
    MessageId::parse(&format!("x{seq}")).unwrap()
}

fn text() -> MessageText {
    MessageText::parse("안녕").unwrap()
}

/// Entries of the `life`-th log of a room.
fn entries(life: u8, seqs: impl IntoIterator<Item = u64>) -> Vec<Entry> {
    let entry = |seq| Entry {
        seq: Seq(seq),
        at: 0,
        hash: ChainHash([life; 16]),
        by: member(),
        what: Happening::Said { id: id(seq), text: text() },
    };
    seqs.into_iter().map(entry).collect()
}

fn entered(caught_up: CaughtUp, entries: Vec<Entry>) -> RoomEvent {
    RoomEvent::Entered {
        room: RoomId::parse("r1").unwrap(),
        name: "점심".into(),
        you: member(),
        caught_up,
        entries,
        older: false,
        count: 1,
        members: vec![member()],
        limits: StatedLimits::new(1, 1),
        can: vec![],
        keeps: Keeps::Everything,
        kept: false,
    }
}

fn queued(seq: u64) -> RoomEvent {
    RoomEvent::Queued { id: id(seq), text: text(), at: 0 }
}

/// What was told, in short: the numbers of entries, and the names of gaps.
fn told(news: &[Event]) -> Vec<String> {
    let short = |event: &Event| match event {
        Event::Said { seq, .. } => Some(seq.0.to_string()),
        Event::Gap { why } => Some(format!("{why:?}")),
        _ => None,
    };
    news.iter().filter_map(short).collect()
}

fn events(events: impl Into<Vec<RoomEvent>>) -> Update {
    Update::Events(events.into())
}

#[test]
fn each_entry_is_told_once_and_history_like_any_other() {
    let mut hearing = Hearing::default();
    assert_eq!(told(&hearing.hear(events([entered(CaughtUp::First, entries(1, [4, 5]))]))), ["4", "5"]);
    assert_eq!(told(&hearing.hear(events([RoomEvent::Entries { entries: entries(1, [6]) }]))), ["6"]);
    let resumed = entered(CaughtUp::Resumed, entries(1, [7, 8]));
    assert_eq!(told(&hearing.hear(events([resumed]))), ["7", "8"]);
    let snapshot = Update::Snapshot(vec![entered(CaughtUp::First, entries(1, 4..=9))]);
    assert_eq!(told(&hearing.hear(snapshot)), ["9"]);
}

#[test]
fn a_gap_is_told_before_what_follows_it() {
    for (caught_up, gap) in
        [(CaughtUp::NewEpoch, "NewEpoch"), (CaughtUp::Trimmed, "Trimmed"), (CaughtUp::Diverged, "Diverged")]
    {
        let mut hearing = Hearing::default();
        hearing.hear(events([entered(CaughtUp::First, entries(1, 1..=3))]));
        let news = hearing.hear(events([entered(caught_up, entries(2, [2, 3]))]));
        assert_eq!(told(&news), [gap, "2", "3"]);
        assert!(matches!(news[0], Event::Gap { .. }) && matches!(news[1], Event::Entered { .. }));
    }
}

#[test]
fn whoever_fell_behind_is_told_of_what_is_lost() {
    for (snapshot, expected) in [
        (entries(1, 1..=4), vec!["4"]),
        (entries(1, 4..=5), vec!["4", "5"]),
        (entries(1, 9..=9), vec!["TooSlow", "9"]),
        (entries(2, 1..=4), vec!["NewEpoch", "1", "2", "3", "4"]),
        (entries(2, 1..=2), vec!["NewEpoch", "1", "2"]),
        (vec![], vec!["NewEpoch"]),
    ] {
        let mut hearing = Hearing::default();
        hearing.hear(events([entered(CaughtUp::First, entries(1, 1..=3))]));
        let news = hearing.hear(Update::Snapshot(vec![entered(CaughtUp::First, snapshot)]));
        assert_eq!(told(&news), expected);
        assert!(!news.iter().any(|event| matches!(event, Event::Entered { .. })), "we were in all along");
    }
}

#[test]
fn a_message_is_outstanding_until_its_entry_comes_or_it_is_refused() {
    let mut hearing = Hearing::default();
    hearing.hear(events([entered(CaughtUp::First, vec![])]));
    hearing.handle_said(id(1));
    hearing.handle_said(id(2));
    assert_eq!(hearing.hear(events([queued(1), queued(2)])).len(), 2);
    assert_eq!(hearing.outstanding(), 2);
    hearing.hear(events([RoomEvent::Entries { entries: entries(1, [1]) }]));
    assert_eq!(hearing.outstanding(), 1);
    let refused = RoomEvent::Unsent { id: id(2), code: RefusalCode::TooLong };
    assert_eq!(hearing.hear(events([refused])).len(), 1);
    assert_eq!(hearing.outstanding(), 0);
}

#[test]
fn a_snapshot_tells_again_neither_what_waits_nor_what_failed() {
    let mut hearing = Hearing::default();
    hearing.hear(events([entered(CaughtUp::First, vec![]), RoomEvent::Link { link: Link::Live }]));
    hearing.handle_said(id(1));
    hearing.handle_said(id(2));
    hearing.hear(events([queued(1), queued(2)]));
    let failed = RoomEvent::Unsent { id: id(2), code: RefusalCode::TooLong };
    hearing.hear(events([failed.clone()]));
    let again = vec![
        entered(CaughtUp::First, vec![]),
        queued(2),
        failed,
        queued(1),
        RoomEvent::Link { link: Link::Live },
    ];
    assert_eq!(hearing.hear(Update::Snapshot(again)), []);
    assert_eq!(hearing.outstanding(), 1);
    let acknowledged_unheard =
        vec![entered(CaughtUp::First, vec![]), RoomEvent::Link { link: Link::Ended { fault: Fault::Lost } }];
    assert_eq!(hearing.hear(Update::Snapshot(acknowledged_unheard)).len(), 1);
    assert_eq!(hearing.outstanding(), 0);
}

#[test]
fn one_of_ours_from_before_a_gap_is_told_and_is_outstanding_no_more() {
    let mut hearing = Hearing::default();
    hearing.hear(events([entered(CaughtUp::First, entries(1, 1..=3))]));
    hearing.handle_said(id(5));
    hearing.hear(events([queued(5)]));
    hearing.hear(events([entered(CaughtUp::Trimmed, entries(1, 8..=9))]));
    let late = RoomEvent::Entries { entries: entries(1, [4, 5]) };
    assert_eq!(told(&hearing.hear(events([late.clone()]))), ["5"], "and nothing else of that time");
    assert_eq!(hearing.outstanding(), 0);
    assert!(hearing.hear(events([late])).is_empty(), "once");
    assert_eq!(told(&hearing.hear(events([RoomEvent::Entries { entries: entries(1, [9, 10]) }]))), ["10"]);
}

#[test]
fn the_disk_is_told_of_once_for_each_change_also_where_a_snapshot_came_between() {
    let mut hearing = Hearing::default();
    let trouble = || RoomEvent::Disk { well: false };
    let disks = |news: Vec<Event>| -> Vec<bool> {
        let well = |event: &Event| if let Event::Disk { well } = event { Some(*well) } else { None };
        news.iter().filter_map(well).collect()
    };
    hearing.hear(events([entered(CaughtUp::First, vec![])]));
    assert_eq!(disks(hearing.hear(events([trouble(), trouble()]))), [false]);
    let snapshot = vec![entered(CaughtUp::First, vec![]), trouble()];
    assert_eq!(disks(hearing.hear(Update::Snapshot(snapshot))), [] as [bool; 0]);
    let well_meanwhile = vec![entered(CaughtUp::First, vec![])];
    assert_eq!(disks(hearing.hear(Update::Snapshot(well_meanwhile))), [true]);
    assert_eq!(disks(hearing.hear(events([RoomEvent::Disk { well: true }]))), [] as [bool; 0]);
}
