//! Backups as bytes: records are cut into chunks that stay where they are when records are added,
//! chunks are sealed and named by a keyed digest of what they hold, and a signed manifest says
//! which chunks make one backup. What is there already is not written again, so that each backup
//! costs what has changed and yet is complete by itself.
//!
//! Nothing here knows what the records mean.

mod chunk;
mod cut;
mod error;
mod manifest;
mod reading;
mod repository;
mod writing;

pub use cut::{Cutter, Piece, records};
pub use error::{Error, Result};
pub use manifest::{ChunkRef, FORMAT, Manifest, Part};
pub use reading::Backup;
pub use repository::{Pruned, Repository};
pub use writing::{Draft, PartWriter, Settled, Written};
