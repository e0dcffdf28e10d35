//! How long a sender waits for the acknowledgement while others read deep pages, search, resume or export.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Stage, progress};
use crate::contestant::Contestant;
use crate::crowd::{Crowd, Trouble};
use crate::disturbance::{Disturbance, Got, Kind};
use crate::figures::median;
use crate::load::{Pace, TEXT_BYTES, fill, pace};
use crate::report::{Bound, Row, Target, figure};
use crate::server::Server;
use crate::visitor::Visitor;

/// One stretch of time.
struct Stretch {
    middle: f64,
    high: f64,
    got: Option<Got>,
}

pub(super) fn measure(stage: &Stage) -> Row {
    let mut row = Row {
        title: "Acknowledgements while the room is made to work".into(),
        says: format!(
            "50 members say 1,000 messages of 120 bytes of text a second in a room that holds {} already; from the moment a \
             message is due to its sender's own entry. Those who disturb are on a core of their own where there is a third, \
             else on the generator's, which then shows in every wait.",
            messages_before(stage)
        ),
        columns: ["disturbed by", "p50 ms", "p99 ms", "disturbances/s", "failed"].map(str::to_owned).to_vec(),
        ..Row::default()
    };
    if let Err(trouble) = stretches(stage, &mut row) {
        row.faults.push(format!("acknowledgements: {trouble}"));
    }
    row
}

fn stretches(stage: &Stage, row: &mut Row) -> Result<(), Trouble> {
    let (server, mut crowd) = stage.room(Contestant::Maru, MEMBERS)?;
    fill(&mut crowd, MESSAGES_LONG_AGO)?;
    let (visitor, welcome) = Visitor::enter(server.port(), "guest of old", None)?;
    drop(visitor);
    fill(&mut crowd, messages_before(stage))?;
    // Quiet comes first and last, so that what the growing log does by itself is seen.
    let mut raw = serde_json::Map::new();
    let mut quiet = vec![stretch(stage, &server, &mut crowd, None, &welcome)?];
    let mut disturbed = Vec::new();
    for kind in Kind::ALL {
        if let Some(why) = kind.missing(&welcome, &stage.places) {
            row.left_out.push(format!("{}: {why}", kind.name()));
            continue;
        }
        disturbed.push((kind, stretch(stage, &server, &mut crowd, Some(kind), &welcome)?));
    }
    quiet.push(stretch(stage, &server, &mut crowd, None, &welcome)?);
    for (at, stretch) in quiet.iter().enumerate() {
        tell(stage, row, &mut raw, ["nobody, before", "nobody, after"][at], stretch);
    }
    for (kind, stretch) in &disturbed {
        tell(stage, row, &mut raw, kind.name(), stretch);
    }
    let commit = super::paced::commit_waits(&stage.places.work)?.percentile_ms(0.99).unwrap_or_default();
    let quiet_high =
        median(&quiet.iter().map(|stretch| stretch.high).collect::<Vec<_>>()).unwrap_or_default();
    for (kind, stretch) in &disturbed {
        let words = format!(
            "acknowledgements under {}: p99 in ms, at most quiet ({}) plus one commit's p99 ({})",
            kind.name(),
            figure(Some(quiet_high)),
            figure(Some(commit))
        );
        row.targets.push(Target::new(words, Some(stretch.high), Bound::AtMost(quiet_high + commit)));
    }
    row.raw = raw.into();
    Ok(())
}

fn stretch(
    stage: &Stage,
    server: &Server,
    crowd: &mut Crowd,
    kind: Option<Kind>,
    welcome: &Value,
) -> Result<Stretch, Trouble> {
    progress(&format!("acknowledgements, disturbed by {}", kind.map_or("nobody", Kind::name)));
    let disturbance =
        kind.map(|kind| Disturbance::begin(kind, server, &stage.places, stage.cores, &welcome["head"]));
    let pace_of = Pace {
        per_second: 1_000.0,
        text_bytes: TEXT_BYTES,
        senders: MEMBERS,
        warm_up: Duration::from_millis(500),
        span: stage.plan.span(5_000, 2_000),
    };
    let heeded = pace(crowd, server, pace_of, 1);
    let got = disturbance.map(Disturbance::end);
    let mut heeded = heeded?;
    Ok(Stretch {
        middle: heeded.by_sender.percentile_ms(0.5).unwrap_or_default(),
        high: heeded.by_sender.percentile_ms(0.99).unwrap_or_default(),
        got,
    })
}

fn tell(
    stage: &Stage,
    row: &mut Row,
    raw: &mut serde_json::Map<String, Value>,
    name: &str,
    stretch: &Stretch,
) {
    let mut line = stage.line(Contestant::Maru);
    line.extend([name.to_owned(), figure(Some(stretch.middle)), figure(Some(stretch.high))]);
    line.push(figure(stretch.got.map(|got| got.per_second)));
    line.push(stretch.got.map_or_else(|| "–".into(), |got| got.failed.to_string()));
    row.lines.push(line);
    let per_second = stretch.got.map(|got| got.per_second);
    let failed = stretch.got.map(|got| got.failed);
    raw.insert(
        name.to_owned(),
        json!({"p50_ms": stretch.middle, "p99_ms": stretch.high, "disturbances_per_second": per_second, "failed": failed}),
    );
    if let Some(got) = stretch.got.filter(|got| got.per_second <= 0.0) {
        row.faults.push(format!("{name} disturbed nobody: {} attempts failed", got.failed));
    }
}

fn messages_before(stage: &Stage) -> u64 {
    if stage.plan.quick { 10_000 } else { 30_000 }
}

const MEMBERS: usize = 50;
const MESSAGES_LONG_AGO: u64 = 1_000;
