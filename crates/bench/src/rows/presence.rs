//! Many members come in: what their coming costs when everybody hears of everybody.

use std::time::Instant;

use serde_json::json;

use super::{Figure, SETTLE, Samples, Stage, mebibytes};
use crate::contestant::Contestant;
use crate::crowd::Crowd;
use crate::report::{Bound, Row, Target, figure, ratio};
use crate::server::Server;

struct Arrival {
    seconds: f64,
    cpu_seconds: f64,
    bytes: f64,
    peak: f64,
}

pub(super) fn measure(stage: &Stage) -> Row {
    let over = stage.plan.span(30_000, 8_000);
    let mut row = Row {
        title: "Presence at size".into(),
        says: format!("Members come in evenly over {} s and hear of each other.", over.as_secs()),
        columns: ["members", "until all are in, s", "server's CPU-s", "MiB out", "peak MiB"]
            .map(str::to_owned)
            .to_vec(),
        ..Row::default()
    };
    let mut of_size = Vec::new();
    let mut raw = serde_json::Map::new();
    for members in [5_000, 10_000] {
        if !stage.holds(members) {
            row.left_out.push(format!("{members} members: a process may hold {} sockets", stage.sockets_max));
            continue;
        }
        let what = format!("{members} come in");
        let contestants = [Contestant::Maru, Contestant::MaruNothing];
        let samples = Samples::take(stage, &mut row, &what, &contestants, 1, |contestant, _| {
            let server =
                Server::start(contestant, &stage.places, stage.cores, members + super::MEMBERS_SPARE)?;
            let mut crowd = Crowd::new(contestant, server.port(), members)?;
            let (began, cpu) = (Instant::now(), server.cpu_seconds());
            crowd.join(members, Some(over))?;
            let seconds = began.elapsed().as_secs_f64();
            crowd.settle(SETTLE + SETTLE)?;
            Ok(Arrival {
                seconds,
                cpu_seconds: server.cpu_seconds() - cpu,
                bytes: mebibytes(crowd.bytes_heard()),
                peak: mebibytes(server.memory().peak),
            })
        });
        for contestant in samples.measured() {
            let mut line = stage.line(contestant);
            line.push(members.to_string());
            let figures: [Figure<Arrival>; 4] =
                [|one| one.seconds, |one| one.cpu_seconds, |one| one.bytes, |one| one.peak];
            line.extend(figures.map(|of| figure(samples.median(contestant, of))));
            row.lines.push(line);
        }
        raw.insert(members.to_string(), samples.json(|one| {
            json!({"seconds": one.seconds, "cpu_seconds": one.cpu_seconds, "mib_out": one.bytes, "peak_mib": one.peak})
        }));
        of_size.push(samples);
    }
    row.raw = raw.into();
    targets(&mut row, &of_size);
    row
}

fn targets(row: &mut Row, of_size: &[Samples<Arrival>]) {
    let [half, whole] = of_size else { return };
    for one in super::ours(whole) {
        let words = format!("10,000 come in: {}, seconds", one.name());
        row.targets.push(Target::new(words, whole.median(one, |all| all.seconds), Bound::AtMost(60.0)));
        let figures: [(&str, Figure<Arrival>); 3] =
            [("CPU", |one| one.cpu_seconds), ("bytes out", |one| one.bytes), ("peak memory", |one| one.peak)];
        for (name, of) in figures {
            let words = format!("{}: {name} of 10,000 × that of 5,000 (the square would be 4)", one.name());
            let growth = ratio(whole.median(one, of), half.median(one, of));
            row.targets.push(Target::new(words, growth, Bound::AtMost(BELOW_THE_SQUARE)));
        }
    }
}

/// Between what grows with the members, 2, and what grows with their square, 4.
const BELOW_THE_SQUARE: f64 = 3.0;
