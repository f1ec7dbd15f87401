//! What a served registry can do on this machine, each kind of request against a floor measured in the same
//! run by the same client: a bare handler that serialises an answer of the same size. Ratios travel between
//! machines, absolute figures do not. `cargo xtask bench` starts the registry and calls this.
//!
//! The client shares the processors with the server, so the figures understate a server that has them to
//! itself.

mod cases;
mod client;
mod floor;
mod load;
mod machine;
mod paced;
mod peers;
mod questions;
mod results;
mod table;
mod visible;

use anyhow::{Context, Result};
use cases::Case;
use clap::{Args, Parser, Subcommand};
use client::Client;
use results::{Report, Table};
use std::{path::PathBuf, time::Duration};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Parser)]
#[command(about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure a served registry and print the ratios as a table
    Run(Run),
    /// Measure PostgreSQL and SQLite on the rows of a demo, with the same questions
    Peers(peers::Peers),
    /// Measure how soon a suspension is seen
    Visible(visible::Visible),
    /// Serve answers of one size with nothing behind them, until killed
    Floor {
        /// Length of the answer's body
        #[arg(long)]
        bytes: usize,
    },
}

#[derive(Args)]
struct Run {
    /// Where the registry is served
    #[arg(long)]
    url: String,
    #[arg(long)]
    login: String,
    /// Of the demo, where it is no secret
    #[arg(long)]
    password: String,
    /// Connections that ask at the same time, one table each
    #[arg(long, value_delimiter = ',', default_values_t = [64])]
    connections: Vec<usize>,
    /// Only the kinds of request whose names hold this
    #[arg(long, default_value = "")]
    only: String,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Requests a second that are due whether or not earlier ones are answered, four look-ups to one search;
    /// several rates make a row each
    #[arg(long, value_delimiter = ',')]
    rates: Vec<u32>,
    /// Connections over which those come
    #[arg(long, default_value_t = 1_000)]
    paced_connections: usize,
    /// Times each kind of request is measured; the middle one counts
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// Write the figures to this file too
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    rlimit::increase_nofile_limit(65_536)?;
    let mut runtime = match &cli.task {
        // One core for the client, as a load generator on another machine would leave the server its own.
        Task::Run(_) | Task::Peers(_) | Task::Visible(_) => tokio::runtime::Builder::new_current_thread(),
        Task::Floor { .. } => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build()?;
    match cli.task {
        Task::Run(run) => runtime.block_on(run.run()),
        Task::Peers(peers) => runtime.block_on(peers.run()),
        Task::Visible(visible) => runtime.block_on(visible.run()),
        Task::Floor { bytes } => runtime.block_on(floor::serve(bytes)),
    }
}

impl Run {
    async fn run(&self) -> Result<()> {
        let client = Client::sign_in(&self.url, &self.login, &self.password).await?;
        let (cases, values) = cases::all(&client).await?;
        println!("{}\n", machine::description()?);
        let mut tables = Vec::with_capacity(self.connections.len());
        for connections in &self.connections {
            println!("{connections} connections, {} s each, {} run(s)\n", self.seconds, self.runs);
            let look_up = cases.first().context("there is something to ask")?;
            let bytes = client.size_of_answer(&look_up.requests[0]).await?;
            let floor = floor::Floor::start(bytes)?;
            let mut rows = vec![self.measure(&floor.case(), *connections).await?];
            drop(floor);
            for case in cases.iter().filter(|case| case.name.contains(&self.only)) {
                rows.push(self.measure(case, *connections).await?);
            }
            println!("{}", table::render(&rows));
            tables.push(Table::new(*connections, &rows));
        }
        if let Some(file) = &self.json {
            results::write(file, &Report { values, tables })?;
        }
        if self.rates.is_empty() { Ok(()) } else { self.run_paced(&cases).await }
    }

    async fn run_paced(&self, cases: &[Case]) -> Result<()> {
        let mix = cases::mixed(cases)?;
        println!(
            "{} due at a fixed rate, {} connections, {} s each\n",
            mix.name, self.paced_connections, self.seconds
        );
        let mut rows = Vec::with_capacity(self.rates.len());
        for rate in &self.rates {
            let duration = Duration::from_secs(self.seconds);
            rows.push((*rate, paced::open_loop(&mix, self.paced_connections, *rate, duration).await?));
        }
        println!("{}", table::render_paced(&rows));
        Ok(())
    }

    async fn measure(&self, case: &Case, connections: usize) -> Result<(String, load::Measured)> {
        let duration = Duration::from_secs(self.seconds);
        let mut runs = Vec::with_capacity(self.runs);
        for _ in 0..self.runs.max(1) {
            let measured = load::closed_loop(case, connections, duration).await;
            runs.push(measured.with_context(|| format!("measuring {}", case.name))?);
        }
        runs.sort_by(|one, other| one.rate.total_cmp(&other.rate));
        let middle = runs.swap_remove(runs.len() / 2);
        Ok((case.name.to_owned(), middle))
    }
}
