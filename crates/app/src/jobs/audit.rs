//! From the journal to SQL, and from staged records to the journal.

use crate::{
    App, Error,
    audit::{Entry, checkpoints, log_heads},
};
use chrono::TimeDelta;
use domain::{
    access::Principal,
    audit::{AuditRecord, AuditRow},
};
use journal::Tail;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Records copied in one transaction.
const BATCH: usize = 1_000;
const EVERY: Duration = Duration::from_millis(200);
/// A staged record this old has lost the call that would have written it.
const ORPHANED_AFTER: TimeDelta = TimeDelta::seconds(10);
/// A checkpoint is signed after this many records or this long, whichever is first.
const CHECKPOINT_RECORDS: u64 = 10_000;
const CHECKPOINT_EVERY: TimeDelta = TimeDelta::seconds(60);

/// While there is more to copy, copying rests after a batch: as long as the batch took, or this many times as
/// long while callers write more than half of what could be copied. It would be in their way without catching
/// up, and does so afterwards.
const REST_UNDER_LOAD: u32 = 64;
/// At a stop, what could not be copied in this time is left to the next start.
const LAST_COPY: Duration = Duration::from_secs(5);

/// Indexes, relays and signs until the task is dropped.
pub async fn follow(app: &App, witnesses: &[PathBuf]) {
    let mut signed = Signed { size: 0, at: app.clock.now(), log: None };
    let mut indexer = None;
    let mut demand = Demand::default();
    loop {
        let begun = Instant::now();
        let rest = match round(app, witnesses, &mut indexer, &mut signed).await {
            Ok(Copied::All) => EVERY,
            Ok(Copied::Some) => {
                let written = app.audit.journal().map_or(0, |journal| journal.head().size);
                demand.rest(written, begun.elapsed(), Instant::now())
            }
            Err(error) => {
                tracing::warn!(error = %error, "the audit cannot be indexed");
                EVERY
            }
        };
        tokio::time::sleep(rest).await;
    }
}

async fn round(
    app: &App,
    witnesses: &[PathBuf],
    indexer: &mut Option<Tail>,
    signed: &mut Signed,
) -> Result<Copied, Error> {
    // Heads are signed whether or not the database answers.
    let indexed = match index_batch(app, indexer).await {
        Ok(Copied::All) => relay_orphans(app).await.map(|()| Copied::All),
        unfinished => unfinished,
    };
    let Some(journal) = app.audit.journal() else { return indexed };
    let size = journal.head().size;
    let now = app.clock.now();
    let due = size >= signed.size + CHECKPOINT_RECORDS || now - signed.at >= CHECKPOINT_EVERY;
    if due && size > signed.size {
        // Also when a place fails: every line would be written again and again to the others.
        (signed.size, signed.at) = (size, now);
        match log_heads::put_on_record(app, signed.log).await {
            Ok(log) => signed.log = log,
            // Heads of the audit are signed whether or not the database answers.
            Err(error) => tracing::warn!(error = %error, "the head of the log cannot be put on record"),
        }
        checkpoint(app, witnesses).await?;
    }
    indexed
}

/// How many records there were when a batch was last copied, and when that was.
#[derive(Default)]
struct Demand(Option<(u64, Instant)>);

impl Demand {
    /// How long to rest after a whole batch that took so long.
    fn rest(&mut self, written: u64, took: Duration, now: Instant) -> Duration {
        let Some((before, then)) = self.0.replace((written, now)) else { return took };
        let copied_meanwhile = BATCH as f64 * now.duration_since(then).as_secs_f64() / took.as_secs_f64();
        let under_load = written.saturating_sub(before) as f64 > copied_meanwhile / 2.0;
        if under_load { took * REST_UNDER_LOAD } else { took }
    }
}

/// What was signed last, and when.
struct Signed {
    size: u64,
    at: domain::Instant,
    /// Leaves of the transparency log whose head was put on record last.
    log: Option<u64>,
}

