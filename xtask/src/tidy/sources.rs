//! What a source file must not hold, by where it lies.

use super::{File, Finding};

pub(super) fn findings(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = file.text.lines().count();
    if lines > LINES_MAX && !file.path.ends_with(".md") {
        findings.push(Finding::remark(&file.path, format!("{lines} lines: split it by idea")));
    }
    for rule in RULES.iter().filter(|rule| (rule.holds_for)(&file.path)) {
        for (at, line) in code(file) {
            if let Some(found) = rule.words.iter().find(|word| line.contains(**word)) {
                findings
                    .push(Finding::wrong(format!("{}:{at}", file.path), format!("`{found}`: {}", rule.why)));
            }
        }
    }
    findings
}

struct Rule {
    holds_for: fn(&str) -> bool,
    words: &'static [&'static str],
    why: &'static str,
}

const RULES: [Rule; 3] = [
    Rule {
        holds_for: is_pure,
        words: &[
            "Instant::now",
            "SystemTime::now",
            "getrandom",
            "rand::",
            "std::fs",
            "std::thread",
            "TcpListener",
            "TcpStream",
            "UdpSocket",
            "tokio",
        ],
        why: "no clock, chance, file, socket or runtime here; time and chance arrive as arguments",
    },
    Rule {
        holds_for: is_page_without_bridge,
        words: &["'@tauri-apps/", "\"@tauri-apps/"],
        why: "only ui/src/bridge/desktop.ts knows Tauri",
    },
    Rule {
        holds_for: |path| path.starts_with("ui/src/") && !is_test(path),
        words: &["{@html", ".innerHTML =", ".outerHTML =", "insertAdjacentHTML"],
        why: "what a stranger says is text and never markup",
    },
];

/// The parts that ARCHITECTURE.md keeps free of the world, their tests apart.
fn is_pure(path: &str) -> bool {
    let inside = [
        "crates/wire/src/",
        "crates/room/src/",
        "crates/client/src/session",
        "crates/client/src/foreign",
        "crates/server/src/hub",
    ];
    inside.iter().any(|start| path.starts_with(start)) && !is_test(path)
}

fn is_page_without_bridge(path: &str) -> bool {
    path.starts_with("ui/src/") && !path.starts_with("ui/src/bridge/desktop.")
}

fn is_test(path: &str) -> bool {
    ["/tests.rs", "_tests.rs", ".test.ts"].iter().any(|end| path.ends_with(end)) || path.contains("/tests/")
}

/// The lines that do something, numbered from 1: no comments, and nothing after the tests begin, because tests need
/// a first moment to count from.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let end = file.text.find("#[cfg(test)]\nmod ").unwrap_or(file.text.len());
    let lines = file.text[..end].lines().enumerate().map(|(at, line)| (at + 1, line));
    lines.filter(|(_, line)| !["//", "*", "/*"].iter().any(|start| line.trim_start().starts_with(start)))
}

/// Past this a file holds two ideas.
const LINES_MAX: usize = 450;

#[cfg(test)]
mod tests {
    use super::*;

    fn places(path: &str, text: &str) -> Vec<String> {
        let found = findings(&File { path: path.into(), text: text.into() });
        found.into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn a_clock_in_the_room_is_found_and_one_in_its_tests_is_not() {
        let text = "// Instant::now() is not ours\nlet now = Instant::now();\n#[cfg(test)]\nmod tests { Instant::now() }";
        assert_eq!(places("crates/room/src/log.rs", text), ["crates/room/src/log.rs:2"]);
        assert_eq!(places("crates/client/src/session/outbox.rs", text).len(), 1);
        assert_eq!(places("crates/client/src/driver.rs", text).len(), 0);
        assert_eq!(places("crates/room/src/log/tests.rs", text).len(), 0);
    }

    #[test]
    fn tauri_is_known_to_the_desktop_bridge_alone() {
        let text = "import { invoke } from '@tauri-apps/api/core';";
        assert_eq!(places("ui/src/bridge/desktop.ts", text).len(), 0);
        assert_eq!(places("ui/src/bridge/browser/session.ts", text).len(), 1);
        assert_eq!(places("ui/src/views/Room.svelte", text).len(), 1);
    }

    #[test]
    fn markup_made_of_text_is_found() {
        assert_eq!(places("ui/src/room/Line.svelte", "<p>{@html text}</p>").len(), 1);
        assert_eq!(places("ui/src/room/Line.svelte", "<p>{text}</p>").len(), 0);
    }

    #[test]
    fn a_long_file_is_noted() {
        assert_eq!(places("crates/cli/src/main.rs", &"\n".repeat(451)).len(), 1);
        assert_eq!(places("crates/cli/src/main.rs", &"\n".repeat(450)).len(), 0);
    }
}
