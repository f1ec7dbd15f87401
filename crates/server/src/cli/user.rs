use super::Place;
use crate::wiring::{self, Role};
use anyhow::Context;
use app::accounts::{NewAccount, add_account};
use clap::{Args, Subcommand};
use domain::access::Principal;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add an account. The password is read from ANZHENG_PASSWORD.
    Add(Add),
}

#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    place: Place,
    #[arg(long)]
    login: String,
    /// Role code, such as `regulator_city`.
    #[arg(long)]
    role: String,
    /// Regulators: six-digit code of the region they answer for.
    #[arg(long)]
    region: Option<String>,
    /// Enterprise roles: `org_…`.
    #[arg(long)]
    organisation: Option<String>,
    /// Individuals: `holder_…`.
    #[arg(long)]
    holder: Option<String>,
}

impl User {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let User::Add(add) = self;
        let config = add.place.load(None)?;
        let app = wiring::open(&config, Role::Tool).await?;
        let account = NewAccount {
            login: add.login,
            password: std::env::var("ANZHENG_PASSWORD").context("put the password into ANZHENG_PASSWORD")?,
            role: domain::access::Role::from_code(&add.role).context("no such role")?,
            region: add.region,
            organisation: add.organisation.map(|id| id.parse()).transpose()?,
            holder: add.holder.map(|id| id.parse()).transpose()?,
        };
        let call = app.call(Principal::console(), "cli", None);
        let id = add_account(&app, &call, account).await.into_result()?;
        println!("{id}");
        Ok(ExitCode::SUCCESS)
    }
}
