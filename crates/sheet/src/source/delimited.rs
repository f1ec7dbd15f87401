use super::{
    Limits,
    budget::Budget,
    encoding::{Decoding, TextForm},
    input::{Input, Source},
};
use crate::{
    SheetError,
    cell::{Cell, RawRow},
};
use csv::{ReaderBuilder, StringRecord};

/// Rows of delimited text (RFC 4180, read leniently).
pub(super) struct DelimitedRows {
    reader: csv::Reader<Budget<Decoding<Input>>>,
    record: StringRecord,
    /// Line after the record before.
    line: u64,
    row: u32,
    failed: bool,
}

impl DelimitedRows {
    pub fn new(source: &Source, form: TextForm) -> Result<Self, SheetError> {
        let text = Budget::new(Decoding::new(source.input()?, form.encoding), Limits::TOKEN_BYTES);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(form.delimiter as u8)
            .from_reader(text);
        Ok(Self { reader, record: StringRecord::new(), line: 1, row: 0, failed: false })
    }

    fn read(&mut self) -> Result<Option<RawRow>, SheetError> {
        self.reader.get_mut().refill();
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(_) if self.reader.get_ref().is_spent() => {
                return Err(SheetError::RowTooLong { row: self.row.saturating_add(1) });
            }
            Err(error) => {
                return Err(match error.into_kind() {
                    csv::ErrorKind::Io(error) => SheetError::Io(error),
                    _ => SheetError::Damaged,
                });
            }
        }
        if self.record.len() > Limits::COLUMNS {
            return Err(SheetError::TooManyColumns { limit: Limits::COLUMNS });
        }
        self.count_row();
        // Ctrl-Z ends files of old programs.
        let cells =
            self.record.iter().map(|field| Cell::from_text(field.trim_end_matches('\u{1A}'))).collect();
        Ok(Some(RawRow { number: self.row, cells }))
    }

    /// Spreadsheets show a blank line as a row, and a cell with line breaks as one.
    fn count_row(&mut self) {
        let line = self.reader.position().line();
        let breaks = self.record.iter().map(|field| field.matches('\n').count() as u64).sum();
        let passed = line.saturating_sub(self.line).saturating_sub(breaks);
        self.row = self.row.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.line = line;
    }
}

impl Iterator for DelimitedRows {
    type Item = Result<RawRow, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let row = self.read().transpose();
        self.failed = matches!(row, Some(Err(_)));
        row
    }
}
