use crate::{
    SheetError,
    cell::Cell,
    layout::{Column, Field, SheetLayout},
    problem::Problem,
    source::Format,
    table::{TableForm, TableWriter},
    words::Words,
};
use std::io::{Seek, Write};

/// Gives rejected rows back as a file of the same format, to be put right and sent again: the same
/// sheets and columns, one column with the reasons more. XLS comes back as XLSX.
pub struct RejectsWriter<W: Write + Seek + Send> {
    table: TableWriter<W>,
    words: Words,
    /// Index of the newest sheet and its columns.
    sheet: Option<(usize, Vec<Column>)>,
    rows: u64,
}

impl<W: Write + Seek + Send> RejectsWriter<W> {
    pub fn new(output: W, format: Format, words: Words) -> Self {
        let form = match format {
            Format::Text(form) => TableForm::Text(form),
            Format::Xlsx | Format::Xls => TableForm::Xlsx,
        };
        Self { table: TableWriter::new(output, form), words, sheet: None, rows: 0 }
    }

    /// Writes a row under the header of its sheet.
    pub fn write(
        &mut self,
        sheet: &SheetLayout,
        cells: &[Cell],
        problems: &[Problem],
    ) -> Result<(), SheetError> {
        if self.sheet.as_ref().is_none_or(|(index, _)| *index != sheet.index) {
            self.begin(sheet)?;
        }
        let Some((_, columns)) = &self.sheet else { return Err(SheetError::NoSheet) };
        let mut texts: Vec<String> = columns
            .iter()
            .map(|column| cells.get(column.index).map(Cell::text).unwrap_or_default())
            .collect();
        texts.push(self.words.reasons(problems));
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.rows += 1;
        self.table.row(&texts)
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Completes the file.
    pub fn finish(self) -> Result<W, SheetError> {
        self.table.finish()
    }

    fn begin(&mut self, sheet: &SheetLayout) -> Result<(), SheetError> {
        // The reasons of an earlier round are replaced by those of this one.
        let columns: Vec<Column> =
            sheet.columns.iter().filter(|column| column.field != Some(Field::Reason)).cloned().collect();
        let labels = columns.iter().map(|column| column.label.as_str());
        let header: Vec<&str> = labels.chain([self.words.reason_header()]).collect();
        self.table.begin(&sheet.sheet, &header)?;
        self.sheet = Some((sheet.index, columns));
        Ok(())
    }
}
