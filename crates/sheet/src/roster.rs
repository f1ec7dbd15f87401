use crate::{
    SheetError,
    cell::{Cell, RawRow},
    entry::{Entry, Reading, RowReader},
    layout::{self, Mapping, SheetLayout},
    problem::Problem,
    source::{Format, Limits, Pictures, RawRows, Workbook},
};
use domain::{Date, catalogue::Catalogue};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry as MapEntry},
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::Arc,
};

/// A file of certificates: what its columns mean and what its rows say.
///
/// ```
/// use domain::{Date, catalogue::Catalogue};
/// use sheet::{Limits, Mapping, Outcome, Roster};
/// let csv = "姓名,身份证号,证书类别,准操项目,发证机关,发证日期,有效期至\n\
///            张三,11010519491231002X,特种作业操作证,低压电工作业,北京市应急管理局,2023-05-01,2029-04-30\n";
/// let catalogue = Catalogue::work_safety();
/// let today = "2026-11-23".parse().unwrap();
/// let mapping = Mapping::default();
/// let mut roster =
///     Roster::from_bytes("roster.csv", csv.into(), &Limits::UPLOAD, catalogue, mapping, today).unwrap();
/// let row = roster.rows(0).unwrap().next().unwrap().unwrap();
/// let Outcome::Accepted(entries) = row.outcome else { panic!() };
/// assert_eq!(entries[0].number, "T11010519491231002X");
/// ```
pub struct Roster {
    file: String,
    workbook: Workbook,
    catalogue: Arc<Catalogue>,
    mapping: Mapping,
    today: Date,
    sheets: Vec<SheetLayout>,
    seen: Seen,
}

/// A row and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// As spreadsheets count, from 1.
    pub number: u32,
    /// As in the file, merged cells filled downwards.
    pub cells: Vec<Cell>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// One entry for each certificate in the row.
    Accepted(Vec<Entry>),
    /// Says exactly what a row above says.
    Repeated {
        /// Address of that row, such as `Sheet1!7`.
        of: String,
    },
    /// At least one of the problems is an error; warnings are left out.
    Rejected(Vec<Problem>),
    /// No data: a remark, a total, the header once more.
    Remark,
}

impl Roster {
    /// Opens a file on disk under the name that reports use for it.
    pub fn open(
        path: &Path,
        file: &str,
        limits: &Limits,
        catalogue: Arc<Catalogue>,
        mapping: Mapping,
        today: Date,
    ) -> Result<Self, SheetError> {
        Self::new(file, Workbook::open(path, limits)?, catalogue, mapping, today)
    }

    /// Opens a file in memory, such as an upload.
    pub fn from_bytes(
        file: &str,
        bytes: Vec<u8>,
        limits: &Limits,
        catalogue: Arc<Catalogue>,
        mapping: Mapping,
        today: Date,
    ) -> Result<Self, SheetError> {
        Self::new(file, Workbook::from_bytes(bytes, limits)?, catalogue, mapping, today)
    }

    fn new(
        file: &str,
        mut workbook: Workbook,
        catalogue: Arc<Catalogue>,
        mapping: Mapping,
        today: Date,
    ) -> Result<Self, SheetError> {
        let mut sheets = Vec::new();
        for index in 0..workbook.sheets().len() {
            let rows = workbook.rows(index)?.take(layout::SEARCHED_ROWS);
            let rows = rows.collect::<Result<Vec<RawRow>, _>>()?;
            sheets.push(layout::detect(index, &rows, &workbook.sheets()[index], &mapping, &catalogue));
        }
        if sheets.iter().all(|sheet| sheet.header_rows.is_empty()) {
            return Err(SheetError::NoHeader);
        }
        Ok(Self { file: file.to_owned(), workbook, catalogue, mapping, today, sheets, seen: Seen::default() })
    }

    pub fn format(&self) -> Format {
        self.workbook.format()
    }

    /// How each sheet is read, in the order of the file.
    pub fn sheets(&self) -> &[SheetLayout] {
        &self.sheets
    }

    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The pictures that stand in the rows, to be asked for while the rows are read; once.
    pub fn take_pictures(&mut self) -> Pictures {
        self.workbook.take_pictures()
    }

