use crate::lifecycle::Status;
use serde::Deserialize;

/// One table of official numeric status codes. Tables of different standards give one code
/// different meanings and are never shared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusCodes {
    name: String,
    codes: Vec<CodedStatus>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodedStatus {
    pub code: String,
    pub zh: String,
    /// Our status for this code; `None` where it only says "other".
    pub reads_as: Option<Status>,
    /// Our statuses that are written with this code.
    pub written_for: Vec<Status>,
}

impl StatusCodes {
    /// Name of the table, such as `C0317`.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn codes(&self) -> &[CodedStatus] {
        &self.codes
    }

    /// The entry for a code read from elsewhere.
    pub fn read(&self, code: &str) -> Option<&CodedStatus> {
        self.codes.iter().find(|entry| entry.code == code)
    }

    /// The entry with which a status is written for others.
    pub fn write(&self, status: Status) -> Option<&CodedStatus> {
        self.codes.iter().find(|entry| entry.written_for.contains(&status))
    }
}
