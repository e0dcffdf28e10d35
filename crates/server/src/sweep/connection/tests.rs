//! How long a connection is waited for, and when it is listened to, on a clock that the test turns.

use super::super::encode::{TEXT, frame};
use super::*;

const START: Duration = Duration::from_secs(100);

fn limits() -> WsLimits {
    WsLimits::default()
}

fn connection() -> Connection {
    Connection::new(ConnectionId(0), None, START, &limits())
}

/// Where nobody hears the feed.
fn apart() -> Place {
    Place { position: 0, live: false, end: 0 }
}

/// Writes everything that waits, and returns it.
fn written(connection: &mut Connection) -> Vec<u8> {
    let feed = Feed::default();
    let mut slices = Slices::new();
    connection.gather(apart(), &feed, &mut slices);
    let bytes: Vec<u8> = slices.as_slices().iter().flat_map(|slice| slice.to_vec()).collect();
    connection.handle_written(apart(), bytes.len());
    bytes
}

/// Lets the time run to what it brings next.
fn next(connection: &mut Connection) -> (Duration, Timeout) {
    let due = connection.poll_timeout(&limits());
    assert_eq!(
        connection.handle_timeout(due - Duration::from_millis(1), 0, &limits()),
        Timeout::Nothing,
        "not a moment before"
    );
    (due, connection.handle_timeout(due, 0, &limits()))
}

#[test]
fn a_peer_that_answers_no_ping_is_let_go_after_two() {
    let mut connection = connection();
    for nth in 1..=limits().pings_missed_max {
        assert_eq!(next(&mut connection), (START + limits().ping_interval * nth, Timeout::Pinged));
        assert_eq!(written(&mut connection), [0x89, 0]);
    }
    let due = START + limits().ping_interval * (limits().pings_missed_max + 1);
    assert_eq!(next(&mut connection), (due, Timeout::LetGo(ByeCode::PingTimeout)));
}

#[test]
fn a_peer_that_answers_its_pings_stays() {
    let mut connection = connection();
    for _ in 0..10 {
        assert_eq!(next(&mut connection).1, Timeout::Pinged);
        assert_eq!(written(&mut connection), [0x89, 0]);
        connection.handle_piece();
    }
}

#[test]
fn a_ping_that_was_never_written_is_not_missed_and_not_followed_by_another() {
    let mut connection = connection();
    assert_eq!(next(&mut connection).1, Timeout::Pinged);
    for _ in 0..10 {
        assert_eq!(next(&mut connection).1, Timeout::Nothing);
    }
    assert_eq!(written(&mut connection), [0x89, 0], "one");
}

#[test]
fn a_peer_that_does_not_read_is_waited_for_as_long_as_a_write_may_take() {
    let mut connection = connection();
    connection.tell(frame(TEXT, b"word"), 0, Then::Nothing, &limits());
    let blocked = START + Duration::from_secs(1);
    connection.handle_blocked(false, blocked);
    let later = blocked + Duration::from_secs(30);
    connection.handle_blocked(false, later);
    loop {
        let (due, timeout) = next(&mut connection);
        if timeout == Timeout::Over {
            assert_eq!(due, blocked + limits().write_stall_max);
            break;
        }
        assert!(due < blocked + limits().write_stall_max);
    }
}

#[test]
fn a_peer_that_reads_a_little_is_waited_for_anew() {
    let mut connection = connection();
    connection.handle_blocked(false, START);
    let later = START + limits().write_stall_max - Duration::from_millis(1);
    connection.handle_blocked(true, later);
    let then = START + limits().write_stall_max;
    assert_ne!(connection.handle_timeout(then, 0, &limits()), Timeout::Over);
    connection.handle_unblocked();
    let long_after = then + limits().write_stall_max;
    assert_ne!(connection.handle_timeout(long_after, 0, &limits()), Timeout::Over);
}

#[test]
fn a_close_that_is_not_answered_is_waited_for_two_seconds() {
    let mut connection = connection();
    connection.end(b"bye".to_vec(), 0, true, START + limits().close_max);
    assert_eq!(written(&mut connection), b"bye");
    assert_eq!(connection.poll_farewell(), Farewell::Wait);
    assert_eq!(next(&mut connection), (START + limits().close_max, Timeout::Over));
}

#[test]
fn last_words_that_wait_for_a_slow_reader_are_followed_by_no_longer_a_wait_than_others() {
    let mut connection = connection();
    connection.end(b"bye".to_vec(), 0, true, START + limits().write_stall_max);
    let late = START + Duration::from_secs(30);
    assert_eq!(connection.handle_timeout(late, 0, &limits()), Timeout::Nothing);
    written(&mut connection);
    connection.handle_words_written(late, &limits());
    assert_eq!(next(&mut connection), (late + limits().close_max, Timeout::Over));
}

#[test]
fn an_ending_is_over_once_both_sides_have_said_so_and_shut() {
    let mut connection = connection();
    connection.end(b"bye".to_vec(), 0, true, START + limits().close_max);
    assert_eq!(connection.poll_farewell(), Farewell::Wait, "the words are not written");
    written(&mut connection);
    assert_eq!(connection.poll_farewell(), Farewell::Wait, "the peer has not said so");
    connection.handle_peer_close();
    assert_eq!(connection.poll_farewell(), Farewell::Shut);
    assert_eq!(connection.poll_farewell(), Farewell::Wait, "the peer has not shut its side");
    assert!(connection.handle_peer_shut());
    assert_eq!(connection.poll_farewell(), Farewell::Over);
}

#[test]
fn a_peer_that_vanishes_is_told_nothing() {
    let mut connection = connection();
    assert!(!connection.handle_peer_shut());
}

#[test]
fn who_has_much_to_read_or_to_be_answered_is_not_listened_to() {
    let mut busy = connection();
    busy.handle_heard(limits().share_max - 1);
    assert!(busy.listens(&limits()));
    busy.tell(frame(TEXT, b"an answer"), 0, Then::Nothing, &limits());
    assert!(!busy.listens(&limits()), "a full share, with what is not written of it");
    written(&mut busy);
    assert!(busy.listens(&limits()));
    busy.handle_heard(1);
    assert!(!busy.listens(&limits()));
    busy.handle_answered(1);
    assert!(busy.listens(&limits()));
    busy.tell(vec![0; limits().private_bytes_max + 1], 0, Then::Nothing, &limits());
    assert!(!busy.listens(&limits()), "much to read");
}

#[test]
fn what_waits_for_one_connection_is_bounded() {
    let mut connection = connection();
    for _ in 0..limits().private_frames_max {
        assert!(connection.tell(b"x".to_vec(), 0, Then::Nothing, &limits()));
    }
    assert!(!connection.tell(b"x".to_vec(), 0, Then::Nothing, &limits()));
}
