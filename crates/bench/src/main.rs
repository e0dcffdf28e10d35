//! `cargo xtask bench`: measures, tells, and writes it down. Ends with an error where anybody heard something else than
//! they should have; a figure that is not reached is no error.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    bench::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks on its terminal")]
mod bench {
    use std::fs;
    use std::path::Path;
    use std::process::ExitCode;
    use std::time::{Instant, SystemTime, UNIX_EPOCH};

    use maru_bench::contestant::{Abilities, Places};
    use maru_bench::machine::{self, Machine};
    use maru_bench::plan::Plan;
    use maru_bench::process::{self, Cores};
    use maru_bench::report::{self, Row};
    use maru_bench::rows::Stage;
    use maru_bench::{ending, pages, peers};
    use serde_json::json;

    pub(crate) fn main() -> ExitCode {
        let plan = match Plan::read(std::env::args().skip(1)) {
            Ok(plan) => plan,
            Err(why) => return complain(&why.to_string(), 2),
        };
        let Some(cores) = Cores::choose() else {
            return complain("the server and the generator need a core each, and here is one", 1);
        };
        let stage = match set(plan, cores) {
            Ok(stage) => stage,
            Err(why) => return complain(&why, 1),
        };
        let machine = Machine::here(&stage.places.work);
        let (began, busy) = (Instant::now(), machine::Busy::now());
        let rows: Vec<Row> = stage.plan.rows.iter().map(|kind| tell(kind.measure(&stage))).collect();
        // A folder that is not empty holds what a server could not be kept from leaving; the next run removes it.
        let _ = fs::remove_dir_all(&stage.places.work);
        let setting = setting(&stage, &machine, began.elapsed().as_secs(), busy.others_percent());
        println!("{}\n\n{setting}", report::targets(&rows));
        let written = write(&stage, &machine, &setting, &rows);
        match (written, rows.iter().any(|row| !row.faults.is_empty())) {
            (Err(why), _) => complain(&why, 1),
            (Ok(()), true) => {
                complain("somebody heard something else than they should have: see the faults", 1)
            }
            (Ok(()), false) => ExitCode::SUCCESS,
        }
    }

    /// Everything a row needs: cores, sockets, programs, peers, a folder on a disk.
    fn set(plan: Plan, cores: Cores) -> Result<Stage, String> {
        process::stay_on(cores.generator).map_err(|error| format!("no core of its own: {error}"))?;
        let sockets_max =
            process::allow_sockets(SOCKETS_WANTED).map_err(|error| format!("no sockets: {error}"))?;
        let work = plan.target.join("bench");
        fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
        let binaries = plan.target.join("release");
        let work = work.canonicalize().map_err(|error| format!("{}: {error}", work.display()))?;
        let rooms = ending::folder_of_run(&work).map_err(|error| format!("{}: {error}", work.display()))?;
        ending::clean_up_when_interrupted(rooms.clone()).map_err(|error| format!("no ending: {error}"))?;
        let places = Places {
            abilities: Abilities::of(&binaries.join("maru")),
            peers: plan.project.join("crates/bench/peers"),
            work: rooms,
            binaries,
        };
        if let Err(why) = peers::install(&places.peers) {
            eprintln!("{why}");
        }
        Ok(Stage { places, cores, plan, sockets_max })
    }

    fn tell(row: Row) -> Row {
        println!("{}", row.markdown());
        row
    }

    fn setting(stage: &Stage, machine: &Machine, took_s: u64, others_percent: f64) -> String {
        let versions = peers::versions(&stage.places.peers);
        let versions: Vec<_> = versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        let Cores { server, generator, .. } = stage.cores;
        format!(
            "{}. Server on core {server}, generator on core {generator}. Peers: {}. {} and took {took_s} s; other programs took \
             {others_percent:.0} % of the cores meanwhile.",
            machine.words(),
            versions.join(", "),
            if stage.plan.quick { "The run was a quick one" } else { "The run was a full one" }
        )
    }

    /// The file of the run, and the pages where they are asked for.
    fn write(stage: &Stage, machine: &Machine, setting: &str, rows: &[Row]) -> Result<(), String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let file = stage.plan.target.join("bench").join(format!("{now}.json"));
        let json = json!({
            "at": now, "quick": stage.plan.quick, "machine": machine.json(),
            "peers": peers::versions(&stage.places.peers).into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "rows": rows.iter().map(Row::json).collect::<Vec<_>>(),
        });
        fs::write(&file, format!("{json:#}\n")).map_err(|error| format!("{}: {error}", file.display()))?;
        println!("\nwritten to {}", file.display());
        if stage.plan.write_docs {
            let all: Vec<_> = rows.iter().map(Row::markdown).collect();
            let page = |name: &str, text: &str| {
                let path: &Path = &stage.plan.project.join(name);
                pages::write(path, text).map_err(|why| why.to_string())
            };
            page("docs/BENCHMARKS.md", &format!("{setting}\n\n{}", all.join("\n")))?;
            page("README.md", &format!("{}\n\n{setting}", report::targets(rows).trim()))?;
        }
        Ok(())
    }

    fn complain(words: &str, code: u8) -> ExitCode {
        eprintln!("{words}");
        ExitCode::from(code)
    }

    /// 10,000 members, and what a process has open anyway.
    const SOCKETS_WANTED: u64 = 20_000;
}
