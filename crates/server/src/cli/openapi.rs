use std::{io::Write, process::ExitCode};

pub fn print() -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &crate::http::openapi())?;
    writeln!(out)?;
    Ok(ExitCode::SUCCESS)
}
