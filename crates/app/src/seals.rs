//! Keys and seals: a new key while the registry is in use, old seals renewed under it, and the
//! search for rows that were edited, swapped or damaged behind the registry's back.

use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use domain::access::{Action, Duty, Wish, decide};
use store::{OldSeals, SealReport};
use uuid::Uuid;

/// Makes a new key that seals from now on. What older keys sealed stays readable, and is renewed
/// by [`check`] or by the next round of [`crate::jobs::seals`].
pub async fn rotate(app: &App, call: &Call) -> Audited<u32> {
    let mut entry = Entry::new("keys.rotate");
    let answer = new_key(app, call, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn new_key(app: &App, call: &Call, entry: &mut Entry) -> Result<u32, Error> {
    decide(&app.matrix, &call.principal, Action::System, Wish::As(Duty::Use), call.now)?;
    let keys = app.keys.clone();
    let id = app.cpu.run(move || keys.rotate()).await?.map_err(Error::internal)?;
    entry.object(format!("key {id}"));
    Ok(id)
}

/// Opens every seal. Each damaged row is put on record by table and identifier.
pub async fn check(app: &App, call: &Call, old: OldSeals) -> Audited<SealReport> {
    let mut entry = Entry::new("seals.check");
    let answer = walk(app, call, old, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn walk(app: &App, call: &Call, old: OldSeals, entry: &mut Entry) -> Result<SealReport, Error> {
    decide(&app.matrix, &call.principal, Action::System, Wish::As(Duty::Use), call.now)?;
    let report = app.store.walk_seals(old).await?;
    entry.count(usize::try_from(report.checked).unwrap_or(usize::MAX));
    for row in &report.rows {
        alarm(app, call, row.table, row.id).await?;
    }
    Ok(report)
}

/// Puts a damaged row on record.
pub(crate) async fn alarm(app: &App, call: &Call, table: &str, id: Uuid) -> Result<(), Error> {
    tracing::error!(table, row = %id, "a row does not match its seal");
    let mut entry = Entry::new("seals.damaged");
    entry.object(format!("{table} {id}"));
    let found = app.call(call.principal.clone(), call.source.clone(), call.device.clone());
    app.audit.record(&found, entry, Ok(())).await.into_result()
}
