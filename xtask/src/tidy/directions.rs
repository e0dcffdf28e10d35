//! Which crate may stand on which, as drawn in ARCHITECTURE.md.

use super::{File, Finding};

/// For each crate of the workspace the crates of ours that it may depend on. Tests may use more.
const MAY_USE: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("bench", &[]),
    ("room", &["wire"]),
    ("home", &["wire"]),
    ("lan", &["wire"]),
    ("store", &["room", "wire"]),
    ("server", &["room", "store", "wire"]),
    ("client", &["wire"]),
    ("cli", &["client", "home", "lan", "server", "store", "wire"]),
    ("src-tauri", &["client", "home", "lan", "server", "store", "wire"]),
    ("xtask", &[]),
];

/// Crates that decide and never act, and the packages they would act with.
const ACTS: [&str; 6] = ["getrandom", "mio", "rand", "socket2", "tauri", "tokio"];
const NEVER_ACT: [&str; 2] = ["wire", "room"];

pub(super) fn findings(files: &[File]) -> Vec<Finding> {
    files.iter().filter_map(|file| Some((file, owner(&file.path)?))).flat_map(of_manifest).collect()
}

/// `crates/NAME/Cargo.toml` -> `NAME`.
pub(super) fn crate_folder(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml").filter(|name| !name.contains('/'))
}

fn owner(path: &str) -> Option<&str> {
    match path {
        "Cargo.toml" => Some("src-tauri"),
        "xtask/Cargo.toml" => Some("xtask"),
        _ => crate_folder(path),
    }
}

fn of_manifest((file, owner): (&File, &str)) -> Vec<Finding> {
    let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == owner) else {
        return vec![Finding::wrong(
            &file.path,
            "has no direction yet: draw it in ARCHITECTURE.md and in xtask's tidy",
        )];
    };
    let mut findings = Vec::new();
    for package in dependencies(&file.text) {
        let said = match package.strip_prefix("maru-") {
            Some(ours) if !may_use.contains(&ours) => format!("{owner} must not stand on {ours}"),
            None if owner == "xtask" => format!("xtask has no dependency, and so not {package}"),
            None if NEVER_ACT.contains(&owner) && ACTS.contains(&package) => {
                format!("{owner} decides and never acts: {package} has no place in it")
            }
            _ => continue,
        };
        findings.push(Finding::wrong(&file.path, said));
    }
    findings
}

/// The names under `[dependencies]`, of every target. What only tests and build scripts use may point anywhere.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let of_a_target = section.starts_with("target.") && section.ends_with(".dependencies");
            inside = section == "dependencies" || of_a_target;
            names.extend(section.strip_prefix("dependencies."));
        } else if inside && !line.starts_with('#') {
            names.extend(line.split(['=', '.', ' ']).next().filter(|name| !name.is_empty()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, text: &str) -> Vec<String> {
        let files = [File { path: path.into(), text: text.into() }];
        findings(&files).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn dependencies_are_read_in_every_way_they_can_be_written() {
        let manifest = "[dependencies]\nserde.workspace = true\ntokio = \"1\"\n# no = 1\n\n[dev-dependencies]\nx = 1\n\
                        [target.'cfg(unix)'.dependencies]\nlibc = { version = \"0.2\" }\n[dependencies.url]\nversion = \"2\"";
        assert_eq!(dependencies(manifest), ["serde", "tokio", "libc", "url"]);
    }

    #[test]
    fn an_import_that_runs_back_up_is_found() {
        let text = "[dependencies]\nmaru-server.workspace = true\nmaru-wire.workspace = true";
        assert_eq!(said("crates/client/Cargo.toml", text), ["client must not stand on server"]);
        assert_eq!(said("Cargo.toml", text), [""; 0]);
    }

    #[test]
    fn tests_may_bring_server_and_client_together() {
        assert_eq!(
            said("crates/client/Cargo.toml", "[dev-dependencies]\nmaru-server.workspace = true"),
            [""; 0]
        );
    }

    #[test]
    fn a_room_with_tokio_is_found() {
        let found = said("crates/room/Cargo.toml", "[dependencies]\ntokio = \"1\"");
        assert_eq!(found, ["room decides and never acts: tokio has no place in it"]);
    }

    #[test]
    fn a_crate_that_nobody_drew_is_found() {
        assert_eq!(said("crates/attic/Cargo.toml", "").len(), 1);
    }
}
