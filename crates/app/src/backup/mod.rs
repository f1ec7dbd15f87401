//! Backups of the whole registry: every table as of one moment, the audit up to that moment, and the
//! settings without their secrets. Not the read model, which is made anew, and not the keys, which
//! the operator keeps elsewhere: whoever finds a backup has nothing to open it with.

mod drill;
mod failure;
mod prune;
mod restore;
mod run;
pub mod schedule;

pub use self::{
    drill::{Check, Proof, prove},
    failure::Failure,
    prune::prune,
    restore::{PlaceKeys, Restored, Stage, Target, UNFINISHED, record, restore},
    run::{Report, Source, run},
};

use ::backup::Manifest;
use serde::{Deserialize, Serialize};
use store::dump::Table;

/// Part of the records of the audit, of its signed checkpoints, of the settings. The other parts
/// have the names of their tables.
const AUDIT: &str = "audit";
const CHECKPOINTS: &str = "audit_checkpoints";
const SETTINGS: &str = "settings";

/// What a manifest says beyond its lists of chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The family of the database that was read; it may be restored to any other.
    pub database: String,
    /// The schema's steps, in order.
    pub schema: Vec<String>,
    pub tables: Vec<Table>,
    /// Number of the newest entry of the change feed.
    pub feed: u64,
    pub log: LogHead,
    pub audit: AuditHead,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    pub size: u64,
    pub root: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    pub size: u64,
    pub chain: String,
    pub root: String,
}

impl LogHead {
    fn of((size, root): (u64, tlog::Hash)) -> Self {
        Self { size, root: hex::encode(root.0) }
    }
}

impl AuditHead {
    fn of(head: journal::Head) -> Self {
        Self { size: head.size, chain: hex::encode(head.chain), root: hex::encode(head.root) }
    }
}

/// What this program needs to know of a backup; one it cannot know is of a newer one.
fn facts(manifest: &Manifest) -> Result<Facts, Failure> {
    let facts: Facts = manifest.about()?;
    let known = store::dump::schema().starts_with(&facts.schema);
    if known { Ok(facts) } else { Err(::backup::Error::FormatNewer.into()) }
}
