//! The peers from npm: installed as their lock file says, and which versions they are.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Why there are no peers.
#[derive(Debug)]
pub enum NotInstalled {
    /// There is no npm here.
    NoNpm(std::io::Error),
    /// npm failed.
    Npm(std::process::ExitStatus),
}

impl fmt::Display for NotInstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNpm(error) => {
                write!(f, "the peers were not installed: npm could not be started: {error}")
            }
            Self::Npm(status) => write!(f, "the peers were not installed: npm ended with {status}"),
        }
    }
}

/// Installs them, unless they are already as the lock file says.
pub fn install(peers: &Path) -> Result<(), NotInstalled> {
    let changed = |file: &str| fs::metadata(peers.join(file)).and_then(|about| about.modified()).ok();
    let installed = changed("node_modules/.package-lock.json");
    if installed.zip(changed("package-lock.json")).is_some_and(|(installed, wanted)| installed >= wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(peers).stdin(Stdio::null()).stdout(Stdio::null());
    match npm.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(NotInstalled::Npm(status)),
        Err(error) => Err(NotInstalled::NoNpm(error)),
    }
}

/// Each peer with its version, of what is installed.
pub fn versions(peers: &Path) -> Vec<(String, String)> {
    let node = Command::new("node").arg("--version").output().ok();
    let node =
        node.map(|output| String::from_utf8_lossy(&output.stdout).trim().trim_start_matches('v').to_owned());
    let mut versions: Vec<_> = node.into_iter().map(|version| ("Node".to_owned(), version)).collect();
    for name in ["ws", "socket.io", "bun"] {
        let manifest = peers.join("node_modules").join(name).join("package.json");
        let manifest = fs::read_to_string(manifest).unwrap_or_default();
        let manifest: Value = serde_json::from_str(&manifest).unwrap_or(Value::Null);
        if let Some(version) = manifest["version"].as_str() {
            versions.push((name.to_owned(), version.to_owned()));
        }
    }
    versions
}
