use super::{
    Entry, Origin, Part,
    dates::{self, Dates},
    day::Edge,
    holder::{self, Identity},
    kinds::{self, Kind},
    terms,
};
use crate::{
    cell::{Cell, RawRow},
    layout::{Field, Mapping, SheetLayout},
    problem::{Problem, ProblemCode, ValueClass},
};
use domain::{
    Date,
    catalogue::Catalogue,
    certificate::{Terms, Training},
};
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
    pub today: Date,
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
        let address = self.reader.layout.address(column, self.raw.number);
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
        let begins = [
            "注", "备注", "说明", "合计", "总计", "小计", "制表", "填表", "审核", "打印", "共计", "備考",
            "合計",
        ];
        let keys = [Field::Identity, Field::Number];
        let has_key =
            filled.iter().any(|(column, _)| column.field.is_some_and(|field| keys.contains(&field)));
        let begins_as_remark = begins.iter().any(|begin| first.starts_with(begin)) && !has_key;
        begins_as_remark || lone && first.chars().count() > LONGEST_LONE_TEXT
    }

    /// Values that cannot be read at all, in the columns that are read.
    fn check_cells(&mut self) {
        let fields: Vec<Field> =
            self.reader.layout.columns.iter().filter_map(|column| column.field).collect();
        for field in fields {
            let code = match self.cell(field) {
                _ if matches!(field, Field::Picture | Field::Sequence | Field::Remark | Field::Reason) => {
                    None
                }
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

    /// `None` when a kind of certificate cannot be told.
    fn entries(&mut self) -> Option<Vec<Entry>> {
        let holder_name = holder::name(self);
        let mut identity = holder::identity(self);
        let kinds = kinds::kinds(self)?;
        let of = kinds.len();
        let parts = || (1..=of).map(|index| Part { index, of });
        let numbers: Vec<Option<String>> = parts()
            .zip(&kinds)
            .map(|(part, kind)| kinds::number(self, kind.kind, part, &mut identity))
            .collect();
        holder::check_identity(self, &identity);
        let shared = Shared::read(self, holder_name, identity);
        let mut entries = Vec::with_capacity(of);
        for ((part, kind), number) in parts().zip(kinds).zip(numbers) {
            // Every part is read to its end, so that all that is wrong is said at once.
            let terms = terms::terms(self, kind.kind, part);
            if let Some(terms) = &terms {
                holder::check_age(self, kind.kind, &shared.identity, terms.issued_on);
            }
            if let (Some(number), Some(terms)) = (number, terms) {
                entries.extend(shared.entry(self, part, kind, number, terms));
            }
        }
        self.report_derived();
        if of > 1 {
            let problem = self.problem(ProblemCode::RowSplit, Field::Item).with("count", of.to_string());
            self.report_as(problem);
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

/// What all certificates of a row have in common.
struct Shared {
    holder_name: Option<String>,
    identity: Identity,
    phone: Option<String>,
    organisation_name: Option<String>,
    credit_code: Option<String>,
    issuer: Option<String>,
    region: Option<String>,
    industry: Option<String>,
    training: Option<Training>,
}

impl Shared {
    fn read(row: &mut Row, holder_name: Option<String>, identity: Identity) -> Self {
        terms::check_status(row);
        let organisation_name = holder::organisation(row);
        let issuer = terms::issuer(row);
        Self {
            holder_name,
            identity,
            phone: holder::phone(row),
            credit_code: holder::credit_code(row),
            region: terms::region(row, issuer.as_deref(), organisation_name.as_deref()),
            industry: terms::industry(row),
            training: terms::training(row),
            organisation_name,
            issuer,
        }
    }

    /// `None` when something that every entry needs is missing.
    fn entry(&self, row: &Row, part: Part, kind: Kind, number: String, terms: Terms) -> Option<Entry> {
        Some(Entry {
            origin: Origin {
                file: row.reader.file.to_owned(),
                sheet: row.reader.layout.sheet.clone(),
                row: row.raw.number,
            },
            part,
            type_code: kind.kind.code.clone(),
            number,
            item: kind.item,
            holder_name: self.holder_name.clone()?,
            identity: self.identity.document.clone(),
            identity_as_written: self.identity.as_written.clone(),
            phone: self.phone.clone(),
            organisation_name: self.organisation_name.clone(),
            credit_code: self.credit_code.clone(),
            issuer: self.issuer.clone(),
            region: self.region.clone()?,
            industry: self.industry.clone(),
            terms,
            training: self.training.clone(),
            warnings: Vec::new(),
        })
    }
}
