use super::{
    Entry, Origin, Part,
    dates::{self, Dates, Edge},
    holder, kinds, terms,
};
use crate::{
    cell::{Cell, RawRow, column_letters},
    layout::{Field, Mapping, SheetLayout},
    problem::{Problem, ProblemCode, ValueClass},
};
use domain::{catalogue::Catalogue, number::embeds_id};
use unicode_normalization::UnicodeNormalization;

/// Nothing on a certificate is longer.
const LONGEST_TEXT: usize = 500;
/// A single cell with a longer text is a remark, not a name.
const LONGEST_LONE_TEXT: usize = 15;

/// What a row turns out to be.
pub(crate) enum Reading {
    /// A remark, a total, the header once more, a number without anything beside it.
    Remark,
    Entries(Vec<Entry>),
    Rejected(Vec<Problem>),
}

/// Reads the rows of one sheet.
pub(crate) struct RowReader<'a> {
    pub catalogue: &'a Catalogue,
    pub mapping: &'a Mapping,
    pub layout: &'a SheetLayout,
    pub file: &'a str,
    pub days_from_1904: bool,
}

impl RowReader<'_> {
    pub fn read(&self, raw: &RawRow) -> Reading {
        let mut row = Row { reader: self, raw, problems: Vec::new(), derived: Vec::new() };
        if row.is_remark() {
            return Reading::Remark;
        }
        row.check_cells();
        if row.has_error() {
            return Reading::Rejected(row.problems);
        }
        let entries = row.entries();
        match entries {
            Some(entries) if !row.has_error() => Reading::Entries(entries),
            _ => {
                row.problems.retain(Problem::is_error);
                Reading::Rejected(row.problems)
            }
        }
    }

    /// Address of a cell, or of the row where there is no such column. Sheets can be named after a
    /// person; then the position stands for the name.
    pub fn address(&self, column: Option<usize>, row: u32) -> String {
        let letters = column.map(column_letters).unwrap_or_default();
        match self.layout.sheet.as_str() {
            "" => format!("{letters}{row}"),
            sheet if embeds_id(sheet).is_some() => format!("#{}!{letters}{row}", self.layout.index + 1),
            sheet => format!("{sheet}!{letters}{row}"),
        }
    }
}

/// One row while it is read: its cells by field, and what is found wrong so far.
pub(super) struct Row<'a> {
    pub reader: &'a RowReader<'a>,
    raw: &'a RawRow,
    problems: Vec<Problem>,
    /// Fields that follow from others.
    derived: Vec<Field>,
}

