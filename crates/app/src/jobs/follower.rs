//! The read model follows the change feed of the store.

use crate::{App, Error, seals};
use chrono::TimeDelta;
use domain::{
    Date, Instant, access::Principal, certificate::Certificate, ids::CertificateId, verdict::Reason,
};
use readmodel::FeedPosition;
use std::time::Duration;

/// Changes taken at once; one commit of the index each.
const BATCH: u64 = 5_000;
/// A change made on this node wakes the follower; this is for changes made elsewhere.
const POLL: Duration = Duration::from_millis(500);
/// How long to leave an unreachable store alone.
const BACKOFF: Duration = Duration::from_secs(1);
/// A change made anywhere counts everywhere within this time; an answer older than that says so.
const PROMISED_WITHIN: TimeDelta = TimeDelta::seconds(5);

/// Follows until the task is dropped. While the store is away the read model stays as of when it
/// last heard of it.
pub async fn follow(app: &App) {
    loop {
        match catch_up(app).await {
            Ok(_) => {
                tokio::select! {
                    () = app.changed.notified() => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "the read model cannot follow the store");
                tokio::time::sleep(BACKOFF).await;
            }
        }
    }
}

/// Applies everything committed up to now; returns how many changes that were. The next piece of the feed
/// is read while the one before is applied.
pub async fn catch_up(app: &App) -> Result<u64, Error> {
    let mut applied = 0;
    let (mut asked_at, mut next) = read(app, app.readmodel.position().seq).await?;
    while let Some(piece) = next {
        applied += piece.changes;
        let from = piece.position.seq;
        let (done, following) = tokio::join!(apply(app, piece), read(app, from));
        done?;
        (asked_at, next) = following?;
    }
    let readmodel = app.readmodel.clone();
    app.cpu.run(move || readmodel.confirm(asked_at)).await?;
    prepare_days(app).await?;
    Ok(applied)
}

/// A piece of the feed.
struct Piece {
    changes: u64,
    certificates: Vec<Certificate>,
    damaged: Vec<CertificateId>,
    position: FeedPosition,
}

/// What came after `seq`, and when the store was asked.
async fn read(app: &App, seq: u64) -> Result<(Instant, Option<Piece>), Error> {
    let asked_at = app.clock.now();
    let changes = app.store.changes_after(seq, BATCH).await?;
    let Some(last) = changes.last() else { return Ok((asked_at, None)) };
    let position = FeedPosition { seq: last.seq, as_of: asked_at };
    let mut ids: Vec<_> = changes.iter().map(|change| change.certificate).collect();
    ids.sort_unstable();
    ids.dedup();
    let (certificates, damaged) = app.store.readable_certificates(&ids).await?;
    Ok((asked_at, Some(Piece { changes: changes.len() as u64, certificates, damaged, position })))
}

/// Nobody who asks for the statuses of a day just begun has to wait for them.
async fn prepare_days(app: &App) -> Result<(), Error> {
    let today = app.today();
    let days: Vec<_> = std::iter::successors(Some(today), Date::succ_opt).take(2).collect();
    if app.readmodel.is_prepared(&days) {
        return Ok(());
    }
    let readmodel = app.readmodel.clone();
    app.cpu.run(move || readmodel.prepare(&days)).await
}

async fn apply(app: &App, piece: Piece) -> Result<(), Error> {
    let call = app.call(Principal::console(), "job", None);
    for id in &piece.damaged {
        seals::alarm(app, &call, "certificate", id.uuid()).await?;
    }
    let readmodel = app.readmodel.clone();
    let Piece { certificates, damaged, position, .. } = piece;
    app.cpu.run(move || readmodel.apply(&certificates, &damaged, position)).await?.map_err(Error::internal)
}

/// What an answer given at `now` has to say of itself that knows the registry as of `as_of`.
pub fn lagging(as_of: Instant, now: Instant) -> Option<Reason> {
    (now - as_of > PROMISED_WITHIN).then_some(Reason::SourceLagging)
}

/// Seconds since the read model last agreed with the store.
pub fn lag_s(app: &App, now: Instant) -> i64 {
    (now - app.readmodel.position().as_of).num_seconds().max(0)
}
