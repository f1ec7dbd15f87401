use std::io;

/// Why a file cannot be read as a roster. Never holds anything of its contents but the names of
/// what is too large.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("the file cannot be read or written")]
    Io(#[from] io::Error),
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the file unpacks to more than {limit} bytes or {ratio} times its size")]
    UnpacksTooLarge { limit: u64, ratio: u64 },
    #[error("the file holds more than {limit} different texts")]
    TooManyTexts { limit: u64 },
    #[error("the file has more than {limit} rows")]
    TooManyRows { limit: u64 },
    #[error(
        "a row or cell near row {row} is longer than any roster has; look for an unclosed quotation mark"
    )]
    RowTooLong { row: u32 },
    #[error("a row has more than {limit} columns")]
    TooManyColumns { limit: usize },
    #[error("the file is protected by a password")]
    Protected,
    /// A picture or printed document; to be kept as an attachment.
    #[error("this is a {kind}, not a table")]
    NoTable { kind: &'static str },
    #[error("the file is no table in a known format, or in an unknown character encoding")]
    UnknownFormat,
    #[error("the file is damaged")]
    Damaged,
    #[error("no row was found that names the columns")]
    NoHeader,
    #[error("there is no sheet of this number")]
    NoSheet,
    #[error("the text is no column mapping: {0}")]
    Mapping(String),
    #[error("the text is no word list: {0}")]
    Words(String),
}

impl SheetError {
    /// Stable code for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            SheetError::Io(_) => "file_unreadable",
            SheetError::Empty => "file_empty",
            SheetError::TooLarge { .. } => "file_too_large",
            SheetError::UnpacksTooLarge { .. } => "file_unpacks_too_large",
            SheetError::TooManyTexts { .. } => "file_too_many_texts",
            SheetError::TooManyRows { .. } => "file_too_many_rows",
            SheetError::RowTooLong { .. } => "file_row_too_long",
            SheetError::TooManyColumns { .. } => "file_too_many_columns",
            SheetError::Protected => "file_protected",
            SheetError::NoTable { .. } => "file_no_table",
            SheetError::UnknownFormat => "file_unknown_format",
            SheetError::Damaged => "file_damaged",
            SheetError::NoHeader => "file_no_header",
            SheetError::NoSheet => "file_no_sheet",
            SheetError::Mapping(_) => "mapping_invalid",
            SheetError::Words(_) => "words_invalid",
        }
    }
}
