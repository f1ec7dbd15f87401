//! A walk through the demo as a stranger would take it: start, sign in, search by name, stop, and verify
//! the audit that was left behind.

use crate::{
    binary::{self, Profile, Program},
    process,
    served::{Served, Start},
    workspace::Workspace,
};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::{process::Command, time::Duration};

const DEMO: Start = Start { certificates: 2000, within: Duration::from_secs(120), environment: &[] };

pub fn run(workspace: &Workspace) -> Result<()> {
    let binary = binary::build(workspace, Program::Registry, Profile::Release)?;
    let mut served = Served::start(&binary, &DEMO)?;
    search_by_name(&served)?;
    served.stop()?;
    let mut verify = Command::new(&binary);
    process::run(verify.args(["audit", "verify", "--json", "--data-dir"]).arg(served.folder()))
}

/// The national regulator sees names in full, so a name from one answer can be searched for in the next.
fn search_by_name(served: &Served) -> Result<()> {
    let api = served.sign_in("regulator_national")?;
    let some = api.post("/api/v1/certificates/search", &json!({ "status": ["valid"] }))?;
    let name = some["items"][0]["holder"]["name"].as_str().context("no certificate is valid")?;
    let found = api.post("/api/v1/certificates/search", &json!({ "name": name }))?;
    let hits = found["items"].as_array().context("the answer lists no items")?;
    ensure!(hits.iter().any(|hit| hit["holder"]["name"] == name), "a holder is not found by name");
    println!("found {} certificates by a holder's name", found["total"]["value"]);
    Ok(())
}
