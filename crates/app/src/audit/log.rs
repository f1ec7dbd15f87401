use super::{Audited, Entry};
use crate::{Call, Error};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::audit::AuditRecord;
use journal::Journal;
use keys::{Aad, KeyRing};
use std::{path::PathBuf, sync::Arc, time::Duration};
use store::{Store, Tx};
use uuid::Uuid;

/// Table name bound into the seal of audit keywords.
const SEALED_IN: &str = "audit_record";
/// Most records are not longer, in bytes.
const USUAL_BYTES: usize = 768;
/// An answer does not wait longer for its record than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the audit keeps its copies.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// Folder of the segments.
    pub dir: PathBuf,
    /// Further places to which every signed checkpoint is appended.
    pub witnesses: Vec<PathBuf>,
}

/// The audit: a hash-chained journal on this node, made searchable through SQL afterwards.
#[derive(Clone)]
pub struct AuditLog {
    sink: Sink,
    keys: KeyRing,
    /// What keeps this machine's clock.
    clock: Arc<str>,
}

/// Where records become durable.
#[derive(Clone)]
enum Sink {
    Journal(Journal),
    /// Another process of this data folder writes the journal: records wait in the store until it
    /// relays them.
    Store(Store),
}

impl AuditLog {
    pub fn new(journal: Journal, keys: KeyRing, clock: &str) -> Self {
        Self { sink: Sink::Journal(journal), keys, clock: clock.into() }
    }

    /// For a tool beside the process that serves.
    pub fn relayed(store: Store, keys: KeyRing, clock: &str) -> Self {
        Self { sink: Sink::Store(store), keys, clock: clock.into() }
    }

    pub fn journal(&self) -> Option<&Journal> {
        match &self.sink {
            Sink::Journal(journal) => Some(journal),
            Sink::Store(_) => None,
        }
    }

    /// Makes the record durable and releases the answer. A record that cannot be written in time
    /// takes the answer's place with 503.
    pub fn record<'a, T>(
        &'a self,
        call: &'a Call,
        entry: Entry,
        answer: Result<T, Error>,
    ) -> impl Future<Output = Audited<T>> + use<'a, T> {
        let record = entry.record(call, &self.clock, answer.as_ref().err(), |text| self.seal(call, text));
        let staged = record.staged;
        let payload = encode(&record);
        // Every call waits here, and carries no more with it than this.
        async move {
            let recorded = match (&self.sink, payload) {
                (_, Err(error)) => Err(error),
                (Sink::Journal(journal), Ok(payload)) => append(journal, payload).await,
                (Sink::Store(_), Ok(_)) if staged => Ok(()),
                (Sink::Store(store), Ok(payload)) => Box::pin(stage_alone(store, call, payload)).await,
            };
            match recorded {
                Ok(()) => Audited::recorded(answer),
                // The change is committed with its record, and will be relayed: only the answer waits.
                Err(_) => Audited::unrecorded(),
            }
        }
    }

    /// Puts the record into the transaction of the change it describes. Whoever finds it in the
    /// journal removes it there; a record whose process died before that is relayed at the next
    /// start ([`crate::jobs::audit`]).
    pub async fn stage(&self, tx: &Tx, call: &Call, entry: &mut Entry) -> Result<(), Error> {
        entry.staged = true;
        let record = entry.record(call, &self.clock, None, |text| self.seal(call, text));
        let payload = serde_json::to_string(&record).map_err(Error::internal)?;
        tx.stage_audit(call.request, &payload, call.now).await?;
        Ok(())
    }

    /// Appends a staged record as it was committed.
    pub(crate) async fn relay(&self, payload: &str) -> Result<(), Error> {
        let record: AuditRecord = serde_json::from_str(payload).map_err(Error::internal)?;
        let payload = encode(&record)?;
        append(self.journal().ok_or(Error::AuditUnavailable)?, payload).await
    }

    fn seal(&self, call: &Call, text: &str) -> String {
        BASE64_STANDARD.encode(self.keys.seal(aad(call.request.uuid()), text.as_bytes()))
    }

    /// What was asked for, for the audit role. `None` where the key is gone or the text damaged.
    pub(super) fn open_keywords(&self, record: &AuditRecord) -> Option<String> {
        let sealed = BASE64_STANDARD.decode(record.keywords.as_ref()?).ok()?;
        let plain = self.keys.open(aad(record.request.uuid()), &sealed).ok()?;
        String::from_utf8(plain).ok()
    }
}

fn encode(record: &AuditRecord) -> Result<Vec<u8>, Error> {
    let mut payload = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut payload, record).map_err(Error::internal)?;
    Ok(payload)
}

async fn append(journal: &Journal, payload: Vec<u8>) -> Result<(), Error> {
    match tokio::time::timeout(PATIENCE, journal.append(payload)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Error::AuditUnavailable),
    }
}

async fn stage_alone(store: &Store, call: &Call, payload: Vec<u8>) -> Result<(), Error> {
    let payload = String::from_utf8(payload).map_err(Error::internal)?;
    let tx = store.begin().await?;
    tx.stage_audit(call.request, &payload, call.now).await?;
    tx.commit().await?;
    Ok(())
}

fn aad(request: Uuid) -> Aad<'static> {
    Aad { table: SEALED_IN, id: request.into_bytes(), version: 0 }
}
