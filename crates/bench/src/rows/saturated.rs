//! As much as the room takes: 64 messages that not everybody has heard yet, at 100 and at 1,000 members.

use serde_json::json;

use super::{Samples, Stage, ours};
use crate::contestant::Contestant;
use crate::load::{Flood, OUTSTANDING, Talk, flood};
use crate::report::{Bound, Row, Target, figure, ratio};

pub(super) fn measure(stage: &Stage) -> Row {
    let mut row = Row {
        title: "As much as the room takes".into(),
        says: "64 members have one message of 120 bytes of text outstanding each, and say the next when they have heard \
               their own. CPU is the server's, user and system, per million deliveries."
            .into(),
        columns: ["members", "CPU-s per million", "spread", "× limit", "× Bun", "deliveries/s", "bytes each"]
            .map(str::to_owned)
            .to_vec(),
        ..Row::default()
    };
    let mut raw = serde_json::Map::new();
    for members in [100, 1_000] {
        let (warm_up, span) = (stage.plan.span(500, 300), stage.plan.span(2_000, 1_000));
        let samples = Samples::take(
            stage,
            &mut row,
            &format!("saturated at {members}"),
            &Contestant::ALL,
            stage.plan.rounds(),
            |contestant, _| {
                let (server, mut crowd) = stage.room(contestant, members)?;
                let talk = Talk::of_speakers(OUTSTANDING, members);
                flood(&mut crowd, &server, talk, warm_up, span)
            },
        );
        lines(stage, &mut row, &samples, members);
        targets(&mut row, &samples, members);
        raw.insert(members.to_string(), samples.json(flood_json));
    }
    row.raw = raw.into();
    row
}

pub(super) fn flood_json(flood: &Flood) -> serde_json::Value {
    json!({
        "cpu_seconds_per_million": flood.cpu_seconds_per_million(), "deliveries_per_second": flood.per_second(),
        "bytes_per_delivery": flood.bytes_per_delivery(), "deliveries": flood.deliveries,
    })
}

pub(super) fn lines(stage: &Stage, row: &mut Row, samples: &Samples<Flood>, members: usize) {
    let cost = |contestant| samples.median(contestant, Flood::cpu_seconds_per_million);
    for contestant in samples.measured() {
        let mut line = stage.line(contestant);
        line.push(members.to_string());
        line.push(figure(cost(contestant)));
        line.push(samples.spread(contestant, Flood::cpu_seconds_per_million));
        line.push(figure(ratio(cost(contestant), cost(Contestant::Limit))));
        line.push(figure(ratio(cost(contestant), cost(Contestant::Bun))));
        line.push(figure(samples.median(contestant, Flood::per_second)));
        line.push(figure(samples.median(contestant, Flood::bytes_per_delivery)));
        row.lines.push(line);
    }
}

fn targets(row: &mut Row, samples: &Samples<Flood>, members: usize) {
    let cost = |contestant| samples.median(contestant, Flood::cpu_seconds_per_million);
    let of_buns = if members == 100 { 0.85 } else { 0.6 };
    for one in ours(samples) {
        let mut compare = |to: Contestant, bound: Bound| {
            let words = format!("{members} members, saturated: {}, CPU × {}", one.name(), to.name());
            row.targets.push(Target::new(words, ratio(cost(one), cost(to)), bound));
        };
        compare(Contestant::Limit, Bound::AtMost(1.3));
        compare(Contestant::LimitOfMarusLength, Bound::Reported);
        compare(Contestant::Bun, Bound::AtMost(of_buns));
        for dear in [Contestant::Ws, Contestant::Broadcast] {
            let words = format!("{members} members, saturated: {}, CPU × {}", dear.name(), one.name());
            row.targets.push(Target::new(words, ratio(cost(dear), cost(one)), Bound::AtLeast(30.0)));
        }
    }
    let rate = |contestant| samples.median(contestant, Flood::per_second);
    let words = format!("{members} members, saturated: throughput of Maru on disk × nothing kept");
    let bound = if members == 100 { Bound::Reported } else { Bound::AtLeast(0.8) };
    row.targets.push(Target::new(words, ratio(rate(Contestant::Maru), rate(Contestant::MaruNothing)), bound));
}
