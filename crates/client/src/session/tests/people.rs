//! Who is here, what they are called, and who is writing.

use super::*;

fn joined(id: &str, nickname: &str, number: u32, count: u32) -> String {
    format!(
        r#"{{"type":"joined","member":{{"id":"{id}","nickname":"{nickname}","number":{number}}},
        "count":{count},"after":0}}"#
    )
}

fn typing(member: &str, active: bool) -> String {
    format!(r#"{{"type":"typing","member":"{member}","active":{active},"after":0}}"#)
}

fn names(bench: &Bench) -> Vec<(u32, &str)> {
    bench.shown.members.iter().map(|(number, member)| (*number, member.nickname.as_str())).collect()
}

#[test]
fn who_comes_and_goes_is_told_with_an_exact_count() {
    let mut bench = Bench::live();
    bench.hears(&joined("m9", "하늘", 9, 3));
    assert_eq!((names(&bench), bench.shown.count), (vec![(0, "지수"), (3, "민지"), (9, "하늘")], 3));
    bench.hears(&joined("m9", "하늘", 9, 2).replace("joined", "left"));
    assert_eq!((names(&bench), bench.shown.count), (vec![(0, "지수"), (3, "민지")], 2));
    bench.hears(
        r#"{"type":"presence","count":1200,"joined":[{"id":"m8","nickname":"별","number":8}],
        "left":[{"id":"m2","nickname":"지수","number":0}],"after":0}"#,
    );
    assert_eq!((names(&bench), bench.shown.count), (vec![(3, "민지"), (8, "별")], 1_200));
}

#[test]
fn the_roster_is_asked_for_after_the_last_page_even_where_somebody_came_since() {
    let mut bench = Bench::live();
    bench.hears(&joined("m900", "늦은 사람", 900, 3));
    bench.session.load_roster(bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::Roster { after: 3 })]);
    bench.hears(r#"{"type":"roster","members":[{"id":"m7","nickname":"별","number":7}],"more":true}"#);
    assert_eq!(names(&bench).len(), 4);
    bench.session.load_roster(bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::Roster { after: 7 })]);
}

#[test]
fn a_rename_is_heard_by_all_and_ones_own_is_kept_when_coming_back() {
    let mut bench = Bench::live();
    bench.session.rename(name("민지 2"), bench.now);
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::Rename { nickname: name("민지 2") })]);
    bench.hears(&renamed("m1", 3, 1, "민지", "민지 2"));
    bench.hears(&renamed("m2", 0, 2, "지수", "하늘"));
    assert_eq!(names(&bench), [(0, "하늘"), (3, "민지 2")]);
    assert_eq!(bench.shown.you.as_ref().unwrap().nickname, name("민지 2"));
    bench.comes_back();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("민지 2")));
}

#[test]
fn a_rename_over_another_connection_is_ours_too() {
    let mut bench = Bench::live();
    bench.hears(&renamed("m1", 3, 1, "민지", "민지 2"));
    bench.comes_back();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("민지 2")));
}

#[test]
fn of_two_renames_the_last_one_holds_whatever_is_heard_between() {
    let mut bench = Bench::live();
    bench.session.rename(name("하나"), bench.now);
    bench.session.rename(name("둘"), bench.now);
    bench.hears(&renamed("m1", 3, 1, "민지", "하나"));
    bench.comes_back();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("둘")));
}

#[test]
fn a_refused_rename_leaves_the_name_as_it_was() {
    let mut bench = Bench::live();
    bench.session.rename(name("지수"), bench.now);
    bench.hears(&refused("nickname_taken", "rename", None));
    assert!(bench.events().iter().any(|event| matches!(event, RoomEvent::Refused { .. })));
    bench.comes_back();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("민지")));
}

#[test]
fn who_renames_while_away_comes_back_under_the_new_name() {
    let mut bench = Bench::live();
    bench.closes(Closed::Lost);
    bench.session.rename(name("민지 2"), bench.now);
    bench.wait_for_dial();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("민지 2")));
    // Their old connection is not known to be gone yet, so the room calls them as before.
    bench.hears(&welcome_as("민지", "resumed", 0, &[], false));
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::Rename { nickname: name("민지 2") })]);
}

