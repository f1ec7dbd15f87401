//! The command line. Exit codes: 0 done, 1 failed, 2 the check says no (tampered, not valid);
//! `verify` has more of them.

mod audit;
mod backup;
mod demo;
mod import;
mod keys;
mod openapi;
mod query;
mod remote;
mod restore;
mod serve;
mod user;
mod verify;

use crate::{config::Config, runtime};
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

/// Query and verify occupational certificates.
#[derive(Debug, Parser)]
#[command(name = "anzheng", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the registry.
    Serve(serve::Serve),
    /// Make a synthetic registry in a data folder and serve it.
    Demo(demo::Demo),
    /// Take a roster (CSV, TSV, XLSX, XLS) into the registry.
    Import(import::Import),
    /// Search certificates on a running server.
    Query(query::Query),
    /// Verify one certificate on a running server.
    Verify(verify::Verify),
    /// Rotate keys, check seals.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Back up, list, prune, drill.
    #[command(subcommand)]
    Backup(backup::Backups),
    /// Restore a backup into an empty folder and database.
    Restore(restore::Restore),
    /// Work with the audit.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Manage accounts from the console.
    #[command(subcommand)]
    User(user::User),
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
}

/// Where the data and the settings are.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Settings file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Place {
    fn load(&self, listen: Option<SocketAddr>) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(dir) = &self.data_dir {
            config.data.dir.clone_from(dir);
        }
        if let Some(listen) = listen {
            config.server.listen = listen;
        }
        Ok(config)
    }
}

/// Runs the command and turns its outcome into an exit code.
pub fn run(arguments: Arguments) -> ExitCode {
    init_log();
    let outcome = match arguments.command {
        Command::Serve(command) => block_on(command.run()),
        Command::Demo(command) => block_on(command.run()),
        Command::Import(command) => block_on(command.run()),
        Command::Query(command) => block_on(command.run()),
        Command::Verify(command) => block_on(command.run()),
        Command::Keys(command) => block_on(command.run()),
        Command::Backup(command) => block_on(command.run()),
        Command::Restore(command) => block_on(command.run()),
        Command::Audit(command) => block_on(command.run()),
        Command::User(command) => block_on(command.run()),
        Command::Openapi => openapi::print(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("anzheng: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    runtime::build()?.block_on(work)
}

fn init_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ANZHENG_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,anzheng=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .json()
        .with_writer(std::io::stderr)
        // A line that a full disk does not take would end the thread that wrote it.
        .log_internal_errors(false)
        .init();
}
