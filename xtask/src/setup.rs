//! Gives this machine what the project needs: looks, installs where it may, and says the exact line where it may not.
//! Asks no question. Decides nothing about which packages: that is `packages`.

use std::collections::BTreeSet;

use crate::packages::{Manager, Purpose, programs_instead};
use crate::project::{Obstacle, Project, answer, on_path, run};

/// Rust and Node as new as the project asks for.
pub(crate) fn tools(project: &Project) -> Result<(), Obstacle> {
    let rust = answer(project.command("rustc").arg("--version"));
    if rust.as_deref().and_then(Version::find).is_none_or(|found| found < RUST_MIN) {
        return Err(Obstacle::Missing(format!(
            "Maru needs Rust {RUST_MIN} or newer; here: {}. Run: rustup update stable",
            rust.as_deref().unwrap_or("none")
        )));
    }
    let node = answer(project.command("node").arg("--version"));
    if !node.as_deref().and_then(Version::find).is_some_and(is_node_new_enough) {
        return Err(Obstacle::Missing(format!(
            "Maru needs Node 20.19 or newer (or 22.12 and up); here: {}. Install it from nodejs.org or with a \
             version manager, and open a new terminal.",
            node.as_deref().unwrap_or("none")
        )));
    }
    platform(project)
}

/// Installs what is missing for these purposes. Says the line to paste where that takes a password.
pub(crate) fn packages(project: &Project, purposes: &BTreeSet<Purpose>) -> Result<(), Obstacle> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let Some(manager) = manager() else {
        println!(
            "No apt, dnf or pacman here: Maru needs the development files of WebKitGTK 4.1 and a C compiler."
        );
        return Ok(());
    };
    let mut unknown = Vec::new();
    let mut missing = BTreeSet::new();
    for &purpose in purposes {
        match manager.packages(purpose) {
            Some(packages) => {
                missing
                    .extend(packages.iter().copied().filter(|package| !is_there(project, manager, package)));
            }
            None => unknown.push(purpose),
        }
    }
    if !missing.is_empty() {
        install(project, manager, &missing.into_iter().collect::<Vec<_>>())?;
    }
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Obstacle::Missing(format!("{unknown:?}: set up for Debian and its kin only, not with {manager:?}")))
}

/// A component of the toolchain, which a minimal rustup profile leaves out.
pub(crate) fn component(project: &Project, name: &str) -> Result<(), Obstacle> {
    let program = format!("cargo-{}", if name == "rustfmt" { "fmt" } else { name });
    if answer(project.command(&program).arg("--version")).is_some() {
        return Ok(());
    }
    run(project.command("rustup").args(["component", "add", name]))
}

fn is_there(project: &Project, manager: Manager, package: &str) -> bool {
    let words = manager.query(package);
    let said = words.split_first().and_then(|(program, rest)| answer(project.command(program).args(rest)));
    manager.is_installed(said.as_deref()) || on_path(programs_instead(package)).is_some()
}

fn install(project: &Project, manager: Manager, packages: &[&str]) -> Result<(), Obstacle> {
    let words = manager.install(packages);
    let as_root: &[&str] = if is_root(project) {
        &[]
    } else if answer(project.command("sudo").args(["-n", "true"])).is_some() {
        &["sudo", "-n"]
    } else {
        let line = manager.line_to_paste(packages);
        return Err(Obstacle::Missing(format!(
            "Some packages of the system are missing. Run:\n\n    {line}\n"
        )));
    };
    println!("Installing {}", packages.join(" "));
    if manager == Manager::Apt {
        // A fresh machine has no package lists, or old ones. A list that cannot be had shows when installing.
        let _ = run(&mut elevated(project, as_root, &["apt-get", "update", "-o", "DPkg::Lock::Timeout=300"]));
    }
    run(&mut elevated(project, as_root, &words.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn elevated(project: &Project, as_root: &[&str], words: &[&str]) -> std::process::Command {
    // `env` and not our own environment, because sudo drops that.
    let words = [as_root, &["env", "DEBIAN_FRONTEND=noninteractive"], words].concat();
    let mut command = project.command(words[0]);
    command.args(&words[1..]);
    command
}

fn manager() -> Option<Manager> {
    Manager::ALL.into_iter().find(|manager| on_path(&[manager.program()]).is_some())
}

fn is_root(project: &Project) -> bool {
    answer(project.command("id").arg("-u")).as_deref() == Some("0")
}

/// What Windows and macOS need beside Rust and Node. The linker is there: this very program was linked.
fn platform(project: &Project) -> Result<(), Obstacle> {
    if cfg!(target_os = "macos") && answer(project.command("xcode-select").arg("-p")).is_none() {
        return Err(Obstacle::Missing(
            "Apple's command line tools are missing. Run: xcode-select --install".into(),
        ));
    }
    if cfg!(windows)
        && !WEBVIEW2_KEYS.iter().any(|key| answer(project.command("reg").args(["query", key])).is_some())
    {
        return Err(Obstacle::Missing(
            "Microsoft's WebView2 is missing. Run: winget install Microsoft.EdgeWebView2Runtime\n\
             If linking fails, the C++ Build Tools are missing too: winget install \
             Microsoft.VisualStudio.2022.BuildTools"
                .into(),
        ));
    }
    Ok(())
}

/// Major and minor number of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

impl Version {
    /// The first version number in what a tool says of itself: `rustc 1.95.0 (…)`, `v20.19.2`.
    fn find(said: &str) -> Option<Self> {
        said.split_whitespace().find_map(|word| {
            let mut numbers = word.trim_start_matches('v').split('.');
            Some(Self(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Vite's own condition: 20.19 and later of 20, 22.12 and later.
fn is_node_new_enough(found: Version) -> bool {
    match found.0 {
        20 => found >= Version(20, 19),
        major => major >= 22 && found >= Version(22, 12),
    }
}

/// `rust-version` in the root Cargo.toml; a test holds the two together.
const RUST_MIN: Version = Version(1, 95);

/// Where Windows notes that WebView2 is installed: for everybody on a 64-bit system, and for this person alone.
const WEBVIEW2_KEYS: [&str; 2] = [
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}",
    r"HKCU\Software\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_tools_say_them() {
        assert_eq!(Version::find("rustc 1.95.0 (59807616e 2026-03-21)"), Some(Version(1, 95)));
        assert_eq!(Version::find("v20.19.2"), Some(Version(20, 19)));
        assert_eq!(Version::find("rustc 1.97.0-nightly (0123abcde 2026-05-01)"), Some(Version(1, 97)));
        assert_eq!(Version::find("command not found"), None);
    }

    #[test]
    fn node_is_judged_as_vite_judges_it() {
        let judged = [(18, 20), (20, 18), (20, 19), (21, 7), (22, 11), (22, 12), (24, 0)]
            .map(|(major, minor)| is_node_new_enough(Version(major, minor)));
        assert_eq!(judged, [false, false, true, false, false, true, true]);
    }

    #[test]
    fn the_rust_asked_for_is_the_one_in_the_manifest() {
        assert_eq!(env!("CARGO_PKG_RUST_VERSION"), RUST_MIN.to_string());
    }
}
