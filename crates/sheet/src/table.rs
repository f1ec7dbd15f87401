//! Tables out, row by row: XLSX with every cell as text, or delimited text.

use crate::{
    SheetError,
    source::{TextEncoding, TextForm},
};
use rust_xlsxwriter::{Workbook, XlsxError};
use std::{
    borrow::Cow,
    collections::HashSet,
    io::{Seek, Write},
};
use unicode_normalization::UnicodeNormalization;

/// ECMA-376 limits of a sheet.
const XLSX_ROWS: u32 = 1_048_576;
const XLSX_CELL_UNITS: usize = 32_767;
const SHEET_NAME_UNITS: usize = 31;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    Text(TextForm),
    Xlsx,
}

impl TableForm {
    /// Comma-separated UTF-8 with the mark by which spreadsheets know it.
    pub const CSV: TableForm =
        TableForm::Text(TextForm { encoding: TextEncoding::Utf8, marked: true, delimiter: ',' });
}

/// Puts `'` before what a spreadsheet would take for a formula when it opens delimited text: a
/// first character of `= + - @`, their full-width forms, tab, carriage return or zero (OWASP, CSV
/// injection).
pub fn guard_formula(text: &str) -> Cow<'_, str> {
    let dangerous = text.chars().next().is_some_and(|first| {
        let plain = first.nfkc().next().unwrap_or(first);
        matches!(plain, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0')
    });
    if dangerous { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Writes tables in constant memory. An XLSX file is put together from unnamed temporary files of
/// the system.
pub struct TableWriter<W: Write + Seek + Send> {
    output: W,
    body: Body,
}

enum Body {
    Text { form: TextForm, begun: bool },
    Xlsx(Box<XlsxBody>),
}

struct XlsxBody {
    workbook: Workbook,
    names: HashSet<String>,
    name: String,
    header: Vec<String>,
    /// Next row of the newest sheet; `None` before the first sheet.
    next: Option<u32>,
    rows_per_sheet: u32,
}

impl<W: Write + Seek + Send> TableWriter<W> {
    pub fn new(output: W, form: TableForm) -> Self {
        let body = match form {
            TableForm::Text(form) => Body::Text { form, begun: false },
            TableForm::Xlsx => Body::Xlsx(Box::new(XlsxBody {
                workbook: Workbook::new(),
                names: HashSet::new(),
                name: String::new(),
                header: Vec::new(),
                next: None,
                rows_per_sheet: XLSX_ROWS,
            })),
        };
        Self { output, body }
    }

    /// Begins a sheet with its header. Delimited text has no names and holds sheets one below the
    /// other.
    pub fn begin(&mut self, sheet: &str, header: &[&str]) -> Result<(), SheetError> {
        match &mut self.body {
            Body::Text { form, begun } => {
                let form = *form;
                if !std::mem::replace(begun, true) && form.marked {
                    self.output.write_all(&form.encoding.encode("\u{FEFF}"))?;
                }
                write_text(&mut self.output, form, header)
            }
            Body::Xlsx(body) => {
                body.name = sheet.to_owned();
                body.header = header.iter().map(|&label| label.to_owned()).collect();
                body.begin().map_err(xlsx_error)
            }
        }
    }

    /// Writes a row below the newest header.
    pub fn row(&mut self, cells: &[&str]) -> Result<(), SheetError> {
        match &mut self.body {
            Body::Text { form, .. } => write_text(&mut self.output, *form, cells),
            Body::Xlsx(body) => body.row(cells).map_err(xlsx_error),
        }
    }

    /// Completes the file.
    pub fn finish(mut self) -> Result<W, SheetError> {
        if let Body::Xlsx(body) = &mut self.body {
            if body.next.is_none() {
                body.begin().map_err(xlsx_error)?;
            }
            body.workbook.save_to_writer(&mut self.output).map_err(xlsx_error)?;
        }
        self.output.flush()?;
        Ok(self.output)
    }
}

fn xlsx_error(error: XlsxError) -> SheetError {
    match error {
        XlsxError::IoError(error) => SheetError::Io(error),
        other => SheetError::Io(std::io::Error::other(other)),
    }
}

fn write_text(output: &mut impl Write, form: TextForm, cells: &[&str]) -> Result<(), SheetError> {
    let mut line = csv::WriterBuilder::new()
        .delimiter(form.delimiter as u8)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let written = line.write_record(cells.iter().map(|cell| guard_formula(cell).into_owned()));
    written.map_err(|error| SheetError::Io(error.into()))?;
    let line = line.into_inner().map_err(|error| SheetError::Io(error.into_error()))?;
    let line = String::from_utf8(line).expect("made of text");
    output.write_all(&form.encoding.encode(&line))?;
    Ok(())
}

impl XlsxBody {
    fn begin(&mut self) -> Result<(), XlsxError> {
        let name = self.free_name();
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(&name)?;
        self.next = Some(0);
        let header = std::mem::take(&mut self.header);
        let cells: Vec<&str> = header.iter().map(String::as_str).collect();
        self.write(&cells)?;
        self.header = header;
        Ok(())
    }

    fn row(&mut self, cells: &[&str]) -> Result<(), XlsxError> {
        if self.next.is_none_or(|next| next >= self.rows_per_sheet) {
            self.begin()?;
        }
        self.write(cells)
    }

    fn write(&mut self, cells: &[&str]) -> Result<(), XlsxError> {
        let row = self.next.unwrap_or(0);
        let last = self.workbook.worksheets().len() - 1;
        let sheet = self.workbook.worksheet_from_index(last)?;
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, cut(cell, XLSX_CELL_UNITS))?;
        }
        self.next = Some(row + 1);
        Ok(())
    }

    /// A name that spreadsheets accept and that no sheet has yet.
    fn free_name(&mut self) -> String {
        let allowed: String = self
            .name
            .chars()
            .filter(|c| !(c.is_control() || matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\')))
            .collect();
        let base = match allowed.trim_matches('\'').trim() {
            "" => "Sheet",
            base => base,
        };
        let mut name = cut(base, SHEET_NAME_UNITS).to_owned();
        let mut count = 1;
        while !self.names.insert(name.to_lowercase()) {
            count += 1;
            name = format!("{} ({count})", cut(base, SHEET_NAME_UNITS - 9));
        }
        name
    }
}

/// As much of the beginning as fits into so many UTF-16 units.
fn cut(text: &str, units: usize) -> &str {
    let mut left = units;
    let end = text.char_indices().find(|(_, c)| match left.checked_sub(c.len_utf16()) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    end.map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn nothing_that_a_spreadsheet_would_calculate_goes_out() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠A1", "\0"]
        {
            assert_eq!(guard_formula(text), format!("'{text}"), "{text}");
        }
        for text in ["张三", "11010519491231002X", "", "a=1"] {
            assert_eq!(guard_formula(text), text);
        }
    }

    #[test]
    fn more_rows_than_a_sheet_holds_go_on_in_the_next() {
        let mut table = TableWriter::new(Cursor::new(Vec::new()), TableForm::Xlsx);
        let Body::Xlsx(body) = &mut table.body else { panic!("asked for") };
        body.rows_per_sheet = 3;
        table.begin("编号", &["姓名"]).unwrap();
        for name in ["一", "二", "三"] {
            table.row(&[name]).unwrap();
        }
        let file = table.finish().unwrap().into_inner();
        let workbook = crate::source::Workbook::from_bytes(file, &crate::source::Limits::UPLOAD).unwrap();
        let sheets: Vec<_> =
            workbook.sheets().iter().map(|sheet| (sheet.name.as_str(), sheet.rows)).collect();
        assert_eq!(sheets, [("编号", 3), ("编号 (2)", 2)]);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abc", 2), "ab");
        assert_eq!(cut("a𬭎b", 2), "a");
        assert_eq!(cut("a𬭎b", 3), "a𬭎");
    }
}
