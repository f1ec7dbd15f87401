//! Pictures of an XLSX workbook: those laid over its cells (ECMA-376 part 1, 20.5) and those that
//! WPS Office puts into them. They are looked up when the workbook is opened and unpacked one by one.

use super::{
    Limits,
    input::{Input, Source},
    xlsx::attribute,
};
use crate::{Row, SheetError, cell::Cell};
use quick_xml::events::Event;
use std::{
    collections::{HashMap, HashSet},
    io::{BufReader, Read},
};
use zip::ZipArchive;

/// What WPS Office writes into the cell of a picture.
const IN_CELL: &str = "DISPIMG(\"";
const IN_CELL_PART: &str = "xl/cellimages.xml";

/// The pictures of a workbook by the rows in which they stand.
#[derive(Default)]
pub struct Pictures {
    archive: Option<ZipArchive<Input>>,
    /// Part of each picture by the place of its sheet and its row, counted from 0.
    over_rows: HashMap<(usize, u32), Vec<String>>,
    /// Part by the name that a cell calls it by.
    in_cells: HashMap<String, String>,
    /// Bytes that may still be unpacked: one picture can stand in any number of rows.
    allowed: u64,
}

impl Pictures {
    /// `sheets` are the parts of the sheets, in their order.
    pub(super) fn of(source: &Source, sheets: &[String], limits: &Limits) -> Result<Self, SheetError> {
        let mut archive = ZipArchive::new(source.input()?).map_err(|_| SheetError::Damaged)?;
        let mut over_rows: HashMap<_, Vec<String>> = HashMap::new();
        for (index, sheet) in sheets.iter().enumerate() {
            for drawing in relations(&mut archive, sheet)?.into_values() {
                if !drawing.starts_with("xl/drawings/") || !drawing.ends_with(".xml") {
                    continue;
                }
                let targets = relations(&mut archive, &drawing)?;
                for Found { row, relation, .. } in found(&mut archive, &drawing)? {
                    if let (Some(row), Some(part)) = (row, targets.get(&relation)) {
                        over_rows.entry((index, row)).or_default().push(part.clone());
                    }
                }
            }
        }
        let targets = relations(&mut archive, IN_CELL_PART)?;
        let in_cells = found(&mut archive, IN_CELL_PART)?;
        let in_cells = in_cells.into_iter();
        let in_cells =
            in_cells.filter_map(|found| Some((found.name?, targets.get(&found.relation)?.clone())));
        let in_cells = in_cells.collect();
        Ok(Self { archive: Some(archive), over_rows, in_cells, allowed: limits.unpacked_bytes })
    }

    /// The bytes of each picture in a row of a sheet, counted from 0; `None` for one that is larger
    /// than [`Limits::PICTURE_BYTES`], cannot be unpacked, or goes beyond what all may unpack to together.
    pub fn of_row(&mut self, sheet: usize, row: &Row) -> Vec<Option<Vec<u8>>> {
        let Some(archive) = &mut self.archive else { return Vec::new() };
        let over = self.over_rows.get(&(sheet, row.number.saturating_sub(1))).into_iter().flatten();
        let named = row.cells.iter().filter_map(called).filter_map(|name| self.in_cells.get(name));
        let mut parts: Vec<&String> = over.chain(named).collect();
        let mut seen = HashSet::new();
        parts.retain(|part| seen.insert(*part));
        let mut pictures = Vec::new();
        for part in parts {
            let picture = bytes(archive, part, self.allowed.min(Limits::PICTURE_BYTES));
            // To unpack one in vain costs as much.
            let cost = picture.as_ref().map_or(Limits::PICTURE_BYTES, |bytes| bytes.len() as u64);
            self.allowed = self.allowed.saturating_sub(cost);
            pictures.push(picture);
        }
        pictures
    }
}

/// The name of the picture that a cell shows.
fn called(cell: &Cell) -> Option<&str> {
    let Cell::Text(text) = cell else { return None };
    let (_, name) = text.split_once(IN_CELL)?;
    name.split_once('"').map(|(name, _)| name)
}

fn bytes(archive: &mut ZipArchive<Input>, part: &str, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let part = archive.by_name(part).ok()?;
    part.take(most + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= most).then_some(bytes)
}

/// A picture that a drawing shows.
#[derive(Default)]
struct Found {
    /// Row of its upper left corner, from 0.
    row: Option<u32>,
    name: Option<String>,
    relation: String,
}

/// The pictures of a drawing, or of the list of those in cells; none where the part is not there.
fn found(archive: &mut ZipArchive<Input>, part: &str) -> Result<Vec<Found>, SheetError> {
    let mut found = Vec::new();
    let (mut row, mut name, mut in_from, mut in_row) = (None, None, false, false);
    each_event(archive, part, |event| match event {
        Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
            "twoCellAnchor" | "oneCellAnchor" | "cellImage" => (row, name) = (None, None),
            "from" => in_from = true,
            "row" => in_row = in_from,
            "cNvPr" => name = attribute(element, "name"),
            "blip" => found.extend(attribute(element, "embed").map(|relation| Found {
                row,
                name: name.clone(),
                relation,
            })),
            _ => {}
        },
        Event::Text(text) if in_row => row = text.trim().parse().ok(),
        Event::End(element) => match element.local_name().as_ref() {
            "from" => in_from = false,
            "row" => in_row = false,
            _ => {}
        },
        _ => {}
    })?;
    Ok(found)
}

/// The parts that a part refers to, by the identifiers it calls them by.
fn relations(archive: &mut ZipArchive<Input>, part: &str) -> Result<HashMap<String, String>, SheetError> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let mut targets = HashMap::new();
    each_event(archive, &format!("{folder}/_rels/{name}.rels"), |event| {
        let (Event::Start(element) | Event::Empty(element)) = event else { return };
        let relation = (attribute(element, "Id"), attribute(element, "Target"));
        if let (Some(id), Some(target)) = relation {
            targets.insert(id, absolute(folder, &target));
        }
    })?;
    Ok(targets)
}

fn absolute(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').collect();
    for step in target.split('/') {
        match step {
            ".." => _ = steps.pop(),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// Goes through a part that the survey has found to be small enough.
fn each_event(
    archive: &mut ZipArchive<Input>,
    part: &str,
    mut with: impl FnMut(&Event),
) -> Result<(), SheetError> {
    let Ok(part) = archive.by_name(part) else { return Ok(()) };
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|_| SheetError::Damaged)? {
            Event::Eof => return Ok(()),
            event => with(&event),
        }
    }
}