#[test]
fn names_told_at_the_door_are_newer_than_those_in_what_was_said_before() {
    let said = [entry_by("m2", "옛 지수", 0, 1, "a"), entry_by("m1", "옛 민지", 3, 2, "b")];
    let mut bench = Bench::live_with(&welcome("first", 2, &said, false));
    assert_eq!(names(&bench), [(0, "지수"), (3, "민지")]);
    assert_eq!(bench.shown.you.as_ref().unwrap().nickname, name("민지"));
    assert_eq!(bench.actions(), [], "no rename is due");
    bench.comes_back();
    bench.enter(&welcome("resumed", 4, &[entry_by("m1", "옛 민지", 3, 3, "c")], true));
    // Renamed once, and then come back under yet another name.
    bench.session.handle_text(&page("missed", &[renamed("m1", 3, 4, "옛 민지", "민지 2")], false), bench.now);
    bench.settle();
    bench.shown = Shown::of(&bench.session.snapshot(bench.now));
    assert_eq!(bench.shown.you.as_ref().unwrap().nickname, name("민지"));
    bench.comes_back();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("민지")));
}

#[test]
fn typing_is_passed_on_every_two_seconds_and_its_end_once() {
    let mut bench = Bench::live();
    let active = |active| vec![Action::Send(ClientFrame::Typing { active })];
    bench.session.set_typing(true, bench.now);
    assert_eq!(bench.actions(), active(true));
    bench.wait(Duration::from_millis(1_999));
    bench.session.set_typing(true, bench.now);
    assert_eq!(bench.actions(), []);
    bench.wait(Duration::from_millis(1));
    bench.session.set_typing(true, bench.now);
    assert_eq!(bench.actions(), active(true));
    bench.session.set_typing(false, bench.now);
    bench.session.set_typing(false, bench.now);
    assert_eq!(bench.actions(), active(false));
    bench.session.set_typing(true, bench.now);
    bench.say("x1");
    bench.actions();
    bench.session.set_typing(false, bench.now);
    assert_eq!(bench.actions(), [], "what is said ends the writing of it");
    bench.closes(Closed::Lost);
    bench.session.set_typing(true, bench.now);
    assert!(!bench.actions().contains(&active(true)[0]), "nobody is there to be told");
}

#[test]
fn somebody_elses_typing_lapses_after_six_seconds_unless_renewed() {
    let mut bench = Bench::live();
    bench.hears(&typing("m2", true));
    bench.wait(SECOND * 5);
    bench.hears(&typing("m2", true));
    bench.wait(Duration::from_millis(5_999));
    assert_eq!(bench.shown.typing.len(), 1);
    bench.wait(Duration::from_millis(1));
    assert!(bench.shown.typing.is_empty());
}

#[test]
fn typing_ends_by_its_end_a_message_or_leaving() {
    for end in [typing("m2", false), entry(1), joined("m2", "지수", 0, 1).replace("joined", "left")] {
        let mut bench = Bench::live();
        bench.hears(&typing("m2", true));
        bench.hears(&end);
        assert!(bench.shown.typing.is_empty(), "{end}");
    }
}

#[test]
fn ones_own_typing_is_not_shown() {
    let mut bench = Bench::live();
    bench.hears(&typing("m1", true));
    assert!(bench.shown.typing.is_empty());
}

#[test]
fn of_a_crowd_that_writes_only_so_many_are_shown_and_they_can_go_on() {
    let mut bench = Bench::live();
    for i in 0..60 {
        bench.hears(&typing(&format!("w{i}"), true));
    }
    assert_eq!(bench.shown.typing.len(), 50);
    bench.wait(SECOND * 5);
    bench.hears(&typing("w0", true));
    bench.wait(SECOND * 5);
    assert_eq!(bench.shown.typing.len(), 1, "renewed although there was no place for another");
}

#[test]
fn who_is_here_over_another_connection_keeps_the_name_they_have_there() {
    let mut bench = Bench::new();
    bench.greet();
    bench.hears(&welcome_as("민지 집", "first", 0, &[], false));
    assert_eq!(bench.actions(), [], "nobody is renamed by coming in twice");
    bench.comes_back();
    assert!(matches!(bench.hello(), ClientFrame::Hello { nickname, .. } if nickname == name("민지 집")));
}

#[test]
fn a_rename_asked_for_while_away_is_asked_for_again_where_the_room_still_says_the_old_name() {
    let mut bench = Bench::live();
    bench.closes(Closed::Lost);
    bench.session.rename(name("민지 2"), bench.now);
    bench.session.retry_now();
    bench.greet();
    bench.hears(&welcome("resumed", 0, &[], false));
    assert_eq!(bench.actions(), [Action::Send(ClientFrame::Rename { nickname: name("민지 2") })]);
}
