use super::{Place, serve::serve};
use crate::wiring::{self, Role};
use app::demo;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{net::SocketAddr, process::ExitCode, sync::Arc};

/// The demo's seed: the same on every machine, so that everybody talks of the same registry.
const SEED: u64 = 20_261_122;

#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    place: Place,
    /// How many certificates.
    #[arg(long, default_value_t = 100_000)]
    certificates: u64,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Print one JSON line when ready.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    accounts: &'a [demo::DemoAccount],
}

impl Demo {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut place = self.place.clone();
        place.data_dir.get_or_insert_with(|| "data/demo".into());
        let config = place.load(self.listen)?;
        let app = Arc::new(wiring::open(&config, Role::Server).await?);
        let bar = ProgressBar::new(self.certificates);
        bar.set_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} ETA {eta}")?);
        bar.set_message("making a synthetic registry");
        let accounts = demo::populate(&app, SEED, self.certificates, &|done| bar.set_position(done)).await?;
        bar.finish_and_clear();
        let json = self.json;
        serve(&config, app, |url| {
            let ready = Ready { url, accounts: &accounts };
            if json {
                println!("{}", serde_json::to_string(&ready).unwrap_or_default());
            } else {
                announce(&ready);
            }
        })
        .await
    }
}

fn announce(ready: &Ready<'_>) {
    println!("安证 Anzheng is serving a synthetic registry at {}", ready.url);
    println!("Every person in it is invented. Sign-ins, one per role:");
    let mut table = comfy_table::Table::new();
    table
        .load_preset(comfy_table::presets::UTF8_BORDERS_ONLY)
        .set_header(["role", "login", "password", "sees"]);
    for account in ready.accounts {
        table.add_row([
            account.role,
            account.login.as_str(),
            account.password.as_str(),
            account.sees.as_str(),
        ]);
    }
    println!("{table}");
    println!("Stop with Ctrl-C.");
}
