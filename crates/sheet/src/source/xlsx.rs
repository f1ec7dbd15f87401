//! XLSX (ECMA-376): looked through first for its size and structure, then read cell by cell.

use super::{
    Limits, Merge, Pictures,
    budget::Budget,
    input::{Input, Source},
    workbook::Structure,
};
use crate::{
    SheetError,
    cell::{Cell, RawRow, is_invisible},
};
use calamine::{DataRef, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use domain::Date;
use quick_xml::events::{BytesStart, Event};
use std::{
    collections::HashMap,
    io::{BufReader, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};
use zip::ZipArchive;

/// Opens the workbook after a survey that keeps it within the limits.
pub(super) fn open(
    source: &Source,
    limits: &Limits,
) -> Result<(Xlsx<Input>, Vec<Structure>, Pictures), SheetError> {
    let survey = Survey::of(source, limits)?;
    let input = source.input()?;
    let workbook: Xlsx<Input> = guarded(|| calamine::Reader::new(input))?;
    let sheets = calamine::Reader::sheets_metadata(&workbook);
    let sheets: Vec<_> = sheets.iter().filter(|sheet| sheet.typ == calamine::SheetType::WorkSheet).collect();
    let paths = || sheets.iter().map(|sheet| survey.paths.get(&sheet.name).cloned().unwrap_or_default());
    let pictures = match survey.pictures {
        0 => Pictures::default(),
        _ => Pictures::of(source, &paths().collect::<Vec<_>>(), limits)?,
    };
    let structures = sheets
        .iter()
        .map(|sheet| {
            let path = survey.paths.get(&sheet.name);
            let known = path.and_then(|path| survey.parts.get(path)).cloned().unwrap_or_default();
            Structure {
                name: sheet.name.clone(),
                hidden: sheet.visible != SheetVisible::Visible,
                pictures: survey.pictures,
                ..known
            }
        })
        .collect();
    Ok((workbook, structures, pictures))
}

pub(super) fn rows<'a>(workbook: &'a mut Xlsx<Input>, sheet: &str) -> Result<XlsxRows<'a>, SheetError> {
    let days_from_1904 = workbook.has_1904_epoch();
    let cells = guarded(|| workbook.worksheet_cells_reader(sheet))?;
    Ok(XlsxRows { cells, days_from_1904, ahead: None, exhausted: false })
}

/// The library adds up the digits of rows and columns unchecked, which some builds answer by a panic.
fn guarded<T>(read: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, SheetError> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| SheetError::Damaged)?.map_err(error)
}

fn error(error: XlsxError) -> SheetError {
    match error {
        XlsxError::Io(error) => SheetError::Io(error),
        XlsxError::Password => SheetError::Protected,
        _ => SheetError::Damaged,
    }
}

/// What one pass over the XML parts tells.
#[derive(Default)]
struct Survey {
    /// Structure by path of the part.
    parts: HashMap<String, Structure>,
    /// Path of the part by name of the sheet.
    paths: HashMap<String, String>,
    pictures: u32,
}

impl Survey {
    fn of(source: &Source, limits: &Limits) -> Result<Self, SheetError> {
        let mut archive = ZipArchive::new(source.input()?).map_err(|_| SheetError::Damaged)?;
        let ratio_limit = source.len()?.saturating_mul(limits.unpacked_ratio);
        let mut allowed = limits.unpacked_bytes.min(ratio_limit);
        let mut survey = Survey::default();
        let (mut targets, mut sheets) = (HashMap::new(), HashMap::new());
        for index in 0..archive.len() {
            let part = archive.by_index(index).map_err(|_| SheetError::Damaged)?;
            let path = part.name().map_err(|_| SheetError::Damaged)?.trim_start_matches('/').to_owned();
            survey.pictures += u32::from(path.starts_with("xl/media/"));
            // Nothing else is ever unpacked.
            if !(path.ends_with(".xml") || path.ends_with(".rels")) {
                continue;
            }
            let mut pass = Pass {
                structure: Structure::default(),
                texts: 0,
                targets: &mut targets,
                sheets: &mut sheets,
            };
            allowed = pass.over(part, allowed, limits)?;
            let structure = pass.structure;
            if path.starts_with("xl/worksheets/") {
                if structure.rows > limits.rows {
                    return Err(SheetError::TooManyRows { limit: limits.rows });
                }
                survey.parts.insert(path, structure);
            }
        }
        survey.paths = sheets
            .into_iter()
            .filter_map(|(name, relation): (String, String)| {
                let target: &String = targets.get(&relation)?;
                let absolute = target.strip_prefix('/').map(str::to_owned);
                Some((name, absolute.unwrap_or_else(|| format!("xl/{target}"))))
            })
            .collect();
        Ok(survey)
    }
}

/// One pass over one part.
struct Pass<'a> {
    structure: Structure,
    /// Entries of the table of shared texts.
    texts: u64,
    /// Relations of the workbook: target by id.
    targets: &'a mut HashMap<String, String>,
    /// Relation id by name of the sheet.
    sheets: &'a mut HashMap<String, String>,
}

