//! The whole test suite, with the servers it needs.

use crate::{
    prerequisites::{self, Wanted},
    process,
    workspace::Workspace,
};
use anyhow::{Result, bail};
use std::process::Command;

/// What the runners said last: how many tests ran and how they ended.
pub struct ClosingLines {
    lines: Vec<String>,
    passed: bool,
}

impl ClosingLines {
    /// Shows the lines together, and fails when a runner failed.
    pub fn print(&self) -> Result<()> {
        println!("\nTest runners' closing lines:");
        for line in &self.lines {
            println!("  {line}");
        }
        if !self.passed {
            bail!("tests failed");
        }
        Ok(())
    }
}

/// Runs unit, integration and doc tests. `quick` leaves out the databases that need a server.
pub fn run(workspace: &Workspace, quick: bool) -> Result<ClosingLines> {
    prerequisites::ensure(if quick { Wanted::WithoutServers } else { Wanted::All })?;
    let mut closing = ClosingLines { lines: Vec::new(), passed: true };
    for mut runner in runners() {
        runner.current_dir(&workspace.root);
        if quick {
            runner.env("ANZHENG_TEST_DATABASES", "sqlite");
        }
        let (passed, lines) = process::run_and_pick(&mut runner, is_closing_line)?;
        closing.passed &= passed;
        closing.lines.extend(lines);
    }
    Ok(closing)
}

fn runners() -> [Command; 2] {
    let mut tests = process::cargo();
    // One process for each crate's tests, which share its database servers and its demo.
    tests.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    let mut doc_tests = process::cargo();
    doc_tests.args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    [tests, doc_tests]
}

fn is_closing_line(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Summary [") || line.starts_with("test result:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_recognised() {
        assert!(is_closing_line("     Summary [   0.012s] 3 tests run: 3 passed, 0 skipped"));
        assert!(is_closing_line("test result: ok. 3 passed; 0 failed; 0 ignored"));
        assert!(!is_closing_line("test ids::reads_back ... ok"));
    }

    #[test]
    fn a_failed_runner_fails_the_suite() {
        let closing = ClosingLines { lines: vec!["test result: FAILED".into()], passed: false };
        assert!(closing.print().is_err());
    }
}
