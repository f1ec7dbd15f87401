//! `anzheng`: one binary for everything: serve, demo, import, query, verify, audit.

mod cli;
mod config;
mod http;
mod listener;
mod tls;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run(cli::Arguments::parse())
}
