//! 20 of 100 members never read, while 4 KiB are said 500 times a second: what it costs the server and the others.

use serde_json::json;

use super::{Figure, Samples, Stage, mebibytes, ours};
use crate::contestant::Contestant;
use crate::crowd::Trouble;
use crate::load::{Pace, pace};
use crate::report::{Bound, Row, Target, figure};

/// With members who never read, and the same without.
struct Harm {
    growth: f64,
    growth_without: f64,
    high: f64,
    high_without: f64,
}

pub(super) fn measure(stage: &Stage) -> Row {
    let mut row = Row {
        title: "20 of 100 members never read".into(),
        says: "4 KiB of text, 500 times a second, from the 80 others by turns. Growth is the most resident memory seen, less \
               what it was before; beside it the same room in which all 100 read."
            .into(),
        columns: ["growth MiB", "growth, all read", "p99 ms of the others", "p99 ms, all read"]
            .map(str::to_owned)
            .to_vec(),
        ..Row::default()
    };
    let contestants: Vec<_> = Contestant::products().collect();
    let samples =
        Samples::take(stage, &mut row, "20 of 100 never read", &contestants, 1, |contestant, seed| {
            let (growth, high) = once(stage, contestant, MEMBERS - DEAF, seed)?;
            let (growth_without, high_without) = once(stage, contestant, MEMBERS, seed)?;
            Ok(Harm { growth, growth_without, high, high_without })
        });
    for contestant in samples.measured() {
        let mut line = stage.line(contestant);
        let figures: [Figure<Harm>; 4] =
            [|one| one.growth, |one| one.growth_without, |one| one.high, |one| one.high_without];
        line.extend(figures.map(|of| figure(samples.median(contestant, of))));
        row.lines.push(line);
    }
    for one in ours(&samples) {
        let words = format!("20 of 100 never read: {}, growth in MiB", one.name());
        row.targets.push(Target::new(words, samples.median(one, |harm| harm.growth), Bound::AtMost(20.0)));
        let words =
            format!("20 of 100 never read: {}, p99 of the others × that with all reading", one.name());
        let harm = samples.median(one, |harm| harm.high / harm.high_without);
        row.targets.push(Target::new(words, harm, Bound::AtMost(UNHARMED)));
    }
    row.raw = samples.json(|one| {
        json!({
            "growth_mib": one.growth, "growth_all_read_mib": one.growth_without, "p99_ms": one.high,
            "p99_all_read_ms": one.high_without,
        })
    });
    row
}

fn once(stage: &Stage, contestant: Contestant, readers: usize, seed: u64) -> Result<(f64, f64), Trouble> {
    let (server, mut crowd) = stage.room(contestant, MEMBERS)?;
    crowd.deafen(readers..MEMBERS)?;
    let before = server.memory().resident;
    let pace_of = Pace {
        per_second: 500.0,
        text_bytes: 4096,
        senders: readers,
        warm_up: stage.plan.span(500, 300),
        span: stage.plan.span(7_500, 3_700),
    };
    let mut heeded = pace(&mut crowd, &server, pace_of, seed)?;
    let growth = mebibytes(heeded.resident_most.saturating_sub(before));
    Ok((growth, heeded.by_all.percentile_ms(0.99).unwrap_or_default()))
}

const MEMBERS: usize = 100;
const DEAF: usize = 20;
/// "Unharmed": within what two equal runs differ by on a machine with other work.
const UNHARMED: f64 = 1.5;
