//! Everything a use case can answer instead of a result. Each has a stable code that the user's
//! language turns into words (`locales/`), and a kind that a channel turns into its own status.

use domain::{Instant, access::RefusalCode, query::QueryError};
use std::borrow::Cow;

type Cause = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the query is not valid: {0}")]
    Query(#[from] QueryError),
    #[error("field {field} is not valid")]
    Field { field: Cow<'static, str>, code: &'static str },
    #[error("an ID number must not travel in an address")]
    UsePost,
    #[error("the challenge was not solved, has been used, or is too old")]
    Challenge,
    #[error("this source must solve a challenge first")]
    ChallengeRequired,
    #[error("login or password is wrong")]
    SignInFailed,
    #[error("the second factor is wrong, used or too old")]
    FactorFailed,
    #[error("the sign-in was begun too long ago, or is complete")]
    SignInLapsed,
    #[error("the role cannot do without this factor")]
    LastFactor,
    #[error("too many failed attempts")]
    Locked { until: Instant },
    #[error("refused: {0:?}")]
    Refused(RefusalCode),
    #[error("no such certificate for this caller")]
    CertificateNotFound,
    #[error("no such object for this caller")]
    NotFound,
    #[error("the body is larger than the operation takes")]
    BodyTooLarge,
    #[error("the address is known, the method is not")]
    MethodNotAllowed,
    #[error("the record has been changed meanwhile")]
    VersionConflict,
    #[error("the certificate is not in a state that allows this")]
    TransitionNotAllowed,
    #[error("a certificate with this type, number, item and date of issue exists")]
    DuplicateCertificate,
    #[error("nobody decides on their own request")]
    OwnRequest,
    #[error("the request has been decided or has lapsed")]
    AlreadyDecided,
    #[error("the key was used for a different request")]
    IdempotencyMismatch,
    #[error("the first request with this key is still being worked on")]
    IdempotencyInProgress,
    #[error("too many requests")]
    TooManyRequests { retry_after_s: u64 },
    #[error("the file cannot be read as a roster")]
    File { code: &'static str },
    #[error("the search queue is full")]
    Overloaded { retry_after_s: u64 },
    #[error("the read model is being rebuilt")]
    Rebuilding,
    #[error("the audit cannot be written")]
    AuditUnavailable,
    #[error("the answer took too long")]
    TimedOut,
    #[error("the store cannot be reached")]
    StoreUnavailable(#[source] Cause),
    #[error("a stored record does not match its seal")]
    RecordCorrupt,
    #[error("the backup failed")]
    Backup {
        code: &'static str,
        #[source]
        cause: Cause,
    },
    #[error("internal error")]
    Internal(#[source] Cause),
}

/// What a channel needs to choose its own status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Invalid,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    TooLarge,
    Conflict,
    TooMany,
    Unavailable,
    Internal,
}

impl Error {
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Error::Internal(cause.into())
    }

    pub fn field(field: impl Into<Cow<'static, str>>, code: &'static str) -> Self {
        Error::Field { field: field.into(), code }
    }

    /// Stable machine code.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Query(error) => match error {
                QueryError::Empty => "query_empty",
                QueryError::TooLong => "query_too_long",
                QueryError::ControlCharacter => "query_control_character",
                QueryError::PageSize => "query_page_size",
                QueryError::TooDeep => "query_too_deep",
                QueryError::RangeReversed => "query_range_reversed",
            },
            Error::Field { code, .. } => code,
            Error::UsePost => "use_post",
            Error::Challenge => "challenge_failed",
            Error::ChallengeRequired => "challenge_required",
            Error::SignInFailed => "sign_in_failed",
            Error::FactorFailed => "factor_failed",
            Error::SignInLapsed => "sign_in_lapsed",
            Error::LastFactor => "last_factor",
            Error::Locked { .. } => "locked",
            Error::Refused(code) => code.code(),
            Error::CertificateNotFound => "certificate_not_found",
            Error::NotFound => "not_found",
            Error::BodyTooLarge => "body_too_large",
            Error::MethodNotAllowed => "method_not_allowed",
            Error::VersionConflict => "version_conflict",
            Error::TransitionNotAllowed => "transition_not_allowed",
            Error::DuplicateCertificate => "duplicate_certificate",
            Error::OwnRequest => "own_request",
            Error::AlreadyDecided => "already_decided",
            Error::IdempotencyMismatch => "idempotency_mismatch",
            Error::IdempotencyInProgress => "idempotency_in_progress",
            Error::TooManyRequests { .. } => "too_many_requests",
            Error::File { code } => code,
            Error::Overloaded { .. } => "overloaded",
            Error::Rebuilding => "rebuilding",
            Error::AuditUnavailable => "audit_unavailable",
            Error::TimedOut => "timed_out",
            Error::StoreUnavailable(_) => "store_unavailable",
            Error::RecordCorrupt => "record_corrupt",
            Error::Backup { code, .. } => code,
            Error::Internal(_) => "internal",
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Error::Query(_)
            | Error::Field { .. }
            | Error::UsePost
            | Error::Challenge
            | Error::File { .. } => Kind::Invalid,
            Error::SignInFailed
            | Error::FactorFailed
            | Error::SignInLapsed
            | Error::Refused(RefusalCode::SignInRequired) => Kind::Unauthenticated,
            Error::ChallengeRequired | Error::Refused(_) => Kind::Forbidden,
            Error::CertificateNotFound | Error::NotFound => Kind::NotFound,
            Error::BodyTooLarge => Kind::TooLarge,
            Error::MethodNotAllowed => Kind::MethodNotAllowed,
            Error::VersionConflict
            | Error::TransitionNotAllowed
            | Error::LastFactor
            | Error::DuplicateCertificate
            | Error::OwnRequest
            | Error::AlreadyDecided
            | Error::IdempotencyMismatch
            | Error::IdempotencyInProgress => Kind::Conflict,
            Error::Locked { .. } | Error::TooManyRequests { .. } => Kind::TooMany,
            Error::Overloaded { .. }
            | Error::Rebuilding
            | Error::AuditUnavailable
            | Error::TimedOut
            | Error::StoreUnavailable(_) => Kind::Unavailable,
            Error::RecordCorrupt | Error::Backup { .. } | Error::Internal(_) => Kind::Internal,
        }
    }

    /// Seconds after which trying again makes sense.
    pub fn retry_after_s(&self, now: Instant) -> Option<u64> {
        match self {
            Error::Locked { until } => Some(u64::try_from((*until - now).num_seconds()).unwrap_or(0).max(1)),
            Error::TooManyRequests { retry_after_s } | Error::Overloaded { retry_after_s } => {
                Some(*retry_after_s)
            }
            Error::Rebuilding | Error::AuditUnavailable | Error::TimedOut | Error::StoreUnavailable(_) => {
                Some(5)
            }
            _ => None,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(_) => Error::StoreUnavailable(error.into()),
            store::Error::Corrupt { .. } => Error::RecordCorrupt,
            store::Error::Conflict(_) => Error::VersionConflict,
            other => Error::internal(other),
        }
    }
}

impl From<readmodel::Error> for Error {
    fn from(error: readmodel::Error) -> Self {
        match error {
            readmodel::Error::Withheld => Error::RecordCorrupt,
            // Damage that a read has met is repaired by a rebuild.
            readmodel::Error::Rebuilding | readmodel::Error::Damaged => Error::Rebuilding,
            other => Error::internal(other),
        }
    }
}

impl From<domain::access::Refusal> for Error {
    fn from(refusal: domain::access::Refusal) -> Self {
        Error::Refused(refusal.code)
    }
}
