//! The programs that the workspace builds.

use crate::{process, workspace::Workspace};
use anyhow::{Context, Result};
use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

#[derive(Clone, Copy)]
pub enum Profile {
    Dev,
    /// Fast enough to try out, and soon built.
    Release,
    /// As it is shipped.
    Dist,
}

/// What can be built.
#[derive(Clone, Copy)]
pub enum Program {
    /// `anzheng`
    Registry,
    /// `anzheng-bench`
    Bench,
    /// `anzheng-chaos`
    Chaos,
}

impl Program {
    /// Of package and file.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Program::Registry => ("anzheng-server", "anzheng"),
            Program::Bench => ("anzheng-bench", "anzheng-bench"),
            Program::Chaos => ("anzheng-chaos", "anzheng-chaos"),
        }
    }
}

/// Builds a program and says where it lies. All of cargo's output goes to stderr, so that stdout stays
/// the program's own.
pub fn build(workspace: &Workspace, program: Program, profile: Profile) -> Result<PathBuf> {
    let (package, name) = program.names();
    let mut command = process::cargo();
    command
        .args(["build", "--package", package, "--bin", name])
        .current_dir(&workspace.root)
        .stdout(Stdio::from(io::stderr()));
    let (name_of_profile, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Release => ("release", "release"),
        Profile::Dist => ("dist", "dist"),
    };
    command.args(["--profile", name_of_profile]);
    process::run(&mut command)?;
    let metadata = workspace.metadata()?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
    Ok(Path::new(target).join(folder).join(name))
}
