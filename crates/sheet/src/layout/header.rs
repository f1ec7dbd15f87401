//! Finding the header. Titles stand above it, groups of columns may take a second row, notes come
//! below the data: the header is the row, or pair of rows, in which most words name fields.

use super::{Column, Field, Mapping, Note, SheetLayout};
use crate::{
    cell::{Cell, RawRow},
    source::{Merge, Structure},
};
use domain::catalogue::Catalogue;
use std::collections::HashMap;

/// How far down a header is looked for.
pub(crate) const SEARCHED_ROWS: usize = 60;
/// A header names at least so many fields.
const LEAST_FIELDS: usize = 2;
/// Longer texts are no column headers.
const LONGEST_LABEL: usize = 40;

/// The first header that names most fields.
pub(crate) fn detect(
    index: usize,
    rows: &[RawRow],
    structure: &Structure,
    mapping: &Mapping,
    catalogue: &Catalogue,
) -> SheetLayout {
    let mut best = Header::default();
    for (at, row) in rows.iter().enumerate().take(SEARCHED_ROWS) {
        let single = Header::single(row, mapping);
        let pair = rows.get(at + 1).and_then(|below| {
            let pair = Header::pair(row, below, &structure.merges, mapping)?;
            // A title above a header adds nothing to it, and neither does a row of data below.
            let alone = single.named().max(Header::single(below, mapping).named());
            (pair.named() > alone || pair.named() == alone && pair.told_by_group).then_some(pair)
        });
        let found = pair.unwrap_or(single);
        if found.named() > best.named() {
            best = found;
        }
    }
    if best.named() < LEAST_FIELDS || !best.names_a_key() {
        best = Header::default();
    }
    let mut layout = SheetLayout {
        index,
        sheet: structure.name.clone(),
        header_rows: best.rows.clone(),
        rows: structure.rows,
        notes: notes(structure, &best),
        columns: best.columns.into_iter().map(|column| column.column).collect(),
        type_code: None,
    };
    type_from_name(&mut layout, mapping, catalogue);
    layout
}

/// Sheets are often named after the one type they hold.
fn type_from_name(layout: &mut SheetLayout, mapping: &Mapping, catalogue: &Catalogue) {
    let said = layout.column(Field::Type).is_some() || mapping.defaults.type_code.is_some();
    if said || layout.header_rows.is_empty() {
        return;
    }
    let candidates = catalogue.candidates(mapping.word(&layout.sheet));
    if let Some(first) = candidates.first()
        && candidates.iter().all(|candidate| candidate.type_code == first.type_code)
    {
        layout.notes.push(Note::TypeFromSheetName { type_code: first.type_code.clone() });
        layout.type_code = Some(first.type_code.clone());
    }
}

fn notes(structure: &Structure, header: &Header) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |holds: bool, note: Note| notes.extend(holds.then_some(note));
    note(structure.hidden, Note::HiddenSheet);
    note(header.rows.is_empty(), Note::NoHeader);
    note(structure.hidden_rows > 0, Note::HiddenRows { count: structure.hidden_rows });
    note(structure.hidden_columns > 0, Note::HiddenColumns { count: structure.hidden_columns });
    note(structure.filtered, Note::Filtered);
    note(structure.pictures > 0, Note::Pictures { count: structure.pictures });
    notes.extend(header.seconds.iter().map(|&(column, field)| Note::SecondColumn { column, field }));
    notes
}

struct RankedColumn {
    column: Column,
    /// How telling the word is; 0 is best.
    rank: usize,
}

#[derive(Default)]
struct Header {
    rows: Vec<u32>,
    columns: Vec<RankedColumn>,
    /// Columns that lost their field to a more telling one.
    seconds: Vec<(usize, Field)>,
    /// Does a group and a column below it say together what a field is called?
    told_by_group: bool,
}

impl Header {
    fn single(row: &RawRow, mapping: &Mapping) -> Self {
        let columns = labels(row).into_iter().enumerate().map(|(index, label)| {
            let label = label.unwrap_or_default();
            ranked(index, label.to_owned(), meaning(label, mapping))
        });
        Header { rows: vec![row.number], columns: columns.collect(), ..Header::default() }.settled()
    }

