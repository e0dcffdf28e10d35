//! Joining while as much is said as the room takes: the seam between what was missed and what is live has neither a
//! hole nor an overlap, for those who are new and for those who come back from anywhere in the log.
#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

mod common;

use std::net::SocketAddr;

use common::guest::{Guest, UNHURRIED, host_with};
use common::soon;
use maru_wire::{CaughtUp, Cursor, Entry, Happening, RoomFrame, Seq};
use tokio::sync::watch;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_joins_during_a_storm_misses_or_hears_anything_twice() {
    let host = host_with(UNHURRIED).await;
    let (places, place) = watch::channel(None);
    let storm = tokio::spawn(storm(host.address(), places));
    let joiners: Vec<_> =
        (0..JOINERS).map(|n| tokio::spawn(join(host.address(), n, place.clone()))).collect();
    for joiner in joiners {
        soon(joiner).await.unwrap();
    }
    drop(place);
    soon(storm).await.unwrap();
}

/// Somebody says one line after the other until nobody wants to know the place of the last one any more.
async fn storm(to: SocketAddr, places: watch::Sender<Option<Cursor>>) {
    let (mut speaker, welcome) = Guest::join_from(to, "폭풍", None).await;
    let RoomFrame::Welcome { head, .. } = welcome else { panic!() };
    let (mut said, mut heard) = (0, 0);
    while !places.is_closed() {
        while said < heard + UNDER_WAY {
            speaker.say(&format!("x{said}"), "한 줄").await;
            said += 1;
        }
        let entry = speaker.entry().await;
        assert!(matches!(&entry.what, Happening::Said { id, .. } if *id.as_str() == *format!("x{heard}")));
        heard += 1;
        places.send_replace(Some(Cursor { epoch: head.epoch.clone(), seq: entry.seq, hash: entry.hash }));
    }
}

/// Joins, hears some of it, comes back at that place or at an older one, and hears on.
async fn join(to: SocketAddr, number: usize, mut places: watch::Receiver<Option<Cursor>>) {
    // Not all at once: some find a short log, some a long one.
    let begin = number as u64 * LINES_BETWEEN;
    let far = |place: &Option<Cursor>| place.as_ref().is_some_and(|place| place.seq.0 >= begin);
    let old = soon(places.wait_for(far)).await.unwrap().clone().expect("a place");
    let name = format!("손님 {number}");
    let last = listen(to, &name, None, LINES_HEARD).await;
    let here = Cursor { epoch: old.epoch.clone(), seq: last.seq, hash: last.hash };
    for cursor in [here, old] {
        listen(to, &name, Some(cursor), LINES_HEARD).await;
    }
}

/// Hears that many live entries after what was missed, each after the one before, and goes.
async fn listen(to: SocketAddr, name: &str, cursor: Option<Cursor>, lines: usize) -> Entry {
    let (mut guest, welcome) = Guest::join_from(to, name, cursor.as_ref()).await;
    let RoomFrame::Welcome { caught_up, entries, head, more, .. } = welcome else { panic!() };
    let expected = if cursor.is_some() { CaughtUp::Resumed } else { CaughtUp::First };
    assert_eq!(caught_up, expected);
    let mut last = match &cursor {
        Some(cursor) => cursor.seq,
        None => entries.first().map_or(head.seq, |first| Seq(first.seq.0 - 1)),
    };
    let mut follow = |entries: &[Entry]| {
        for entry in entries {
            assert_eq!(entry.seq, last.next(), "{name} from {cursor:?}");
            last = entry.seq;
        }
    };
    follow(&entries);
    let mut is_missing = expected == CaughtUp::Resumed && more;
    let mut live = 0;
    loop {
        match guest.hear().await {
            RoomFrame::Page { entries, more, .. } => {
                follow(&entries);
                is_missing = more;
            }
            RoomFrame::Entry(entry) => {
                assert!(!is_missing, "live before all that was missed is told");
                follow(std::slice::from_ref(&entry));
                live += 1;
                if live == lines {
                    guest.0.say(r#"{"type":"leave"}"#).await;
                    return entry;
                }
            }
            _ => {}
        }
    }
}

const JOINERS: usize = 40;

/// Lines that wait for their entry, so that the room is never idle.
const UNDER_WAY: usize = 40;

/// Lines between two who join.
const LINES_BETWEEN: u64 = 50;

/// Live lines after which a seam has been passed.
const LINES_HEARD: usize = 30;
