//! The program that the workspace builds.

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
    Release,
}

/// Builds `anzheng` and says where it lies. All of cargo's output goes to stderr, so that stdout stays
/// the program's own.
pub fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut command = process::cargo();
    command
        .args(["build", "--bin", "anzheng"])
        .current_dir(&workspace.root)
        .stdout(Stdio::from(io::stderr()));
    let folder = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            command.arg("--release");
            "release"
        }
    };
    process::run(&mut command)?;
    let metadata = workspace.metadata()?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
    Ok(Path::new(target).join(folder).join("anzheng"))
}
