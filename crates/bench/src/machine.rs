//! The machine a run was taken on, read when it runs.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::process;

/// What one must know of a machine to read a figure of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The model of its processor.
    pub processor: String,
    /// How many cores it shows.
    pub cores: usize,
    /// Its kernel.
    pub kernel: String,
    /// The file system the durable rooms lie on.
    pub file_system: String,
    /// What else ran when the run began: the load average of a minute.
    pub load: String,
}

impl Machine {
    /// The one this runs on, with that folder for the rooms.
    pub fn here(folder: &Path) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let processors = read("/proc/cpuinfo");
        let models = || processors.lines().filter_map(|line| line.strip_prefix("model name"));
        let model = models().next().map_or("unknown", |line| line.trim_start_matches([' ', '\t', ':']));
        Self {
            processor: model.to_owned(),
            cores: models().count(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            file_system: file_system(&read("/proc/mounts"), folder),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        }
    }

    /// In one sentence.
    pub fn words(&self) -> String {
        format!(
            "{}, {} cores, Linux {}, rooms on {}, load average at the start {}",
            self.processor, self.cores, self.kernel, self.file_system, self.load
        )
    }

    /// For the file of a run.
    pub fn json(&self) -> Value {
        json!({
            "processor": self.processor, "cores": self.cores, "kernel": self.kernel,
            "file_system": self.file_system, "load": self.load,
        })
    }
}

/// How much of the machine others have taken, from a moment on.
#[derive(Debug, Clone, Copy)]
pub struct Busy {
    /// Ticks of all cores, at work and in all.
    at_work: u64,
    all: u64,
    ours: f64,
}

impl Busy {
    /// From now on.
    pub fn now() -> Self {
        let (at_work, all) = ticks(&fs::read_to_string("/proc/stat").unwrap_or_default());
        Self { at_work, all, ours: process::cpu_seconds(std::process::id()) }
    }

    /// The share of all cores that neither this program nor its servers, by now ended, have used since.
    pub fn others_percent(self) -> f64 {
        let now = Self::now();
        let ours = (now.ours - self.ours) * rustix::param::clock_ticks_per_second() as f64;
        let others = (now.at_work.saturating_sub(self.at_work)) as f64 - ours;
        others.max(0.0) / now.all.saturating_sub(self.all).max(1) as f64 * 100.0
    }
}

/// proc(5): user, nice, system, idle, iowait, irq, softirq, steal. What a host takes from a virtual machine counts as work.
fn ticks(stat: &str) -> (u64, u64) {
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<u64> =
        line.split_whitespace().skip(1).take(8).filter_map(|tick| tick.parse().ok()).collect();
    let all: u64 = ticks.iter().sum();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    (all - idle, all)
}

/// The type of the mount with the longest path that the folder lies under.
fn file_system(mounts: &str, folder: &Path) -> String {
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let over = fields.filter(|mount| mount.len() > 2 && folder.starts_with(mount[1]));
    over.max_by_key(|mount| mount[1].len()).map_or_else(|| "unknown".into(), |mount| mount[2].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_not_work_and_what_the_host_takes_is() {
        assert_eq!(ticks("cpu  1 2 3 100 50 4 5 6 7 8\ncpu0 9"), (21, 171));
    }

    #[test]
    fn the_file_system_is_that_of_the_nearest_mount() {
        let mounts = "overlay / overlay rw 0 0\n/dev/sda /home ext4 rw 0 0\ntmpfs /home/a/tmp tmpfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/home/a/target")), "ext4");
        assert_eq!(file_system(mounts, Path::new("/srv")), "overlay");
    }
}
