//! `anzheng`: one binary for everything: serve, demo, import, query, verify, audit.

mod cli;
mod config;
mod http;
mod listener;
mod runtime;
mod tls;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match cli::Arguments::try_parse() {
        Ok(arguments) => cli::run(arguments),
        Err(told) => {
            // Nobody may be left to read it.
            let _printed = told.print();
            // Not the 2 that clap would give: that is a verdict.
            if told.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
    }
}
