//! Asking for certificates and changing them.

mod change;
pub mod draft;
mod employers;
mod facts;
mod find;
mod issue;
pub mod register;
mod search;
mod unmask;
mod update;

pub use change::{ChangeRequest, ChangeResult, Proposal, apply, change};
pub use facts::{as_it_was, status_today, status_when};
pub(crate) use find::visible;
pub use find::{PointInTime, find};
pub(crate) use issue::planned;
pub use issue::{NewCertificate, issue};
pub use search::{SearchPage, search};
pub(crate) use unmask::count_unmasking;
pub use unmask::{Purpose, UnmaskRequest, Unmasked, unmask};
