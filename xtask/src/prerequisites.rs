//! What the tests need that cargo cannot bring: the database servers that they start themselves, and
//! the tools that make faults.

use crate::process;
use anyhow::{Result, bail};
use std::{fs, path::PathBuf, process::Command};

/// What is going to be run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    All,
    /// What needs no database server.
    WithoutServers,
}

struct Prerequisite {
    programs: &'static [&'static str],
    /// The Debian and Ubuntu package that brings them.
    package: &'static str,
    is_server: bool,
}

const PREREQUISITES: [Prerequisite; 4] = [
    Prerequisite { programs: &["postgres", "initdb"], package: "postgresql", is_server: true },
    Prerequisite {
        programs: &["mariadbd", "mariadb-install-db"],
        package: "mariadb-server",
        is_server: true,
    },
    Prerequisite { programs: &["strace"], package: "strace", is_server: false },
    Prerequisite { programs: &["faketime"], package: "faketime", is_server: false },
];

/// Installs what is missing where that is allowed; otherwise says exactly what is missing.
pub fn ensure(wanted: Wanted) -> Result<()> {
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|prerequisite| prerequisite.package).collect();
    let Some(apt) = apt_get() else {
        bail!(
            "the tests start their own database servers and make their own faults, and these packages are \
             missing: {0}\n\
             Install them (on Debian or Ubuntu: sudo apt-get install {0}), \
             or run only what needs no server: cargo xtask test --quick",
            packages.join(" ")
        );
    };
    process::run(&mut apt_command(&apt, &["update"]))?;
    let mut install = apt_command(&apt, &["install", "--yes", "--no-install-recommends"]);
    process::run(install.args(&packages))?;
    if let Some(still) = self::missing(wanted).first() {
        bail!("package {} is installed but {} was not found", still.package, still.programs.join(", "));
    }
    Ok(())
}

fn missing(wanted: Wanted) -> Vec<&'static Prerequisite> {
    let folders = postgresql_folders();
    let absent = |name: &&str| process::find_program(name, &folders).is_none();
    let needed = |prerequisite: &&Prerequisite| wanted == Wanted::All || !prerequisite.is_server;
    PREREQUISITES
        .iter()
        .filter(needed)
        .filter(|prerequisite| prerequisite.programs.iter().any(absent))
        .collect()
}

/// Debian keeps PostgreSQL's server programs in a folder per version, off the path.
fn postgresql_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).collect()
}

/// The words before apt-get's own arguments, when this user may install packages without being asked.
fn apt_get() -> Option<Vec<&'static str>> {
    process::find_program("apt-get", &[])?;
    let answers = |program: &str, arguments: &[&str]| Command::new(program).args(arguments).output().ok();
    let user = answers("id", &["-u"])?;
    if user.stdout.trim_ascii() == b"0" {
        return Some(vec!["apt-get"]);
    }
    let may_become_root = answers("sudo", &["-n", "true"])?.status.success();
    // sudo drops the environment, so it is set again behind it.
    may_become_root
        .then(|| vec!["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"])
}

fn apt_command(words: &[&str], arguments: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    // RUNLEVEL=1 keeps the packages from starting system-wide servers: the tests bring up their own.
    command.args(&words[1..]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    command
}
