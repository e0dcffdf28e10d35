//! One message at a time: nothing can be batched, and a delivery costs a write.

use super::saturated::{flood_json, lines};
use super::{Samples, Stage, ours};
use crate::contestant::Contestant;
use crate::load::{Flood, Talk, flood};
use crate::report::{Bound, Row, Target, ratio};

pub(super) fn measure(stage: &Stage) -> Row {
    let mut row = Row {
        title: "One message at a time".into(),
        says: "The next message of 120 bytes of text is said when everybody has heard the last one.".into(),
        columns: ["members", "CPU-s per million", "spread", "× limit", "× Bun", "deliveries/s", "bytes each"]
            .map(str::to_owned)
            .to_vec(),
        ..Row::default()
    };
    let (warm_up, span) = (stage.plan.span(500, 300), stage.plan.span(2_000, 1_000));
    let rounds = stage.plan.rounds();
    let samples =
        Samples::take(stage, &mut row, "one at a time", &Contestant::ALL, rounds, |contestant, _| {
            let (server, mut crowd) = stage.room(contestant, MEMBERS)?;
            flood(&mut crowd, &server, Talk::one_at_a_time(), warm_up, span)
        });
    lines(stage, &mut row, &samples, MEMBERS);
    let cost = |contestant| samples.median(contestant, Flood::cpu_seconds_per_million);
    for one in ours(&samples) {
        let bounds = [
            (Contestant::Limit, Bound::AtMost(1.3)),
            (Contestant::LimitOfMarusLength, Bound::Reported),
            (Contestant::Bun, Bound::AtMost(1.25)),
            (Contestant::Ws, Bound::AtMost(0.65)),
        ];
        for (to, bound) in bounds {
            let words = format!("one at a time: {}, CPU × {}", one.name(), to.name());
            row.targets.push(Target::new(words, ratio(cost(one), cost(to)), bound));
        }
        let words = format!("one at a time, the goal beyond: {}, CPU × Bun", one.name());
        row.targets.push(Target::new(words, ratio(cost(one), cost(Contestant::Bun)), Bound::AtMost(1.0)));
    }
    row.raw = samples.json(flood_json);
    row
}

const MEMBERS: usize = 1_000;
