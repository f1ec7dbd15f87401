//! On record before the answer leaves.
//!
//! [`Audited`] is the only thing a channel can turn into a response, and only this module makes
//! one, after the record is durable. A change writes its record in its own transaction first
//! ([`AuditLog::stage`]), so that neither exists without the other.

pub mod checkpoints;
mod entry;
mod list;
mod log;
pub(crate) mod log_heads;
mod reach;
mod report;
mod searchable_copy;
mod verify;

pub use entry::Entry;
pub use list::{AuditPage, AuditQuery, AuditView, list};
pub use log::{AuditLog, AuditOptions};
pub use report::Audited;
pub use verify::{Elsewhere, VerifyReport, verify};
