use super::checkpoints;
use crate::Error;
use keys::KeyRing;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The state of the whole audit.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    pub records: u64,
    /// Signed checkpoints that were compared with the records.
    pub checkpoints: u64,
    pub intact: bool,
    pub findings: Vec<Finding>,
}

/// One thing that is not as it was written.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Stable code, such as `record_changed`.
    pub kind: String,
    /// Segment and position.
    pub place: String,
}

/// Reads every record and checkpoint and compares them; opens nothing for writing. `elsewhere` are
/// copies of the checkpoints kept outside the folder: only they show that everything was rewritten.
pub fn verify(dir: &Path, elsewhere: &[PathBuf], keys: &KeyRing) -> Result<VerifyReport, Error> {
    let own = dir.join("checkpoints");
    let mut heads = Vec::new();
    let mut findings = Vec::new();
    for file in std::iter::once(&own).chain(elsewhere) {
        for (number, line) in lines(file, file == &own)?.iter().enumerate() {
            match checkpoints::open(line, keys) {
                Ok(head) => heads.push(head),
                Err(_) => findings.push(Finding {
                    kind: "checkpoint_changed".to_owned(),
                    place: format!("{} line {}", file.display(), number + 1),
                }),
            }
        }
    }
    let report = journal::verify(dir, &heads).map_err(Error::internal)?;
    findings.extend(
        report
            .findings
            .iter()
            .map(|finding| Finding { kind: finding.kind.code().to_owned(), place: finding.to_string() }),
    );
    Ok(VerifyReport {
        records: report.records,
        checkpoints: heads.len() as u64,
        intact: findings.is_empty(),
        findings,
    })
}

/// The journal's own file is not there before the first checkpoint; a copy that was named must be.
fn lines(file: &Path, may_be_missing: bool) -> Result<Vec<String>, Error> {
    match std::fs::read_to_string(file) {
        // A last line without its end was being written when the process died.
        Ok(text) => Ok(text
            .split_inclusive('\n')
            .filter_map(|line| line.strip_suffix('\n'))
            .map(str::to_owned)
            .collect()),
        Err(error) if may_be_missing && error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::internal(error)),
    }
}
