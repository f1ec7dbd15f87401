//! Certificates with their events, training and education: one record in several tables, under
//! one seal.

mod parts;
mod read;
mod row;
mod write;

pub(crate) use parts::event as event_of;
pub use read::CertificateKey;
pub(crate) use read::{events as events_of, rows_of};
pub(crate) use row::Rows;
