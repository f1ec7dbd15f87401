//! From a clean checkout to a served registry.

use crate::{
    binary::{self, Profile, Program},
    workspace::Workspace,
};
use anyhow::{Context, Result};
use std::{ffi::OsString, os::unix::process::CommandExt, process::Command};

/// Becomes `anzheng demo`, so that signals and the exit code are the program's own.
pub fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<()> {
    let binary = binary::build(workspace, Program::Registry, Profile::Release)?;
    let failure = Command::new(&binary).arg("demo").args(arguments).exec();
    Err(failure).with_context(|| format!("cannot start {}", binary.display()))
}
