//! Row 27 of the table of dirt: photos, prints, pictures of cards.

use crate::support::{HEADER, line, open, read, today, with_parts, xlsx};
use sheet::{Outcome, Roster, SheetError};

#[test]
fn dirt_27_pictures_and_prints_are_told_apart_from_tables() {
    for (bytes, kind) in
        [(&b"%PDF-1.7\n"[..], "PDF document"), (b"\xFF\xD8\xFF\xE0", "picture"), (b"\x89PNG\r\n", "picture")]
    {
        assert!(matches!(open(bytes), Err(SheetError::NoTable { kind: told }) if told == kind));
    }
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_row(1, 0, line(&[])).unwrap();
        let pixel = rust_xlsxwriter::Image::new_from_buffer(PIXEL).unwrap();
        sheet.insert_image(1, 15, &pixel).unwrap();
    });
    let mut roster = open(file).unwrap();
    assert_eq!(roster.sheets()[0].notes, [sheet::Note::Pictures { count: 1 }]);
    assert!(matches!(read(&mut roster)[0].outcome, Outcome::Accepted(_)));
}

#[test]
fn dirt_27_a_picture_comes_with_the_row_over_which_it_lies() {
    let other = [PIXEL, b"another one"].concat();
    let file = xlsx(|workbook| {
        for name in ["一", "二"] {
            let sheet = workbook.add_worksheet().set_name(name).unwrap();
            sheet.write_row(0, 0, HEADER).unwrap();
            for row in 1..4 {
                sheet.write_row(row, 0, line(&[])).unwrap();
            }
        }
        let image = |bytes: &[u8]| rust_xlsxwriter::Image::new_from_buffer(bytes).unwrap();
        let sheet = workbook.worksheet_from_name("一").unwrap();
        sheet.insert_image(2, 15, &image(PIXEL)).unwrap();
        sheet.insert_image(3, 15, &image(PIXEL)).unwrap();
        sheet.insert_image(3, 16, &image(&other)).unwrap();
        workbook.worksheet_from_name("二").unwrap().insert_image(1, 15, &image(&other)).unwrap();
    });
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), &file).unwrap();
    // From the disk, where rows and pictures are read side by side, and from memory.
    let limits = sheet::Limits::OPERATOR;
    let catalogue = domain::catalogue::Catalogue::work_safety;
    let mapping = sheet::Mapping::default;
    let disk = Roster::open(path.path(), "r", &limits, catalogue(), mapping(), today()).unwrap();
    for mut roster in [disk, open(file).unwrap()] {
        let mut pictures = roster.take_pictures();
        let mut found = Vec::new();
        for sheet in 0..2 {
            for row in roster.rows(sheet).unwrap() {
                found.push(pictures.of_row(sheet, &row.unwrap()));
            }
        }
        let (one, another) = (Some(PIXEL.to_vec()), Some(other.clone()));
        let expected = [vec![], vec![one.clone()], vec![one, another.clone()], vec![another], vec![], vec![]];
        assert_eq!(found, expected);
    }
}

/// As WPS Office writes a picture into a cell.
#[test]
fn dirt_27_a_picture_in_a_cell_comes_with_its_row() {
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_string(0, 15, "照片").unwrap();
        sheet.write_row(1, 0, line(&[])).unwrap();
        sheet.write_row(2, 0, line(&[("姓名", "钱二")])).unwrap();
        sheet.write_string(2, 15, "=DISPIMG(\"ID_7A\",1)").unwrap();
        sheet.write_row(3, 0, line(&[("姓名", "孙三")])).unwrap();
        sheet.write_string(3, 16, "=DISPIMG(\"ID_8B\",1)").unwrap();
    });
    let huge = vec![0; (sheet::Limits::PICTURE_BYTES + 1) as usize];
    let image = |name, relation| {
        format!(
            "<etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id='2' name='{name}'/></xdr:nvPicPr><xdr:blipFill>\
             <a:blip r:embed='{relation}'/></xdr:blipFill></xdr:pic></etc:cellImage>"
        )
    };
    let list = format!(
        "<etc:cellImages xmlns:etc='e' xmlns:xdr='x' xmlns:a='a' xmlns:r='r'>{}{}</etc:cellImages>",
        image("ID_7A", "rId1"),
        image("ID_8B", "rId2")
    );
    let relations = "<Relationships><Relationship Id='rId1' Target='media/image1.png'/>\
                     <Relationship Id='rId2' Target='media/image2.png'/></Relationships>";
    let file = with_parts(
        file,
        &[
            ("xl/cellimages.xml", list.as_bytes()),
            ("xl/_rels/cellimages.xml.rels", relations.as_bytes()),
            ("xl/media/image1.png", PIXEL),
            ("xl/media/image2.png", &huge),
        ],
    );
    let mut roster = open(file).unwrap();
    let mut pictures = roster.take_pictures();
    let rows: Vec<_> = roster.rows(0).unwrap().map(Result::unwrap).collect();
    assert!(rows.iter().all(|row| matches!(row.outcome, Outcome::Accepted(_))), "no formula: {rows:?}");
    let found: Vec<_> = rows.iter().map(|row| pictures.of_row(0, row)).collect();
    assert_eq!(found, [vec![], vec![Some(PIXEL.to_vec())], vec![None]], "the last one is too large");
}

const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1F, 0x15, 0xC4, 0x89, 0, 0, 0, 0x0D, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0,
    1, 0, 0, 5, 0, 1, 0x0D, 0x0A, 0x2D, 0xB4, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];

#[test]
fn dirt_27_one_picture_over_very_many_rows_is_unpacked_no_more_often_than_the_limits_allow() {
    let large = [PIXEL, &vec![7; 1 << 20]].concat();
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        let image = rust_xlsxwriter::Image::new_from_buffer(&large).unwrap();
        for row in 1..8 {
            sheet.write_row(row, 0, line(&[])).unwrap();
            sheet.insert_image(row, 15, &image).unwrap();
        }
    });
    let limits = sheet::Limits { unpacked_bytes: 3 << 20, unpacked_ratio: 10_000, ..sheet::Limits::UPLOAD };
    let catalogue = domain::catalogue::Catalogue::work_safety();
    let mut roster =
        Roster::from_bytes("r", file, &limits, catalogue, sheet::Mapping::default(), today()).unwrap();
    let mut pictures = roster.take_pictures();
    let found = roster.rows(0).unwrap().flat_map(|row| pictures.of_row(0, &row.unwrap()));
    let whole: Vec<bool> = found.map(|picture| picture.is_some()).collect();
    assert_eq!(whole, [true, true, false, false, false, false, false]);
}