/// Puts on record all there is to sign, copies it as far as time allows, and signs it: nothing is left
/// uncovered.
pub async fn finish(app: &App, witnesses: &[PathBuf]) -> Result<(), Error> {
    log_heads::put_on_record(app, None).await?;
    let begun = Instant::now();
    let mut tail = None;
    while begun.elapsed() < LAST_COPY && index_batch(app, &mut tail).await? == Copied::Some {}
    checkpoint(app, witnesses).await
}

/// How far the searchable copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copied {
    /// As far as there were durable records when the last batch was read.
    All,
    Some,
}

/// Goes on where `tail` is, or where the searchable copy ends. A batch is one transaction and removes
/// the staged twins of its records.
async fn index_batch(app: &App, tail: &mut Option<Tail>) -> Result<Copied, Error> {
    let Some(journal) = app.audit.journal() else { return Ok(Copied::All) };
    let mut at = match tail.take() {
        Some(tail) => tail,
        None => journal.tail(app.store.audit_head().await?),
    };
    let (at, rows) = app
        .cpu
        .run(move || {
            let rows = read(&mut at);
            (at, rows)
        })
        .await?;
    let rows = rows?;
    for lost in app.store.lost_changes(&rows).await? {
        alarm(app, lost).await?;
    }
    // Not kept over a failure: the next round begins again where the copy really ends.
    app.store.insert_audit_rows(&rows).await?;
    *tail = Some(at);
    Ok(if rows.len() < BATCH { Copied::All } else { Copied::Some })
}

/// Puts on record that the database has lost a change which it had acknowledged; at least once.
async fn alarm(app: &App, lost: &AuditRow) -> Result<(), Error> {
    let AuditRow { seq, record } = lost;
    tracing::error!(record = seq, action = record.action, "the database has lost an acknowledged change");
    let mut entry = Entry::new("store.change_lost");
    entry.object(record.object.as_deref().unwrap_or("unknown")).purpose(format!("record {seq}"));
    let call = app.call(Principal::console(), "job", None);
    app.audit.record(&call, entry, Ok(())).await.into_result()
}

fn read(tail: &mut Tail) -> Result<Vec<AuditRow>, Error> {
    let records = tail.read(BATCH).map_err(Error::internal)?;
    let row = |(seq, payload): (u64, Vec<u8>)| {
        let record: AuditRecord = serde_json::from_slice(&payload).map_err(Error::internal)?;
        Ok(AuditRow { seq, record })
    };
    records.into_iter().map(row).collect()
}

/// Writes staged records whose process died between commit and journal. Called after [`index_batch`],
/// which has removed those that did arrive.
async fn relay_orphans(app: &App) -> Result<(), Error> {
    let before = app.clock.now() - ORPHANED_AFTER;
    for payload in app.store.staged_audit(before, BATCH as u64).await? {
        app.audit.relay(&payload).await?;
    }
    Ok(())
}

/// Signs the present head and appends it here and at every witness.
pub async fn checkpoint(app: &App, witnesses: &[PathBuf]) -> Result<(), Error> {
    let Some(journal) = app.audit.journal() else { return Ok(()) };
    let line = checkpoints::sign(journal.head(), &app.keys)?;
    let (journal, witnesses) = (journal.clone(), witnesses.to_vec());
    app.cpu.run(move || journal.write_checkpoint(&line, &witnesses)).await?.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copying_makes_way_for_callers_and_catches_up_without_them() {
        let took = Duration::from_millis(50);
        let mut now = Instant::now();
        let mut demand = Demand::default();
        let mut written = 0;
        let mut after = |records: u64, seconds: u64| {
            (written, now) = (written + records, now + Duration::from_secs(seconds));
            demand.rest(written, took, now)
        };
        assert_eq!(after(1_000_000, 1), took, "nothing is known of the callers yet");
        // 20,000 records a second could be copied.
        assert_eq!(after(11_000, 1), took * REST_UNDER_LOAD);
        assert_eq!(after(18_000, 2), took);
        assert_eq!(after(0, 1), took);
    }
}
