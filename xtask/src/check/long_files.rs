//! A file that no longer fits in a reader's head should be split. The aim is 400 lines; 600 fails.

use super::report;
use crate::workspace::Workspace;
use anyhow::Result;

const MOST_LINES: usize = 600;

pub fn run(workspace: &Workspace) -> Result<()> {
    let mut findings = Vec::new();
    for folder in ["crates", "xtask"] {
        for file in workspace.rust_files(folder)? {
            let is_test = file.components().any(|part| part.as_os_str() == "tests");
            let lines = shipped_lines(&workspace.read(&file)?);
            if !is_test && lines > MOST_LINES {
                findings.push(format!(
                    "{}: {lines} lines without its tests; the limit is {MOST_LINES}",
                    file.display()
                ));
            }
        }
    }
    report(findings)
}

/// Lines before the tests that close a file.
fn shipped_lines(source: &str) -> usize {
    let lines: Vec<&str> = source.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{'));
    tests.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_at_the_end_do_not_count() {
        assert_eq!(shipped_lines("fn a() {}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n"), 2);
        assert_eq!(shipped_lines("#[cfg(test)]\nmod fixtures;\n\nfn a() {}\n"), 4);
    }
}
