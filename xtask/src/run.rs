//! From a machine with Rust and Node alone to Maru running, and to the files that people install.

use std::collections::BTreeSet;

use crate::packages::Purpose;
use crate::project::{Obstacle, Project, run as call};
use crate::{notices, page, setup};

/// Sets up, builds and starts: the window, or without a display `maru host` in the terminal.
pub(crate) fn run(project: &Project, words: &[String]) -> Result<(), Obstacle> {
    let order = Order::read(words)?;
    let windowed = has_display(cfg!(target_os = "linux"), &|name| std::env::var_os(name).is_some());
    setup::tools(project)?;
    setup::packages(project, &purposes(windowed))?;
    page::install(project)?;
    page::build(project)?;
    if !windowed {
        println!("There is no display here, so Maru hosts in the terminal. Ctrl+C closes the room.");
    }
    let arguments = arguments(windowed, &order);
    call(&mut project.cargo(&arguments.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// The installers of this platform, with the notices of what they contain.
pub(crate) fn bundle(project: &Project, words: &[String]) -> Result<(), Obstacle> {
    setup::tools(project)?;
    setup::packages(project, &purposes(true))?;
    page::install(project)?;
    notices::write(project)?;
    // Named here and not in tauri.conf.json, where a file that is not there yet breaks a plain `cargo build`.
    let with_notices = r#"{"bundle":{"resources":["THIRD-PARTY-NOTICES.md"]}}"#;
    let mut command = project.command("node");
    command.args(["ui/node_modules/@tauri-apps/cli/tauri.js", "build", "--config", with_notices]);
    call(command.args(words.iter().skip_while(|word| *word == "--")))
}

/// What was asked for behind `cargo xtask run`.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    start: bool,
    passed_on: Vec<String>,
}

impl Order {
    fn read(words: &[String]) -> Result<Self, Obstacle> {
        let (ours, passed_on) = match words.iter().position(|word| word == "--") {
            Some(at) => (&words[..at], &words[at + 1..]),
            None => (words, &[][..]),
        };
        if let Some(unknown) = ours.iter().find(|word| *word != "--no-start") {
            return Err(Obstacle::Failed(format!(
                "`{unknown}` is not understood; what is for Maru goes after `--`"
            )));
        }
        Ok(Self { start: ours.is_empty(), passed_on: passed_on.to_vec() })
    }
}

fn purposes(windowed: bool) -> BTreeSet<Purpose> {
    let webview = windowed.then_some(Purpose::Webview);
    [Purpose::Compile].into_iter().chain(webview).collect()
}

/// Only Linux has machines without one that people sit at through a terminal.
fn has_display(is_linux: bool, is_set: &dyn Fn(&str) -> bool) -> bool {
    !is_linux || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn arguments(windowed: bool, order: &Order) -> Vec<String> {
    let what: &[&str] = if windowed {
        &["-p", "maru-desktop", "--features", "tauri/custom-protocol"]
    } else {
        &["-p", "maru-cli"]
    };
    let mut words = vec![if order.start { "run" } else { "build" }];
    words.extend(what);
    if order.start {
        words.push("--");
        words.extend((!windowed).then_some("host"));
        words.extend(order.passed_on.iter().map(String::as_str));
    }
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_follows_two_dashes_is_passed_on() {
        let order = Order::read(&words("-- --port 4567")).unwrap();
        assert_eq!(arguments(false, &order).join(" "), "run -p maru-cli -- host --port 4567");
        assert_eq!(
            arguments(true, &order).join(" "),
            "run -p maru-desktop --features tauri/custom-protocol -- --port 4567"
        );
    }

    #[test]
    fn building_alone_starts_nothing() {
        let order = Order::read(&words("--no-start")).unwrap();
        assert_eq!(arguments(false, &order).join(" "), "build -p maru-cli");
    }

    #[test]
    fn a_word_that_is_not_understood_is_refused_before_anything_happens() {
        assert!(Order::read(&words("--port 4567")).is_err());
    }

    #[test]
    fn linux_without_a_display_hosts_in_the_terminal() {
        assert!(!has_display(true, &|_| false));
        assert!(has_display(true, &|name| name == "WAYLAND_DISPLAY"));
        assert!(has_display(false, &|_| false));
        assert!(!purposes(false).contains(&Purpose::Webview), "and needs no webview");
    }
}
