//! Backups while the registry is served.

use super::{Failure, Source, run};
use crate::{App, Error};
use backup::Repository;
use chrono::TimeDelta;
use domain::{Instant, access::Principal};
use std::time::Duration;

/// How exactly the interval is kept, and how soon a failed backup is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Makes a backup whenever the newest one is older than `every`, until the task is dropped. The time
/// of the last good one is a metric, for an alarm.
pub async fn follow(app: &App, place: &str, source: &Source, every: TimeDelta) {
    let mut newest: Option<Instant> = None;
    loop {
        match look(app, place, source, every, newest).await {
            Ok(made_at) => {
                newest = Some(made_at);
                metrics::gauge!("anzheng_backup_last_success_timestamp_seconds")
                    .set(made_at.timestamp() as f64);
            }
            Err(error) => {
                metrics::counter!("anzheng_backup_failures_total").increment(1);
                let last = newest.map(|newest| newest.to_rfc3339());
                tracing::error!(error = %error, code = error.code(), last, "no backup could be made");
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Makes a backup if one is due; returns the moment that the newest one shows.
async fn look(
    app: &App,
    place: &str,
    source: &Source,
    every: TimeDelta,
    known: Option<Instant>,
) -> Result<Instant, Error> {
    let is_young = |made_at: &Instant| app.clock.now() - *made_at < every;
    if let Some(made_at) = known.filter(is_young) {
        return Ok(made_at);
    }
    let repository = Repository::open(place).map_err(Failure::from)?;
    // Made before a restart, or from the command line.
    if let Some(made_at) = newest(app, &repository).await?.filter(is_young) {
        return Ok(made_at);
    }
    let call = app.call(Principal::console(), "job", None);
    let report = run(app, &call, &repository, source).await.into_result()?;
    tracing::info!(backup = report.backup, rows = report.rows, new_bytes = report.new_bytes, "backed up");
    Ok(call.now)
}

async fn newest(app: &App, place: &Repository) -> Result<Option<Instant>, Error> {
    let Some(id) = place.backups().await.map_err(Failure::from)?.pop() else { return Ok(None) };
    let manifest = place.manifest(&id, &app.keys).await.map_err(Failure::from)?;
    Ok(Some(manifest.made_at))
}
