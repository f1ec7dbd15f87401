//! What the served registry can do on this machine, each kind of request against the floor: the smallest
//! answer the same server gives to the same client. Ratios travel between machines, absolute figures do not.
//!
//! The load is a closed loop: every connection sends its next request when the answer to the last is there.
//! The client shares the processors with the server, so the figures understate a server that has them to
//! itself.

mod cases;
mod load;
mod machine;
mod table;

use crate::{
    binary::{self, Profile},
    served::{Served, Start},
    workspace::Workspace,
};
use anyhow::{Context, Result};
use clap::Args;
use std::time::Duration;

#[derive(Args)]
pub struct Arguments {
    /// 100,000 certificates and a few seconds per kind of request
    #[arg(long)]
    quick: bool,
    /// How many certificates the registry holds [default: 1,000,000, or 100,000 with --quick]
    #[arg(long)]
    certificates: Option<u32>,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 16)]
    connections: usize,
}

pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let certificates = arguments.certificates.unwrap_or(if arguments.quick { 100_000 } else { 1_000_000 });
    let duration = Duration::from_secs(if arguments.quick { 3 } else { 15 });
    let binary = binary::build(workspace, Profile::Release)?;
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
    let api = served.sign_in("regulator_national")?;
    println!("{}", machine::description()?);
    println!(
        "{certificates} certificates, {} connections, {} s each\n",
        arguments.connections,
        duration.as_secs()
    );
    let mut rows = Vec::new();
    for case in cases::all(&api)? {
        let measured = load::run(&api, &case.requests, arguments.connections, duration);
        rows.push((case.name, measured.with_context(|| format!("measuring {}", case.name))?));
    }
    print!("{}", table::render(&rows));
    served.stop()
}
