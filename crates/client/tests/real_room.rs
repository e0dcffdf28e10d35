//! The driver on real sockets, against a real host and against peers that are none. Waits for what is told, never
//! for time to pass.

#![allow(clippy::unwrap_used, reason = "it is a test: what goes wrong fails it")]

#[path = "real_room/guest.rs"]
mod guest;
#[path = "real_room/peers.rs"]
mod peers;

use maru_client::{Fault, Link, RoomEvent, Update};
use maru_server::{Host, HostLimits};
use maru_wire::{ByeCode, CaughtUp, Happening};
use tokio::net::TcpSocket;

use guest::{Guest, open, options, soon};

#[tokio::test(flavor = "multi_thread")]
async fn two_members_hear_each_other_and_one_leaves() {
    let host = open(0).await;
    let mut minji = Guest::in_room(&host, "민지").await;
    let mut jisu = Guest::in_room(&host, "지수").await;
    minji.say("x1", "안녕").await;
    jisu.hears("x1").await;
    minji.hears("x1").await;
    jisu.say("y1", "반가워").await;
    minji.hears("y1").await;
    soon(jisu.joined.leave()).await;
    let left = |event: &RoomEvent| match event {
        RoomEvent::Presence { left, count: 1, .. } => left.first().map(|member| member.nickname.to_string()),
        _ => None,
    };
    assert_eq!(minji.told(left).await, "지수");
    soon(host.members().wait_for(|count| *count == 1)).await.unwrap();
    soon(host.stop(ByeCode::RoomClosed)).await;
    assert_eq!(minji.ended().await, Fault::RoomClosed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_comes_back_on_its_port_is_found_again_and_told_what_was_said_meanwhile() {
    let host = open(0).await;
    let port = host.address().port();
    let mut minji = Guest::in_room(&host, "민지").await;
    minji.say("x1", "안녕").await;
    minji.hears("x1").await;
    soon(host.stop(ByeCode::Restarting)).await;
    minji.told(|event| matches!(event, RoomEvent::Link { link: Link::Waiting { .. } }).then_some(())).await;
    minji.say("x2", "거기 있어?").await;
    let host = open(port).await;
    let entered = |event: &RoomEvent| match event {
        RoomEvent::Entered { caught_up, .. } => Some(*caught_up),
        _ => None,
    };
    assert_eq!(minji.told(entered).await, CaughtUp::NewEpoch, "this host forgets what was said before");
    minji.hears("x2").await;
    let mut jisu = Guest::join(&host, "지수");
    let first = jisu.told(|event| match event {
        RoomEvent::Entered { entries, .. } => Some(entries.clone()),
        _ => None,
    });
    let said: Vec<String> = first
        .await
        .into_iter()
        .filter_map(|entry| match entry.what {
            Happening::Said { id, .. } => Some(id.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(said, ["x2"], "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_not_waited_for_where_it_is_asked_for() {
    let host = open(0).await;
    let port = host.address().port();
    let mut minji = Guest::in_room(&host, "민지").await;
    drop(host);
    for _ in 0..3 {
        minji
            .told(|event| matches!(event, RoomEvent::Link { link: Link::Waiting { .. } }).then_some(()))
            .await;
        minji.joined.retry_now().await;
    }
    let _host = open(port).await;
    minji.joined.retry_now().await;
    minji.told(|event| matches!(event, RoomEvent::Link { link: Link::Live }).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_us_out_is_told_by_its_name() {
    // A port that is held, so that nobody else opens it meanwhile, but on which nobody listens.
    let held = TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = held.local_addr().unwrap();
    let web = peers::http_server().await;
    for (address, fault) in [
        (closed.to_string(), Fault::Refused),
        ("maru-does-not-exist.invalid:4567".into(), Fault::NotFound),
        (web.to_string(), Fault::NotARoom),
    ] {
        let mut guest = Guest::at(&address, "민지");
        assert_eq!(guest.ended().await, fault, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_room_says_so_and_a_free_seat_is_taken_when_asked() {
    let limits = HostLimits { members_max: 1, ..HostLimits::default() };
    let host = Host::start(maru_server::HostOptions { limits, ..options(0) }).await.unwrap();
    let minji = Guest::in_room(&host, "민지").await;
    let mut jisu = Guest::join(&host, "지수");
    assert_eq!(jisu.ended().await, Fault::RoomFull);
    soon(minji.joined.leave()).await;
    soon(host.members().wait_for(|count| *count == 0)).await.unwrap();
    jisu.joined.retry_now().await;
    jisu.told(|event| matches!(event, RoomEvent::Entered { .. }).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_takes_nothing_gets_one_snapshot_later() {
    let host = open(0).await;
    let mut frozen = Guest::in_room(&host, "멈춘 창").await;
    let mut minji = Guest::in_room(&host, "민지").await;
    for i in 0..600 {
        minji.says_and_hears(&format!("x{i}")).await;
    }
    let (mut updates, mut snapshots, mut lines) = (0, 0, 0);
    while lines < 620 {
        updates += 1;
        // It takes one thing at a time, while more is said.
        if updates <= 20 {
            minji.says_and_hears(&format!("y{updates}")).await;
        }
        let events = match soon(frozen.updates.recv()).await.unwrap() {
            Update::Sights(_) => continue,
            Update::Events(events) => events,
            Update::Snapshot(events) => {
                (snapshots, lines) = (snapshots + 1, 0);
                events
            }
        };
        lines += events.iter().map(guest::said_in).sum::<usize>();
    }
    assert_eq!(snapshots, 1);
    assert!(updates <= 256 + 1 + 620, "{updates}");
    minji.say("last", "끝").await;
    frozen.hears("last").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_dropped_leaves_politely() {
    let host = open(0).await;
    let mut minji = Guest::in_room(&host, "민지").await;
    let jisu = Guest::in_room(&host, "지수").await;
    drop(jisu);
    soon(host.members().wait_for(|count| *count == 1)).await.unwrap();
    minji
        .told(|event| match event {
            RoomEvent::Presence { left, .. } => (!left.is_empty()).then_some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_a_peer_that_is_dead_takes_no_time_to_speak_of() {
    let (address, _alive) = peers::dead_room().await;
    let mut minji = Guest::in_maru(&address.to_string(), "민지");
    minji.told(|event| matches!(event, RoomEvent::Entered { .. }).then_some(())).await;
    for i in 0..200 {
        minji.say(&format!("x{i}"), &"가".repeat(20_000)).await;
    }
    soon(minji.joined.leave()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dial_that_is_under_way_can_be_left() {
    let (address, _alive) = peers::silent_socket().await;
    let guest = Guest::at(&address.to_string(), "민지");
    soon(guest.joined.leave()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_outbox_of_long_messages_arrives_whole_and_in_order() {
    let host = open(0).await;
    let port = host.address().port();
    let mut jisu = Guest::in_room(&host, "지수").await;
    let mut minji = Guest::in_room(&host, "민지").await;
    soon(host.stop(ByeCode::Restarting)).await;
    minji.told(|event| matches!(event, RoomEvent::Link { link: Link::Waiting { .. } }).then_some(())).await;
    let text = "가".repeat(20_000);
    for i in 0..150 {
        minji.say(&format!("x{i}"), &text).await;
    }
    let _host = open(port).await;
    let expected: Vec<String> = (0..150).map(|i| format!("x{i}")).collect();
    assert_eq!(minji.lines_up_to("x149").await, expected);
    // Who came back later than that was told the latest page and what followed.
    let heard = jisu.lines_up_to("x149").await;
    assert!(expected.ends_with(&heard), "{heard:?}");
}
