use super::{
    Limits, Merge, Pictures, TextForm,
    delimited::DelimitedRows,
    encoding::look_at,
    input::{Input, Source},
    merges::FillDown,
    xls::{self, XlsRows},
    xlsx::{self, XlsxRows},
};
use crate::{SheetError, cell::RawRow};
use calamine::{Xls, Xlsx};
use serde::Serialize;
use std::path::Path;

/// What a file is, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Text(TextForm),
    Xlsx,
    Xls,
}

/// What is known of a sheet besides its cells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Structure {
    /// Empty for delimited text.
    pub name: String,
    pub hidden: bool,
    /// Rows with or without cells; for text the lines.
    pub rows: u64,
    pub last_row: u32,
    pub merges: Vec<Merge>,
    pub hidden_rows: u32,
    pub hidden_columns: u32,
    pub filtered: bool,
    /// Pictures in the whole workbook.
    pub pictures: u32,
}

enum Book {
    Text(TextForm),
    Xlsx(Box<Xlsx<Input>>),
    Xls(Box<Xls<Input>>),
}

/// An opened file: its sheets and their rows.
pub struct Workbook {
    source: Source,
    book: Book,
    sheets: Vec<Structure>,
    pictures: Pictures,
}

impl Workbook {
    /// Opens a file on disk.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, SheetError> {
        Self::read(Source::open(path, limits)?, limits)
    }

    /// Opens a file in memory, such as an upload.
    pub fn from_bytes(bytes: Vec<u8>, limits: &Limits) -> Result<Self, SheetError> {
        Self::read(Source::memory(bytes, limits)?, limits)
    }

    fn read(source: Source, limits: &Limits) -> Result<Self, SheetError> {
        let mut pictures = Pictures::default();
        let (book, sheets) = match Kind::of(&source.head(512)?)? {
            Kind::Zip => {
                let (book, sheets, found) = xlsx::open(&source, limits)?;
                pictures = found;
                (Book::Xlsx(Box::new(book)), sheets)
            }
            Kind::CompoundFile => {
                let (book, sheets) = xls::open(&source, limits)?;
                (Book::Xls(Box::new(book)), sheets)
            }
            Kind::Text => {
                let look = look_at(&source)?;
                if look.lines > limits.rows.saturating_add(100) {
                    return Err(SheetError::TooManyRows { limit: limits.rows });
                }
                (Book::Text(look.form), vec![Structure { rows: look.lines, ..Structure::default() }])
            }
        };
        Ok(Self { source, book, sheets, pictures })
    }

    pub fn format(&self) -> Format {
        match &self.book {
            Book::Text(form) => Format::Text(*form),
            Book::Xlsx(_) => Format::Xlsx,
            Book::Xls(_) => Format::Xls,
        }
    }

    pub(crate) fn sheets(&self) -> &[Structure] {
        &self.sheets
    }

    /// The pictures, to be asked for while rows are read; once.
    pub(crate) fn take_pictures(&mut self) -> Pictures {
        std::mem::take(&mut self.pictures)
    }

    /// The rows of a sheet that hold anything, merged cells filled downwards.
    pub(crate) fn rows(&mut self, sheet: usize) -> Result<RawRows<'_>, SheetError> {
        let structure = self.sheets.get(sheet).ok_or(SheetError::NoSheet)?;
        let rows = match &mut self.book {
            Book::Text(form) => FormatRows::Text(Box::new(DelimitedRows::new(&self.source, *form)?)),
            Book::Xlsx(book) => FormatRows::Xlsx(Box::new(xlsx::rows(book, &structure.name)?)),
            Book::Xls(book) => FormatRows::Xls(xls::rows(book, &structure.name)?),
        };
        let days_from_1904 = match &rows {
            FormatRows::Text(_) => false,
            FormatRows::Xlsx(rows) => rows.days_from_1904(),
            FormatRows::Xls(rows) => rows.days_from_1904(),
        };
        Ok(RawRows { rows: FillDown::new(rows, &structure.merges), days_from_1904 })
    }
}

pub(crate) struct RawRows<'a> {
    rows: FillDown<FormatRows<'a>>,
    /// Are days counted from 1904 in this file, as old Macintosh programs do?
    pub days_from_1904: bool,
}

impl Iterator for RawRows<'_> {
    type Item = Result<RawRow, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

enum FormatRows<'a> {
    Text(Box<DelimitedRows>),
    Xlsx(Box<XlsxRows<'a>>),
    Xls(XlsRows),
}

impl Iterator for FormatRows<'_> {
    type Item = Result<RawRow, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            FormatRows::Text(rows) => rows.next(),
            FormatRows::Xlsx(rows) => rows.next(),
            FormatRows::Xls(rows) => rows.next(),
        }
    }
}

enum Kind {
    Zip,
    CompoundFile,
    Text,
}

impl Kind {
    fn of(head: &[u8]) -> Result<Self, SheetError> {
        const NO_TABLES: [(&[u8], &str); 8] = [
            (b"%PDF", "PDF document"),
            (b"\xFF\xD8\xFF", "picture"),
            (b"\x89PNG", "picture"),
            (b"GIF8", "picture"),
            (b"BM", "picture"),
            (b"II*\0", "picture"),
            (b"MM\0*", "picture"),
            (b"RIFF", "picture"),
        ];
        let table_free = NO_TABLES.iter().find(|(mark, _)| head.starts_with(mark));
        match table_free {
            // The mark of a bitmap is two plain letters: a text may begin with them.
            Some((mark, kind)) if mark.len() > 2 || head.contains(&0) => Err(SheetError::NoTable { kind }),
            _ if head.starts_with(b"PK\x03\x04") => Ok(Kind::Zip),
            _ if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") => Ok(Kind::CompoundFile),
            _ => {
                let text = String::from_utf8_lossy(head)
                    .trim_start_matches(['\u{FEFF}', ' ', '\r', '\n'])
                    .to_lowercase();
                let web_page =
                    ["<html", "<!doctype", "<table", "<?xml"].iter().any(|start| text.starts_with(start));
                if web_page { Err(SheetError::NoTable { kind: "web page" }) } else { Ok(Kind::Text) }
            }
        }
    }
}
