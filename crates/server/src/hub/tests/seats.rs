//! Seats: how many there are, and that they are given back.

use super::*;

fn limited(members_max: usize, per_address_max: usize) -> Bench {
    Bench::with(HostLimits { members_max, per_address_max, ..HostLimits::default() })
}

#[test]
fn a_full_room_lets_nobody_in_until_a_seat_is_free() {
    let mut bench = limited(2, 10);
    let first = bench.knock();
    bench.knock();
    let third = bench.knock();
    assert_eq!((bench.heard(third), bench.bye(third)), (vec![], Some(ByeCode::RoomFull)));
    bench.gone(first);
    let fourth = bench.knock();
    assert_eq!(bench.bye(fourth), None);
}

#[test]
fn one_address_takes_only_its_share_of_the_seats() {
    let mut bench = limited(100, 2);
    for (same, other) in [
        (["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"], "192.0.2.2"),
        (["2001:db8::1", "2001:db8::2", "2001:db8::ffff:3"], "2001:db8:0:1::1"),
    ] {
        let seats = same.map(|address| bench.knock_from(address, Some(Dialect::Maru)));
        assert_eq!(seats.map(|seat| bench.bye(seat)), [None, None, Some(ByeCode::AddressFull)]);
        let elsewhere = bench.knock_from(other, Some(Dialect::Maru));
        assert_eq!(bench.bye(elsewhere), None);
        bench.gone(seats[0]);
        let again = bench.knock_from(same[2], Some(Dialect::Maru));
        assert_eq!(bench.bye(again), None);
    }
}

#[test]
fn loopback_is_exempt_from_the_share_of_an_address_but_not_from_the_seats() {
    let mut bench = limited(5, 1);
    let seats: Vec<SeatId> = ["127.0.0.1", "127.0.0.1", "::1", "::1", "::ffff:127.0.0.1"]
        .map(|a| bench.knock_from(a, Some(Dialect::Maru)))
        .into();
    assert!(seats.iter().all(|seat| bench.bye(*seat).is_none()));
    let one_more = bench.knock_from("127.0.0.1", Some(Dialect::Maru));
    assert_eq!(bench.bye(one_more), Some(ByeCode::RoomFull));
}

#[test]
fn when_everybody_has_gone_nothing_is_left_of_them() {
    let mut bench = Bench::new();
    let stranger = bench.knock();
    let member = bench.enter("민지");
    let signed = bench.knock();
    bench.hello_signed(signed, "수아", 3, None);
    let left = bench.enter("준호");
    bench.frame(left, ClientFrame::Leave);
    let late = bench.knock();
    bench.wait(Duration::from_secs(5));
    assert_eq!(bench.bye(late), Some(ByeCode::HelloTimeout));
    for seat in [stranger, member, signed, left, late, SeatId(999)] {
        bench.gone(seat);
        bench.hub.handle_gone(seat);
    }
    bench.settle();
    bench.assert_empty();
}

#[test]
fn a_member_with_two_connections_joins_once_and_leaves_once() {
    let mut bench = Bench::new();
    let watcher = bench.enter("민지");
    let (first, second) = (bench.knock(), bench.knock());
    bench.hello_signed(first, "수아", 3, None);
    assert!(matches!(bench.heard_one(watcher), RoomFrame::Joined { count: 2, .. }));
    bench.hello_signed(second, "다른이름", 3, None);
    assert_eq!(bench.heard(watcher), []);
    assert!(
        matches!(bench.heard(second).last(), Some(RoomFrame::Welcome { you, count: 2, .. })
        if you.nickname == name("수아")),
        "they keep the name they have here"
    );
    bench.hush();
    bench.say(second, "x1", "안녕");
    assert!(matches!(bench.heard_one(first), RoomFrame::Entry(_)));
    bench.heard(watcher);
    bench.gone(first);
    assert_eq!(bench.heard(watcher), []);
    bench.frame(second, ClientFrame::Leave);
    assert!(matches!(bench.heard_one(watcher), RoomFrame::Left { count: 1, .. }));
}

#[test]
fn closing_says_good_bye_to_all_and_to_everybody_who_comes() {
    let mut bench = Bench::new();
    let (member, stranger) = (bench.enter("민지"), bench.knock());
    bench.hush();
    bench.hub.handle_close(ByeCode::RoomClosed);
    bench.settle();
    let late = bench.knock();
    for seat in [member, stranger, late] {
        assert_eq!((bench.heard(seat), bench.bye(seat)), (vec![], Some(ByeCode::RoomClosed)));
    }
    assert_eq!(bench.hub.poll_timeout(), None);
    bench.say(member, "x1", "아직");
    bench.gone(member);
    assert!(bench.hub.seats.is_empty() && bench.hub.per_address.is_empty());
}
