//! Rosters in: a file of certificates is read, checked and registered, and what is wrong with it
//! comes back as a file of the same kind.

mod import;
mod reading;

pub use import::{Progress, import};
pub use reading::Complaint;
pub use sheet::{Limits, Mapping};

use crate::{
    Error,
    words::{Language, Words},
};
use std::path::PathBuf;

/// What to import and how.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    pub file: PathBuf,
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
    /// Where the rejected rows go, if there are any.
    pub errors_file: PathBuf,
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
    /// Present if rows were rejected.
    pub errors_file: Option<PathBuf>,
    /// The first complaints, in words.
    pub complaints: Vec<Complaint>,
    /// How each sheet was read, a line for each column.
    pub layout: Vec<String>,
}
