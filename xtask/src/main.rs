//! The one task runner. `cargo xtask --help` lists what a developer needs; CI runs `cargo xtask ci`,
//! which is the same recipe.

mod api;
mod bench;
mod binary;
mod chaos;
mod check;
mod ci;
mod demo;
mod fuzz;
mod generated;
mod prerequisites;
mod process;
mod served;
mod suite;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's task runner")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the binary and serve a synthetic registry, with one account per role
    #[command(disable_help_flag = true)]
    Demo {
        /// Passed on to `anzheng demo`, which explains them with --help
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Install what the tests need where that is possible, and run them all
    Test {
        /// SQLite only: needs no database server
        #[arg(long)]
        quick: bool,
    },
    /// Formatting, lints, arrows, generated files, file sizes, locales and words
    Check,
    /// Compare the dependencies between crates with the allowed arrows
    Deps,
    /// Write the files that are generated from the program
    Gen {
        /// Write nothing; fail when a file differs from what would be generated
        #[arg(long)]
        check: bool,
    },
    /// Measure the served registry: each kind of request against the floor
    Bench(bench::Arguments),
    /// Break a served registry on purpose, over and over, and check what it promised
    #[command(disable_help_flag = true)]
    Chaos {
        /// Passed on to `anzheng-chaos`, which explains them with --help
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Give foreign bytes to every parser, for a while each
    Fuzz(fuzz::Arguments),
    /// Everything that CI runs: check, test, and a walk through the demo
    Ci,
}

fn main() -> Result<()> {
    let workspace = Workspace::find()?;
    match Cli::parse().task {
        Task::Demo { arguments } => demo::run(&workspace, &arguments),
        Task::Test { quick } => suite::run(&workspace, quick)?.print(),
        Task::Check => check::run(&workspace),
        Task::Deps => check::arrows::run(&workspace),
        Task::Gen { check } => generated::run(&workspace, check),
        Task::Bench(arguments) => bench::run(&workspace, &arguments),
        Task::Chaos { arguments } => chaos::run(&workspace, &arguments),
        Task::Fuzz(arguments) => fuzz::run(&workspace, &arguments),
        Task::Ci => ci::run(&workspace),
    }
}
