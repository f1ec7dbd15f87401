//! What CI runs. The same on a developer's machine.

mod smoke;

use crate::{check, suite, workspace::Workspace};
use anyhow::{Context, Result};
use std::time::Instant;

pub fn run(workspace: &Workspace) -> Result<()> {
    timed("check", || check::run(workspace))?;
    let closing = timed("test", || suite::run(workspace, false))?;
    let demo = timed("demo", || smoke::run(workspace));
    closing.print()?;
    demo?;
    println!("CI passed");
    Ok(())
}

fn timed<T>(name: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("== {name}");
    let begun = Instant::now();
    let result = step().with_context(|| format!("{name} failed"));
    println!("== {name}: {} s", begun.elapsed().as_secs());
    result
}
