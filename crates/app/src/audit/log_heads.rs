//! The head of the transparency log, put on record in the audit: whatever signs and witnesses the
//! audit then vouches for the log as well, and a log that was taken back is known by it.

use super::{Entry, verify::VerifyReport};
use crate::{App, Error};
use domain::{access::Principal, audit::AuditRecord};
use std::collections::BTreeMap;
use store::{LogFault, Store};
use tlog::Hash;

const ACTION: &str = "log.head";

/// Puts the head on record, unless it is the one put there last, or nothing is in the log. Returns the
/// size on record.
pub(crate) async fn put_on_record(app: &App, last: Option<u64>) -> Result<Option<u64>, Error> {
    let (size, root) = app.store.log_head().await?;
    if size == 0 || last == Some(size) {
        return Ok(last);
    }
    let mut entry = Entry::new(ACTION);
    entry.object(format!("{size} {}", hex::encode(root.0)));
    let call = app.call(Principal::console(), "job", None);
    app.audit.record(&call, entry, Ok(())).await.into_result()?;
    Ok(Some(size))
}

/// Heads found in the records of the audit: roots by size.
#[derive(Default)]
pub(super) struct LogHeads(BTreeMap<u64, Vec<Hash>>);

impl LogHeads {
    /// Takes a record in, if it is of a head.
    pub fn add(&mut self, payload: &[u8]) {
        // Most records are something else, and are not taken apart to learn that.
        let mark = ACTION.as_bytes();
        if !payload.windows(mark.len()).any(|window| window == mark) {
            return;
        }
        let record: Option<AuditRecord> = serde_json::from_slice(payload).ok();
        let head = record.filter(|record| record.action == ACTION).and_then(|record| parse(&record.object?));
        if let Some((size, root)) = head {
            self.0.entry(size).or_default().push(root);
        }
    }

    /// Compares the log with its heads on record and with the records of the registry.
    pub async fn compare(&self, store: &Store, report: &mut VerifyReport) {
        match store.check_log(&self.0).await {
            Ok(log) => {
                report.log_leaves = Some(log.leaves);
                for fault in &log.faults {
                    let (kind, place) = told(fault);
                    report.find(kind, place);
                }
            }
            Err(error) => report.not_compared.push(format!("the transparency log in the database: {error}")),
        }
    }
}

fn parse(object: &str) -> Option<(u64, Hash)> {
    let (size, root) = object.split_once(' ')?;
    Some((size.parse().ok()?, Hash(hex::decode(root).ok()?.try_into().ok()?)))
}

/// Stable code and place.
fn told(fault: &LogFault) -> (&'static str, String) {
    match fault {
        LogFault::HashChanged { position } => ("log_changed", format!("position {position} of the log")),
        LogFault::CounterChanged { counter, leaves } => {
            ("log_changed", format!("the counter of the log stands at {counter}, and it has {leaves} leaves"))
        }
        LogFault::Truncated { size } => ("log_truncated", format!("the log had {size} leaves")),
        LogFault::Rewritten { size } => ("log_rewritten", format!("the first {size} leaves of the log")),
        LogFault::NotLogged { certificate } => ("record_not_logged", certificate.to_string()),
        LogFault::RolledBack { certificate, newer } => {
            ("record_rolled_back", format!("{certificate}: version {newer} was there"))
        }
        LogFault::Missing { certificate } => ("record_missing", certificate.to_string()),
        LogFault::Unexplained { leaf } => ("leaf_without_record", format!("leaf {leaf} of the log")),
    }
}
