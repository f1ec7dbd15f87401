use super::Failure;
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use backup::{Pruned, Repository};
use domain::access::{Action, Duty, Wish, decide};

/// Removes all backups but the newest.
pub async fn prune(app: &App, call: &Call, place: &Repository, keep: usize) -> Audited<Pruned> {
    let mut entry = Entry::new("backup.prune");
    let answer = remove(app, call, place, keep).await;
    if let Ok(pruned) = &answer {
        entry.count(pruned.backups.len());
    }
    app.audit.record(call, entry, answer).await
}

async fn remove(app: &App, call: &Call, place: &Repository, keep: usize) -> Result<Pruned, Error> {
    decide(&app.matrix, &call.principal, Action::System, Wish::As(Duty::Use), call.now)?;
    Ok(place.prune(&app.keys, keep, call.now).await.map_err(Failure::from)?)
}
