//! How long a suspension takes to be seen: in a look-up, and in a search that asks the index for the status.

use crate::{
    client::{Client, Sent},
    load::Measured,
    table,
};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SEARCH: &str = "/api/v1/certificates/search";
/// A certificate is not looked for any longer.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Args)]
pub struct Visible {
    /// Where the registry is served
    #[arg(long)]
    url: String,
    /// Who proposes that a certificate of their office is suspended
    #[arg(long)]
    maker: String,
    /// Who of that office decides
    #[arg(long)]
    checker: String,
    /// Of both, in the demo, where it is no secret
    #[arg(long)]
    password: String,
    /// Certificates that are suspended, one after the other
    #[arg(long, default_value_t = 50)]
    rounds: usize,
}

impl Visible {
    pub async fn run(&self) -> Result<()> {
        let maker = Client::sign_in(&self.url, &self.maker, &self.password).await?;
        let checker = Client::sign_in(&self.url, &self.checker, &self.password).await?;
        let found = maker.post(SEARCH, &json!({ "status": ["valid"], "page_size": 100 })).await?;
        let rows = found["items"].as_array().context("the answer lists no items")?;
        // Masked numbers cannot be searched for.
        let shown = |row: &&Value| row["number"].as_str().is_some_and(|number| !number.contains('*'));
        let rows: Vec<_> = rows.iter().filter(shown).take(self.rounds).collect();
        ensure!(!rows.is_empty(), "the office has no valid certificate whose number it sees");
        let day = found["as_of"].as_str().and_then(|at| at.get(..10)).context("as of when")?;
        let (mut looked_up, mut searched) = (Vec::new(), Vec::new());
        for row in &rows {
            let id = row["id"].as_str().context("a row has an identifier")?;
            suspend(&maker, &checker, id, day).await?;
            let decided = Instant::now();
            let number = json!({ "number": row["number"] });
            looked_up.push(seen(&maker, &number, id, decided).await?);
            let among_suspended = json!({ "status": ["suspended"], "number": row["number"] });
            searched.push(seen(&maker, &among_suspended, id, decided).await?);
        }
        println!("{} certificates suspended, until it is seen after the decision was answered\n", rows.len());
        let rows = [("look-up by number", looked_up), ("search by status", searched)];
        println!(
            "{}",
            table::render_waits(&rows.map(|(name, waits)| (name, Measured::of(vec![(waits, 0)], PATIENCE))))
        );
        Ok(())
    }
}

/// Two persons suspend a certificate.
async fn suspend(maker: &Client, checker: &Client, id: &str, day: &str) -> Result<()> {
    let path = format!("/api/v1/certificates/{id}");
    let seen = maker.send(&Sent { method: "GET", path: &path, body: None, headers: &[] }).await?;
    let version = seen.header("etag").context("a certificate tells its version")?.to_owned();
    let change = json!({ "action": "suspend", "effective_on": day, "reason": "bench" });
    let headers = [("If-Match", version.as_str()), ("Idempotency-Key", id)];
    let changes = format!("{path}/changes");
    let sent = Sent { method: "POST", path: &changes, body: Some(&change), headers: &headers };
    let proposed = maker.send(&sent).await?;
    ensure!(proposed.status == 202, "a proposal was answered {}: {}", proposed.status, proposed.body);
    let approval = proposed.body["approval"].as_str().context("two persons are needed")?;
    let decision = format!("/api/v1/approvals/{approval}/decision");
    checker.post(&decision, &json!({ "approve": true })).await?;
    Ok(())
}

/// Microseconds from the decision until an answer shows the certificate suspended.
async fn seen(client: &Client, query: &Value, id: &str, decided: Instant) -> Result<u64> {
    loop {
        let answer = client.post(SEARCH, query).await?;
        let rows = answer["items"].as_array().context("the answer lists no items")?;
        if rows.iter().any(|row| row["id"] == id && row["status"]["code"] == "suspended") {
            return Ok(u64::try_from(decided.elapsed().as_micros())?);
        }
        ensure!(decided.elapsed() < PATIENCE, "a suspension is not seen");
    }
}
