//! Which firewall is at work on this machine, as far as its person's rights tell. Whether it lets our port through is
//! told to root alone; so this knows a reason to look, not that something is wrong.

use std::path::{Path, PathBuf};

/// A firewall that is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Firewall {
    /// Ubuntu's (`ufw`).
    Ufw,
    /// That of Fedora, openSUSE and RHEL (`firewalld`).
    Firewalld,
    /// A set of nftables rules of this machine's own, with something in them that turns away.
    Nftables,
    /// Windows' own, which is on unless somebody turned it off, and asks once.
    Windows,
    /// That of macOS, which asks in a window.
    MacOs,
}

impl Firewall {
    /// Looks what is at work here. Reads some small files, and asks a program of macOS; may take a moment.
    pub fn of_this_machine() -> Option<Self> {
        if cfg!(windows) {
            Some(Self::Windows)
        } else if cfg!(target_os = "macos") {
            macos()
        } else {
            linux(Path::new("/"))
        }
    }

    /// What opens a port in it, to be run by the person; none where a window asks for it.
    pub fn command(self, port: u16) -> Option<String> {
        Some(match self {
            Self::Ufw => format!("sudo ufw allow {port}/tcp"),
            Self::Firewalld => format!("sudo firewall-cmd --add-port={port}/tcp"),
            Self::Nftables => format!("sudo nft insert rule inet filter input tcp dport {port} accept"),
            Self::Windows => format!(
                "netsh advfirewall firewall add rule name=\"Maru\" dir=in action=allow protocol=TCP localport={port}"
            ),
            Self::MacOs => return None,
        })
    }
}

/// By files that anybody may read, below `root`.
fn linux(root: &Path) -> Option<Firewall> {
    let under = |path: &str| -> PathBuf { root.join(path) };
    let says = |path: &str, word: &str| {
        let lines = std::fs::read_to_string(under(path)).unwrap_or_default();
        lines.lines().map(str::trim).filter(|line| !line.starts_with('#')).any(|line| line.contains(word))
    };
    // A unit that runs has a group of its own (cgroups v2, then v1).
    let runs = |unit: &str| {
        ["sys/fs/cgroup/system.slice", "sys/fs/cgroup/systemd/system.slice"]
            .iter()
            .any(|slices| under(slices).join(unit).is_dir())
    };
    if says("etc/ufw/ufw.conf", "ENABLED=yes") {
        Some(Firewall::Ufw)
    } else if runs("firewalld.service") {
        Some(Firewall::Firewalld)
    } else if under("etc/systemd/system/sysinit.target.wants/nftables.service").symlink_metadata().is_ok()
        && ["drop", "reject"].iter().any(|word| says("etc/nftables.conf", word))
    {
        Some(Firewall::Nftables)
    } else {
        None
    }
}

fn macos() -> Option<Firewall> {
    let asked = std::process::Command::new("/usr/libexec/ApplicationFirewall/socketfilterfw")
        .arg("--getglobalstate")
        .output()
        .ok()?;
    String::from_utf8_lossy(&asked.stdout).contains("enabled").then_some(Firewall::MacOs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that holds these files and nothing else.
    fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn a_firewall_that_is_at_work_is_seen() {
        for (files, seen) in [
            (&[][..], None),
            (&[("etc/ufw/ufw.conf", "ENABLED=no\n")], None),
            (&[("etc/ufw/ufw.conf", "# ENABLED=yes\nENABLED=no\n")], None),
            (&[("etc/ufw/ufw.conf", "# set to yes\nENABLED=yes\nLOGLEVEL=low\n")], Some(Firewall::Ufw)),
            (
                &[("sys/fs/cgroup/system.slice/firewalld.service/cgroup.procs", "1\n")],
                Some(Firewall::Firewalld),
            ),
        ] {
            assert_eq!(linux(machine(files).path()), seen, "{files:?}");
        }
    }

    #[test]
    fn rules_of_ones_own_count_where_they_turn_away_and_are_loaded() {
        const WANTED: (&str, &str) = ("etc/systemd/system/sysinit.target.wants/nftables.service", "");
        const OPEN: (&str, &str) =
            ("etc/nftables.conf", "chain input {\n type filter hook input priority 0;\n}");
        const SHUT: (&str, &str) =
            ("etc/nftables.conf", "chain input {\n type filter hook input priority 0; policy drop;\n}");
        assert_eq!(linux(machine(&[WANTED, SHUT]).path()), Some(Firewall::Nftables));
        assert_eq!(linux(machine(&[WANTED, OPEN]).path()), None, "as Debian brings it");
        assert_eq!(linux(machine(&[SHUT]).path()), None, "nobody loads it");
    }

    #[test]
    fn each_is_told_by_the_command_that_opens_the_port() {
        let command = |firewall: Firewall| firewall.command(4568).unwrap_or_default();
        assert_eq!(command(Firewall::Ufw), "sudo ufw allow 4568/tcp");
        assert_eq!(command(Firewall::Firewalld), "sudo firewall-cmd --add-port=4568/tcp");
        assert!(command(Firewall::Nftables).ends_with("tcp dport 4568 accept"));
        assert!(command(Firewall::Windows).ends_with("localport=4568"));
        assert_eq!(Firewall::MacOs.command(4568), None, "macOS asks in a window");
    }
}
