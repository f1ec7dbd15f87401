//! Certificates with their events, training and education: one record in several tables, under
//! one seal.

mod parts;
mod read;
mod row;
mod write;

pub use read::CertificateKey;
pub(crate) use read::rows_of;
pub(crate) use row::Rows;
