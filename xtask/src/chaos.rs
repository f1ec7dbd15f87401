//! Lets `anzheng-chaos` break the registry, both built as they would be shipped.

use crate::{
    binary::{self, Profile, Program},
    prerequisites, process,
    workspace::Workspace,
};
use anyhow::Result;
use std::{ffi::OsString, process::Command};

pub fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<()> {
    prerequisites::ensure(prerequisites::Wanted::All)?;
    let chaos = binary::build(workspace, Program::Chaos, Profile::Release)?;
    let registry = binary::build(workspace, Program::Registry, Profile::Release)?;
    process::run(Command::new(chaos).arg("--anzheng").arg(registry).args(arguments))
}
