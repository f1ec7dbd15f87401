//! An append-only journal of opaque records that is durable before it answers.
//!
//! Records go into preallocated segment files. A writer thread takes whatever has queued up, writes
//! it at once and makes it durable with one flush (group commit), then acknowledges every record of
//! the batch. Each record carries the hash of all before it, and the records are the leaves of a
//! Merkle tree (RFC 6962) whose head can be signed and given to outsiders: an edit breaks the chain,
//! and a rewrite of everything disagrees with the heads given away.

mod appenders;
mod copy;
mod disk;
mod frame;
mod journal;
mod merkle;
mod segment;
mod tail;
mod verify;
mod worker;
mod writer;

pub use appenders::Appenders;
pub use copy::{Reader, Rebuild};
pub use disk::{Disk, RealDisk};
pub use journal::{CHECKPOINTS, Head, Journal, MAX_RECORD_BYTES, OpenError, Options, Unavailable};
pub use merkle::{EMPTY_ROOT, Hash};
pub use tail::Tail;
pub use verify::{CheckpointHead, Finding, FindingKind, Report, verify};
