//! The page: its packages and its build, each done again only when something is newer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::project::{Obstacle, Project, run};

/// The page's packages, exactly as `package-lock.json` names them.
pub(crate) fn install(project: &Project) -> Result<(), Obstacle> {
    // npm writes this file last, so it is there only when an installation went through.
    let installed = changed_at(&project.path("ui/node_modules/.package-lock.json"));
    let wanted = changed_at(&project.path("ui/package-lock.json"));
    if installed.zip(wanted).is_some_and(|(installed, wanted)| installed + NPM_WRITES_BOTH_WITHIN >= wanted) {
        println!("ui/node_modules is as package-lock.json says");
        return Ok(());
    }
    run(&mut project.npm(&["ci", "--no-audit", "--no-fund"]))
}

/// `ui/dist`, which the shell and the server take in when they are compiled.
pub(crate) fn build(project: &Project) -> Result<(), Obstacle> {
    let built = changed_at(&project.path("ui/dist/index.html"));
    let sources = SOURCES.iter().filter_map(|source| newest(&project.path(source))).max();
    if is_current(built, sources) {
        println!("ui/dist is newer than its sources");
        return Ok(());
    }
    run(&mut project.npm(&["run", "build"]))
}

/// Every file under a folder, in a fixed order. What is not there has no files.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(files_under(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn is_current(built: Option<SystemTime>, sources: Option<SystemTime>) -> bool {
    built.zip(sources).is_some_and(|(built, sources)| built > sources)
}

fn newest(source: &Path) -> Option<SystemTime> {
    if source.is_dir() {
        return files_under(source).iter().filter_map(|file| changed_at(file)).max();
    }
    changed_at(source)
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|about| about.modified()).ok()
}

/// `npm install` writes both lock files at its end, in either order.
const NPM_WRITES_BOTH_WITHIN: Duration = Duration::from_secs(2);

/// What the build reads, under the project's root.
const SOURCES: [&str; 7] = [
    "ui/index.html",
    "ui/package-lock.json",
    "ui/public",
    "ui/src",
    "ui/svelte.config.js",
    "ui/tsconfig.json",
    "ui/vite.config.ts",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_current_only_when_it_is_newer_than_every_source() {
        let then = SystemTime::UNIX_EPOCH;
        let later = then + Duration::from_secs(1);
        assert!(is_current(Some(later), Some(then)));
        assert!(!is_current(Some(then), Some(later)));
        assert!(!is_current(Some(then), Some(then)), "a file saved while building may have been missed");
        assert!(!is_current(None, Some(then)));
    }

    #[test]
    fn the_sources_of_the_page_are_found() {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(files_under(xtask).iter().any(|file| file.ends_with("src/page.rs")));
        assert!(files_under(&xtask.join("nowhere")).is_empty());
    }
}
