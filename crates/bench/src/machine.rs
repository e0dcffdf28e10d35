//! The machine a run was taken on, read when it runs.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

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
    fn the_file_system_is_that_of_the_nearest_mount() {
        let mounts = "overlay / overlay rw 0 0\n/dev/sda /home ext4 rw 0 0\ntmpfs /home/a/tmp tmpfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/home/a/target")), "ext4");
        assert_eq!(file_system(mounts, Path::new("/srv")), "overlay");
    }
}
