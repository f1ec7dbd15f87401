//! `cargo xtask chaos` builds the registry and calls this.

use anyhow::Result;
use chaos::{Database, Plan, Setting, faults::Scale};
use clap::Parser;
use std::{path::PathBuf, process::ExitCode, time::Duration};

#[derive(Parser)]
#[command(about = "Breaks a registry on purpose and checks what it promised")]
struct Cli {
    /// The program under test.
    #[arg(long)]
    anzheng: PathBuf,
    /// From which everything random is drawn; the same seed breaks the same things.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rounds of `kill -9`; every other fault has a tenth of them.
    #[arg(long, default_value_t = 200)]
    rounds: u64,
    /// Rows of the list of promises, such as.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Minutes of mixed work and random faults at the end.
    #[arg(long, default_value_t = 0)]
    minutes: u64,
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// Rows of each roster that is handed in.
    #[arg(long, default_value_t = 600)]
    rows: u64,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<ExitCode> {
    let Cli { anzheng, seed, rounds, only, minutes, database, rows, json } = Cli::parse();
    let setting = Setting { binary: anzheng, database, subjects: 12, rows };
    let soak = Duration::from_secs(minutes * 60);
    let plan = Plan { setting, seed, rounds, only, scale: Scale { seconds: 20 }, soak };
    let report = chaos::run(&plan, &|line| eprintln!("{line}"))?;
    if json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    Ok(if report.violations().next().is_none() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
