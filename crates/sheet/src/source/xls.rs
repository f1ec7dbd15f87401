//! XLS (BIFF5 and BIFF8 in a compound file, [MS-XLS]). A sheet has at most 65,536 rows, so it is
//! read whole, after a look at its records that keeps the grid within bounds.

use super::{
    Limits, Merge,
    input::{Input, Source},
    workbook::Structure,
    xlsx::{day, typed_text},
};
use crate::{
    SheetError,
    cell::{Cell, RawRow},
};
use calamine::{Data, Range, SheetVisible, Xls, XlsError};
use std::{
    collections::HashMap,
    io::Read,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Cells of the densest grid that is built, some 200 MB.
const GRID_CELLS: u64 = 8_000_000;

const END: u16 = 0x000A;
const PROTECTION: u16 = 0x002F;
const COLUMN: u16 = 0x007D;
const SHEET: u16 = 0x0085;
const FILTER: u16 = 0x009D;
const DIMENSIONS: u16 = 0x0200;
const ROW: u16 = 0x0208;
/// Records that begin with row and column: formula, rich text, numbers, texts, truths, blanks.
const CELLS: [u16; 9] = [0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205];
const COMPACT_NUMBER: u16 = 0x027E;

pub(super) fn open(source: &Source, limits: &Limits) -> Result<(Xls<Input>, Vec<Structure>), SheetError> {
    let known = look_at(source)?;
    let input = source.input()?;
    // The parser trusts offsets inside the file and panics on some that are wrong.
    let opened = catch_unwind(AssertUnwindSafe(|| <Xls<Input> as calamine::Reader<Input>>::new(input)));
    let workbook = opened.map_err(|_| SheetError::Damaged)?.map_err(|error| match error {
        XlsError::Io(error) => SheetError::Io(error),
        XlsError::Password => SheetError::Protected,
        _ => SheetError::Damaged,
    })?;
    let mut structures = Vec::new();
    let sheets = calamine::Reader::sheets_metadata(&workbook).iter();
    for (index, sheet) in sheets.enumerate().filter(|(_, sheet)| sheet.typ == calamine::SheetType::WorkSheet)
    {
        let merges = workbook.merge_cells_by_sheet_name(&sheet.name).map_err(|_| SheetError::Damaged)?;
        let known = known.get(index).cloned().unwrap_or_default();
        if known.rows > limits.rows {
            return Err(SheetError::TooManyRows { limit: limits.rows });
        }
        structures.push(Structure {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
            merges: merges.iter().filter_map(merge).collect(),
            ..known
        });
    }
    Ok((workbook, structures))
}

fn merge(dimensions: &calamine::Dimensions) -> Option<Merge> {
    let place = |(row, column): (u32, u32)| (row, column as usize);
    Merge::of(place(dimensions.start), place(dimensions.end))
}

/// Looks at the records of each sheet in the order of the workbook.
fn look_at(source: &Source) -> Result<Vec<Structure>, SheetError> {
    let mut file = cfb::CompoundFile::open(source.input()?).map_err(|_| SheetError::Damaged)?;
    if file.exists("/EncryptedPackage") || file.exists("/EncryptionInfo") {
        return Err(SheetError::Protected);
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.exists(name));
    let mut stream = Vec::new();
    file.open_stream(name.ok_or(SheetError::UnknownFormat)?)
        .and_then(|mut workbook| workbook.read_to_end(&mut stream))
        .map_err(|_| SheetError::Damaged)?;
    let mut sheets = Vec::new();
    for (kind, data) in records(&stream) {
        match kind {
            PROTECTION => return Err(SheetError::Protected),
            SHEET => {
                let at = data.first_chunk().map(|bytes| u32::from_le_bytes(*bytes) as usize);
                let sheet = at.and_then(|at| stream.get(at..)).ok_or(SheetError::Damaged)?;
                sheets.push(look_at_sheet(sheet)?);
            }
            _ => {}
        }
    }
    Ok(sheets)
}

fn look_at_sheet(stream: &[u8]) -> Result<Structure, SheetError> {
    let mut structure = Structure::default();
    let (mut first_row, mut last_row, mut last_column) = (u64::MAX, 0, 0);
    let mut rows = HashMap::new();
    for (kind, data) in records(stream) {
        let word = |at: usize| {
            let bytes = data.get(at..at + 2)?;
            Some(u64::from(u16::from_le_bytes([bytes[0], bytes[1]])))
        };
        match kind {
            _ if CELLS.contains(&kind) || kind == COMPACT_NUMBER => {
                let (row, mut column) =
                    (word(0).ok_or(SheetError::Damaged)?, word(2).ok_or(SheetError::Damaged)?);
                // A record of several numbers ends with its last column.
                if kind == 0x00BD || kind == 0x00BE {
                    column = column.max(word(data.len().saturating_sub(2)).unwrap_or(0));
                }
                (first_row, last_row) = (first_row.min(row), last_row.max(row));
                last_column = last_column.max(column);
                rows.insert(row, ());
            }
            DIMENSIONS => check_dimensions(data)?,
            ROW => structure.hidden_rows += u32::from(data.get(12).is_some_and(|flags| flags & 0x20 != 0)),
            COLUMN if word(8).is_some_and(|flags| flags & 1 == 1) => {
                let (first, last) = (word(0).unwrap_or(0), word(2).unwrap_or(0));
                structure.hidden_columns += last.saturating_sub(first) as u32 + 1;
            }
            FILTER => structure.filtered = true,
            _ => {}
        }
    }
    if last_column >= Limits::COLUMNS as u64 {
        return Err(SheetError::TooManyColumns { limit: Limits::COLUMNS });
    }
    if last_row.saturating_sub(first_row) * (last_column + 1) > GRID_CELLS {
        return Err(SheetError::TooManyRows { limit: GRID_CELLS / (last_column + 1) });
    }
    structure.rows = rows.len() as u64;
    structure.last_row = u32::try_from(last_row + 1).unwrap_or(u32::MAX);
    Ok(structure)
}

/// The declared extent only helps the parser to reserve memory, but it believes it.
fn check_dimensions(data: &[u8]) -> Result<(), SheetError> {
    let two = |at: usize| u64::from(u16::from_le_bytes([data[at], data[at + 1]]));
    let four = |at: usize| two(at) | two(at + 2) << 16;
    // Rows have two bytes in BIFF5 and four in BIFF8; columns have two.
    let (first_row, end_row, first_column, end_column) = match data.len() {
        10 => (two(0), two(2), two(4), two(6)),
        14 | 16 => (four(0), four(4), two(8), two(10)),
        _ => return Err(SheetError::Damaged),
    };
    let nothing = end_row == 0 || end_column == 0;
    let backwards = end_row <= first_row || end_column <= first_column;
    let cells = end_row.saturating_sub(first_row) * end_column;
    if !nothing && (backwards || cells > GRID_CELLS) { Err(SheetError::Damaged) } else { Ok(()) }
}

/// Kind and data of each record up to the end of the substream.
fn records(mut stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = stream.split_first_chunk::<4>()?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let (data, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([head[2], head[3]])))?;
        stream = rest;
        (kind != END).then_some((kind, data))
    })
}

