//! Files that are too much, or no files at all.

use crate::support::*;
use domain::catalogue::Catalogue;
use sheet::{Limits, Mapping, Roster, SheetError};

fn open_within(bytes: Vec<u8>, limits: Limits) -> Result<Roster, SheetError> {
    Roster::from_bytes("roster", bytes, &limits, Catalogue::work_safety(), Mapping::default(), today())
}

fn workbook(rows: u32) -> Vec<u8> {
    xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        for row in 1..=rows {
            sheet.write_row(row, 0, line(&[("序号", &row.to_string())])).unwrap();
        }
    })
}

#[test]
fn size_rows_and_texts_are_bounded() {
    let small = Limits { file_bytes: 100, ..Limits::UPLOAD };
    assert!(matches!(open_within(workbook(1), small), Err(SheetError::TooLarge { limit: 100 })));
    let few = Limits { rows: 10, ..Limits::UPLOAD };
    assert!(matches!(open_within(workbook(10), few), Err(SheetError::TooManyRows { limit: 10 })));
    let text = csv(&vec![line(&[]); 200]);
    assert!(matches!(open_within(text.into(), few), Err(SheetError::TooManyRows { limit: 10 })));
    let texts = Limits { shared_texts: 20, ..Limits::UPLOAD };
    assert!(matches!(open_within(workbook(10), texts), Err(SheetError::TooManyTexts { limit: 20 })));
}

#[test]
fn what_unpacks_to_far_more_than_itself_is_refused() {
    let bomb = edited(&workbook(1), "xl/worksheets/sheet1.xml", |xml| {
        xml.replace("</sheetData>", &format!("{}</sheetData>", "<row r=\"3\"/>".repeat(2_000_000)))
    });
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(open_within(bomb, Limits::UPLOAD), Err(SheetError::UnpacksTooLarge { ratio: 100, .. })));
}

#[test]
fn one_endless_cell_is_refused_before_it_is_held() {
    let long = "甲".repeat(1 << 20);
    let text = format!("{}\n\"{long}", csv(&vec![line(&[]); 100]));
    let mut roster = open(text).unwrap();
    let last = roster.rows(0).unwrap().last().unwrap();
    assert!(matches!(last, Err(SheetError::RowTooLong { row: 102 })));
    let packed =
        edited(&workbook(1), "xl/sharedStrings.xml", |xml| xml.replace("姓名", &format!("姓名{long}")));
    let limits = Limits { unpacked_ratio: 100_000, ..Limits::UPLOAD };
    assert!(matches!(open_within(packed, limits), Err(SheetError::RowTooLong { .. })));
}

#[test]
fn entities_are_never_expanded() {
    let file = edited(&workbook(1), "xl/sharedStrings.xml", |xml| {
        let entity = "<!DOCTYPE sst [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><sst";
        xml.replacen("<sst", entity, 1).replace("姓名", "&b;")
    });
    let columns = open(file).map(|roster| roster.sheets()[0].to_string());
    assert!(columns.is_err() || !columns.unwrap().contains("aaaaaaaaaa"));
}

#[test]
fn files_that_are_no_tables_are_named() {
    assert!(matches!(open(vec![0, 1, 2, 3, 4, 5]), Err(SheetError::UnknownFormat)));
    assert!(matches!(open(b"PK\x03\x04garbage".to_vec()), Err(SheetError::Damaged)));
    assert!(matches!(open(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1garbage".to_vec()), Err(SheetError::Damaged)));
    let mut protected = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    protected.create_stream("/EncryptedPackage").unwrap();
    protected.flush().unwrap();
    assert!(matches!(open(protected.into_inner().into_inner()), Err(SheetError::Protected)));
}
