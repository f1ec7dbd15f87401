use crate::Error;

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Backup(#[from] backup::Error),
    #[error("the folder or database is not empty")]
    TargetNotEmpty,
    /// Every chunk was genuine, yet together they are not what was signed.
    #[error("what was restored does not agree with the manifest: {0}")]
    Disagrees(String),
    #[error("the audit cannot be read or written")]
    Audit(#[source] std::io::Error),
    #[error("the folder cannot be written")]
    Folder(#[source] std::io::Error),
    #[error(transparent)]
    App(#[from] Error),
}

impl Failure {
    /// Stable code; its words are in the section `backup` of the locales.
    pub fn code(&self) -> &'static str {
        match self {
            Failure::Backup(error) => error.code(),
            Failure::TargetNotEmpty => "target_not_empty",
            Failure::Disagrees(_) => "restored_differs",
            Failure::Audit(_) => "audit_unreadable",
            Failure::Folder(_) => "folder_unavailable",
            Failure::App(error) => error.code(),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Failure::App(error.into())
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::App(error) => error,
            other => Error::Backup { code: other.code(), cause: Box::new(other) },
        }
    }
}
