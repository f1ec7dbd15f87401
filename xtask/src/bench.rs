//! Serves a synthetic registry and lets `anzheng-bench` measure it, both built as they would be shipped.

use crate::{
    binary::{self, Profile, Program},
    process,
    served::{Served, Start},
    workspace::Workspace,
};
use anyhow::Result;
use clap::Args;
use std::{process::Command, time::Duration};

#[derive(Args)]
pub struct Arguments {
    /// 100,000 certificates and a few seconds per kind of request
    #[arg(long)]
    quick: bool,
    /// How many certificates the registry holds [default: 1,000,000, or 100,000 with --quick]
    #[arg(long)]
    certificates: Option<u32>,
    /// Connections that ask at the same time; several numbers make a table each
    #[arg(long, default_value = "64")]
    connections: String,
    /// Ask PostgreSQL and SQLite the same of as many rows, and show them beside ours
    #[arg(long)]
    peers: bool,
}

pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let certificates = arguments.certificates.unwrap_or(if arguments.quick { 100_000 } else { 1_000_000 });
    let (seconds, runs) = if arguments.quick { ("3", "1") } else { ("10", "3") };
    let bench = binary::build(workspace, Program::Bench, Profile::Dist)?;
    let binary = binary::build(workspace, Program::Registry, Profile::Dist)?;
    let start = Start {
        certificates,
        within: Duration::from_secs(3600),
        // One account asks for all connections; its rate limit is not what is measured.
        environment: &[
            ("ANZHENG__LIMITS__ACCOUNT_RATE", "4000000000"),
            ("ANZHENG__LIMITS__ANONYMOUS_RATE", "4000000000"),
        ],
    };
    let mut served = Served::start(&binary, &start)?;
    // Beside the program: the registry's folder is gone before the peers need the space.
    let figures = bench.with_extension("json");
    let (login, password) = served.account("regulator_national")?;
    println!("{certificates} certificates");
    let mut command = Command::new(&bench);
    command.args(["run", "--url", served.url(), "--login", login, "--password", password]);
    command.args(["--connections", &arguments.connections, "--seconds", seconds, "--runs", runs]);
    command.args(["--rates", "2000,5000,10000"]).arg("--json").arg(&figures);
    process::run(&mut command)?;
    let mut command = Command::new(&bench);
    command.args(["visible", "--url", served.url(), "--password", password]);
    command.args(["--maker", "regulator_county", "--checker", "regulator_county_checker"]);
    process::run(&mut command)?;
    // Peers have the machine to themselves, as ours had.
    served.stop()?;
    drop(served);
    if !arguments.peers {
        return Ok(());
    }
    let mut command = Command::new(&bench);
    command.args(["peers", "--certificates", &certificates.to_string()]);
    command.args(["--connections", &arguments.connections, "--seconds", seconds]);
    process::run(command.arg("--beside").arg(&figures))
}
