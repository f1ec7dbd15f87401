use super::{Field, Mapping};
use crate::cell::column_letters;
use domain::number::embeds_id;
use serde::Serialize;
use std::fmt;

/// A column and what it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// From 0.
    pub index: usize,
    /// The header, of two-row headers both rows joined.
    pub label: String,
    /// `None`: not read.
    pub field: Option<Field>,
}

/// What a person should know of a sheet before it is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// The sheet is hidden and is not read unless asked for.
    HiddenSheet,
    /// No row names the columns; the sheet is not read.
    NoHeader,
    /// Hidden rows are read like others.
    HiddenRows {
        count: u32,
    },
    HiddenColumns {
        count: u32,
    },
    /// A filter hides rows; they are read like others.
    Filtered,
    /// Pictures in the whole workbook. Those that stand in a row are attached to its certificates.
    Pictures {
        count: u32,
    },
    /// Another column is taken for the same field.
    SecondColumn {
        column: usize,
        field: Field,
    },
    /// The rows say no type; the name of the sheet does.
    TypeFromSheetName {
        type_code: String,
    },
}

/// How one sheet is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetLayout {
    /// Position in the workbook, from 0.
    pub index: usize,
    /// Name in the file; empty for delimited text.
    pub sheet: String,
    /// The rows of the header, as spreadsheets count; none when no header was found.
    pub header_rows: Vec<u32>,
    pub columns: Vec<Column>,
    /// Rows of the sheet with the header, an estimate for text.
    pub rows: u64,
    pub notes: Vec<Note>,
    /// Type of rows that say none, from the name of the sheet.
    pub(crate) type_code: Option<String>,
}

impl SheetLayout {
    /// Has it a header, and is it in sight?
    pub fn is_read(&self) -> bool {
        !self.header_rows.is_empty() && !self.notes.contains(&Note::HiddenSheet)
    }

    /// The column taken for a field.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().find(|column| column.field == Some(field)).map(|column| column.index)
    }

    /// Address of a cell, or of the row where there is no such column. Sheets can be named after a
    /// person; then the position stands for the name.
    pub fn address(&self, column: Option<usize>, row: u32) -> String {
        let letters = column.map(column_letters).unwrap_or_default();
        match self.sheet.as_str() {
            "" => format!("{letters}{row}"),
            sheet if embeds_id(sheet).is_some() => format!("#{}!{letters}{row}", self.index + 1),
            sheet => format!("{sheet}!{letters}{row}"),
        }
    }

    /// The mapping that leads to this layout, to be changed and kept.
    pub fn to_mapping(&self) -> Mapping {
        let columns = self.columns.iter().filter(|column| !column.label.is_empty());
        Mapping {
            columns: columns.map(|column| (column.label.clone(), column.field)).collect(),
            ..Mapping::default()
        }
    }
}

/// The sheet and its header rows, `Sheet1!3`, then one line a column: `C  身份证号码 → identity`, or
/// `→ -` where it is not used.
impl fmt::Display for SheetLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<String> = self.header_rows.iter().map(ToString::to_string).collect();
        let separator = if self.sheet.is_empty() { "" } else { "!" };
        writeln!(f, "{}{separator}{}", self.sheet, rows.join("-"))?;
        for column in &self.columns {
            let field = column.field.map_or("-", Field::code);
            writeln!(f, "{}  {} → {field}", column_letters(column.index), column.label)?;
        }
        Ok(())
    }
}
