use super::{AuditHead, Facts, Failure, LogHead, facts};
use crate::{
    App, Error,
    audit::{Elsewhere, verify},
    certificates::{PointInTime, find},
    jobs::follower,
};
use backup::Manifest;
use domain::access::{Action, Principal, Role, Wish, decide};
use serde::Serialize;
use std::{path::Path, time::Instant};
use store::OldSeals;

/// Certificates that are looked up.
const SAMPLE: u64 = 100;

/// One thing that a restored registry has to show.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub passed: bool,
    /// Figures, or what differs.
    pub found: String,
    pub seconds: f64,
}

/// What a restored registry was found to be.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Proof {
    pub passed: bool,
    pub checks: Vec<Check>,
}

/// Compares a registry that was restored, and that nobody has used yet, with what the manifest says
/// of it, and asks it for certificates.
pub async fn prove(app: &App, manifest: &Manifest, audit_dir: &Path) -> Result<Proof, Failure> {
    let facts = facts(manifest)?;
    let mut proof = Proof::default();
    proof.note("rows", Instant::now(), rows(app, manifest, &facts).await?);
    proof.note("seals", Instant::now(), seals(app).await?);
    proof.note("transparency_log", Instant::now(), log(app, &facts).await?);
    proof.note("audit", Instant::now(), audit(app, &facts, audit_dir).await?);
    proof.note("change_feed", Instant::now(), feed(app, &facts).await?);
    proof.note("look_ups", Instant::now(), look_ups(app, &facts).await?);
    proof.passed = proof.checks.iter().all(|check| check.passed);
    Ok(proof)
}

/// Whether it passed, and what to say of it.
type Found = (bool, String);

impl Proof {
    fn note(&mut self, name: &'static str, begun: Instant, (passed, found): Found) {
        self.checks.push(Check { name, passed, found, seconds: begun.elapsed().as_secs_f64() });
    }
}

async fn rows(app: &App, manifest: &Manifest, facts: &Facts) -> Result<Found, Failure> {
    let mut rows = 0;
    for table in &facts.tables {
        let count = app.store.count_rows(table).await?;
        if manifest.part(&table.name).map(|part| part.records) != Some(count) {
            return Ok((false, format!("{}: {count}", table.name)));
        }
        rows += count;
    }
    Ok((true, format!("{rows} in {} tables", facts.tables.len())))
}

async fn seals(app: &App) -> Result<Found, Failure> {
    let report = app.store.walk_seals(OldSeals::Keep).await?;
    Ok((report.damaged == 0, format!("{} opened, {} damaged", report.checked, report.damaged)))
}

async fn log(app: &App, facts: &Facts) -> Result<Found, Failure> {
    let head = LogHead::of(app.store.recompute_log().await?);
    Ok((head == facts.log, format!("{} leaves, root {}", head.size, head.root)))
}

async fn audit(app: &App, facts: &Facts, dir: &Path) -> Result<Found, Failure> {
    let elsewhere = Elsewhere { witnesses: Vec::new(), copies: Vec::new(), database: Ok(app.store.clone()) };
    let report = verify(dir, elsewhere, &app.keys).await?;
    let head = app.audit.journal().map(|journal| AuditHead::of(journal.head()));
    let same = head.as_ref() == Some(&facts.audit);
    let found = format!("{} records, {} checkpoints", report.records, report.checkpoints);
    Ok((report.intact && report.not_compared.is_empty() && same, found))
}

async fn feed(app: &App, facts: &Facts) -> Result<Found, Failure> {
    let head = app.store.feed_head().await?;
    Ok((head == facts.feed, format!("position {head}")))
}

/// Certificates from all over the feed are found by their numbers in a read model made anew, and
/// shown to a caller who may see them.
async fn look_ups(app: &App, facts: &Facts) -> Result<Found, Failure> {
    follower::catch_up(app).await?;
    let caller = Principal { role: Role::RegulatorNational, ..Principal::public() };
    let call = app.call(caller, "drill", None);
    let permit = decide(&app.matrix, &call.principal, Action::ResultList, Wish::Default, call.now)
        .map_err(Error::from)?;
    let mut looked_up = 0;
    for step in 0..SAMPLE.min(facts.feed) {
        let seq = facts.feed * step / SAMPLE.min(facts.feed);
        for change in app.store.changes_after(seq, 1).await? {
            let id = change.certificate;
            let Some(stored) = app.store.certificate_unscoped(id).await? else {
                return Ok((false, format!("{id} is in the feed alone")));
            };
            let found = app.readmodel.find_by_number(&permit.scope, &stored.number).map_err(Error::from)?;
            if !found.bearing.contains(&stored) {
                return Ok((false, format!("{id} is not found by its number")));
            }
            let call = app.call(call.principal.clone(), "drill", None);
            find(app, &call, id, PointInTime::default()).await.into_result()?;
            looked_up += 1;
        }
    }
    Ok((true, format!("{looked_up} certificates found and shown")))
}
