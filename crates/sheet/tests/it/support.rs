//! Builders of the files that the tests read, and of what they expect.

use domain::{Date, catalogue::Catalogue, number::citizen_id};
use rust_xlsxwriter::Workbook;
use sheet::{Entry, Limits, Mapping, Outcome, Problem, ProblemCode, Roster, Row, SheetError};
use std::io::{Cursor, Read, Write};

/// The example of GB 11643.
pub const ID: &str = "11010519491231002X";

/// Nobody is born later.
pub fn today() -> Date {
    Date::from_ymd_opt(2026, 11, 23).unwrap()
}

pub const HEADER: [&str; 14] = [
    "序号",
    "姓名",
    "性别",
    "出生日期",
    "身份证号码",
    "证书类别",
    "操作项目",
    "证书编号",
    "单位名称",
    "统一社会信用代码",
    "发证机关",
    "发证日期",
    "有效期至",
    "应复审日期",
];

/// A row without a fault, with the named columns changed.
pub fn line(changes: &[(&str, &str)]) -> Vec<String> {
    let mut line: Vec<String> = [
        "1",
        "李梅",
        "女",
        "1949-12-31",
        ID,
        "特种作业操作证",
        "低压电工作业",
        "T11010519491231002X",
        "北京例安机电有限公司",
        "91110000600037341L",
        "北京市应急管理局",
        "2023-05-01",
        "2029-04-30",
        "2026-04-30",
    ]
    .map(str::to_owned)
    .to_vec();
    for (column, value) in changes {
        let index = HEADER.iter().position(|name| name == column).expect("a column of the header");
        line[index] = (*value).to_owned();
    }
    line
}

/// Lines below the header as CSV.
pub fn csv(lines: &[Vec<String>]) -> String {
    let quoted = |cells: &[String]| {
        let cells: Vec<String> =
            cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        cells.join(",")
    };
    let header = HEADER.map(str::to_owned);
    let all: Vec<String> =
        std::iter::once(&header[..]).chain(lines.iter().map(Vec::as_slice)).map(quoted).collect();
    all.join("\r\n")
}

pub fn xlsx(build: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    build(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

/// Changes a part of an XLSX file.
pub fn edited(xlsx: &[u8], part: &str, edit: impl Fn(String) -> String) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(xlsx)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().to_string();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        if name == part {
            content = edit(content);
        }
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn open(bytes: impl Into<Vec<u8>>) -> Result<Roster, SheetError> {
    open_with(bytes, Mapping::default())
}

pub fn open_with(bytes: impl Into<Vec<u8>>, mapping: Mapping) -> Result<Roster, SheetError> {
    Roster::from_bytes("roster", bytes.into(), &Limits::UPLOAD, Catalogue::work_safety(), mapping, today())
}

/// The rows of all sheets that are read.
pub fn read(roster: &mut Roster) -> Vec<Row> {
    let sheets: Vec<usize> =
        roster.sheets().iter().filter(|sheet| sheet.is_read()).map(|sheet| sheet.index).collect();
    let mut rows = Vec::new();
    for sheet in sheets {
        rows.extend(roster.rows(sheet).unwrap().map(Result::unwrap));
    }
    rows
}

pub fn outcomes(bytes: impl Into<Vec<u8>>) -> Vec<Outcome> {
    read(&mut open(bytes).unwrap()).into_iter().map(|row| row.outcome).collect()
}

/// The outcome of one line in a CSV file.
pub fn outcome(changes: &[(&str, &str)]) -> Outcome {
    let mut outcomes = outcomes(csv(&[line(changes)]));
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

#[track_caller]
pub fn accepted(outcome: Outcome) -> Vec<Entry> {
    match outcome {
        Outcome::Accepted(entries) => entries,
        other => panic!("{other:?}"),
    }
}

/// The one certificate of a line that is accepted.
#[track_caller]
pub fn entry(changes: &[(&str, &str)]) -> Entry {
    let mut entries = accepted(outcome(changes));
    assert_eq!(entries.len(), 1);
    entries.remove(0)
}

#[track_caller]
pub fn rejected(outcome: Outcome) -> Vec<Problem> {
    match outcome {
        Outcome::Rejected(problems) => problems,
        other => panic!("{other:?}"),
    }
}

/// Codes and addresses of what is wrong with a line that is rejected.
#[track_caller]
pub fn errors(changes: &[(&str, &str)]) -> Vec<(ProblemCode, String)> {
    rejected(outcome(changes)).into_iter().map(|problem| (problem.code, problem.cell)).collect()
}

/// Codes of what someone should look at, without what is merely derived.
pub fn warnings(entry: &Entry) -> Vec<ProblemCode> {
    let codes = entry.warnings.iter().map(|problem| problem.code);
    codes.filter(|code| *code != ProblemCode::Derived).collect()
}

pub fn with_check(seventeen: &str) -> String {
    format!("{seventeen}{}", citizen_id::check_character(seventeen).unwrap())
}

pub fn day(text: &str) -> domain::Date {
    text.parse().unwrap()
}

/// An archive with more parts.
pub fn with_parts(archive: Vec<u8>, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new_append(Cursor::new(archive)).unwrap();
    for (name, bytes) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
