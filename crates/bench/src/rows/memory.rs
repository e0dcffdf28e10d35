//! What an idle member costs in memory.

use serde_json::json;

use super::{SETTLE, Samples, Stage, mebibytes};
use crate::contestant::Contestant;
use crate::crowd::Crowd;
use crate::report::{Bound, Row, Target, figure};
use crate::server::Server;

/// Bytes of a server that is resident, alone and with its members.
struct Resident {
    alone: u64,
    with_members: u64,
}

pub(super) fn measure(stage: &Stage) -> Row {
    let mut row = Row {
        title: "Memory of idle members".into(),
        says: "Resident memory of the server (VmRSS) before anybody comes and with so many members who say nothing.".into(),
        columns: ["members", "KiB per member", "MiB in all"].map(str::to_owned).to_vec(),
        ..Row::default()
    };
    let mut raw = serde_json::Map::new();
    for members in [1_000, 10_000] {
        if !stage.holds(members) {
            row.left_out.push(format!("{members} members: a process may hold {} sockets", stage.sockets_max));
            continue;
        }
        let ours = [Contestant::Maru, Contestant::MaruNothing];
        // Peers with 10,000 take the most time and have no target: a quick run leaves them out.
        let is_short = stage.plan.quick && members > 1_000;
        let contestants: Vec<_> =
            Contestant::products().filter(|one| !is_short || ours.contains(one)).collect();
        let what = format!("{members} idle");
        let samples = Samples::take(stage, &mut row, &what, &contestants, 1, |contestant, _| {
            let server =
                Server::start(contestant, &stage.places, stage.cores, members + super::MEMBERS_SPARE)?;
            let mut crowd = Crowd::new(contestant, server.port(), members)?;
            crowd.settle(stage.plan.span(500, 200))?;
            let alone = server.memory().resident;
            crowd.join(members, None)?;
            crowd.settle(SETTLE + stage.plan.span(2_000, 0))?;
            Ok(Resident { alone, with_members: server.memory().resident })
        });
        let each =
            |one: &Resident| one.with_members.saturating_sub(one.alone) as f64 / 1024.0 / members as f64;
        let all = |one: &Resident| mebibytes(one.with_members);
        for contestant in samples.measured() {
            let mut line = stage.line(contestant);
            line.push(members.to_string());
            line.push(figure(samples.median(contestant, each)));
            line.push(figure(samples.median(contestant, all)));
            row.lines.push(line);
        }
        for one in super::ours(&samples) {
            let words = format!("{members} idle: {}, KiB per member", one.name());
            row.targets.push(Target::new(words, samples.median(one, each), Bound::AtMost(4.0)));
            if members == 10_000 {
                let words = format!("{members} idle: {}, whole host in MiB", one.name());
                row.targets.push(Target::new(words, samples.median(one, all), Bound::AtMost(64.0)));
            }
        }
        raw.insert(
            members.to_string(),
            samples.json(|one| json!({"alone": one.alone, "with": one.with_members})),
        );
    }
    row.raw = raw.into();
    row
}
