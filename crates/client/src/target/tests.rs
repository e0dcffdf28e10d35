use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

fn read(typed: &str) -> Result<String, &'static str> {
    Target::parse(typed).map(|target| target.to_string()).map_err(TargetError::code)
}

/// Checks each row and names all that are wrong at once.
fn assert_rows(rows: &[(&str, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .map(|(typed, expected)| (typed, read(typed).unwrap_or_else(String::from), expected))
        .filter(|(_, got, expected)| got != *expected)
        .collect();
    assert!(wrong.is_empty(), "typed, got, expected: {wrong:#?}");
}

#[test]
fn an_address_is_understood_as_people_write_it() {
    assert_rows(&[
        // Bare.
        ("192.168.0.10:4567", "ws://192.168.0.10:4567/"),
        ("192.168.0.10", "ws://192.168.0.10:4567/"),
        ("192.168.0.10:80", "ws://192.168.0.10:80/"),
        ("192.168.0.10/", "ws://192.168.0.10:4567/"),
        ("//192.168.0.10:1234/x", "ws://192.168.0.10:1234/x"),
        ("localhost", "ws://localhost:4567/"),
        ("LocalHost:5000", "ws://localhost:5000/"),
        ("minji-pc.local", "ws://minji-pc.local:4567/"),
        ("minji_pc:04567", "ws://minji_pc:4567/"),
        ("example.com.", "ws://example.com:4567/"),
        ("[::1]:4567", "ws://[::1]:4567/"),
        ("[::1]", "ws://[::1]:4567/"),
        ("::1", "ws://[::1]:4567/"),
        ("fd00::a:1", "ws://[fd00::a:1]:4567/"),
        ("host/room?x=1", "ws://host:4567/room?x=1"),
        ("host?x=1", "ws://host:4567/?x=1"),
        // With a scheme.
        ("ws://host", "ws://host:80/"),
        ("wss://host", "wss://host:443/"),
        ("http://host", "ws://host:80/"),
        ("https://host", "wss://host:443/"),
        ("HTTP://Host:4567", "ws://host:4567/"),
        ("wss://chat.example.com/rooms/1?key=a%20b#top", "wss://chat.example.com:443/rooms/1?key=a%20b"),
        ("ws://[2001:db8::1]:4567/", "ws://[2001:db8::1]:4567/"),
        (
            "ws://host:4567/대화?이름=민지",
            "ws://host:4567/%EB%8C%80%ED%99%94?%EC%9D%B4%EB%A6%84=%EB%AF%BC%EC%A7%80",
        ),
        // Names in other scripts.
        ("마루.한국", "ws://xn--2s2b1p.xn--3e0b707e:4567/"),
        ("wss://bücher.example", "wss://xn--bcher-kva.example:443/"),
        // Surroundings.
        ("  192.168.0.10:4567\n", "ws://192.168.0.10:4567/"),
        ("\u{FEFF}\u{200B}host:4567\u{200E}", "ws://host:4567/"),
        ("\"ws://host:4567/\"", "ws://host:4567/"),
        ("'host'", "ws://host:4567/"),
        ("<http://host:4567/>", "ws://host:4567/"),
        ("“ <host:4567> ”", "ws://host:4567/"),
        ("「192.168.0.10:4567」", "ws://192.168.0.10:4567/"),
        ("192.168.0.10:4567로", "ws://192.168.0.10:4567/"),
        ("192.168.0.10:4567입니다", "ws://192.168.0.10:4567/"),
        ("minji.local에서", "ws://minji.local:4567/"),
        ("http://192.168.0.10:4567/으로", "ws://192.168.0.10:4567/"),
        // Full width, as a Korean or Japanese keyboard may leave it.
        ("１９２．１６８．０．１０：４５６７", "ws://192.168.0.10:4567/"),
        ("192。168。0。10:4567", "ws://192.168.0.10:4567/"),
        ("ｈｔｔｐ：／／ｈｏｓｔ：４５６７／a", "ws://host:4567/a"),
        ("ws://host:4567/ａ", "ws://host:4567/%EF%BD%81"),
    ]);
}

#[test]
fn an_invite_link_carries_every_address_and_the_room() {
    assert_rows(&[
        ("maru://join?a=192.168.0.10:4567", "ws://192.168.0.10:4567/"),
        ("maru://join/?a=192.168.0.10", "ws://192.168.0.10:4567/"),
        ("MARU://Join?a=host", "ws://host:4567/"),
        (
            "maru://join?a=10.0.0.2:4567&a=%5Bfd00::1%5D:4567&room=abc",
            "maru://join?a=10.0.0.2%3A4567&a=%5Bfd00%3A%3A1%5D%3A4567&room=abc",
        ),
        (
            "maru://join?a=10.0.0.2:4567&a=[fd00::1]:4567",
            "maru://join?a=10.0.0.2%3A4567&a=%5Bfd00%3A%3A1%5D%3A4567",
        ),
        ("maru://join?a=host&a=host:4567&later=1", "ws://host:4567/"),
        ("maru://join?a=host&a=what@ever&tls=1", "wss://host:4567/"),
        ("maru://join?a=host#x", "ws://host:4567/"),
        ("maru://join?room=abc", "invite_incomplete"),
        ("maru://join", "invite_incomplete"),
        ("maru://", "invite_incomplete"),
        ("maru://leave?a=host", "invite_incomplete"),
        ("maru://join?a=", "invite_incomplete"),
        ("maru://join?a=host:0", "invite_incomplete"),
        ("maru://join?a=host&room=not%20a%20room", "invite_incomplete"),
        ("maru://join?a=host&pin=AAAA", "invite_incomplete"),
        ("maru://join?a=host&pin=", "invite_incomplete"),
        (&format!("maru://join?a=host&pin={PIN}"), &format!("maru://join?a=host%3A4567&pin={PIN}")),
    ]);
}

#[test]
fn a_page_s_address_carries_the_rest_of_its_invite_in_its_fragment() {
    let whole = format!("maru://join?a=10.0.0.2%3A4567&a=%5Bfd00%3A%3A1%5D%3A4567&room=abc&pin={PIN}");
    let cut = format!("http://10.0.0.2:4567/#room=abc&pin={}", &PIN[..42]);
    assert_rows(&[
        (&format!("http://10.0.0.2:4567/#a=%5Bfd00::1%5D:4567&room=abc&pin={PIN}"), &whole),
        (&format!("이리로 오세요: http://10.0.0.2:4567/#a=[fd00::1]:4567&room=abc&pin={PIN}."), &whole),
        (
            &format!("https://chat.example/a#a=10.0.0.2&pin={PIN}&later=1"),
            &format!("maru://join?a=chat.example%3A443&a=10.0.0.2%3A4567&pin={PIN}&path=%2Fa&tls=1"),
        ),
        ("http://10.0.0.2:4567/#top", "ws://10.0.0.2:4567/"),
        ("http://10.0.0.2:4567/#room=not%20a%20room", "invite_incomplete"),
        (&cut, "invite_incomplete"),
    ]);
}

#[test]
fn an_address_in_a_sentence_is_found() {
    assert_rows(&[
        ("같은 와이파이에서 열어 주세요: http://192.168.0.10:4567/", "ws://192.168.0.10:4567/"),
        ("같은 와이파이에서 http://192.168.0.10:4567/ 로 들어오세요.", "ws://192.168.0.10:4567/"),
        ("여기예요→http://192.168.0.10:4567/로 오세요", "ws://192.168.0.10:4567/"),
        ("Join me (wss://chat.example.com/a), now!", "wss://chat.example.com:443/a"),
        ("[Maru](http://10.0.0.2:4567/)", "ws://10.0.0.2:4567/"),
        ("지금 http://10.0.0.2:4567/ 아니면 http://10.0.0.2:4567/.", "ws://10.0.0.2:4567/"),
        (
            "http://10.0.0.2:4567/\nmaru://join?a=10.0.0.2:4567&room=abc",
            "maru://join?a=10.0.0.2%3A4567&room=abc",
        ),
        ("주소는 192.168.0.10:4567 입니다", "ws://192.168.0.10:4567/"),
        ("12:30에 192.168.0.10:4567로 와", "ws://192.168.0.10:4567/"),
        ("http://10.0.0.2/ or http://10.0.0.3/", "address_unreadable"),
        ("10.0.0.2 아니면 10.0.0.3", "address_unreadable"),
        ("여기: http://10.0.0.2:99999/", "address_port"),
        ("12:30에 만나자", "address_unreadable"),
        ("안녕 모두", "address_unreadable"),
    ]);
}

#[test]
fn what_leads_nowhere_says_why() {
    assert_rows(&[
        ("", "address_empty"),
        (" \t\u{3000}\u{200B}", "address_empty"),
        ("\"\"", "address_empty"),
        ("ftp://host/", "address_scheme"),
        ("file:///etc/passwd", "address_scheme"),
        ("javascript://host/%0aalert(1)", "address_scheme"),
        ("host:0", "address_port"),
        ("host:65536", "address_port"),
        ("host:99999999999999999999", "address_port"),
        ("host:abc", "address_port"),
        ("host:-1", "address_port"),
        ("host:+80", "address_port"),
        ("host:", "address_port"),
        ("javascript:alert(1)", "address_port"),
        ("ws://host:/x", "address_port"),
        ("[::1]:x", "address_port"),
        ("ws://", "address_unreadable"),
        ("http:///x", "address_unreadable"),
        ("://host", "address_unreadable"),
        (":4567", "address_unreadable"),
        ("4567", "address_unreadable"),
        ("192.168.1", "address_unreadable"),
        ("192.168.0.010", "address_unreadable"),
        ("0x7f000001", "address_unreadable"),
        ("256.1.1.1", "address_unreadable"),
        ("[::1", "address_unreadable"),
        ("[::1]4567", "address_unreadable"),
        ("fe80::1%eth0", "address_unreadable"),
        ("user@host", "address_unreadable"),
        ("ws://user:password@host/", "address_unreadable"),
        ("ws://host＠evil.example/", "address_unreadable"),
        ("http:\\\\host", "address_unreadable"),
        ("a..b", "address_unreadable"),
        ("host name", "address_unreadable"),
        ("ho<st", "address_unreadable"),
    ]);
    let long_label = format!("{}.com", "a".repeat(64));
    assert_eq!(read(&long_label), Err("address_unreadable"));
    assert_eq!(read(&"abcdefgh.".repeat(30)), Err("address_unreadable"), "a name of 269 characters");
}

#[test]
fn a_host_hidden_by_a_compatibility_character_is_not_dialed() {
    // U+2100 is "a/c" in its compatibility form: the host ends before it, as it looks.
    assert_eq!(read("ws://host℀.example/"), Ok("ws://hosta:80/c.example/".into()));
    assert_eq!(read("ws://safe.example／@evil.example/"), Ok("ws://safe.example:80/@evil.example/".into()));
}

#[test]
fn the_longest_address_fits_and_one_character_more_does_not() {
    let prefix = "ws://host/";
    let fits = format!("{prefix}{}", "가".repeat(ADDRESS_CHARS_MAX - prefix.len()));
    assert!(Target::parse(&fits).is_ok());
    assert_eq!(Target::parse(&format!("{fits}가")), Err(TargetError::TooLong));
}

#[test]
fn no_more_addresses_than_an_invite_may_have() {
    let link = |count| {
        let addresses: Vec<_> = (0..count).map(|n| format!("a=10.0.0.{n}")).collect();
        Target::parse(&format!("maru://join?{}", addresses.join("&"))).unwrap().addresses.len()
    };
    assert_eq!(link(INVITE_ADDRESSES_MAX), INVITE_ADDRESSES_MAX);
    assert_eq!(link(INVITE_ADDRESSES_MAX + 1), INVITE_ADDRESSES_MAX);
}

#[test]
fn the_page_gets_host_port_and_tls_of_the_first_address() {
    let target = Target::parse("maru://join?a=[::1]:1&a=10.0.0.2&tls=1").unwrap();
    assert_eq!(serde_json::to_string(&target).unwrap(), r#"{"host":"[::1]","port":1,"tls":true}"#);
}

#[test]
fn a_target_tells_the_urls_of_each_address() {
    let target = Target::parse("https://host:4567/a?b").unwrap();
    let at = &target.addresses[0];
    assert_eq!(target.ws_url(at), "wss://host:4567/a?b");
    assert_eq!(target.http_url(at, "/room.json"), "https://host:4567/room.json");
}

/// As a SHA-256 is written.
const PIN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn any_host() -> impl Strategy<Value = Host> {
    prop_oneof![
        any::<u32>().prop_map(|bits| Host::Ipv4(Ipv4Addr::from(bits))),
        any::<u128>().prop_map(|bits| Host::Ipv6(Ipv6Addr::from(bits))),
        "[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5})?(\\.[a-z]{2,6}){0,3}".prop_map(Host::Domain),
    ]
}

fn any_target() -> impl Strategy<Value = Target> {
    let endpoint = || (any_host(), 1..=u16::MAX).prop_map(|(host, port)| Endpoint { host, port });
    let path = || "/[a-z0-9/_~-]{0,20}(\\?[a-z0-9=&/?.-]{0,20})?";
    let room = prop::option::of(any::<[u8; 16]>().prop_map(RoomId::from_random));
    let pin = prop::option::of(any::<[u8; 32]>().prop_map(|bits| BASE64URL_NOPAD.encode(&bits)));
    let addresses = prop::collection::hash_set(endpoint(), 1..=INVITE_ADDRESSES_MAX);
    (addresses, any::<bool>(), path(), room, pin).prop_map(|(addresses, tls, path, room, pin)| Target {
        addresses: addresses.into_iter().collect(),
        tls,
        path,
        room,
        pin,
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(typed in "\\PC{0,60}") {
        let _ = Target::parse(&typed);
    }

    #[test]
    fn no_text_like_an_address_makes_it_panic(
        typed in "(maru|ws|wss|http|ftp|ｈttp)?(://|:|/)?[\\[\\]a-z0-9.:@%/?#&=로에℀： \u{3000}'\"<>()]{0,30}",
    ) {
        if let Ok(target) = Target::parse(&typed) {
            prop_assert!(!target.addresses.is_empty() && target.addresses.len() <= INVITE_ADDRESSES_MAX);
            prop_assert_eq!(Target::parse(&target.to_string()), Ok(target));
        }
    }

    #[test]
    fn a_target_survives_being_written_down(target in any_target()) {
        prop_assert_eq!(Target::parse(&target.to_string()), Ok(target));
    }
}
