//! Finding each other, on networks made for it: each test has machines of its own, network namespaces joined by a cable.
//! Nothing of this ever reaches a network of the machine that tests. Needs Linux and root; `cargo xtask test lan` runs it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use common::{Maru, folder, json};
use serde_json::Value;

/// Two machines and the cable between them.
struct Cable {
    here: Machine,
    there: Machine,
}

/// A network namespace, taken away with all that is in it when the test ends, however it ends.
struct Machine(String);

impl Cable {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let run = std::env::var("MARU_NETWORKS_RUN").unwrap_or_default();
        let number = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let machine = |name: &str| Machine::new(format!("maru-{run}-{number}-{name}"));
        let cable = Self { here: machine("here"), there: machine("there") };
        let (here, there) = (&cable.here.0, &cable.there.0);
        let ends =
            ["link", "add", "eth0", "netns", here, "type", "veth", "peer", "name", "eth0", "netns", there];
        ip(&ends);
        for (machine, address) in [(&cable.here, HERE), (&cable.there, THERE)] {
            machine.ip(&["link", "set", "lo", "up"]);
            machine.ip(&["addr", "add", &format!("{address}/24"), "dev", "eth0"]);
            machine.ip(&["link", "set", "eth0", "up"]);
        }
        cable
    }
}

impl Machine {
    fn new(name: String) -> Self {
        ip(&["netns", "add", &name]);
        Self(name)
    }

    fn ip(&self, words: &[&str]) {
        ip(&[&["-n", self.0.as_str()], words].concat());
    }

    /// `maru` on this machine, with a data folder of its own.
    fn maru(&self, words: &[&str]) -> Maru {
        Maru::run_with_folder(self.command(words), folder())
    }

    fn command(&self, words: &[&str]) -> Command {
        let plain = common::command(words);
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0]).arg(plain.get_program()).args(plain.get_args());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// A room open on this machine, and what it said of itself.
    fn host(&self, words: &[&str]) -> (Maru, Value) {
        let mut host = self.maru(&[&["host", "--json"], words].concat());
        let listening = host.event("listening");
        (host, listening)
    }

    /// What is heard of on this machine in some seconds.
    fn nearby(&self, words: &[&str]) -> Vec<Value> {
        let ended = self.maru(&[&["nearby", "--json"], words].concat()).ended();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.out.lines().map(json).filter(|event| event["event"] == "nearby").collect()
    }

    /// Nothing of multicast DNS gets in here any more.
    fn block_multicast(&self) {
        let rules = "add table inet maru; \
            add chain inet maru input { type filter hook input priority 0; }; \
            add rule inet maru input udp dport 5353 drop";
        let done = Command::new("ip").args(["netns", "exec", &self.0, "nft", rules]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).status();
    }
}

