//! A session with servers that are played from what real ones said.

use maru_wire::limits::MESSAGE_BYTES_MAX;
use maru_wire::{Entry, Happening, Keeps, RefusalCode};

use super::hearing::CUT;
use super::*;

const SECOND: Duration = Duration::from_secs(1);
const AT: u64 = 1_763_695_166_000;

fn text(text: &str) -> MessageText {
    MessageText::parse(text).unwrap()
}

fn id(id: &str) -> MessageId {
    MessageId::parse(id).unwrap()
}

/// A session, and what it asked for and told since the last look.
struct Played {
    session: Foreign,
    now: Duration,
}

impl Played {
    fn new(url: &str, dialect: Dialect) -> Self {
        let (target, nickname) = (Target::parse(url).unwrap(), Nickname::parse("민지").unwrap());
        let options = ForeignOptions { dialect, target, nickname, seed: 7 };
        let mut played = Self { session: Foreign::new(options, Duration::ZERO), now: Duration::ZERO };
        assert_eq!(played.actions(), [Action::Dial]);
        played.events();
        played
    }

    /// Connected, with what it sends then and tells passed over.
    fn in_room(url: &str, dialect: Dialect) -> Self {
        let mut played = Self::new(url, dialect);
        played.session.handle_connected(Security::Plain, false, played.now);
        played.actions();
        played.events();
        played
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.session.poll_action()).collect()
    }

    fn events(&mut self) -> Vec<RoomEvent> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }

    fn hears(&mut self, payload: &str) {
        self.session.handle_payload(Payload::Text(payload), AT, self.now);
    }

    fn says(&mut self, name: &str, said: &str) {
        self.session.say(id(name), text(said), AT, self.now).unwrap();
    }

    /// Says something, which is written at once. Returns what went out.
    fn says_and_writes(&mut self, name: &str, said: &str) -> Vec<String> {
        self.says(name, said);
        let sent = self.sent();
        self.session.handle_written(AT);
        sent
    }

    fn sent(&mut self) -> Vec<String> {
        let text = |action| if let Action::Send(text) = action { Some(text) } else { None };
        self.actions().into_iter().filter_map(text).collect()
    }

    /// The lines told since the last look, as `name: text`.
    fn lines(&mut self) -> Vec<String> {
        self.events().iter().flat_map(entries).map(|entry| shown(&entry)).collect()
    }

    fn link(&self) -> &Link {
        self.session.link()
    }
}

fn entries(event: &RoomEvent) -> Vec<Entry> {
    match event {
        RoomEvent::Entered { entries, .. } | RoomEvent::Entries { entries } => entries.clone(),
        _ => Vec::new(),
    }
}

fn shown(entry: &Entry) -> String {
    match &entry.what {
        Happening::Said { text, .. } => format!("{}: {}", entry.by.nickname, text.as_str()),
        Happening::Renamed { from } => format!("{from} -> {}", entry.by.nickname),
        Happening::Unknown => unreachable!("nobody makes one here"),
    }
}

const ZOOM: &str = "ws://127.0.0.1:3000";
const IO: &str = "http://127.0.0.1:3000/";

/// What `socket.io` 4.8 says first, in a WebSocket and without one.
const OPEN: &str = r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
const LET_IN: &str = r#"40{"sid":"oSO0OpakMV_3jnilAAAA"}"#;

