//! The pure rules of the registry: what a certificate is, when it is good, who may see it and how
//! much of it. Nothing here does input or output, and nothing reads a clock: time is an argument.

pub mod access;
pub mod audit;
pub mod catalogue;
pub mod certificate;
pub mod codec;
pub mod ids;
pub mod lifecycle;
pub mod mask;
pub mod number;
pub mod query;
pub mod text;
pub mod verdict;

/// A calendar day in the certificate's own time zone. Validity is a matter of days, not instants.
pub type Date = chrono::NaiveDate;

/// An instant, always in UTC.
pub type Instant = chrono::DateTime<chrono::Utc>;
