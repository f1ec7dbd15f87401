use super::Place;
use crate::wiring::{self, Role};
use app::seals;
use clap::{Args, Subcommand};
use domain::access::Principal;
use std::process::ExitCode;
use store::OldSeals;

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a new key that seals from now on. May be used while the registry is served; old seals are
    /// renewed in the background.
    Rotate(Rotate),
    /// Open every seal and name the rows that were edited, swapped or damaged.
    Check(Check),
}

#[derive(Debug, Args)]
pub struct Rotate {
    #[command(flatten)]
    place: Place,
    /// Print one JSON line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    place: Place,
    /// Also seal anew, under the current key, what older keys sealed.
    #[arg(long)]
    renew: bool,
    /// Print one JSON line.
    #[arg(long)]
    json: bool,
}

impl Keys {
    /// Exit code 2 when a row is damaged.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Keys::Rotate(rotate) => rotate.run().await,
            Keys::Check(check) => check.run().await,
        }
    }
}

impl Rotate {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let app = wiring::open(&self.place.load(None)?, Role::Tool).await?;
        let call = app.call(Principal::console(), "cli", None);
        let key = seals::rotate(&app, &call).await.into_result()?;
        if self.json {
            println!("{}", serde_json::json!({ "key": key }));
        } else {
            println!("key {key} seals from now on");
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Check {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let app = wiring::open(&self.place.load(None)?, Role::Tool).await?;
        let call = app.call(Principal::console(), "cli", None);
        let old = if self.renew { OldSeals::Renew } else { OldSeals::Keep };
        let report = seals::check(&app, &call, old).await.into_result()?;
        if self.json {
            let rows: Vec<_> = report
                .rows
                .iter()
                .map(|row| serde_json::json!({ "table": row.table, "id": row.id }))
                .collect();
            let (checked, renewed, damaged) = (report.checked, report.renewed, report.damaged);
            println!(
                "{}",
                serde_json::json!({ "checked": checked, "renewed": renewed, "damaged": damaged, "rows": rows })
            );
        } else {
            for row in &report.rows {
                println!("DAMAGED {} {}", row.table, row.id);
            }
            println!("{} checked, {} renewed, {} damaged", report.checked, report.renewed, report.damaged);
        }
        Ok(if report.damaged == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}