    /// A row of groups over a row of columns. `None` when the lower row looks like data.
    fn pair(upper: &RawRow, lower: &RawRow, merges: &[Merge], mapping: &Mapping) -> Option<Self> {
        if lower.cells.iter().any(|cell| !cell.is_blank() && label(cell).is_none()) {
            return None;
        }
        let (own, below) = (labels(upper), labels(lower));
        let width = own.len().max(below.len());
        let groups = spread(upper, &own, width, merges);
        let mut told_by_group = false;
        let columns = groups.iter().enumerate().map(|(index, group)| {
            let at =
                |labels: &[Option<&str>]| labels.get(index).copied().flatten().unwrap_or_default().to_owned();
            let (own, below) = (at(&own), at(&below));
            let joined = match group {
                Some(group) if *group != below && !below.is_empty() => format!("{group}{below}"),
                _ => below.clone(),
            };
            let spellings = [joined, below, own];
            let known = spellings.iter().find_map(|label| Some((label, meaning(label, mapping)?)));
            match known {
                Some((label, found)) => {
                    told_by_group |= label == &spellings[0] && label != &spellings[1];
                    ranked(index, label.clone(), Some(found))
                }
                None => ranked(
                    index,
                    spellings.into_iter().find(|label| !label.is_empty()).unwrap_or_default(),
                    None,
                ),
            }
        });
        let columns = columns.collect();
        let rows = vec![upper.number, lower.number];
        Some(Header { rows, columns, told_by_group, ..Header::default() }.settled())
    }

    /// Leaves each field to the column with the most telling word.
    fn settled(mut self) -> Self {
        let mut best: HashMap<Field, (usize, usize)> = HashMap::new();
        for column in &self.columns {
            if let Some(field) = column.column.field {
                let holder = best.entry(field).or_insert((column.rank, column.column.index));
                *holder = (*holder).min((column.rank, column.column.index));
            }
        }
        for column in &mut self.columns {
            let Some(field) = column.column.field else { continue };
            if best[&field].1 != column.column.index {
                self.seconds.push((column.column.index, field));
                column.column.field = None;
            }
        }
        self
    }

    fn named(&self) -> usize {
        self.columns.iter().filter(|column| column.column.field.is_some()).count()
    }

    /// Something must tell whose certificate it is.
    fn names_a_key(&self) -> bool {
        let keys = [Field::Name, Field::Identity, Field::Number];
        self.columns.iter().filter_map(|column| column.column.field).any(|field| keys.contains(&field))
    }
}

fn ranked(index: usize, label: String, meaning: Option<(Field, usize)>) -> RankedColumn {
    let column = Column { index, label, field: meaning.map(|(field, _)| field) };
    RankedColumn { column, rank: meaning.map_or(0, |(_, rank)| rank) }
}

/// What a header means and how telling it is; a person's decision outranks the built-in words.
fn meaning(label: &str, mapping: &Mapping) -> Option<(Field, usize)> {
    match mapping.column(label) {
        Some(decided) => decided.map(|field| (field, 0)),
        None => Field::by_label(label).map(|(field, rank)| (field, rank + 1)),
    }
}

fn labels(row: &RawRow) -> Vec<Option<&str>> {
    row.cells.iter().map(label).collect()
}

fn label(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text.as_str()).filter(|text| {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            text.chars().count() <= LONGEST_LABEL && digits < 6
        }),
        _ => None,
    }
}

/// The labels of groups over all their columns: as far as the cell is merged or, in formats that
/// know no merged cells, up to the next label.
fn spread(row: &RawRow, own: &[Option<&str>], width: usize, merges: &[Merge]) -> Vec<Option<String>> {
    let mut groups: Vec<Option<String>> = own.iter().map(|label| label.map(str::to_owned)).collect();
    groups.resize(width, None);
    if merges.is_empty() {
        for column in 1..groups.len() {
            if groups[column].is_none() {
                groups[column] = groups[column - 1].clone();
            }
        }
        return groups;
    }
    let index = row.number.saturating_sub(1);
    let across = merges.iter().filter(|merge| merge.first_row <= index && index <= merge.last_row);
    for merge in across {
        let Some(label) = groups.get(merge.first_column).cloned().flatten() else { continue };
        let covered = merge.first_column..=merge.last_column.min(width - 1);
        groups[covered].fill(Some(label));
    }
    groups
}
