use super::{checkpoints, log_heads::LogHeads, searchable_copy::Comparison};
use crate::Error;
use journal::{CHECKPOINTS, CheckpointHead};
use keys::KeyRing;
use serde::Serialize;
use std::{
    collections::BTreeSet,
    fmt::Display,
    io,
    path::{Path, PathBuf},
};
use store::Store;

/// The state of the whole audit.
#[derive(Debug, Default, Serialize)]
pub struct VerifyReport {
    pub records: u64,
    /// Signed checkpoints that were compared with the records.
    pub checkpoints: u64,
    /// Records in the searchable copy, which may be a moment behind; `None` if it was not compared.
    pub copied: Option<u64>,
    /// Leaves of the transparency log, compared with the certificates; `None` if they were not.
    pub log_leaves: Option<u64>,
    pub intact: bool,
    pub findings: Vec<Finding>,
    /// What could not be asked, and why. That alone is no tampering.
    pub not_compared: Vec<String>,
}

/// One thing that is not as it was written.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Stable code, such as `record_changed`.
    pub kind: &'static str,
    /// File and position.
    pub place: String,
}

/// What is known of the audit outside its folder.
pub struct Elsewhere {
    /// Places to which the server appends checkpoints; they may be away.
    pub witnesses: Vec<PathBuf>,
    /// Copies of the checkpoints that the caller has at hand.
    pub copies: Vec<PathBuf>,
    /// Holds the searchable copy. Opened to look only.
    pub database: Result<Store, store::Error>,
}

impl VerifyReport {
    /// Of an audit whose folder cannot be read.
    pub fn unreadable(dir: &Path, error: &io::Error) -> Self {
        let mut report = Self::default();
        report.find("unreadable", format!("{}: {error}", dir.display()));
        report
    }

    pub(super) fn find(&mut self, kind: &'static str, place: impl Display) {
        self.findings.push(Finding { kind, place: place.to_string() });
    }
}

/// Reads every record, every checkpoint, the searchable copy and the transparency log with the
/// certificates it tells of, and compares them; writes nothing.
/// Only what is kept outside the folder shows that everything in it was rewritten.
pub async fn verify(dir: &Path, elsewhere: Elsewhere, keys: &KeyRing) -> Result<VerifyReport, Error> {
    let mut report = VerifyReport::default();
    // What follows the journal is read before it: a running server goes on writing.
    let store = elsewhere.database.as_ref().ok().cloned();
    let mut comparison = Comparison::begin(elsewhere.database).await;
    let heads = Checkpoints { keys, report: &mut report }.read(dir, &elsewhere.witnesses, &elsewhere.copies);
    let folder = dir.to_owned();
    let walk = move || {
        let mut log_heads = LogHeads::default();
        let journal = journal::verify(&folder, &heads, |seq, payload| {
            log_heads.add(&payload);
            comparison.add(seq, &payload);
        });
        comparison.compare();
        (journal, comparison, log_heads)
    };
    let (journal, comparison, log_heads) =
        tokio::task::spawn_blocking(walk).await.map_err(Error::internal)?;
    let journal = match journal {
        Ok(journal) => journal,
        Err(error) => return Ok(VerifyReport::unreadable(dir, &error)),
    };
    report.records = journal.records;
    for finding in &journal.findings {
        report.find(finding.kind.code(), finding);
    }
    comparison.end(&journal, &mut report);
    if let Some(store) = store {
        log_heads.compare(&store, &mut report).await;
    }
    report.intact = report.findings.is_empty();
    Ok(report)
}

/// Reads checkpoints and reports those that are no longer there or no longer good.
struct Checkpoints<'a> {
    keys: &'a KeyRing,
    report: &'a mut VerifyReport,
}

impl Checkpoints<'_> {
    fn read(&mut self, dir: &Path, witnesses: &[PathBuf], copies: &[PathBuf]) -> Vec<CheckpointHead> {
        let mut outside = Vec::new();
        for file in witnesses {
            match self.signed(file) {
                Ok(heads) => outside.extend(heads),
                Err(error) => self.report.not_compared.push(format!("{}: {error}", file.display())),
            }
        }
        for file in copies {
            match self.signed(file) {
                Ok(heads) => outside.extend(heads),
                Err(error) => self.report.find("unreadable", format!("{}: {error}", file.display())),
            }
        }
        let own = dir.join(CHECKPOINTS);
        let heads = self.signed(&own).unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                self.report.find("unreadable", format!("{}: {error}", own.display()));
            }
            Vec::new()
        });
        // The audit begins with a checkpoint of no records; what does not has lost its beginning.
        if heads.first().is_none_or(|first| first.head.size > 0) {
            self.report.find("checkpoints_missing", format!("{}: the first one", own.display()));
        }
        let known: BTreeSet<_> = heads.iter().map(|signed| (signed.head.size, signed.head.root)).collect();
        for signed in &outside {
            let size = signed.head.size;
            if !known.contains(&(size, signed.head.root)) {
                let place = format!("{}: that of {size} records, see {}", own.display(), signed.place);
                self.report.find("checkpoints_missing", place);
            }
        }
        let heads: Vec<_> = heads.into_iter().chain(outside).map(|signed| signed.head).collect();
        self.report.checkpoints = heads.len() as u64;
        heads
    }

    fn signed(&mut self, file: &Path) -> io::Result<Vec<Signed>> {
        let mut heads = Vec::new();
        for (number, line) in (1..).zip(checkpoints::lines(file)?) {
            let place = format!("{} line {number}", file.display());
            match checkpoints::open(&line?, self.keys) {
                Ok(head) => heads.push(Signed { head, place }),
                Err(_) => self.report.find("checkpoint_changed", place),
            }
        }
        Ok(heads)
    }
}

/// A checkpoint whose signature is good.
struct Signed {
    head: CheckpointHead,
    place: String,
}
