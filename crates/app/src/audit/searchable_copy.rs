use super::verify::VerifyReport;
use domain::audit::AuditRow;
use journal::Report;
use store::{CopyFault, Store};
use tokio::runtime::Handle;

/// Records compared at once.
const BATCH: usize = 1_000;
/// After so many differences there is no use in more.
const MOST_FAULTS: usize = 1_000;

/// Compares the records of the journal, as they are read, with their copies in the database.
pub(super) struct Comparison {
    copy: Result<Copy, String>,
    batch: Vec<AuditRow>,
    faults: Vec<(i64, CopyFault)>,
}

struct Copy {
    store: Store,
    /// Records it had when the comparison began.
    size: u64,
}

impl Comparison {
    pub(super) async fn begin(database: Result<Store, store::Error>) -> Self {
        let copy = async {
            let store = database?;
            let size = store.audit_head().await?;
            Ok(Copy { store, size })
        };
        let copy = copy.await.map_err(|error: store::Error| error.to_string());
        Self { copy, batch: Vec::new(), faults: Vec::new() }
    }

    pub(super) fn add(&mut self, seq: u64, payload: &[u8]) {
        if !self.copy.as_ref().is_ok_and(|copy| seq < copy.size) {
            return;
        }
        let consecutive = self.batch.last().is_none_or(|last| last.seq + 1 == seq);
        if !consecutive || self.batch.len() == BATCH {
            self.compare();
        }
        match serde_json::from_slice(payload) {
            Ok(record) => self.batch.push(AuditRow { seq, record }),
            Err(_) => self.give_up(format!("record {seq} is of another version of the program")),
        }
    }

    /// Compares what has been added. Called on a thread that may block.
    pub(super) fn compare(&mut self) {
        let Ok(copy) = &self.copy else { return };
        match Handle::current().block_on(copy.store.audit_copy_faults(&self.batch)) {
            Ok(faults) => self.faults.extend(faults),
            Err(error) => self.give_up(error.to_string()),
        }
        if self.faults.len() >= MOST_FAULTS {
            self.give_up("it differs in too many records to go on".to_owned());
        }
        self.batch.clear();
    }

    fn give_up(&mut self, why: String) {
        self.copy = Err(why);
        self.batch.clear();
    }

    pub(super) fn end(self, journal: &Report, report: &mut VerifyReport) {
        for (seq, fault) in self.faults {
            let kind = match fault {
                CopyFault::Missing => "copy_record_missing",
                CopyFault::Changed => "copy_record_changed",
                CopyFault::Inserted => "copy_record_inserted",
            };
            report.find(kind, format!("record {seq} of the searchable copy"));
        }
        match self.copy {
            Ok(Copy { size, .. }) => {
                report.copied = Some(size);
                if journal.complete && size > journal.records {
                    let place = format!("record {}: the searchable copy has {size}", journal.records);
                    report.find("truncated", place);
                }
            }
            Err(why) => report.not_compared.push(format!("the searchable copy in the database: {why}")),
        }
    }
}