pub(super) fn rows(workbook: &mut Xls<Input>, sheet: &str) -> Result<XlsRows, SheetError> {
    let days_from_1904 = workbook.has_1904_epoch();
    let range = calamine::Reader::worksheet_range(workbook, sheet).map_err(|_| SheetError::Damaged)?;
    let row = range.start().map_or(0, |start| start.0);
    Ok(XlsRows { range, row, days_from_1904 })
}

pub(super) struct XlsRows {
    range: Range<Data>,
    /// The next row, from 0.
    row: u32,
    days_from_1904: bool,
}

impl XlsRows {
    pub fn days_from_1904(&self) -> bool {
        self.days_from_1904
    }
}

impl Iterator for XlsRows {
    type Item = Result<RawRow, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (last_row, last_column) = self.range.end()?;
        if self.row > last_row {
            return None;
        }
        let cell = |column| self.range.get_value((self.row, column)).map_or(Cell::Empty, value);
        let cells = (0..=last_column).map(cell).collect();
        self.row += 1;
        Some(Ok(RawRow { number: self.row, cells }))
    }
}

fn value(data: &Data) -> Cell {
    match data {
        Data::Empty | Data::DurationIso(_) => Cell::Empty,
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) => typed_text(text),
        Data::Bool(truth) => Cell::Truth(*truth),
        Data::DateTime(moment) => day(moment),
        Data::DateTimeIso(text) => Cell::from_text(text),
        Data::Error(error) => Cell::Failed(error.to_string()),
    }
}
