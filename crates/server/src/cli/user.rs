use super::Place;
use crate::wiring::{self, Role};
use anyhow::Context;
use app::accounts::{NewAccount, add_account, reset_password};
use clap::{Args, Subcommand};
use domain::access::Principal;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add an account. The password is read from ANZHENG_PASSWORD.
    Add(Add),
    /// Print a token with which the owner of an account chooses a new password; all its sessions end.
    ResetPassword(ResetPassword),
}

#[derive(Debug, Args)]
pub struct ResetPassword {
    #[command(flatten)]
    place: Place,
    #[arg(long)]
    login: String,
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
        match self {
            User::Add(add) => add.run().await,
            User::ResetPassword(reset) => reset.run().await,
        }
    }
}

impl ResetPassword {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let app = wiring::open(&self.place.load(None)?, Role::Tool).await?;
        let call = app.call(Principal::console(), "cli", None);
        let reset = reset_password(&app, &call, &self.login).await.into_result()?;
        println!("{}", reset.token);
        println!("Good until {}, for POST /api/v1/session/password.", reset.expires_at.to_rfc3339());
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.place.load(None)?;
        let app = wiring::open(&config, Role::Tool).await?;
        let account = NewAccount {
            login: self.login,
            password: std::env::var("ANZHENG_PASSWORD").context("put the password into ANZHENG_PASSWORD")?,
            role: domain::access::Role::from_code(&self.role).context("no such role")?,
            region: self.region,
            organisation: self.organisation.map(|id| id.parse()).transpose()?,
            holder: self.holder.map(|id| id.parse()).transpose()?,
        };
        let call = app.call(Principal::console(), "cli", None);
        let id = add_account(&app, &call, account).await.into_result()?;
        println!("{id}");
        Ok(ExitCode::SUCCESS)
    }
}
