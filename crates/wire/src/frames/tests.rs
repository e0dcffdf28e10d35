use super::*;
use crate::{ChainHash, Epoch, Happening};

fn id(text: &str) -> MemberId {
    MemberId::parse(text).unwrap()
}

fn minji() -> Member {
    Member { id: id("m1"), nickname: Nickname::parse("민지").unwrap(), number: 3, host: false }
}

fn cursor() -> Cursor {
    Cursor { epoch: Epoch::parse("e1").unwrap(), seq: Seq(7), hash: ChainHash([0; 16]) }
}

/// Each frame as it is written in docs/PROTOCOL.md, beside what it means.
fn client_frames() -> Vec<(&'static str, ClientFrame)> {
    let nickname = Nickname::parse("민지").unwrap();
    let hello = |key: Option<&str>, signature: Option<&str>, cursor| ClientFrame::Hello {
        nickname: nickname.clone(),
        key: key.map(Into::into),
        signature: signature.map(Into::into),
        cursor,
    };
    let authenticate =
        |data: &str| ClientFrame::Authenticate { mechanism: crate::scram::SHA_256.into(), data: data.into() };
    vec![
        (
            r#"{"type":"authenticate","mechanism":"SCRAM-SHA-256","data":"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"}"#,
            authenticate("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"),
        ),
        (
            r#"{"type":"authenticate","mechanism":"SCRAM-SHA-256","data":"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="}"#,
            authenticate(
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            ),
        ),
        (r#"{"type":"hello","nickname":"민지"}"#, hello(None, None, None)),
        (
            r#"{"type":"hello","nickname":"민지","key":"QUJD","signature":"REVG","cursor":{"epoch":"e1","seq":7,"hash":"AAAAAAAAAAAAAAAAAAAAAA"}}"#,
            hello(Some("QUJD"), Some("REVG"), Some(cursor())),
        ),
        (
            r#"{"type":"say","id":"x1","text":"안녕"}"#,
            ClientFrame::Say {
                id: MessageId::parse("x1").unwrap(),
                text: MessageText::parse("안녕").unwrap(),
            },
        ),
        (r#"{"type":"rename","nickname":"민지"}"#, ClientFrame::Rename { nickname: nickname.clone() }),
        (r#"{"type":"typing","active":true}"#, ClientFrame::Typing { active: true }),
        (r#"{"type":"history","before":42}"#, ClientFrame::History { before: Seq(42) }),
        (r#"{"type":"excerpt","from":42}"#, ClientFrame::Excerpt { from: Seq(42) }),
        (
            r#"{"type":"search","words":"점심 김밥"}"#,
            ClientFrame::Search { words: SearchWords::parse("점심 김밥").unwrap(), before: None },
        ),
        (
            r#"{"type":"search","words":"점심 김밥","before":42}"#,
            ClientFrame::Search {
                words: SearchWords::parse("점심 김밥").unwrap(), before: Some(Seq(42))
            },
        ),
        (r#"{"type":"roster","after":99}"#, ClientFrame::Roster { after: 99 }),
        (r#"{"type":"leave"}"#, ClientFrame::Leave),
    ]
}

fn room_frames() -> Vec<(&'static str, RoomFrame)> {
    let said = Entry {
        seq: Seq(8),
        at: 1_763_695_166_000,
        hash: ChainHash([0; 16]),
        by: minji(),
        what: Happening::Said {
            id: MessageId::parse("x1").unwrap(),
            text: MessageText::parse("안녕").unwrap(),
        },
    };
    let renamed = Entry {
        what: Happening::Renamed { from: Nickname::parse("Min").unwrap() },
        by: Member { host: true, ..minji() },
        ..said.clone()
    };
    vec![
        (
            r#"{"type":"room","id":"r1","name":"점심 모임","nonce":"n1"}"#,
            RoomFrame::Room {
                id: RoomId::parse("r1").unwrap(),
                name: "점심 모임".into(),
                nonce: Nonce::parse("n1").unwrap(),
                mechanisms: vec![],
            },
        ),
        (
            r#"{"type":"room","id":"r1","name":"점심 모임","nonce":"n1","mechanisms":["SCRAM-SHA-256-PLUS","SCRAM-SHA-256"]}"#,
            RoomFrame::Room {
                id: RoomId::parse("r1").unwrap(),
                name: "점심 모임".into(),
                nonce: Nonce::parse("n1").unwrap(),
                mechanisms: crate::scram::offered(true),
            },
        ),
        (
            r#"{"type":"challenge","data":"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"}"#,
            RoomFrame::Challenge {
                data:
                    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
                        .into(),
            },
        ),
        (
            r#"{"type":"authenticated","data":"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="}"#,
            RoomFrame::Authenticated { data: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".into() },
        ),
        (
            r#"{"type":"welcome","you":{"id":"m1","nickname":"민지","number":3},"name":"점심 모임","head":{"epoch":"e1","seq":7,"hash":"AAAAAAAAAAAAAAAAAAAAAA"},"caught_up":"first","entries":[],"more":false,"count":1,"members":[{"id":"m1","nickname":"민지","number":3}],"limits":{"message_bytes":65536,"nickname_graphemes":32,"rate_per_second":1000,"rate_burst":2000,"members":256},"can":["history","roster","typing","excerpt","search"],"keeps":{"kind":"last","entries":1000}}"#,
            RoomFrame::Welcome {
                you: minji(),
                name: "점심 모임".into(),
                head: cursor(),
                caught_up: CaughtUp::First,
                entries: vec![],
                more: false,
                count: 1,
                members: vec![minji()],
                limits: StatedLimits::new(1_000, 256),
                can: ["history", "roster", "typing", "excerpt", "search"].map(String::from).to_vec(),
                keeps: Keeps::Last { entries: 1_000 },
            },
        ),
        (
            r#"{"type":"entry","seq":8,"at":1763695166000,"hash":"AAAAAAAAAAAAAAAAAAAAAA","by":{"id":"m1","nickname":"민지","number":3},"kind":"said","id":"x1","text":"안녕"}"#,
            RoomFrame::Entry(said.clone()),
        ),
        (
            r#"{"type":"entry","seq":8,"at":1763695166000,"hash":"AAAAAAAAAAAAAAAAAAAAAA","by":{"id":"m1","nickname":"민지","number":3,"host":true},"kind":"renamed","from":"Min"}"#,
            RoomFrame::Entry(renamed),
        ),
        (
            r#"{"type":"page","of":"history","entries":[],"more":false}"#,
            RoomFrame::Page { of: PageOf::History, entries: vec![], more: false },
        ),
        (
            r#"{"type":"page","of":"excerpt","entries":[],"more":false}"#,
            RoomFrame::Page { of: PageOf::Excerpt, entries: vec![], more: false },
        ),
        (
            r#"{"type":"found","words":"점심 김밥","entries":[],"more":false}"#,
            RoomFrame::Found {
                words: SearchWords::parse("점심 김밥").unwrap(),
                entries: vec![],
                more: false,
            },
        ),
        (r#"{"type":"disk","well":false}"#, RoomFrame::Disk { well: false }),
        (
            r#"{"type":"roster","members":[],"more":false}"#,
            RoomFrame::Roster { members: vec![], more: false },
        ),
        (
            r#"{"type":"joined","member":{"id":"m1","nickname":"민지","number":3},"count":2,"after":8}"#,
            RoomFrame::Joined { member: minji(), count: 2, after: Seq(8) },
        ),
        (
            r#"{"type":"left","member":{"id":"m1","nickname":"민지","number":3},"count":1,"after":8}"#,
            RoomFrame::Left { member: minji(), count: 1, after: Seq(8) },
        ),
        (
            r#"{"type":"presence","count":1200,"joined":[],"left":[],"after":8}"#,
            RoomFrame::Presence { count: 1200, joined: vec![], left: vec![], after: Seq(8) },
        ),
        (
            r#"{"type":"typing","member":"m1","active":true,"after":8}"#,
            RoomFrame::Typing { member: id("m1"), active: true, after: Seq(8) },
        ),
        (
            r#"{"type":"refused","code":"too_long","frame":"say","id":"x1","message":"a message has at most 65536 bytes"}"#,
            RoomFrame::Refused {
                code: RefusalCode::TooLong,
                frame: Some("say".into()),
                id: Some(MessageId::parse("x1").unwrap()),
                message: "a message has at most 65536 bytes".into(),
            },
        ),
        (
            r#"{"type":"bye","code":"room_closed","then":"stop","message":"the host closed the room"}"#,
            RoomFrame::Bye {
                code: ByeCode::RoomClosed,
                then: Then::Stop,
                message: "the host closed the room".into(),
            },
        ),
    ]
}

#[test]
fn each_frame_of_a_member_reads_and_writes_as_the_protocol_page_shows_it() {
    for (text, frame) in client_frames() {
        assert_eq!(ClientFrame::parse(text).unwrap(), frame, "{text}");
        assert_eq!(frame.encode(), text);
    }
}

#[test]
fn each_frame_of_the_room_reads_and_writes_as_the_protocol_page_shows_it() {
    for (text, frame) in room_frames() {
        assert_eq!(RoomFrame::parse(text).unwrap(), frame, "{text}");
        assert_eq!(frame.encode(), text);
    }
}

#[test]
fn the_protocol_page_shows_every_frame() {
    let page = include_str!("../../../../docs/PROTOCOL.md");
    let shown = client_frames().into_iter().map(|(text, _)| text);
    for text in shown.chain(room_frames().into_iter().map(|(text, _)| text)) {
        assert!(page.contains(text), "docs/PROTOCOL.md lacks {text}");
    }
}

#[test]
fn fields_that_nobody_knows_are_ignored() {
    assert_eq!(
        ClientFrame::parse(r#"{"mood":"sunny","type":"leave","depth":{"a":[1]}}"#),
        Ok(ClientFrame::Leave)
    );
}

fn refusal(text: &str) -> (RefusalCode, Option<String>) {
    let error = ClientFrame::parse(text).unwrap_err();
    (error.code, error.frame)
}

#[test]
fn a_type_that_nobody_knows_is_refused_by_name() {
    assert_eq!(refusal(r#"{"type":"sing"}"#), (RefusalCode::UnknownType, Some("sing".into())));
    let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(10_000));
    assert_eq!(refusal(&long).1.unwrap().len(), 80, "and not repeated at any length");
}

#[test]
fn what_is_no_frame_is_refused() {
    for text in ["", "안녕", "[]", "3", r#"{"type":3}"#, r#"{"text":"hi"}"#, r#"{"type":"say""#] {
        assert_eq!(refusal(text).0, RefusalCode::NotJson, "{text}");
    }
    for text in
        [r#"{"type":"say","id":"x"}"#, r#"{"type":"say","id":"!","text":"a"}"#, r#"{"type":"typing"}"#]
    {
        assert_eq!(refusal(text).0, RefusalCode::BadFrame, "{text}");
    }
    let deep = format!(r#"{{"type":"say","deep":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refusal(&deep).0, RefusalCode::BadFrame, "nesting costs no stack");
}

#[test]
fn text_that_breaks_a_rule_is_refused_with_the_rule() {
    let say = |text: &str| ClientFrame::parse(&format!(r#"{{"type":"say","id":"x1","text":"{text}"}}"#));
    assert_eq!(say(" ").unwrap_err().code, RefusalCode::Empty);
    let error = say(&"a".repeat(limits::MESSAGE_BYTES_MAX + 1)).unwrap_err();
    assert_eq!((error.code, error.id.unwrap().as_str()), (RefusalCode::TooLong, "x1"));
    assert_eq!(refusal(r#"{"type":"rename","nickname":"\u202e"}"#).0, RefusalCode::BadNickname);
}

#[test]
fn an_entry_of_a_newer_kind_keeps_its_place() {
    let text = r#"{"type":"entry","seq":9,"at":1,"hash":"AAAAAAAAAAAAAAAAAAAAAA","by":{"id":"m1","nickname":"a","number":0},"kind":"danced","steps":3}"#;
    match RoomFrame::parse(text).unwrap() {
        RoomFrame::Entry(entry) => assert_eq!((entry.seq, entry.what), (Seq(9), Happening::Unknown)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_longest_message_fits_a_frame_even_fully_escaped() {
    let escaped = r"\u00e9".repeat(limits::MESSAGE_BYTES_MAX / 2);
    let text = format!(r#"{{"type":"say","id":"{}","text":"{escaped}"}}"#, "x".repeat(40));
    assert!(text.len() <= limits::FRAME_BYTES_MAX);
    assert!(ClientFrame::parse(&text).is_ok());
}

#[test]
fn a_message_is_read_whatever_the_order_and_the_escapes_of_its_fields() {
    let said = ClientFrame::Say {
        id: MessageId::parse("x1").unwrap(),
        text: MessageText::parse("\"안녕\"\n\t2").unwrap(),
    };
    for text in [
        r#"{"text":"\"안녕\"\n\t2","more":[{}],"id":"x1","type":"say"}"#,
        r#" { "id" : "\u00781", "type":"s\u0061y", "text":"\"\uc548\ub155\"\r\n\t2\u0007" } "#,
    ] {
        assert_eq!(ClientFrame::parse(text), Ok(said.clone()), "{text}");
    }
}