fn ip(words: &[&str]) {
    let done = Command::new("ip").args(words).output().unwrap();
    assert!(done.status.success(), "ip {words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn rooms(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn a_room_is_heard_of_once_and_gone_when_it_closes() {
    let cable = Cable::new();
    let mut nearby = cable.there.maru(&["nearby", "--json", "--seconds", "600"]);
    let (host, listening) = cable.here.host(&["--name", "점심 모임"]);
    let heard = nearby.event("nearby");
    assert_eq!(heard["id"], listening["room"]);
    assert_eq!(heard["name"], "점심 모임");
    assert_eq!(heard["members"], 0);
    assert_eq!(heard["passphrase"], false);
    assert_eq!(heard["addresses"], serde_json::json!([format!("{HERE}:4567")]));
    let invite = heard["invite"].as_str().unwrap();
    let mut member = cable.there.maru(&["join", "--json", invite]);
    assert_eq!(member.event("entered")["room"], listening["room"]);
    let counted = nearby.event_that("a member", |event| event["members"] == 1);
    assert_eq!(counted["id"], listening["room"], "the number of members follows");
    host.signal("INT");
    assert_eq!(nearby.event("gone")["id"], listening["room"]);
    assert_eq!(host.ended().code, Some(0));
    let told: Vec<_> = nearby.seen.iter().map(|line| json(line)).collect();
    assert!(told.iter().all(|event| event["id"] == listening["room"]), "{told:#?}");
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn two_rooms_of_one_name_are_two() {
    let cable = Cable::new();
    let (_one, first) = cable.here.host(&["--name", "Lunch"]);
    let (_other, second) = cable.here.host(&["--name", "Lunch"]);
    let (_third, third) = cable.there.host(&["--name", "Lunch"]);
    let mut nearby = cable.there.maru(&["nearby", "--json", "--seconds", "600"]);
    let mut heard = BTreeSet::new();
    while heard.len() < 3 {
        heard.insert(nearby.event("nearby")["id"].as_str().unwrap().to_owned());
    }
    let open = [&first, &second, &third].map(|listening| listening["room"].as_str().unwrap().to_owned());
    assert_eq!(heard, open.into());
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn what_is_not_for_others_is_not_announced() {
    let cable = Cable::new();
    let (_quiet, _) = cable.here.host(&["--no-announce"]);
    let (_private, _) = cable.here.host(&["--bind", "127.0.0.1"]);
    let (_open, listening) = cable.here.host(&[]);
    let heard = cable.there.nearby(&["--seconds", "5"]);
    assert_eq!(rooms(&heard), [listening["room"].as_str().unwrap().to_owned()].into());
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn where_multicast_is_blocked_looking_harder_finds_the_room() {
    let cable = Cable::new();
    cable.there.block_multicast();
    let (_host, listening) = cable.here.host(&["--name", "Lunch"]);
    assert_eq!(cable.there.nearby(&["--seconds", "3"]), Vec::<Value>::new(), "it is blocked");
    let found = cable.there.nearby(&["--seconds", "1", "--scan"]);
    assert_eq!(rooms(&found), [listening["room"].as_str().unwrap().to_owned()].into());
    assert_eq!(found[0]["name"], "Lunch");
    assert_eq!(found[0]["addresses"], serde_json::json!([format!("{HERE}:4567")]));
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn an_invite_whose_first_address_is_dead_joins_by_the_next() {
    let cable = Cable::new();
    let (_host, listening) = cable.here.host(&["--no-announce"]);
    let room = listening["room"].as_str().unwrap();
    let invite = format!("maru://join?a=10.77.0.99:4567&a={HERE}:4567&room={room}");
    let mut member = cable.there.maru(&["join", "--json", &invite]);
    assert_eq!(member.event("entered")["room"], room);
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn a_room_that_moves_to_another_network_is_announced_there() {
    let cable = Cable::new();
    let (mut host, listening) = cable.here.host(&[]);
    let mut nearby = cable.there.maru(&["nearby", "--json", "--seconds", "600"]);
    assert_eq!(nearby.event("nearby")["addresses"], serde_json::json!([format!("{HERE}:4567")]));
    cable.there.ip(&["addr", "add", "10.88.0.2/24", "dev", "eth0"]);
    cable.here.ip(&["addr", "del", &format!("{HERE}/24"), "dev", "eth0"]);
    cable.here.ip(&["addr", "add", "10.88.0.1/24", "dev", "eth0"]);
    let moved = host.event_that("new addresses", |event| {
        event["event"] == "addresses" && event["url"] == "http://10.88.0.1:4567/"
    });
    assert!(moved["invite"].as_str().unwrap().contains("a=10.88.0.1:4567"), "{moved}");
    let heard = nearby.event_that("the new address", |event| {
        let addresses = event["addresses"].as_array();
        addresses.is_some_and(|all| all.iter().any(|address| address == "10.88.0.1:4567"))
    });
    assert_eq!(heard["id"], listening["room"]);
    let mut member = cable.there.maru(&["join", "--json", heard["invite"].as_str().unwrap()]);
    assert_eq!(member.event("entered")["room"], listening["room"]);
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn a_member_follows_a_room_that_comes_back_at_another_address() {
    let cable = Cable::new();
    let data = folder();
    let opened = |words: &[&str]| {
        let mut command = cable.here.command(&[&["host", "--json", "--name", "Lunch"], words].concat());
        command.arg("--data-dir").arg(data.path());
        let mut host = Maru::run(command);
        let listening = host.event("listening");
        (host, listening)
    };
    let (host, listening) = opened(&[]);
    let mut member = cable.there.maru(&["join", "--json", listening["invite"].as_str().unwrap()]);
    member.event("entered");
    host.signal("TERM");
    assert_eq!(host.ended().code, Some(0));
    cable.there.ip(&["addr", "add", "10.88.0.2/24", "dev", "eth0"]);
    cable.here.ip(&["addr", "del", &format!("{HERE}/24"), "dev", "eth0"]);
    cable.here.ip(&["addr", "add", "10.88.0.1/24", "dev", "eth0"]);
    let (_moved, again) = opened(&["--port", "5678"]);
    assert_eq!(again["room"], listening["room"]);
    assert_eq!(again["url"], "http://10.88.0.1:5678/");
    assert_eq!(member.event("entered")["room"], listening["room"], "nobody told it the address");
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn a_room_bound_to_one_address_answers_there_again_once_it_is_back() {
    let cable = Cable::new();
    let (mut host, listening) = cable.here.host(&["--bind", HERE]);
    let address = format!("{HERE}/24");
    cable.here.ip(&["addr", "del", &address, "dev", "eth0"]);
    host.event_that("no network", |event| event["event"] == "reach" && event["state"] == "no_network");
    cable.here.ip(&["addr", "add", &address, "dev", "eth0"]);
    host.event_that("a network", |event| event["event"] == "reach" && event["state"] != "no_network");
    let mut member = cable.there.maru(&["join", "--json", listening["url"].as_str().unwrap()]);
    assert_eq!(member.event("entered")["room"], listening["room"]);
    let heard = cable.there.nearby(&["--seconds", "4"]);
    assert_eq!(rooms(&heard).len(), 1, "it is announced again");
}

#[test]
#[ignore = "needs root and network namespaces: cargo xtask test lan"]
fn only_a_request_from_elsewhere_tells_that_others_reach_us() {
    let cable = Cable::new();
    let (mut host, listening) = cable.here.host(&["--no-announce"]);
    let url = listening["url"].as_str().unwrap();
    let mut own = cable.here.maru(&["join", "--json", url]);
    own.event("entered");
    host.event_that("a member", |event| event["event"] == "members" && event["count"] == 1);
    let before: Vec<_> = host.seen.iter().map(|line| json(line)).collect();
    assert!(before.iter().all(|event| event["state"] != "reached"), "{before:#?}");
    let mut other = cable.there.maru(&["join", "--json", url]);
    other.event("entered");
    host.event_that("others", |event| event["event"] == "reach" && event["state"] == "reached");
}

const HERE: &str = "10.77.0.1";
const THERE: &str = "10.77.0.2";
