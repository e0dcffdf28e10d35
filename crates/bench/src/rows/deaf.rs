//! 200 members who never read beside 100 who do.

use serde_json::json;

use super::{Samples, Stage, ours};
use crate::contestant::Contestant;
use crate::crowd::Trouble;
use crate::load::{Pace, TEXT_BYTES, pace};
use crate::report::{Bound, Row, Target, figure};

struct Beside {
    high: f64,
    high_quiet: f64,
}

pub(super) fn measure(stage: &Stage) -> Row {
    let mut row = Row {
        title: "200 members never read".into(),
        says: "100 members say and hear 1,000 messages of 120 bytes of text a second, alone (quiet) and beside 200 who never \
               read."
            .into(),
        columns: ["p99 ms of the 100", "p99 ms, quiet"].map(str::to_owned).to_vec(),
        ..Row::default()
    };
    let contestants = [Contestant::Maru, Contestant::MaruNothing];
    let rounds = stage.plan.long_rounds();
    let samples =
        Samples::take(stage, &mut row, "200 never read", &contestants, rounds, |contestant, seed| {
            let high_quiet = once(stage, contestant, 0, seed)?;
            Ok(Beside { high: once(stage, contestant, DEAF, seed)?, high_quiet })
        });
    for contestant in samples.measured() {
        let mut line = stage.line(contestant);
        line.push(figure(samples.median(contestant, |one| one.high)));
        line.push(figure(samples.median(contestant, |one| one.high_quiet)));
        row.lines.push(line);
    }
    for one in ours(&samples) {
        let words = format!("200 never read: {}, p99 of the others × quiet", one.name());
        let harm = samples.median(one, |beside| beside.high / beside.high_quiet);
        row.targets.push(Target::new(words, harm, Bound::Reported));
    }
    row.raw = samples.json(|one| json!({"p99_ms": one.high, "p99_quiet_ms": one.high_quiet}));
    row
}

fn once(stage: &Stage, contestant: Contestant, deaf: usize, seed: u64) -> Result<f64, Trouble> {
    let (server, mut crowd) = stage.room(contestant, HONEST + deaf)?;
    crowd.deafen(HONEST..HONEST + deaf)?;
    let pace_of = Pace {
        per_second: 1_000.0,
        text_bytes: TEXT_BYTES,
        senders: HONEST,
        warm_up: stage.plan.span(500, 300),
        span: stage.plan.span(5_000, 2_000),
    };
    Ok(pace(&mut crowd, &server, pace_of, seed)?.by_all.percentile_ms(0.99).unwrap_or_default())
}

const HONEST: usize = 100;
const DEAF: usize = 200;
