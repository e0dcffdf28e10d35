//! `maru host` on a disk that is full for a while. Needs a small file system of its own; where none may be mounted
//! (it takes root, on Linux), it says so and looks at nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "each test file uses some of it")]
#[path = "common/member.rs"]
mod member;

mod common;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use common::{Maru, command, folder};
use maru_client::RoomEvent;
use member::{Member, said};
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_the_room_lives_says_so_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mounted() else {
        println!("skipped: no file system may be mounted here");
        return;
    };
    let (mut host, url) = open(disk.path());
    let (mut minji, mut junho) = (Member::in_room(&url, "minji").await, Member::in_room(&url, "junho").await);
    minji.say("m000", "before").await;
    junho.hears("m000").await;

    disk.fill();
    // What the disk has set aside takes a few lines more.
    for number in 1..=LINES {
        minji.say(&format!("m{number:03}"), &"x".repeat(LINE_BYTES)).await;
    }
    for member in [&mut minji, &mut junho] {
        member.told(|event| (*event == RoomEvent::Disk { well: false }).then_some(())).await;
    }
    minji.joined.set_typing(true).await;
    junho.told(|event| matches!(event, RoomEvent::Typing { active: true, .. }).then_some(())).await;
    let mut sua = Member::in_room(&url, "sua").await;
    sua.told(|event| (*event == RoomEvent::Disk { well: false }).then_some(())).await;

    disk.clear();
    sua.told(|event| (*event == RoomEvent::Disk { well: true }).then_some(())).await;
    sua.hears(&format!("m{LINES:03}")).await;
    host.kill();
    let (_host, url) = open(disk.path());
    let log = Member::whole_log(&url).await;
    let lines: Vec<&str> = log.iter().filter_map(said).collect();
    let expected: Vec<String> = (0..=LINES).map(|number| format!("m{number:03}")).collect();
    assert_eq!(lines, expected, "each once, in order, also after it was opened again");
}

fn open(data: &Path) -> (Maru, String) {
    let words = ["host", "--json", "--bind", "127.0.0.1", "--port", "0", "--name", "Full", "--data-dir"];
    let mut host = command(&words);
    host.arg(data);
    Maru::run(host).listening()
}

/// A file system of a few MiB.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mounted() -> Option<Self> {
        let folder = folder();
        let size = format!("size={DISK_MIB}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        is_mounted.then(|| Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves nothing free.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.path().join("filler")).unwrap();
        let nothing = [0; 4096];
        while filler.write_all(&nothing).is_ok() {}
    }

    fn clear(&self) {
        std::fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The host may still have files of it open for a moment.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

const DISK_MIB: usize = 8;

/// More than what is set aside holds, together.
const LINES: usize = 60;
const LINE_BYTES: usize = 32 * 1024;