#[test]
fn nickname_json_as_the_tutorial_speaks_it() {
    let mut zoom = Played::new(ZOOM, Dialect::NicknameJson);
    zoom.session.handle_connected(Security::Plain, false, zoom.now);
    assert_eq!(zoom.sent(), [r#"{"type":"nickname","payload":"민지"}"#]);
    let told = zoom.events();
    let RoomEvent::Connected { dialect: Dialect::NicknameJson, security: Security::Plain } = told[0] else {
        panic!("{told:?}")
    };
    let RoomEvent::Entered { name, you, caught_up: CaughtUp::First, count: 1, can, keeps, .. } = &told[1]
    else {
        panic!("{told:?}")
    };
    assert_eq!((name.as_str(), you.nickname.as_str()), ("127.0.0.1:3000", "민지"));
    assert_eq!((can.len(), *keeps), (0, Keeps::Nothing));
    assert_eq!(told[2], RoomEvent::Link { link: Link::Live });
    assert_eq!(zoom.says_and_writes("x1", "안녕"), [r#"{"type":"new_message","payload":"안녕"}"#]);
    zoom.hears("민지: 안녕");
    zoom.hears("철수: 응: 안녕");
    zoom.hears("Anon: hi");
    assert_eq!(zoom.lines(), ["민지: 안녕", "철수: 응: 안녕", "Anon: hi"], "nothing shows twice");
    assert_eq!(zoom.session.people.count(), 3);
    zoom.session.rename(Nickname::parse("지민").unwrap(), AT);
    assert_eq!(zoom.sent(), [r#"{"type":"nickname","payload":"지민"}"#]);
    zoom.says_and_writes("x2", "나야");
    zoom.hears("지민: 나야");
    assert_eq!(zoom.lines(), ["민지 -> 지민", "지민: 나야"]);
}

#[test]
fn a_server_of_plain_text_is_shown_as_it_speaks() {
    let mut plain = Played::new("ws://localhost:8080/ws", Dialect::Plain);
    plain.session.handle_connected(Security::Plain, false, plain.now);
    plain.hears("Hello, WebSocket!");
    assert_eq!(plain.says_and_writes("x1", "hi"), ["hi"]);
    plain.session.handle_payload(Payload::Binary("서버로부터 응답: hi".as_bytes()), AT, plain.now);
    plain.hears("메세지 수신완료.");
    let server = "localhost:8080";
    let lines = [
        format!("{server}: Hello, WebSocket!"),
        "민지: hi".into(),
        format!("{server}: 서버로부터 응답: hi"),
        format!("{server}: 메세지 수신완료."),
    ];
    assert_eq!(plain.lines(), lines);
    plain.session.handle_payload(Payload::Binary(&[0xff, 0xfe, 0]), AT, plain.now);
    let told = plain.events();
    assert!(matches!(told[..], [RoomEvent::Binary { bytes: 3, at: AT, .. }]), "{told:?}");
}

#[test]
fn socket_io_as_a_chat_of_it_speaks() {
    let mut io = Played::new(IO, Dialect::SocketIo);
    io.session.handle_connected(Security::Plain, false, io.now);
    assert_eq!(io.sent(), [""; 0], "the server speaks first");
    io.hears(OPEN);
    assert_eq!(io.sent(), ["40"]);
    io.says("x0", "일찍");
    assert!(io.sent().is_empty(), "nobody has let us in");
    io.hears(LET_IN);
    assert_eq!(*io.link(), Link::Live);
    assert_eq!(io.sent(), [r#"42["message","일찍"]"#]);
    io.session.handle_written(AT);
    io.hears("2");
    assert_eq!(io.sent(), ["3"]);
    io.hears(r#"42["message","oSO0OpakMV_3jnilAAAA: 일찍"]"#);
    io.hears(r#"42["message","Zk3xOpakMV_3jnilAAAB: 안녕"]"#);
    io.hears(r#"42["message","Zk3xOpakMV_3jnilAAAB connected"]"#);
    io.hears(r#"42["score",{"home":1},[2]]"#);
    io.hears(r#"427["news","비가 와요"]"#);
    let server = "127.0.0.1:3000";
    let lines = [
        "민지: 일찍".into(),
        "Zk3xOpakMV_3jnilAAAB: 안녕".into(),
        format!("{server}: Zk3xOpakMV_3jnilAAAB connected"),
        format!("{server}: score: {{\"home\":1}} [2]"),
        format!("{server}: news: 비가 와요"),
    ];
    assert_eq!(io.lines(), lines);
    io.hears(r#"451-["message",{"_placeholder":true,"num":0}]"#);
    io.session.handle_payload(Payload::Binary(&[1, 2, 3, 4]), AT, io.now);
    assert!(matches!(io.events()[..], [RoomEvent::Binary { bytes: 4, .. }]));
    io.hears("41");
    assert_eq!(*io.link(), Link::Ended { fault: Fault::RoomClosed }, "the server did so on purpose");
}

#[test]
fn what_a_server_says_in_the_name_it_gave_us_is_not_shown_as_ours() {
    let mut io = Played::in_room(IO, Dialect::SocketIo);
    io.hears(OPEN);
    io.hears(LET_IN);
    io.events();
    io.hears(r#"42["message","oSO0OpakMV_3jnilAAAA: 내가 안 한 말"]"#);
    assert_eq!(io.lines(), ["oSO0OpakMV_3jnilAAAA: 내가 안 한 말"]);
}

#[test]
fn the_path_of_an_address_is_the_namespace() {
    for (url, connect, said) in [
        ("http://127.0.0.1:3000/admin", "40/admin,", r#"42/admin,["message","hi"]"#),
        ("http://127.0.0.1:3000/socket.io/?EIO=4", "40", r#"42["message","hi"]"#),
    ] {
        let mut io = Played::new(url, Dialect::SocketIo);
        io.session.handle_connected(Security::Plain, false, io.now);
        io.hears(OPEN);
        assert_eq!(io.sent(), [connect]);
        io.hears(&format!(r#"{connect}{{"sid":"oSO0OpakMV_3jnilAAAA"}}"#));
        assert_eq!(io.says_and_writes("x1", "hi"), [said]);
    }
}

#[test]
fn a_namespace_that_is_not_there_or_not_open_has_words_of_its_own() {
    for (refusal, fault) in [
        (r#"44{"message":"Invalid namespace"}"#, Fault::NotARoom),
        (r#"44/admin,{"message":"not authorized"}"#, Fault::Forbidden),
        ("44", Fault::Forbidden),
    ] {
        let mut io = Played::new(IO, Dialect::SocketIo);
        io.session.handle_connected(Security::Plain, false, io.now);
        io.hears(OPEN);
        io.hears(refusal);
        assert_eq!(*io.link(), Link::Ended { fault }, "{refusal}");
        assert_eq!(io.actions().last(), Some(&Action::HangUp));
    }
}

#[test]
fn what_is_no_socket_io_ends_the_connection_and_nothing_else() {
    for broken in ["0{}", "0", "42/", "4é", "4", "45", "4599-[]", "40", "40{}", "1", "42[", "42{}", "42[1]"]
    {
        let mut io = Played::in_room(IO, Dialect::SocketIo);
        io.hears(OPEN);
        io.hears(broken);
        io.session.handle_payload(Payload::Binary(&[1]), AT, io.now);
        io.session.snapshot(io.now);
    }
}

#[test]
fn a_line_shows_as_sent_once_it_is_written_and_is_never_said_again() {
    let mut zoom = Played::in_room(ZOOM, Dialect::NicknameJson);
    zoom.says("x1", "갔을까");
    assert_eq!(zoom.sent().len(), 1);
    assert!(zoom.lines().is_empty(), "it is not written yet");
    zoom.session.handle_closed(Closed::Lost, zoom.now);
    let told = zoom.events();
    assert_eq!(told[0], RoomEvent::Unsent { id: id("x1"), code: RefusalCode::Unavailable });
    zoom.says("x2", "기다려");
    assert!(zoom.session.unsaid() == [(id("x2"), text("기다려"))]);
    zoom.now += Duration::from_secs(60);
    zoom.session.handle_timeout(zoom.now);
    assert_eq!(zoom.actions(), [Action::Dial]);
    zoom.session.handle_connected(Security::Plain, false, zoom.now);
    let sent = zoom.sent();
    let said = [r#"{"type":"nickname","payload":"민지"}"#, r#"{"type":"new_message","payload":"기다려"}"#];
    assert_eq!(sent, said, "what was in doubt is left to the person");
    zoom.session.handle_written(AT);
    let told = zoom.events();
    let gap = |event: &RoomEvent| matches!(event, RoomEvent::Entered { caught_up: CaughtUp::Trimmed, .. });
    assert!(told.iter().any(gap), "what was said meanwhile is missing: {told:?}");
    zoom.says_and_writes("x1", "갔을까");
    assert_eq!(zoom.lines(), ["민지: 갔을까"]);
}

#[test]
fn a_name_that_was_said_already_is_not_said_again() {
    let mut zoom = Played::new(ZOOM, Dialect::NicknameJson);
    zoom.session.handle_connected(Security::Plain, true, zoom.now);
    assert!(zoom.sent().is_empty());
    assert_eq!(*zoom.link(), Link::Live);
}

#[test]
fn a_server_that_never_let_us_in_is_not_dialed_again() {
    let mut zoom = Played::new(ZOOM, Dialect::NicknameJson);
    zoom.session.handle_closed(Closed::Dial(Fault::Refused), zoom.now);
    assert_eq!(*zoom.link(), Link::Ended { fault: Fault::Refused });
    zoom.session.retry_now();
    assert_eq!(zoom.actions(), [Action::Dial]);
}

#[test]
fn silence_ends_a_connection_and_a_server_that_pings_sets_its_own_bound() {
    let mut zoom = Played::in_room(ZOOM, Dialect::NicknameJson);
    let pinged = zoom.session.poll_timeout().unwrap();
    zoom.session.handle_timeout(pinged);
    assert_eq!(zoom.actions(), [Action::Ping]);
    zoom.session.handle_timeout(SILENCE_MAX);
    assert!(matches!(zoom.link(), Link::Waiting { fault: Fault::Lost, .. }));
    let mut io = Played::in_room(IO, Dialect::SocketIo);
    io.hears(OPEN);
    io.hears(LET_IN);
    io.actions();
    assert_eq!(io.session.poll_timeout(), Some(45 * SECOND));
    io.session.handle_timeout(45 * SECOND);
    assert!(matches!(io.link(), Link::Waiting { fault: Fault::Lost, .. }));
}

#[test]
fn a_close_that_says_stop_stops_and_a_code_of_a_server_s_own_does_not() {
    for (code, stops) in
        [(1000, false), (1001, false), (1006, false), (1008, true), (1003, true), (4501, false)]
    {
        let mut zoom = Played::in_room(ZOOM, Dialect::NicknameJson);
        zoom.session.handle_closed(Closed::Code(code), zoom.now);
        assert_eq!(matches!(zoom.link(), Link::Ended { .. }), stops, "{code}");
    }
}

#[test]
fn what_is_heard_is_text_within_bounds() {
    let mut plain = Played::in_room("ws://127.0.0.1:1/", Dialect::Plain);
    plain.hears(&"가".repeat(MESSAGE_BYTES_MAX));
    let lines = plain.lines();
    assert!(lines[0].ends_with(CUT) && lines[0].len() <= MESSAGE_BYTES_MAX + 20);
    plain.hears("a\u{1b}[2J\r\nb\u{0}");
    assert_eq!(plain.lines(), ["127.0.0.1:1: a[2J\nb"]);
    plain.hears("");
    plain.hears(" \n ");
    assert!(plain.lines().is_empty(), "there is nothing to see");
    for n in 0..300 {
        plain.hears(&format!("{n}{}", "x".repeat(60_000)));
        plain.events();
    }
    let kept: usize = plain.session.talk.entries().iter().map(|entry| shown(entry).len()).sum();
    assert!(kept <= maru_wire::limits::MIRROR_BYTES_MAX + 1_000_000, "{kept}");
}

#[test]
fn a_stranger_s_line_is_a_line_and_never_ours() {
    let mut zoom = Played::in_room(ZOOM, Dialect::NicknameJson);
    zoom.hears(r#"{"type":"nickname","payload":"방장"}"#);
    zoom.hears("민지: 내가 아니야");
    let entries: Vec<Entry> = zoom.events().iter().flat_map(entries).collect();
    assert_eq!(shown(&entries[0]), r#"127.0.0.1:3000: {"type":"nickname","payload":"방장"}"#);
    assert_ne!(entries[1].by.id, zoom.session.people.you().id);
}

#[test]
fn a_full_outbox_says_so() {
    let mut zoom = Played::in_room(ZOOM, Dialect::NicknameJson);
    zoom.session.handle_closed(Closed::Lost, zoom.now);
    for n in 0..OUTBOX_MESSAGES_MAX {
        zoom.says(&n.to_string(), "기다려");
    }
    assert_eq!(zoom.session.say(id("more"), text("더"), AT, zoom.now), Err(OutboxFull));
    assert_eq!(zoom.session.say(id("7"), text("기다려"), AT, zoom.now), Ok(()), "it waits already");
}

#[test]
fn a_snapshot_is_all_there_is() {
    let mut zoom = Played::in_room(ZOOM, Dialect::NicknameJson);
    zoom.hears("철수: 안녕");
    zoom.says("x1", "갈까");
    zoom.says_and_writes("x1", "갈까");
    zoom.says("x2", "응");
    let told = zoom.session.snapshot(zoom.now);
    let lines: Vec<String> = told.iter().flat_map(entries).map(|entry| shown(&entry)).collect();
    assert_eq!(lines, ["철수: 안녕", "민지: 갈까"]);
    assert!(matches!(&told[2], RoomEvent::Queued { id, .. } if id.as_str() == "x2"), "{told:?}");
    assert_eq!(told.last(), Some(&RoomEvent::Link { link: Link::Live }));
    assert!(zoom.events().is_empty());
}

#[test]
fn the_same_address_is_the_same_room_and_another_is_another() {
    let room = |url| room_of(&Target::parse(url).unwrap());
    assert_eq!(room("ws://a.test:1/x"), room("http://a.test:1/x"));
    assert_ne!(room("ws://a.test:1/x"), room("ws://a.test:1/y"));
    assert_ne!(room("ws://a.test:1/x"), room("wss://a.test:1/x"));
}