impl Pass<'_> {
    /// Returns how many bytes other parts may still unpack to.
    fn over(&mut self, part: impl Read, allowed: u64, limits: &Limits) -> Result<u64, SheetError> {
        let too_large =
            SheetError::UnpacksTooLarge { limit: limits.unpacked_bytes, ratio: limits.unpacked_ratio };
        let budget = Budget::new(part.take(allowed + 1), Limits::TOKEN_BYTES);
        let mut xml = quick_xml::Reader::from_reader(BufReader::new(budget));
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            xml.get_mut().get_mut().refill();
            let event = xml.read_event_into(&mut buffer);
            match event {
                Ok(Event::Start(element) | Event::Empty(element)) => self.element(&element),
                Ok(Event::Eof) => break,
                Ok(_) => {}
                Err(_) => {
                    let budget = xml.get_ref().get_ref();
                    return Err(match budget {
                        _ if budget.read_so_far() > allowed => too_large,
                        _ if budget.is_spent() => SheetError::RowTooLong { row: self.structure.last_row },
                        _ => SheetError::Damaged,
                    });
                }
            }
            if self.texts > limits.shared_texts {
                return Err(SheetError::TooManyTexts { limit: limits.shared_texts });
            }
        }
        allowed.checked_sub(xml.get_ref().get_ref().read_so_far()).ok_or(too_large)
    }

    fn element(&mut self, element: &BytesStart) {
        match element.local_name().as_ref() {
            "row" => {
                self.structure.rows += 1;
                let number = attribute(element, "r").and_then(|number| number.parse().ok());
                self.structure.last_row = number.unwrap_or(self.structure.last_row.saturating_add(1));
                self.structure.hidden_rows += u32::from(is_true(element, "hidden"));
            }
            "si" => self.texts += 1,
            "col" if is_true(element, "hidden") => {
                let bound = |name| attribute(element, name).and_then(|bound| bound.parse::<u32>().ok());
                if let (Some(first), Some(last)) = (bound("min"), bound("max")) {
                    self.structure.hidden_columns += last.saturating_sub(first).saturating_add(1).min(16_384);
                }
            }
            "autoFilter" => self.structure.filtered = true,
            "mergeCell" => {
                self.structure.merges.extend(attribute(element, "ref").as_deref().and_then(Merge::parse));
            }
            "sheet" => {
                if let (Some(name), Some(id)) = (attribute(element, "name"), attribute(element, "id")) {
                    self.sheets.insert(name, id);
                }
            }
            "Relationship" => {
                let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target"))
                else {
                    return;
                };
                if attribute(element, "Type").is_some_and(|kind| kind.ends_with("/worksheet")) {
                    self.targets.insert(id, target);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn attribute(element: &BytesStart, local_name: &str) -> Option<String> {
    let mut attributes = element.attributes().flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == local_name)?;
    quick_xml::escape::unescape(&found.value).ok().map(|value| value.into_owned())
}

fn is_true(element: &BytesStart, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| value == "1" || value == "true")
}

/// Rows of one sheet, read as asked for.
pub(super) struct XlsxRows<'a> {
    cells: XlsxCellReader<'a, Input>,
    days_from_1904: bool,
    /// The first cell of the next row: row, column, value.
    ahead: Option<(u32, usize, Cell)>,
    /// No cell is left: asking again would read beyond the cells.
    exhausted: bool,
}

impl XlsxRows<'_> {
    pub fn days_from_1904(&self) -> bool {
        self.days_from_1904
    }

    fn next_cell(&mut self) -> Result<Option<(u32, usize, Cell)>, SheetError> {
        while !self.exhausted {
            self.exhausted = true;
            let Some(cell) = guarded(|| self.cells.next_cell())? else { break };
            self.exhausted = false;
            let value = value(cell.get_value());
            if value == Cell::Empty {
                continue;
            }
            let (row, column) = cell.get_position();
            let column = column as usize;
            if column >= Limits::COLUMNS {
                self.exhausted = true;
                return Err(SheetError::TooManyColumns { limit: Limits::COLUMNS });
            }
            return Ok(Some((row, column, value)));
        }
        Ok(None)
    }

    fn read(&mut self) -> Result<Option<RawRow>, SheetError> {
        let first = match self.ahead.take() {
            Some(cell) => Some(cell),
            None => self.next_cell()?,
        };
        let Some((row, mut column, mut cell)) = first else { return Ok(None) };
        let mut cells = Vec::new();
        loop {
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            cells[column] = cell;
            match self.next_cell()? {
                Some(next) if next.0 == row => (column, cell) = (next.1, next.2),
                next => {
                    self.ahead = next;
                    return Ok(Some(RawRow { number: row.saturating_add(1), cells }));
                }
            }
        }
    }
}

impl Iterator for XlsxRows<'_> {
    type Item = Result<RawRow, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn value(data: &DataRef) -> Cell {
    match data {
        DataRef::Empty | DataRef::DurationIso(_) => Cell::Empty,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => typed_text(text),
        DataRef::SharedString(text) => typed_text(text),
        DataRef::Bool(truth) => Cell::Truth(*truth),
        DataRef::DateTime(moment) => day(moment),
        DataRef::DateTimeIso(text) => Cell::from_text(text),
        DataRef::Error(error) => Cell::Failed(error.to_string()),
    }
}

/// Text of a spreadsheet is text, even where it begins with `=`.
pub(super) fn typed_text(text: &str) -> Cell {
    match text.trim_matches(is_invisible) {
        "" => Cell::Empty,
        visible => Cell::Text(visible.to_owned()),
    }
}

pub(super) fn day(moment: &calamine::ExcelDateTime) -> Cell {
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    match Date::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day)) {
        Some(day) if moment.is_datetime() && moment.as_f64() >= 1.0 => Cell::Day(day),
        _ => Cell::Number(moment.as_f64()),
    }
}
