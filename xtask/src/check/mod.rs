//! Everything that can be said about the tree without running its tests.

pub mod arrows;
mod locales;
mod long_files;
mod words;

use crate::{generated, process, workspace::Workspace};
use anyhow::{Result, bail};

type Check = fn(&Workspace) -> Result<()>;

/// Runs every check, also after one has failed, so that one run shows all there is to do.
pub fn run(workspace: &Workspace) -> Result<()> {
    let checks: [(&str, Check); 7] = [
        ("formatting", formatting),
        ("arrows between crates", arrows::run),
        ("file sizes", long_files::run),
        ("locales", locales::run),
        ("words", words::run),
        ("lints", lints),
        ("generated files", |workspace| generated::run(workspace, true)),
    ];
    let mut failed = Vec::new();
    for (name, check) in checks {
        match check(workspace) {
            Ok(()) => println!("ok      {name}"),
            Err(error) => {
                println!("FAILED  {name}\n{error:#}");
                failed.push(name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

fn formatting(workspace: &Workspace) -> Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]).current_dir(&workspace.root))
}

fn lints(workspace: &Workspace) -> Result<()> {
    let mut clippy = process::cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    process::run(clippy.current_dir(&workspace.root))
}

/// One error that lists every finding on a line of its own; none when there is nothing to list.
fn report(findings: Vec<String>) -> Result<()> {
    if findings.is_empty() { Ok(()) } else { bail!("{}", findings.join("\n")) }
}
