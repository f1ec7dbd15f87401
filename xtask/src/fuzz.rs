//! Foreign bytes for every parser, a while for each: `fuzz/fuzz_targets`. New inputs and findings are
//! kept below `target/fuzz`, so that a run changes nothing in the checkout and the next one goes on
//! from where it ended.

use crate::{process, workspace::Workspace};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What one input may take before it counts as a hang, or as greedy.
const MOST_SECONDS: u32 = 10;
const MOST_MEBIBYTES: u32 = 2_048;
/// An input that was only slow is kept too, and says more of the machine than of the parser.
const SLOW: &str = "slow-unit-";

#[derive(Args)]
pub struct Arguments {
    /// How long each target runs
    #[arg(long, default_value_t = 600)]
    seconds: u32,
    /// One target only
    target: Option<String>,
}

pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    if !process::cargo().args(["fuzz", "--version"]).output().is_ok_and(|output| output.status.success()) {
        bail!("cargo-fuzz is missing: cargo install cargo-fuzz");
    }
    let targets = match &arguments.target {
        Some(target) => vec![target.clone()],
        None => targets(workspace)?,
    };
    let place =
        Place { built: workspace.root.join("target/fuzz"), seeds: workspace.root.join("fuzz/corpus") };
    build(workspace, &place, arguments.target.as_deref())?;
    let mut findings = 0;
    for target in targets {
        let outcome = fuzz(&place, &target, arguments.seconds)?;
        println!("{target:<14}{outcome}");
        findings += outcome.findings.len();
    }
    if findings > 0 {
        bail!("{findings} inputs do harm; each becomes a test of the crate it belongs to");
    }
    Ok(())
}

struct Place {
    /// What is built and what is found; outlives a run.
    built: PathBuf,
    /// Kept in the checkout.
    seeds: PathBuf,
}

/// The names of all targets, in order.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let files = workspace.rust_files("fuzz/fuzz_targets")?;
    Ok(files.iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect())
}

/// The counters need a switch that the compiler keeps for nightly; nothing else of nightly is used.
/// No sanitizer: the project's own code has no unsafe parts, and a run without one covers more.
fn build(workspace: &Workspace, place: &Place, target: Option<&str>) -> Result<()> {
    let mut command = process::cargo();
    command.args(["fuzz", "build", "--sanitizer", "none", "--target-dir"]).arg(&place.built).args(target);
    process::run(command.env("RUSTC_BOOTSTRAP", "1").current_dir(&workspace.root))
}

/// What a target came to.
struct Outcome {
    runs: String,
    coverage: String,
    findings: Vec<String>,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { runs, coverage, findings } = self;
        write!(f, "{runs:>12} runs {coverage:>8} coverage {:>3} findings", findings.len())?;
        findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

fn fuzz(place: &Place, target: &str, seconds: u32) -> Result<Outcome> {
    let corpus = place.built.join("corpus").join(target);
    let artifacts = place.built.join("artifacts").join(target);
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let before = files(&artifacts)?;
    let output = Command::new(program(place, target)?)
        .args([format!("-max_total_time={seconds}"), format!("-timeout={MOST_SECONDS}")])
        .args([format!("-rss_limit_mb={MOST_MEBIBYTES}"), "-print_final_stats=1".into()])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args([&corpus, &place.seeds.join(target)])
        .output()
        .with_context(|| format!("cannot start {target}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let mut findings = files(&artifacts)?;
    findings.retain(|file| !before.contains(file) && !file.contains(SLOW));
    if !output.status.success() && findings.is_empty() {
        bail!("{target} ended with {}: {}", output.status, said.lines().last().unwrap_or_default());
    }
    Ok(Outcome { runs: runs(&said), coverage: coverage(&said), findings })
}

/// Where cargo-fuzz has put the program: below the name of the machine's kind.
fn program(place: &Place, target: &str) -> Result<PathBuf> {
    let said = process::output(Command::new("rustc").arg("-vV"))?;
    let said = String::from_utf8_lossy(&said);
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    Ok(place.built.join(host).join("release").join(target))
}

fn files(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    Ok(entries.map(|entry| Ok(entry?.path().display().to_string())).collect::<std::io::Result<_>>()?)
}

fn runs(said: &str) -> String {
    let told = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    told.map_or("?".to_owned(), |number| number.trim().to_owned())
}

/// Of the newest line that tells it: how many edges have been taken.
fn coverage(said: &str) -> String {
    let told = said.lines().rev().find_map(|line| line.split_once(" cov: "));
    told.and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or("?").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "#2\tINITED cov: 80 ft: 81 corp: 1/1b\n#900\tNEW    cov: 95 ft: 99 corp: 2/9b\n#1000\tDONE   cov: 95 ft: 99\nDone 1000 runs in 2 second(s)\nstat::number_of_executed_units: 1000\n";

    #[test]
    fn figures_are_read_from_what_the_fuzzer_says() {
        assert_eq!((runs(SAID).as_str(), coverage(SAID).as_str()), ("1000", "95"));
        assert_eq!((runs("killed").as_str(), coverage("killed").as_str()), ("?", "?"));
    }
}
