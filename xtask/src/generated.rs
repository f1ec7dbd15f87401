//! Files that are generated from the program and committed, so that a change of the interface shows up
//! in review.

use crate::{
    binary::{self, Profile, Program},
    process,
    workspace::Workspace,
};
use anyhow::{Context, Result, bail};
use std::{fs, process::Command};

struct Generated {
    /// Arguments of `anzheng` that print the file.
    arguments: &'static [&'static str],
    file: &'static str,
}

const GENERATED: [Generated; 1] = [Generated { arguments: &["openapi"], file: "docs/api/openapi.json" }];

/// Writes the generated files; with `check` writes nothing and fails when one is stale.
pub fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let binary = binary::build(workspace, Program::Registry, Profile::Dev)?;
    let mut stale = Vec::new();
    for generated in &GENERATED {
        let fresh = process::output(Command::new(&binary).args(generated.arguments))?;
        let path = workspace.root.join(generated.file);
        if fs::read(&path).is_ok_and(|committed| committed == fresh) {
            continue;
        }
        if check {
            stale.push(generated.file);
        } else {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, &fresh).with_context(|| format!("cannot write {}", generated.file))?;
            println!("wrote {}", generated.file);
        }
    }
    if !stale.is_empty() {
        bail!("stale: {}. Run `cargo xtask gen` and commit the result", stale.join(", "));
    }
    Ok(())
}
