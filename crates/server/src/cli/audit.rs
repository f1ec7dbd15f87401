use super::Place;
use crate::wiring;
use app::audit::{Elsewhere, VerifyReport};
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};
use store::Store;

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
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let Audit::Verify(verify) = self;
        let config = verify.place.load(None)?;
        let dir = wiring::audit_dir(&config);
        let report = match std::fs::read_dir(&dir) {
            Ok(_) => {
                let keys = wiring::existing_keys(&config)?;
                let elsewhere = Elsewhere {
                    witnesses: config.audit.witnesses.clone(),
                    copies: verify.checkpoints,
                    database: Store::connect_read_only(&config.store_url(), keys.clone()).await,
                };
                app::audit::verify(&dir, elsewhere, &keys).await?
            }
            // Said before the keys are missed, which go the same way as the folder.
            Err(error) => VerifyReport::unreadable(&dir, &error),
        };
        if verify.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            print(&report);
        }
        Ok(if report.intact { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}

fn print(report: &VerifyReport) {
    println!("{} records, {} checkpoints", report.records, report.checkpoints);
    if let Some(copied) = report.copied {
        println!("{copied} records in the searchable copy");
    }
    if let Some(leaves) = report.log_leaves {
        println!("{leaves} leaves of the transparency log");
    }
    for what in &report.not_compared {
        println!("NOT COMPARED {what}");
    }
    for finding in &report.findings {
        println!("TAMPERED {} {}", finding.kind, finding.place);
    }
    println!("{}", if report.intact { "intact" } else { "NOT INTACT" });
}
