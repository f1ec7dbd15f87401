//! Asking for certificates and changing them.

mod change;
pub mod draft;
mod facts;
mod find;
mod issue;
pub mod register;
mod search;
mod unmask;

pub use change::{ChangeRequest, ChangeResult, Proposal, apply, change};
pub use facts::{as_it_was, status_today, status_when};
pub use find::{PointInTime, find, photo};
pub use issue::{NewCertificate, issue};
pub use search::{SearchPage, search};
pub use unmask::{Purpose, UnmaskRequest, Unmasked, unmask};
