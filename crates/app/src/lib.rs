//! The use cases: the only room where the rules of `domain` meet the parts that store, index,
//! seal and record. A use case takes the [`App`] and the [`Call`] it serves and returns
//! [`audit::Audited`]: what was asked is durably on record before the answer can leave.

pub mod accounts;
pub mod approvals;
pub mod attachments;
pub mod audit;
pub mod backup;
pub mod certificates;
pub mod clock;
pub mod cpu;
pub mod demo;
pub mod error;
pub mod idempotency;
pub mod jobs;
pub mod photos;
pub mod rosters;
pub mod seals;
mod services;
pub mod verification;
pub mod words;

pub use clock::Clock;
pub use error::{Error, Kind};
pub use services::{App, Call};
