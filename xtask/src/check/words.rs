//! What must not stand in the tree: paths that exist on one machine only, and hosts of package registries
//! (which registry a build uses is the builder's configuration, not the project's).

use super::report;
use crate::workspace::Workspace;
use anyhow::Result;
use std::{fs, path::Path};

/// Besides the folder that this checkout lies in.
const FOLDERS_OF_ONE_MACHINE: [&str; 3] = ["/home/", "/root/", "/Users/"];
const REGISTRIES: [&str; 5] = ["crates.io", "npmjs.org", "pypi.org", "proxy.golang.org", "npmmirror.com"];

/// This file names them.
const THIS_FILE: &str = "xtask/src/check/words.rs";
/// Lock files, of every workspace here, name where a package came from.
const LOCK_FILE: &str = "Cargo.lock";

pub fn run(workspace: &Workspace) -> Result<()> {
    let checkout = format!("{}/", workspace.root.display());
    let mut findings = Vec::new();
    for file in workspace.files("")? {
        if file == Path::new(THIS_FILE) || file.ends_with(LOCK_FILE) {
            continue;
        }
        let bytes = fs::read(workspace.root.join(&file))?;
        // Pictures and other binary files have no words.
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        findings.extend(
            found_in(text, &checkout).map(|(line, word)| format!("{}:{line}: {word}", file.display())),
        );
    }
    report(findings)
}

fn found_in<'a>(text: &'a str, checkout: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    text.lines().enumerate().flat_map(move |(index, line)| {
        let folders = FOLDERS_OF_ONE_MACHINE.into_iter().chain([checkout]);
        let folders = folders.filter(move |folder| starts_a_path(line, folder));
        let registries = REGISTRIES.into_iter().filter(move |host| line.contains(host));
        folders.chain(registries).map(move |word| (index + 1, word))
    })
}

/// `/home/` in `/home/x` but not in `docs/home/x`.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|character| !character.is_alphanumeric() && !"._-*}/".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_registries_are_found_and_similar_text_is_not() {
        let found = |text| found_in(text, "/srv/checkout/").map(|(_, word)| word).collect::<Vec<_>>();
        assert_eq!(found("data in \"/home/someone/data\""), ["/home/"]);
        assert_eq!(found("cd /srv/checkout/docs"), ["/srv/checkout/"]);
        assert_eq!(found("see https://crates.io/crates/x"), ["crates.io"]);
        assert!(found("docs/home/plan.md and $HOME/root/").is_empty());
        assert!(found("`./home/` and **/home/**").is_empty());
    }
}