    /// The rows of a sheet below its header, read from the file as asked for. Rows that repeat
    /// what any row before has said, in whatever sheet, are told apart; reading a sheet again
    /// begins anew.
    ///
    /// An error ends the iteration; the rows before it are good.
    pub fn rows(&mut self, sheet: usize) -> Result<Rows<'_>, SheetError> {
        let layout = self.sheets.get(sheet).ok_or(SheetError::NoSheet)?;
        let Some(&header) = layout.header_rows.last() else { return Err(SheetError::NoHeader) };
        let raw = self.workbook.rows(sheet)?;
        self.seen.begin(sheet);
        let reader = RowReader {
            catalogue: &self.catalogue,
            mapping: &self.mapping,
            today: self.today,
            layout,
            file: &self.file,
            days_from_1904: raw.days_from_1904,
        };
        Ok(Rows { raw, reader, header, seen: &mut self.seen })
    }
}

/// See [`Roster::rows`].
pub struct Rows<'a> {
    raw: RawRows<'a>,
    reader: RowReader<'a>,
    /// Number of the last row of the header.
    header: u32,
    seen: &'a mut Seen,
}

impl Rows<'_> {
    fn outcome(&mut self, row: &RawRow) -> Outcome {
        let entries = match self.reader.read(row) {
            Reading::Remark => return Outcome::Remark,
            Reading::Rejected(problems) => return Outcome::Rejected(problems),
            Reading::Entries(entries) => entries,
        };
        let mut first = None;
        let fresh: Vec<Entry> = entries
            .into_iter()
            .filter(|entry| match self.seen.before(entry, self.reader.layout.index) {
                Some(before) => {
                    first = Some(before);
                    false
                }
                None => true,
            })
            .collect();
        match first {
            Some(before) if fresh.is_empty() => {
                let same_sheet = before.0 as usize == self.reader.layout.index;
                let address = self.reader.layout.address(None, before.1);
                Outcome::Repeated {
                    of: if same_sheet { address } else { format!("#{}!{}", before.0 + 1, before.1) },
                }
            }
            _ => Outcome::Accepted(fresh),
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = match self.raw.next()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error)),
            };
            if row.number <= self.header || row.is_blank() {
                continue;
            }
            let outcome = self.outcome(&row);
            return Some(Ok(Row { number: row.number, cells: row.cells, outcome }));
        }
    }
}

/// Where each entry was said first: sheet and row by fingerprint. Of a million different entries
/// two are taken for the same once in forty million files.
#[derive(Default)]
struct Seen {
    entries: HashMap<u64, (u32, u32)>,
    sheets: HashSet<usize>,
}

impl Seen {
    fn begin(&mut self, sheet: usize) {
        if !self.sheets.insert(sheet) {
            *self = Self { sheets: HashSet::from([sheet]), ..Self::default() };
        }
    }

    /// Sheet and row that said the same before; notes the entry where none did.
    fn before(&mut self, entry: &Entry, sheet: usize) -> Option<(u32, u32)> {
        match self.entries.entry(fingerprint(entry)) {
            MapEntry::Occupied(first) => Some(*first.get()),
            MapEntry::Vacant(free) => {
                free.insert((sheet as u32, entry.origin.row));
                None
            }
        }
    }
}

/// Of everything the entry says, but not of where it stands.
fn fingerprint(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&entry.type_code, &entry.number, &entry.item, &entry.holder_name).hash(&mut hasher);
    (entry.identity.as_ref().map(|document| &document.number), &entry.identity_as_written).hash(&mut hasher);
    (&entry.phone, &entry.organisation_name, &entry.credit_code).hash(&mut hasher);
    (&entry.issuer, &entry.region, &entry.industry).hash(&mut hasher);
    let terms = entry.terms;
    (terms.issued_on, terms.valid_from, terms.valid_until, terms.review_due_on).hash(&mut hasher);
    let training = entry.training.as_ref();
    training
        .map(|course| (&course.course, &course.provider, course.hours, course.completed_on))
        .hash(&mut hasher);
    hasher.finish()
}
