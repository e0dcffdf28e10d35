//! At a pace that leaves the room time: how long a message takes to everybody.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Figure, Samples, Stage};
use crate::contestant::Contestant;
use crate::figures::Waits;
use crate::load::{Pace, TEXT_BYTES, pace};
use crate::report::{Bound, Row, Target, figure};

/// The percentiles of one round, in milliseconds.
struct Percentiles {
    middle: f64,
    high: f64,
}

pub(super) fn measure(stage: &Stage) -> Row {
    let mut row = Row {
        title: "At a pace".into(),
        says: "Messages of 120 bytes of text at random moments, so many a second in all, from all members by turns; from the \
               moment a message is due to each member's having read it."
            .into(),
        columns: ["members", "messages/s", "p50 ms", "p99 ms", "spread of p99"].map(str::to_owned).to_vec(),
        ..Row::default()
    };
    let contestants: Vec<_> =
        Contestant::ALL.into_iter().filter(|one| *one != Contestant::LimitOfMarusLength).collect();
    let mut commit = commit_waits(&stage.places.work).unwrap_or_default();
    let mut raw = serde_json::Map::new();
    for (members, per_second) in [(200, 100.0), (1_000, 20.0)] {
        let rounds = stage.plan.long_rounds();
        let what = format!("{members} members, {per_second} messages/s");
        let samples = Samples::take(stage, &mut row, &what, &contestants, rounds, |contestant, seed| {
            let (server, mut crowd) = stage.room(contestant, members)?;
            let pace_of = Pace {
                per_second,
                text_bytes: TEXT_BYTES,
                senders: members,
                warm_up: stage.plan.span(500, 300),
                span: stage.plan.span(5_000, 1_500),
            };
            let mut heeded = pace(&mut crowd, &server, pace_of, seed)?;
            Ok(Percentiles {
                middle: heeded.by_all.percentile_ms(0.5).unwrap_or_default(),
                high: heeded.by_all.percentile_ms(0.99).unwrap_or_default(),
            })
        });
        for contestant in samples.measured() {
            let mut line = stage.line(contestant);
            line.extend([members.to_string(), per_second.to_string()]);
            line.push(figure(samples.median(contestant, |one| one.middle)));
            line.push(figure(samples.median(contestant, |one| one.high)));
            line.push(samples.spread(contestant, |one| one.high));
            row.lines.push(line);
        }
        targets(stage, &mut row, &samples, &what, &mut commit);
        raw.insert(what, samples.json(|one| json!({"p50_ms": one.middle, "p99_ms": one.high})));
    }
    row.raw = raw.into();
    row
}

/// *Nothing kept* is not above Bun; on disk, what one commit takes is added.
fn targets(stage: &Stage, row: &mut Row, samples: &Samples<Percentiles>, what: &str, commit: &mut Waits) {
    let figures: [(&str, f64, Figure<Percentiles>); 2] =
        [("p50", 0.5, |one| one.middle), ("p99", 0.99, |one| one.high)];
    for (name, share, figure_of) in figures {
        let buns = samples.median(Contestant::Bun, figure_of);
        for one in super::ours(samples) {
            let is_durable = one == Contestant::Maru && stage.places.abilities.keep;
            let allowed = if is_durable { commit.percentile_ms(share).unwrap_or_default() } else { 0.0 };
            let plus = if is_durable {
                format!(" plus one commit ({})", figure(Some(allowed)))
            } else {
                String::new()
            };
            let words = format!("{what}: {}, {name} in ms, not above Bun's{plus}", one.name());
            let bound = buns.map_or(Bound::Reported, |buns| Bound::AtMost(buns + allowed));
            row.targets.push(Target::new(words, samples.median(one, figure_of), bound));
        }
    }
}

/// What it takes this disk to keep a few hundred bytes, as a commit must.
pub(super) fn commit_waits(folder: &Path) -> io::Result<Waits> {
    let mut file: File = tempfile::tempfile_in(folder)?;
    let mut waits = Waits::default();
    for _ in 0..COMMITS {
        file.write_all(&[0; 4096])?;
        let began = Instant::now();
        file.sync_data()?;
        waits.push_nanos(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX));
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(waits)
}

const COMMITS: usize = 200;
