/// Why the read model cannot answer or take a change.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its files were lost and it is being filled again from the first change on.
    #[error("the read model is being rebuilt")]
    Rebuilding,
    /// Another process works in the folder.
    #[error("the folder of the read model is in use by another process")]
    InUse,
    /// A record does not open under the key ring or does not decode.
    #[error("a record of the read model is damaged")]
    Damaged,
    /// A row of the registry could not be read, and the answer may depend on it.
    #[error("a row of the registry that may belong here cannot be read")]
    Withheld,
    #[error("the record store failed")]
    Records(#[from] heed::Error),
    #[error("the index failed")]
    Index(#[from] tantivy::TantivyError),
    #[error("the folder of the read model cannot be used")]
    Folder(#[from] std::io::Error),
}

pub(crate) type Result<T> = std::result::Result<T, Error>;
