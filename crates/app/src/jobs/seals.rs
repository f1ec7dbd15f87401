//! Looks for damaged rows once a week, and renews old seals as soon as the key was rotated.

use crate::{App, Error, seals};
use chrono::TimeDelta;
use domain::{Instant, access::Principal};
use std::time::Duration;
use store::OldSeals;

/// How long a rotation by another process may go unnoticed.
const LOOK_EVERY: Duration = Duration::from_secs(60);
const CHECK_EVERY: TimeDelta = TimeDelta::days(7);
/// Key and end of the last whole walk, as `key id` and RFC 3339.
const LAST_WALK: &str = "seals.last_walk";
const FIRST_KEY: u32 = 1;

/// Until the task is dropped.
pub async fn follow(app: &App) {
    loop {
        if let Err(error) = look(app).await {
            tracing::warn!(error = %error, "the seals could not be checked; it will be tried again");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Takes in new keys, and walks if a walk is due.
pub async fn look(app: &App) -> Result<(), Error> {
    let keys = app.keys.clone();
    app.cpu.run(move || keys.refresh()).await?.map_err(Error::internal)?;
    let now = app.clock.now();
    let key = app.keys.current_key_id();
    let Some(last) = app.store.setting(LAST_WALK).await? else {
        // A new registry was sealed under its first key a moment ago.
        return remember(app, FIRST_KEY, now).await;
    };
    if !is_due(&last, key, now) {
        return Ok(());
    }
    let call = app.call(Principal::console(), "job", None);
    let report = seals::check(app, &call, OldSeals::Renew).await.into_result()?;
    let (checked, renewed, damaged) = (report.checked, report.renewed, report.damaged);
    tracing::info!(checked, renewed, damaged, "seals checked");
    remember(app, key, now).await
}

async fn remember(app: &App, key: u32, now: Instant) -> Result<(), Error> {
    Ok(app.store.set_setting(LAST_WALK, &format!("{key} {}", now.to_rfc3339())).await?)
}

fn is_due(last: &str, key: u32, now: Instant) -> bool {
    let walked = last.split_once(' ').and_then(|(walked, at)| {
        let at = chrono::DateTime::parse_from_rfc3339(at).ok()?;
        Some((walked.parse::<u32>().ok()?, at.to_utc()))
    });
    walked.is_none_or(|(walked, at)| walked != key || now - at >= CHECK_EVERY)
}

#[cfg(test)]
mod tests {
    use super::is_due;
    use chrono::{TimeDelta, TimeZone, Utc};

    #[test]
    fn a_walk_is_due_once_a_week_and_after_a_rotation() {
        let now = Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
        let last = format!("2 {}", now.to_rfc3339());
        assert!(!is_due(&last, 2, now + TimeDelta::days(6)));
        assert!(is_due(&last, 2, now + TimeDelta::days(7)));
        assert!(is_due(&last, 3, now));
        assert!(is_due("unreadable", 1, now));
    }
}
