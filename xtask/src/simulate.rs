//! The long runs: the simulated room with many more seeds than a test may take, and the real one killed many more times.

use crate::project::{Obstacle, Project, run};

/// `cargo xtask simulate`: first what needs no process, then what does.
pub(crate) fn simulate(project: &Project, words: &[String]) -> Result<(), Obstacle> {
    let order = Order::read(words)?;
    if order.seeds > 0 {
        let tests = ["test", "--release", "-p", "maru-client", "--test", "lossy_network", "--no-fail-fast"];
        run(project.cargo(&tests).env("MARU_SEEDS", order.seeds.to_string()))?;
    }
    if order.crashes > 0 {
        let test = ["test", "-p", "maru-cli", "--test", "crash"];
        run(project.cargo(&test).env("MARU_CRASHES", order.crashes.to_string()))?;
    }
    Ok(())
}

/// How much of it.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    seeds: u64,
    crashes: u64,
}

impl Order {
    fn read(words: &[String]) -> Result<Self, Obstacle> {
        let mut order = Self { seeds: SEEDS, crashes: CRASHES };
        for pair in words.chunks(2) {
            let number = pair.get(1).and_then(|number| number.parse().ok());
            match (pair[0].as_str(), number) {
                ("--seeds", Some(seeds)) => order.seeds = seeds,
                ("--crashes", Some(crashes)) => order.crashes = crashes,
                _ => {
                    let said = pair.join(" ");
                    return Err(Obstacle::Failed(format!(
                        "`{said}` is not understood; it takes --seeds NUMBER and --crashes NUMBER"
                    )));
                }
            }
        }
        Ok(order)
    }
}

/// Ten times what the tests run.
const SEEDS: u64 = 10_000;

/// Ten times what the tests do.
const CRASHES: u64 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Order, Obstacle> {
        Order::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn each_part_may_be_longer_or_left_out() {
        assert_eq!(read(""), Ok(Order { seeds: SEEDS, crashes: CRASHES }));
        assert_eq!(read("--crashes 0 --seeds 50000"), Ok(Order { seeds: 50_000, crashes: 0 }));
    }

    #[test]
    fn what_is_not_understood_is_said_before_anything_runs() {
        for line in ["--seeds", "--seeds many", "--worlds 3", "7"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
