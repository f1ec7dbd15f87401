/// How much of a file is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Size of the unpacked parts of an XLSX file together, in bytes.
    pub unpacked_bytes: u64,
    /// How many times larger than the file its unpacked parts may be.
    pub unpacked_ratio: u64,
    /// Entries of the table of shared texts, which is held in memory.
    pub shared_texts: u64,
    pub rows: u64,
}

impl Limits {
    /// For files from the network.
    pub const UPLOAD: Limits = Limits {
        file_bytes: 10 << 20,
        unpacked_bytes: 100 << 20,
        unpacked_ratio: 100,
        shared_texts: 1_000_000,
        rows: 50_000,
    };

    /// For files that an operator of the machine names: a province's certificates in one file.
    pub const OPERATOR: Limits = Limits {
        file_bytes: 2 << 30,
        unpacked_bytes: 8 << 30,
        unpacked_ratio: 1000,
        shared_texts: 4_000_000,
        rows: 20_000_000,
    };

    /// The longest row, cell or XML element in bytes; no roster comes near it.
    pub(crate) const TOKEN_BYTES: usize = 1 << 20;
    pub(crate) const COLUMNS: usize = 512;
    /// The largest picture that is taken out of a workbook, in bytes.
    pub const PICTURE_BYTES: u64 = 5 << 20;
}
