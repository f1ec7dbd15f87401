use crate::Date;
use serde::{Deserialize, Serialize};

/// Status of a certificate on a day (product vocabulary).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Valid,
    /// Valid, and the end is within the type's window.
    Expiring,
    /// Valid, and the review is due within the type's window.
    ReviewDue,
    /// The day lies before `valid_from`.
    NotYetValid,
    ReviewOverdue,
    Expired,
    Suspended,
    Revoked,
    RevokedPenalty,
    Cancelled,
    TransferredOut,
    Replaced,
    UnderCorrection,
}

impl Status {
    pub const ALL: [Status; 13] = [
        Status::Valid,
        Status::Expiring,
        Status::ReviewDue,
        Status::NotYetValid,
        Status::ReviewOverdue,
        Status::Expired,
        Status::Suspended,
        Status::Revoked,
        Status::RevokedPenalty,
        Status::Cancelled,
        Status::TransferredOut,
        Status::Replaced,
        Status::UnderCorrection,
    ];

    /// The stable machine code, as in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Status::Valid => "valid",
            Status::Expiring => "expiring",
            Status::ReviewDue => "review_due",
            Status::NotYetValid => "not_yet_valid",
            Status::ReviewOverdue => "review_overdue",
            Status::Expired => "expired",
            Status::Suspended => "suspended",
            Status::Revoked => "revoked",
            Status::RevokedPenalty => "revoked_penalty",
            Status::Cancelled => "cancelled",
            Status::TransferredOut => "transferred_out",
            Status::Replaced => "replaced",
            Status::UnderCorrection => "under_correction",
        }
    }

    /// May the holder work on it that day?
    pub const fn in_force(self) -> bool {
        matches!(self, Status::Valid | Status::Expiring | Status::ReviewDue)
    }
}

/// A status with its explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusOn {
    pub status: Status,
    /// First day of the present unbroken stretch of this status, where one can be named.
    pub since: Option<Date>,
    /// Reason given with the event that caused it.
    pub reason: Option<String>,
}

/// What the type's rules contribute to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRules {
    /// How many days before the end a certificate counts as expiring.
    pub expiring_days: u16,
    /// How many days before the review a certificate counts as due for review.
    pub review_due_days: u16,
    /// The time zone in which the certificate's days begin.
    pub zone: chrono_tz::Tz,
}