impl Row<'_> {
    pub fn catalogue(&self) -> &Catalogue {
        self.reader.catalogue
    }

    pub fn cell(&self, field: Field) -> &Cell {
        let column = self.reader.layout.column(field);
        column.and_then(|column| self.raw.cells.get(column)).unwrap_or(&Cell::Empty)
    }

    /// The text of a field; `None` where it is blank or a sign for "nothing" stands there.
    pub fn text(&self, field: Field) -> Option<String> {
        let text = self.cell(field).text();
        let text = text.trim_start_matches('\'').trim_matches(crate::cell::is_invisible);
        let nothing = matches!(
            text,
            "" | "/" | "／" | "\\" | "-" | "—" | "——" | "--" | "无" | "無" | "N/A" | "n/a" | "暂无"
        );
        (!nothing).then(|| text.to_owned())
    }

    /// The text of a field with every run of spaces as one space, full-width letters as they are.
    pub fn phrase(&self, field: Field) -> Option<String> {
        let text = self.text(field)?;
        let words: Vec<&str> =
            text.split(crate::cell::is_invisible).filter(|word| !word.is_empty()).collect();
        Some(words.join(" "))
    }

    pub fn dates(&self, cell: &Cell, edge: Edge) -> Result<Dates, ProblemCode> {
        dates::read(cell, edge, self.reader.days_from_1904)
    }

    pub fn problem(&self, code: ProblemCode, field: Field) -> Problem {
        let column = self.reader.layout.column(field);
        let address = self.reader.address(column, self.raw.number);
        Problem::new(code, address, field, ValueClass::of(self.cell(field)))
    }

    pub fn report(&mut self, code: ProblemCode, field: Field) {
        self.report_as(self.problem(code, field));
    }

    /// The certificates of one row share cells; what is wrong with them is said once.
    pub fn report_as(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub fn derive(&mut self, field: Field) {
        if !self.derived.contains(&field) {
            self.derived.push(field);
        }
    }

    pub fn has_error(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    fn is_remark(&self) -> bool {
        let telling = |field: Field| !matches!(field, Field::Sequence | Field::Remark | Field::Reason);
        let columns = &self.reader.layout.columns;
        let read = columns.iter().filter(|column| column.field.is_some_and(telling));
        let cell = |index: usize| self.raw.cells.get(index).filter(|cell| !cell.is_blank());
        let filled: Vec<_> = read.filter_map(|column| Some((column, cell(column.index)?))).collect();
        if filled.is_empty() || filled.iter().all(|(column, cell)| cell.text() == column.label) {
            return true;
        }
        let Some(first) = self.raw.cells.iter().find(|cell| !cell.is_blank()).map(Cell::text) else {
            return true;
        };
        let lone = self.raw.cells.iter().filter(|cell| !cell.is_blank()).count() == 1;
        let keys = [Field::Name, Field::Identity, Field::Number];
        let names_someone =
            filled.iter().any(|(column, _)| column.field.is_some_and(|field| keys.contains(&field)));
        let begins = [
            "注", "备注", "说明", "合计", "总计", "小计", "制表", "填表", "审核", "打印", "共计", "Note",
            "Total", "備考", "合計",
        ];
        let remark =
            begins.iter().any(|begin| first.starts_with(begin)) || first.chars().count() > LONGEST_LONE_TEXT;
        remark && (lone || !names_someone)
    }

    /// Values that cannot be read at all, in the columns that are read.
    fn check_cells(&mut self) {
        let fields: Vec<Field> =
            self.reader.layout.columns.iter().filter_map(|column| column.field).collect();
        for field in fields {
            let code = match self.cell(field) {
                _ if matches!(field, Field::Sequence | Field::Remark | Field::Reason) => None,
                Cell::Failed(_) => Some(ProblemCode::FormulaFailed),
                Cell::Text(text) if text.chars().count() > LONGEST_TEXT => Some(ProblemCode::CellTooLong),
                Cell::Text(text) if text.nfkc().next() == Some('=') => Some(ProblemCode::FormulaText),
                _ => None,
            };
            if let Some(code) = code {
                self.report(code, field);
            }
        }
    }

    /// `None` when something that every entry needs is missing.
    fn entries(&mut self) -> Option<Vec<Entry>> {
        let name = holder::name(self);
        let mut identity = holder::identity(self);
        let kinds = kinds::kinds(self)?;
        let numbers: Vec<_> = kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| {
                let part = Part { index: index + 1, of: kinds.len() };
                kinds::number(self, kind.kind, part, &mut identity)
            })
            .collect();
        holder::check_identity(self, &identity);
        let phone = holder::phone(self);
        let organisation_name = holder::organisation(self);
        let credit_code = holder::credit_code(self);
        let issuer = terms::issuer(self);
        let region = terms::region(self, issuer.as_deref(), organisation_name.as_deref());
        let industry = terms::industry(self);
        let training = terms::training(self);
        terms::check_status(self);
        let mut entries = Vec::with_capacity(kinds.len());
        for (index, (kind, number)) in kinds.iter().zip(numbers).enumerate() {
            let part = Part { index: index + 1, of: kinds.len() };
            let terms = terms::terms(self, kind.kind, part);
            // Every part is read, so that all that is wrong is said at once.
            let (Some(number), Some(terms), Some(name), Some(region)) = (number, terms, &name, &region)
            else {
                continue;
            };
            entries.push(Entry {
                origin: Origin {
                    file: self.reader.file.to_owned(),
                    sheet: self.reader.layout.sheet.clone(),
                    row: self.raw.number,
                },
                part,
                type_code: kind.kind.code.clone(),
                number,
                item: kind.item.clone(),
                holder_name: name.clone(),
                identity: identity.document.clone(),
                identity_as_written: identity.as_written.clone(),
                phone: phone.clone(),
                organisation_name: organisation_name.clone(),
                credit_code: credit_code.clone(),
                issuer: issuer.clone(),
                region: region.clone(),
                industry: industry.clone(),
                terms,
                training: training.clone(),
                warnings: Vec::new(),
            });
        }
        self.report_derived();
        if kinds.len() > 1 {
            let problem = self.problem(ProblemCode::RowSplit, Field::Item);
            self.report_as(problem.with("count", kinds.len().to_string()));
        }
        for entry in &mut entries {
            entry.warnings.clone_from(&self.problems);
        }
        Some(entries)
    }

    fn report_derived(&mut self) {
        if let Some(&first) = self.derived.first() {
            let fields: Vec<&str> = self.derived.iter().map(|field| field.code()).collect();
            let problem = self.problem(ProblemCode::Derived, first).with("fields", fields.join(", "));
            self.report_as(problem);
        }
    }
}
