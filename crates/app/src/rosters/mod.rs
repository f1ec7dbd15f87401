//! Rosters in: a file of certificates is read, checked and registered, and what is wrong with it
//! comes back as a file of the same kind.

mod import;
mod reading;
mod rejects;
mod scan;

pub use import::{Progress, import};
pub use rejects::Complaint;
pub use sheet::{Limits, Mapping};

use crate::{
    Error,
    words::{Language, Words},
};
use std::{path::PathBuf, sync::Arc};

/// What to import and how.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    pub source: RosterSource,
    /// Name under which reports speak of the file.
    pub name: String,
    /// Language of the complaints.
    pub language: Language,
    /// Which column means what, where the header does not tell it.
    pub mapping: Mapping,
    /// How large the file may be.
    pub limits: Limits,
    /// Only look; change nothing.
    pub dry_run: bool,
    /// Where the rejected rows go, if there are any; `None` = into the report.
    pub errors_file: Option<PathBuf>,
}

/// Where a roster is.
#[derive(Debug, Clone)]
pub enum RosterSource {
    File(PathBuf),
    /// An upload, which is not put on disk in the clear.
    Bytes(Arc<[u8]>),
}

impl ImportRequest {
    /// An error in the words of this import's language.
    pub fn say(&self, error: &Error) -> &'static str {
        Words::builtin().error(self.language, error.code())
    }
}

/// What became of a roster. Every row counts once.
#[derive(Debug, Clone, Default)]
pub struct ImportReport {
    pub rows: u64,
    /// Rows that added or changed something (in a dry run: that would be looked at).
    pub accepted: u64,
    /// Rows that said nothing new.
    pub unchanged: u64,
    pub rejected: u64,
    /// Things taken over that somebody should look at.
    pub warnings: u64,
    /// Present if rows were rejected and a place for them was named.
    pub errors_file: Option<PathBuf>,
    /// The rejected rows as a file, if no place was named.
    pub errors: Option<Vec<u8>>,
    /// The first complaints, in words.
    pub complaints: Vec<Complaint>,
    /// The first things that somebody should look at, in words.
    pub remarks: Vec<Complaint>,
    /// How each sheet was read, a line for each column.
    pub layout: Vec<String>,
    /// The mapping that reads the file like this, as TOML, to be changed and given again.
    pub mapping: String,
}
