//! What the audit keeps of every call, refusals and reads included (GB/T 22239-2019 8.1.4.3).

use crate::{
    Instant,
    access::Role,
    ids::{AccountId, CertificateId, OrganisationId, RequestId, SessionId},
};
use serde::{Deserialize, Serialize};

/// One line of the audit. Holds no readable personal data: keywords are sealed, objects are
/// opaque identifiers. What it does not tell is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    pub at: Instant,
    /// What keeps the clock that told it, as the operator names it. Records of old lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    pub request: RequestId,
    pub actor: Actor,
    /// Dotted verb, such as `certificate.search`.
    pub action: String,
    /// Kind and opaque identifier of the object, such as `cert_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Region of the certificate that is the object, six digits; of several, the digits that all of
    /// their regions begin with. Records of old lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_region: Option<String>,
    /// The certificates that the answer showed, where it showed several; in order of their identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<CertificateId>,
    /// What was asked for, sealed (AES-256-GCM or SM4-GCM) and base64; only the audit role may
    /// have it opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keywords: Option<String>,
    /// Purpose code and case reference given by the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    pub outcome: Outcome,
    /// Stable code of the refusal or error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Rows that the answer held.
    pub count: u64,
    /// Committed to the store in one transaction with what it tells of: either both are there, or none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub staged: bool,
    /// Version of the program that answered.
    pub version: String,
}

/// A record with its position in the log, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub seq: u64,
    pub record: AuditRecord,
}

/// Who acted, as far as known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Address and port of the peer, or `cli`.
    pub source: String,
    /// Short description of the device (user agent family).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Allowed,
    Refused,
    Failed,
}
