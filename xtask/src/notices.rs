//! THIRD-PARTY-NOTICES.md: the licences of everything that ships. The reading of JSON is Node's, in `notices.mjs`.

use crate::project::{Obstacle, Project, run};

pub(crate) fn write(project: &Project) -> Result<(), Obstacle> {
    run(project.command("node").args(["xtask/notices.mjs", "THIRD-PARTY-NOTICES.md"]))
}
