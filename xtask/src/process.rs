//! Running other programs.

use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

/// The cargo that started this task, or the one on the path.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end with inherited output. An unsuccessful exit is an error.
pub fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("cannot start {}", program(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", line(command));
    }
    Ok(())
}

/// Runs to the end and returns what was printed to stdout. An unsuccessful exit is an error.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", program(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", line(command), output.status);
    }
    Ok(output.stdout)
}

/// Runs to the end, passes all output through, and returns the lines that `wanted` picks, also when the
/// program fails: the caller shows them together at the end.
pub fn run_and_pick(command: &mut Command, wanted: fn(&str) -> bool) -> Result<(bool, Vec<String>)> {
    announce(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program(command)))?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    let stderr = child.stderr.take().context("stderr is piped")?;
    let from_stdout = thread::spawn(move || pass_through(stdout, |line| println!("{line}"), wanted));
    let mut picked = pass_through(stderr, |line| eprintln!("{line}"), wanted);
    picked.extend(from_stdout.join().ok().context("the output could not be read")?);
    Ok((child.wait()?.success(), picked))
}

fn pass_through(from: impl Read, print: fn(&str), wanted: fn(&str) -> bool) -> Vec<String> {
    let mut picked = Vec::new();
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        print(&line);
        if wanted(&line) {
            picked.push(line.trim().to_owned());
        }
    }
    picked
}

/// Where a program lies: on the path, or in one of the folders that Debian keeps off it.
pub fn find_program(name: &str, more_folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .chain(more_folders.iter().cloned())
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

fn announce(command: &Command) {
    eprintln!("> {}", line(command));
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn line(command: &Command) -> String {
    let name = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut line = name.to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_summary(line: &str) -> bool {
        line.contains("Summary")
    }

    #[test]
    fn picked_lines_come_from_both_streams_and_survive_a_failure() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo '  Summary one'; echo noise; echo 'Summary two' >&2; exit 3"]);
        let (succeeded, mut picked) = run_and_pick(&mut command, is_summary).unwrap();
        picked.sort();
        assert!(!succeeded);
        assert_eq!(picked, ["Summary one", "Summary two"]);
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 7"])).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 7"), "{error}");
    }
}
