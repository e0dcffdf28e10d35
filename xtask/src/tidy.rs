//! What drifts unless somebody looks: the directions of ARCHITECTURE.md, its absences, and its map.
//! Reads files and says what it found; changes nothing.

mod directions;
mod sources;

use std::fs;
use std::path::Path;

use crate::page::files_under;
use crate::project::{Obstacle, Project};

/// Something that is not as it must be.
pub(crate) struct Finding {
    place: String,
    what: String,
    weight: Weight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Wrong,
    /// Said, but nothing fails of it.
    Remark,
}

impl Finding {
    fn wrong(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), weight: Weight::Wrong }
    }

    fn remark(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), weight: Weight::Remark }
    }
}

pub(crate) fn tidy(project: &Project) -> Result<(), Obstacle> {
    let files = read_all(project);
    let mut findings = directions::findings(&files);
    findings.extend(files.iter().flat_map(sources::findings));
    findings.extend(unmentioned(&files));
    for finding in &findings {
        let word = if finding.weight == Weight::Wrong { "wrong" } else { "note" };
        println!("{word}: {}: {}", finding.place, finding.what);
    }
    match findings.iter().filter(|finding| finding.weight == Weight::Wrong).count() {
        0 => Ok(()),
        wrong => Err(Obstacle::Failed(format!("{wrong} places drifted from ARCHITECTURE.md"))),
    }
}

/// A file of the project: its path from the root with `/`, and what it says.
pub(crate) struct File {
    path: String,
    text: String,
}

fn read_all(project: &Project) -> Vec<File> {
    let root = project.path("");
    let under = FOLDERS.iter().flat_map(|folder| files_under(&root.join(folder)));
    let on_top = ["Cargo.toml", "ARCHITECTURE.md", "README.md"].map(|name| root.join(name));
    under.chain(on_top).filter_map(|path| read(&root, &path)).collect()
}

/// Only text is of interest, and only what people write.
fn read(root: &Path, path: &Path) -> Option<File> {
    let inside = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    let is_made = ["/generated/", "/node_modules/"].iter().any(|folder| inside.contains(folder));
    let is_written = WRITTEN.iter().any(|ending| inside.ends_with(ending)) && !is_made;
    is_written.then(|| fs::read_to_string(path).ok()).flatten().map(|text| File { path: inside, text })
}

/// Each crate is on the map and in the README, and both speak only of crates that exist.
fn unmentioned(files: &[File]) -> Vec<Finding> {
    let crates: Vec<&str> = files.iter().filter_map(|file| directions::crate_folder(&file.path)).collect();
    let mut findings = Vec::new();
    for page in ["ARCHITECTURE.md", "README.md"] {
        let text = files.iter().find(|file| file.path == page).map_or("", |file| file.text.as_str());
        let mentioned = mentions(text);
        for folder in &crates {
            if !mentioned.contains(folder) {
                findings.push(Finding::wrong(page, format!("does not mention `crates/{folder}`")));
            }
        }
        for folder in mentioned.iter().filter(|folder| !crates.contains(folder)) {
            findings.push(Finding::wrong(page, format!("mentions `crates/{folder}`, which does not exist")));
        }
    }
    findings
}

/// The folders named as `crates/NAME` in a text.
fn mentions(text: &str) -> Vec<&str> {
    let rests = text.split("crates/").skip(1);
    let names = rests.map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or(""));
    names.filter(|name| !name.is_empty()).collect()
}

const FOLDERS: [&str; 6] = ["crates", "src-tauri", "xtask", "ui/src", "ui/e2e", "ui/test"];
const WRITTEN: [&str; 8] = [".rs", ".ts", ".js", ".mjs", ".svelte", ".css", ".toml", ".md"];

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_crate_that_is_on_no_map_is_found() {
        let files = [
            file("crates/wire/Cargo.toml", ""),
            file("ARCHITECTURE.md", "| `crates/wire` | what is said |"),
            file("README.md", "`crates/wires`"),
        ];
        let said: Vec<String> = unmentioned(&files).into_iter().map(|finding| finding.what).collect();
        assert_eq!(said, ["does not mention `crates/wire`", "mentions `crates/wires`, which does not exist"]);
    }
}
