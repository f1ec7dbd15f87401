//! The numbers written on certificates and papers: their forms, their checksums, and what dirt of
//! rosters can be repaired without guessing.

pub mod certificate_number;
pub mod citizen_id;
mod cleaning;
pub mod ecert;
mod embedded;
mod identity;
pub mod phone;
pub mod uscc;

pub use embedded::embeds_id;
pub use identity::{IdentityError, Sex, other_document};
