//! Looking for words.

use maru_wire::limits::{FOUND_ENTRIES_MAX, SEARCH_CHARS_MAX};

use super::*;

/// The same messages read through, and from the index.
fn both(texts: &[&str], check: impl Fn(&dyn Fn(&str) -> Vec<u64>)) {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    let drafts = texts.iter().enumerate().map(|(i, text)| say(minji(), &format!("m{i}"), text)).collect();
    store.write(drafts).unwrap();
    let reader = store.reader().unwrap();
    check(&|words| found(&reader, words));
    // Far enough behind that no search reads through them.
    for _ in 0..3 {
        say_many(&mut store, 1_000);
    }
    tend_all(&mut store);
    assert!(store.marks.indexed.0 > 2_800);
    check(&|words| found(&reader, words));
}

#[test]
fn a_korean_word_is_found_inside_another_and_by_one_syllable() {
    both(&["점심시간에 만나요", "저녁은?", "오늘 점심 뭐 먹지", "심심하다"], |found| {
        assert_eq!(found("점심"), [1, 3]);
        assert_eq!(found("시간"), [1]);
        assert_eq!(found("점"), [1, 3]);
        assert_eq!(found("다"), [4], "at the end too");
        assert_eq!(found("간에 점심"), [1], "each of the words");
        assert_eq!(found("심시간에"), [1]);
        assert_eq!(found("점간"), [0; 0]);
        assert_eq!(found("아침"), [0; 0]);
    });
}

#[test]
fn letters_are_found_anywhere_in_upper_or_lower_case() {
    both(&["Hello WORLD", "say hi", "This", "ΟΔΟΣ ΣΟΦΟΣ", "Straße", "v1.2-rc 3", "x"], |found| {
        assert_eq!(found("world"), [1]);
        assert_eq!(found("ORL"), [1]);
        assert_eq!(found("hi"), [2, 3]);
        assert_eq!(found("h"), [1, 2, 3]);
        assert_eq!(found("οδος"), [0; 0], "the final form is another letter");
        assert_eq!(found("οδο σοφ"), [4]);
        assert_eq!(found("STRASSE"), [0; 0]);
        assert_eq!(found("straß"), [5]);
        assert_eq!(found("1.2-rc"), [6]);
        assert_eq!(found("2-"), [6]);
        assert_eq!(found("x"), [7]);
    });
}

#[test]
fn what_is_found_is_there_letter_by_letter() {
    both(&["abcd bcde", "한국 국어"], |found| {
        assert_eq!(found("abcde"), [0; 0], "though every stretch of it is");
        assert_eq!(found("한국어"), [0; 0]);
        assert_eq!(found("abcd"), [1]);
    });
}

#[test]
fn a_syllable_may_be_composed_in_any_way() {
    both(&["\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "cafe\u{301}"], |found| {
        assert_eq!(found("한글"), [1]);
        assert_eq!(found("글"), [1]);
        assert_eq!(found("CAFÉ"), [2]);
    });
}

#[test]
fn words_have_no_meaning_but_themselves() {
    let texts = ["a\"b", "NEAR(a b)", "c* d", "-e AND f", "grams:g", "(h)", "^i", "j + k", "{l} m", "가'나"];
    both(&texts, |found| {
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(found(text), [i as u64 + 1], "{text}");
        }
        assert_eq!(found("\""), [1]);
        assert_eq!(found("c*"), [3]);
        assert_eq!(found("a OR zzz"), [0; 0]);
        assert_eq!(found("a* zzz"), [0; 0]);
    });
}

#[test]
fn the_longest_search_is_answered() {
    let long = "가나다라마바사아자차".repeat(SEARCH_CHARS_MAX / 10);
    let many = "a b ".repeat(SEARCH_CHARS_MAX / 4);
    both(&[&long, &many], |found| {
        assert_eq!(found(&long), [1]);
        assert_eq!(found(&many), [2]);
    });
}

#[test]
fn the_latest_come_first_and_older_ones_are_asked_for() {
    let rig = Rig::new();
    let (mut store, _) = rig.open();
    for round in 0..12 {
        say_many(&mut store, 500);
        said(&mut store, &format!("s{round}"), "드문 말씀");
    }
    let ask = |words: &str, before| rig.reader().search(&SearchWords::parse(words).unwrap(), before).unwrap();
    let check = || {
        let first = ask("말", None);
        assert_eq!((first.entries.len(), first.more), (FOUND_ENTRIES_MAX, true));
        assert_eq!(first.entries.last().unwrap().seq, Seq(6_012));
        let (mut place, mut count) = (None, 0);
        loop {
            let found = ask("말", place);
            assert!(found.entries.windows(2).all(|pair| pair[0].seq < pair[1].seq));
            count += found.entries.len();
            place = found.entries.first().map(|entry| entry.seq);
            if !found.more {
                break;
            }
        }
        assert_eq!(count, 6_012, "each of them once");
        let rare = ask("말씀", None);
        assert_eq!((rare.entries.len(), rare.more), (12, false));
        assert_eq!(seqs(&ask("말씀", Some(Seq(1_002))).entries), [501]);
        assert_eq!(seqs(&ask("말씀", Some(Seq(u64::MAX))).entries).len(), 12);
    };
    check();
    tend_all(&mut store);
    check();
}
