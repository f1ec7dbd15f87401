use crate::Error;

/// An answer whose audit record is durable; or the one answer that needs none: that the audit
/// cannot be written.
#[must_use]
#[derive(Debug)]
pub struct Audited<T>(Result<T, Error>);

impl<T> Audited<T> {
    pub(super) fn recorded(answer: Result<T, Error>) -> Self {
        Self(answer)
    }

    pub(super) fn unrecorded() -> Self {
        Self(Err(Error::AuditUnavailable))
    }

    /// For the channel that turns it into a response.
    pub fn into_result(self) -> Result<T, Error> {
        self.0
    }
}
