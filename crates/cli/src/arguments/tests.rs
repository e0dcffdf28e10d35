use super::*;

fn parsed(line: &str, language: Language) -> Result<Arguments, Instead> {
    parse(line.split_whitespace().map(OsString::from), Words::of(language))
}

fn error(line: &str, language: Language) -> String {
    match parsed(line, language).unwrap_err() {
        Instead::Error(text) => text,
        Instead::Asked(text) => panic!("{text}"),
    }
}

#[test]
fn the_command_line_is_one_that_clap_accepts() {
    for language in Language::ALL {
        command(Words::of(language)).debug_assert();
    }
}

#[test]
fn values_are_parsed() {
    let Asked::Host(host) =
        parsed("maru host --name 점심 --port 0 --bind [::1] --rate 5 --no-qr --json", Language::En)
            .unwrap()
            .asked
    else {
        panic!("host")
    };
    assert_eq!(host.name.as_deref(), Some("점심"));
    assert_eq!((host.port, host.bind), (Some(0), Some("::1".parse().unwrap())));
    assert_eq!((host.rate_per_second, host.members_max), (5, MEMBERS_MAX_DEFAULT));
    assert_eq!((host.qr, host.json), (Some(false), true));
    let Asked::Send(send) = parsed("maru send 192.168.0.7 -", Language::En).unwrap().asked else {
        panic!("send")
    };
    assert_eq!((send.target.to_string().as_str(), send.text.as_str()), ("ws://192.168.0.7:4567/", "-"));
}

#[test]
fn a_certificate_comes_with_its_key_and_addresses_and_pages_may_be_several() {
    let hosted = |line: &str| match parsed(line, Language::En).unwrap().asked {
        Asked::Host(host) => host,
        other => panic!("{other:?}"),
    };
    assert_eq!(hosted("maru host").certificate, None);
    assert_eq!(hosted("maru host").origins, Origins::Own);
    let host = hosted(
        "maru host --cert a.pem --key b.pem --public-url https://a.example --public-url http://b:8080",
    );
    assert_eq!(host.certificate, Some((PathBuf::from("a.pem"), PathBuf::from("b.pem"))));
    let urls: Vec<_> = host.public_urls.iter().map(PublicUrl::to_string).collect();
    assert_eq!(urls, ["https://a.example/", "http://b:8080/"]);
    assert_eq!(hosted("maru host --allow-origin *").origins, Origins::Any);
    let listed = hosted("maru host --allow-origin null --allow-origin https://a.example").origins;
    assert_eq!(listed, Origins::Listed(vec!["null".into(), "https://a.example".into()]));
    for (line, what) in [
        ("maru host --cert a.pem", "--key"),
        ("maru host --key a.pem", "--cert"),
        ("maru host --public-url a.example", "--public-url"),
        ("maru host --allow-origin a.example", "--allow-origin"),
    ] {
        let said = error(line, Language::Ko);
        assert!(said.contains(what), "{line}: {said}");
    }
}

#[test]
fn what_is_kept_is_everything_nothing_or_a_number() {
    let kept = |line: &str| match parsed(line, Language::En).unwrap().asked {
        Asked::Host(host) => host.keeps,
        other => panic!("{other:?}"),
    };
    assert_eq!(kept("maru host"), None, "as it was before");
    assert_eq!(kept("maru host --keep everything"), Some(Keeps::Everything));
    assert_eq!(kept("maru host --keep nothing"), Some(Keeps::Nothing));
    assert_eq!(kept("maru host --keep 1000"), Some(Keeps::Last { entries: 1000 }));
    for wrong in ["0", "-1", "1.5", "some", "1000000001"] {
        let said = error(&format!("maru host --keep={wrong}"), Language::En);
        assert!(said.contains("--keep"), "{wrong}: {said}");
    }
}

#[test]
fn an_export_names_its_room_and_its_format() {
    let Asked::Export(export) =
        parsed("maru export 점심 --format html --output lunch.html", Language::En).unwrap().asked
    else {
        panic!("export")
    };
    assert_eq!((export.room.as_str(), export.format), ("점심", Format::Html));
    assert_eq!(export.output, Some(PathBuf::from("lunch.html")));
    let Asked::Backup(backup) = parsed("maru backup 점심 lunch.db", Language::En).unwrap().asked else {
        panic!("backup")
    };
    assert_eq!((backup.room.as_str(), backup.file), ("점심", PathBuf::from("lunch.db")));
}

#[test]
fn what_cannot_be_understood_is_told_in_both_languages() {
    for (line, what) in [
        ("maru sing", "sing"),
        ("maru host --sing", "--sing"),
        ("maru host --port 70000", "70000"),
        ("maru host --port", "--port"),
        ("maru host --max-members 0", "--max-members"),
        ("maru host --bind somewhere", "--bind"),
        ("maru join", "URL"),
        ("maru host --keep some", "--keep"),
        ("maru export Lunch", "--format"),
        ("maru export Lunch --format pdf", "pdf"),
        ("maru backup Lunch", "FILE"),
        ("maru join a:b", "65535"),
        ("maru host --json --json", "--json"),
    ] {
        for language in Language::ALL {
            let said = error(line, language);
            assert!(said.starts_with("maru: ") && said.contains(what), "{line}: {said}");
            let korean = said.contains(|c: char| ('가'..='힣').contains(&c));
            assert_eq!(korean, language == Language::Ko, "{line}: {said}");
        }
    }
}

#[test]
fn help_is_in_one_language_and_fits_a_terminal() {
    for language in Language::ALL {
        for line in [
            "maru --help",
            "maru host --help",
            "maru join --help",
            "maru send --help",
            "maru export --help",
            "maru backup --help",
            "maru nearby --help",
        ] {
            let Instead::Asked(help) = parsed(line, language).unwrap_err() else { panic!("{line}") };
            let korean = help.contains(|c: char| ('가'..='힣').contains(&c));
            assert_eq!(korean, language == Language::Ko, "{line}: {help}");
            for line in help.lines() {
                assert!(columns(line) <= 100, "{line}");
            }
            assert!(!help.contains('{'), "{help}");
        }
    }
}

fn columns(line: &str) -> usize {
    line.chars().map(|c| if ('\u{1100}'..='\u{FFDC}').contains(&c) { 2 } else { 1 }).sum()
}
