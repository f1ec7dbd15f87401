//! All SQL of the registry: schema, entities, sealed rows, the change feed, the searchable audit,
//! the transparency log's hashes and the outbox, on SQLite, PostgreSQL and MySQL or MariaDB.
//!
//! [`Store`] reads and does what stands alone; [`Tx`] is for writes that belong together.
//! Personal fields are sealed on the way in and opened on the way out, and a row that was edited
//! or swapped in SQL is an [`Error::Corrupt`], never an answer.

mod accounts;
mod approvals;
mod attachments;
mod audit;
mod bulk;
mod certificates;
mod codes;
mod credentials;
mod dialect;
pub mod dump;
mod error;
mod feed;
mod grants;
mod holders;
mod idempotency;
mod imports;
mod instants;
mod log;
mod log_check;
mod migrations;
mod organisations;
mod outbox;
mod personal;
mod photos;
mod rows;
mod seal;
mod seal_walk;
mod sessions;
mod settings;
mod store;
mod sweep;
mod throttle;
mod tokens;
mod tx;

pub use accounts::{Account, Password};
pub use approvals::{Approval, ApprovalState};
pub use attachments::Attachment;
pub use audit::{AuditFilter, AuditScope, CopyFault};
pub use certificates::CertificateKey;
pub use credentials::{Credential, Secret};
pub use dialect::Dialect;
pub use error::{Cause, Error, Result};
pub use feed::Change;
pub use grants::{Grantee, TemporaryGrant};
pub use idempotency::Idempotency;
pub use imports::{ImportBatch, ImportState};
pub use log_check::{LogFault, LogReport};
pub use organisations::RegisteredOrganisation;
pub use outbox::OutboxJob;
pub use seal_walk::{DamagedRow, OldSeals, SealReport};
pub use sessions::Session;
pub use store::{Options, Store};
pub use throttle::{Measure, ThrottleState};
pub use tx::Tx;
