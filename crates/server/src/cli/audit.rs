use super::Place;
use crate::wiring;
use clap::{Args, Subcommand};
use keys::KeyRing;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check the whole audit for tampering. Opens nothing for writing.
    Verify(Verify),
}

#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    place: Place,
    /// A copy of the checkpoints kept elsewhere; finds what a rewrite of the whole folder hides.
    #[arg(long, value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// Print one JSON line.
    #[arg(long)]
    json: bool,
}

impl Audit {
    /// Exit code 0 when intact, 2 when tampered.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Audit::Verify(verify) = self;
        let config = verify.place.load(None)?;
        let keys: KeyRing = wiring::existing_keys(&config)?;
        let report = app::audit::verify(&wiring::audit_dir(&config), &verify.checkpoints, &keys)?;
        if verify.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            println!("{} records, {} checkpoints", report.records, report.checkpoints);
            for finding in &report.findings {
                println!("TAMPERED {} {}", finding.kind, finding.place);
            }
            println!("{}", if report.intact { "intact" } else { "NOT INTACT" });
        }
        Ok(if report.intact { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}
