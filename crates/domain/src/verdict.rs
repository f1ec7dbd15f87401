//! The answer to "is this certificate good?". "Can't check" is its own answer.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Valid,
    NotValid,
    /// The system cannot tell at the moment; never to be read as valid or as not valid.
    Unknown,
    NotFound,
}

/// Why; stable codes that the user's language turns into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Expired,
    Expiring,
    ReviewOverdue,
    ReviewDue,
    NotYetValid,
    Revoked,
    Suspended,
    Cancelled,
    Replaced,
    TransferredOut,
    UnderCorrection,
    SourceLagging,
    ServiceDegraded,
    PayloadMalformed,
    IdChecksum,
    AmbiguousHomonym,
}
