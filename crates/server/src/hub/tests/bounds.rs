//! How large what one member is told may be.

use maru_wire::limits::{MESSAGE_BYTES_MAX, NICKNAME_BYTES_MAX, PAGE_BYTES_MAX};

use super::*;

const WELCOME_BYTES_MAX: usize = 64 * 1024;

/// A nickname of as many bytes as there may be, told apart by its number: emoji families are long.
fn longest_name(number: usize) -> String {
    let family = "👩🏻‍❤️‍💋‍👩🏿";
    let digits = format!("{number:03}");
    let families = (NICKNAME_BYTES_MAX - digits.len()) / family.len();
    format!("{}{digits}", family.repeat(families.min(29)))
}

#[test]
fn a_welcome_fits_64_kib_whatever_the_names_and_entries_are() {
    let mut bench = Bench::of(HostOptions {
        name: "👩🏻‍❤️‍💋‍👩🏿".repeat(28),
        limits: HostLimits { rate_per_second: 1_000_000, per_address_max: 1_000, ..HostLimits::default() },
        ..HostOptions::new(room_id(), "")
    });
    let seats: Vec<SeatId> = (0..150).map(|i| bench.enter(&longest_name(i))).collect();
    for i in 0..300 {
        bench.say(seats[0], &format!("{i:040}"), &"\"".repeat(1 + i % 70));
    }
    let seat = bench.knock();
    bench.heard(seat);
    bench.hello(seat, &longest_name(200));
    let welcome = bench.heard_one(seat);
    let bytes = welcome.encode().len();
    assert!(bytes <= WELCOME_BYTES_MAX, "{bytes}");
    let RoomFrame::Welcome { entries, members, .. } = welcome else { panic!() };
    assert!(entries.len() >= 10 && members.len() >= 20, "{} {}", entries.len(), members.len());
}

#[test]
fn a_roster_fits_64_kib_and_says_that_there_is_more() {
    let mut bench = Bench::new();
    let seat = bench.enter("민지");
    for i in 0..150 {
        bench.enter(&longest_name(i));
    }
    bench.heard(seat);
    let (mut after, mut heard) = (0, 0);
    loop {
        bench.frame(seat, ClientFrame::Roster { after });
        let frame = bench.heard_one(seat);
        assert!(frame.encode().len() <= WELCOME_BYTES_MAX);
        let RoomFrame::Roster { members, more } = frame else { panic!() };
        heard += members.len();
        after = members.last().unwrap().number;
        if !more {
            break;
        }
    }
    assert_eq!(heard, 150);
}

#[test]
fn a_page_of_entries_is_bounded_as_it_travels_or_is_one_entry() {
    let mut bench = Bench::with(HostLimits { rate_per_second: 1_000_000, ..HostLimits::default() });
    let seat = bench.enter(&longest_name(1));
    for i in 0..120 {
        bench.say(seat, &format!("{i:040}"), if i % 2 == 0 { "\"" } else { "\\\t가" });
    }
    bench.heard(seat);
    bench.frame(seat, ClientFrame::History { before: Seq(1_000) });
    let frame = bench.heard_one(seat);
    assert!(frame.encode().len() <= PAGE_BYTES_MAX + 100, "{}", frame.encode().len());
    bench.say(seat, "long", &"\"".repeat(MESSAGE_BYTES_MAX));
    bench.heard(seat);
    bench.frame(seat, ClientFrame::History { before: Seq(1_000) });
    assert_eq!(entries(&bench.heard(seat)).len(), 1);
}
