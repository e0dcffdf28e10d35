//! `cargo xtask bench`: builds what is measured and the measuring program in release, and starts it. What is measured, and
//! how, is in `crates/bench` and docs/BENCHMARKS.md.

use crate::project::{Obstacle, Project, run};
use crate::{page, setup};

/// Builds and measures; the words are the measuring program's.
pub(crate) fn bench(project: &Project, words: &[String]) -> Result<(), Obstacle> {
    if !cfg!(target_os = "linux") {
        return Err(Obstacle::Missing(
            "the bench reads its figures from /proc and runs on Linux alone".into(),
        ));
    }
    setup::tools(project)?;
    page::install(project)?;
    page::build(project)?;
    run(&mut project.cargo(&["build", "--release", "-p", "maru-cli", "-p", "maru-bench"]))?;
    let target = project.target();
    let program = target.join("release").join("maru-bench");
    let mut command = project.command(&program.to_string_lossy());
    command.arg("--project").arg(project.path("")).arg("--target").arg(target);
    run(command.args(words))
}
