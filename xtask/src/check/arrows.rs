//! Who may know whom. ARCHITECTURE.md draws the arrows; here they are data, and an undrawn one fails.

use super::report;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use serde_json::Value;

/// What the use cases are built from.
const PARTS: [&str; 9] =
    ["domain", "keys", "tlog", "journal", "sheet", "synth", "readmodel", "store", "backup"];

/// Whether the shipped code of one crate may use another; `None` when it has no place in the drawing.
fn may_use(from: &str, to: &str) -> Option<bool> {
    Some(match from {
        "domain" | "keys" | "tlog" | "journal" | "xtask" => false,
        "sheet" | "synth" => to == "domain",
        "readmodel" => matches!(to, "domain" | "keys"),
        "backup" => to == "keys",
        "store" => matches!(to, "domain" | "keys" | "tlog"),
        "app" => PARTS.contains(&to),
        "server" => to == "app" || PARTS.contains(&to),
        "testkit" => true,
        // It shares no code with what it breaks; private database servers come from the tests.
        "chaos" => to == "testkit",
        // Peers are measured on the rows of the demo, and PostgreSQL comes from the tests.
        "bench" => matches!(to, "domain" | "synth" | "testkit"),
        _ => return None,
    })
}

/// What any crate's tests may use besides: fixtures and synthetic data.
const FOR_TESTS: [&str; 2] = ["testkit", "synth"];

/// Calls that open a part. They belong to the wiring and the command line; everything else in the server
/// is handed what it needs.
const CONSTRUCTORS: [&str; 5] =
    ["Store::connect", "ReadModel::open", "KeyRing::open", "KeyRing::create", "Journal::open"];

pub fn run(workspace: &Workspace) -> Result<()> {
    let mut findings = undrawn_arrows(&workspace.metadata()?)?;
    for file in workspace.rust_files("crates/server/src")? {
        let name = file.to_string_lossy();
        if name.ends_with("src/wiring.rs") || name.contains("src/wiring/") || name.contains("src/cli/") {
            continue;
        }
        let source = workspace.read(&file)?;
        findings.extend(constructors_in(&source).map(|(line, call)| {
            format!("{name}:{line}: {call} is called outside wiring.rs and cli/; let it be handed in")
        }));
    }
    report(findings)
}

/// Every dependency inside the workspace that [`may_use`] does not allow.
fn undrawn_arrows(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let is_ours = |name: &Value| packages.iter().any(|package| package["name"] == *name);
    let mut findings = Vec::new();
    for package in packages {
        let from = room(&package["name"])?;
        if may_use(from, "domain").is_none() {
            findings
                .push(format!("{from} has no place in the arrows; give it one in ARCHITECTURE.md and here"));
            continue;
        }
        for dependency in package["dependencies"].as_array().context("a package lists its dependencies")? {
            let to = room(&dependency["name"])?;
            let for_tests = dependency["kind"] == "dev" && FOR_TESTS.contains(&to);
            if is_ours(&dependency["name"]) && may_use(from, to) != Some(true) && !for_tests {
                let kind = dependency["kind"].as_str().unwrap_or("normal");
                findings.push(format!("{from} → {to} ({kind}) is not an allowed arrow"));
            }
        }
    }
    Ok(findings)
}

/// A crate's name in the drawing: its package name without the project's prefix.
fn room(name: &Value) -> Result<&str> {
    let name = name.as_str().context("a package has a name")?;
    Ok(name.strip_prefix("anzheng-").unwrap_or(name))
}

/// Line numbers and calls, comments left out.
fn constructors_in(source: &str) -> impl Iterator<Item = (usize, &'static str)> {
    source.lines().enumerate().flat_map(|(index, line)| {
        let code = line.split("//").next().unwrap_or_default();
        CONSTRUCTORS.into_iter().filter(|call| code.contains(call)).map(move |call| (index + 1, call))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn findings(from: &str, to: &str, kind: Option<&str>) -> Vec<String> {
        let metadata = json!({ "packages": [
            { "name": from, "dependencies": [{ "name": to, "kind": kind }, { "name": "serde", "kind": null }] },
            { "name": to, "dependencies": [] },
        ]});
        undrawn_arrows(&metadata).unwrap()
    }

    #[test]
    fn only_drawn_arrows_pass() {
        for (from, to, kind, allowed) in [
            ("anzheng-store", "anzheng-tlog", None, true),
            ("anzheng-store", "anzheng-readmodel", None, false),
            ("anzheng-domain", "anzheng-keys", None, false),
            ("anzheng-domain", "anzheng-keys", Some("dev"), false),
            ("anzheng-domain", "anzheng-testkit", Some("dev"), true),
            ("anzheng-server", "anzheng-testkit", None, false),
            ("anzheng-readmodel", "anzheng-synth", Some("dev"), true),
            ("anzheng-readmodel", "anzheng-synth", None, false),
            ("anzheng-app", "anzheng-server", None, false),
            ("xtask", "anzheng-domain", None, false),
            ("anzheng-domain", "anzheng-keys", Some("build"), false),
        ] {
            assert_eq!(findings(from, to, kind).is_empty(), allowed, "{from} → {to} {kind:?}");
        }
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        let findings = findings("anzheng-cellar", "anzheng-domain", None);
        assert!(findings[0].contains("cellar has no place"), "{findings:?}");
    }

    #[test]
    fn constructors_are_found_in_code_but_not_in_comments() {
        let source = "let a = store::Store::connect(&options);\n// Store::connect\nKeyRing::open(dir)?;\n";
        let found: Vec<_> = constructors_in(source).collect();
        assert_eq!(found, [(1, "Store::connect"), (3, "KeyRing::open")]);
    }
}
