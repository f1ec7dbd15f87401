/// Why a backup cannot be made, found or relied on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such backup")]
    ManifestMissing,
    #[error("the manifest was edited or belongs to another registry")]
    SignatureInvalid,
    #[error("chunk {0} is missing")]
    ChunkMissing(String),
    #[error("chunk {0} is damaged")]
    ChunkDamaged(String),
    #[error("key {needed} is needed and the ring ends with key {newest}")]
    KeyMissing { needed: u32, newest: u32 },
    #[error("the backup was made by a newer version of the program")]
    FormatNewer,
    #[error("the place of the backups is not understood: a folder or s3://bucket/prefix")]
    PlaceUnknown,
    #[error("the place of the backups cannot be read or written")]
    PlaceUnavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Error::ManifestMissing => "manifest_missing",
            Error::SignatureInvalid => "signature_invalid",
            Error::ChunkMissing(_) => "chunk_missing",
            Error::ChunkDamaged(_) => "chunk_damaged",
            Error::KeyMissing { .. } => "key_missing",
            Error::FormatNewer => "format_newer",
            Error::PlaceUnknown => "place_unknown",
            Error::PlaceUnavailable(_) => "place_unavailable",
        }
    }

    pub(crate) fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::PlaceUnavailable(cause.into())
    }
}
