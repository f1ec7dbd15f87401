use crate::support::*;
use encoding_rs::GBK;
use sheet::{Format, Outcome, ProblemCode, RejectsWriter, TableForm, TableWriter, TextEncoding, Words};
use std::io::Cursor;

fn words() -> Words {
    Words::from_toml(include_str!("../../../../locales/zh-CN.toml")).unwrap()
}

/// The rejected rows of a file as the file that goes back.
fn rejects(bytes: impl Into<Vec<u8>>) -> Vec<u8> {
    let mut roster = open(bytes).unwrap();
    let mut writer = RejectsWriter::new(Cursor::new(Vec::new()), roster.format(), words());
    let sheets: Vec<_> = roster.sheets().iter().filter(|sheet| sheet.is_read()).cloned().collect();
    for sheet in &sheets {
        for row in roster.rows(sheet.index).unwrap() {
            let row = row.unwrap();
            if let Outcome::Rejected(problems) = &row.outcome {
                writer.write(sheet, &row.cells, problems).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn bad_rows_of_a_gbk_file_come_back_in_gbk_with_reasons() {
    let text = csv(&[line(&[]), line(&[("有效期至", "2023-02-30")]), line(&[("姓名", "")])])
        .replace("\",\"", "\";\"");
    let back = rejects(GBK.encode(&text).0.into_owned());
    let (text, _, malformed) = GBK.decode(&back);
    assert!(!malformed);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].ends_with(";错误原因"));
    assert!(lines[1].contains("M3") && lines[1].contains("没有这一天"));
    assert!(lines[2].contains("没有姓名"));
}

#[test]
fn bad_rows_of_a_workbook_come_back_as_text_on_their_sheets_and_can_be_sent_again() {
    let file = xlsx(|workbook| {
        for (name, column, value) in [("一车间", "有效期至", "2023-02-30"), ("二车间", "姓名", "")]
        {
            let sheet = workbook.add_worksheet().set_name(name).unwrap();
            sheet.write_string(0, 0, "台账").unwrap();
            sheet.write_row(1, 0, HEADER).unwrap();
            sheet.write_row(2, 0, line(&[])).unwrap();
            sheet.write_row(3, 0, line(&[(column, value)])).unwrap();
        }
    });
    let back = rejects(file);
    let mut again = open(back.clone()).unwrap();
    let names: Vec<&str> = again.sheets().iter().map(|sheet| sheet.sheet.as_str()).collect();
    assert_eq!(names, ["一车间", "二车间"]);
    let problems: Vec<_> = read(&mut again).into_iter().flat_map(|row| rejected(row.outcome)).collect();
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::DateImpossible, ProblemCode::NameMissing]);
    // The second round has one column of reasons, not two.
    let third = open(rejects(back)).unwrap();
    assert_eq!(third.sheets()[0].columns.len(), HEADER.len() + 1);
    let ids = read(&mut open(rejects_ids()).unwrap());
    assert!(matches!(&ids[0].cells[4], sheet::Cell::Text(text) if text == ID));
}

fn rejects_ids() -> Vec<u8> {
    rejects(xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_row(1, 0, line(&[("姓名", "")])).unwrap();
    }))
}

#[test]
fn text_that_could_run_as_a_formula_goes_out_guarded() {
    let back =
        String::from_utf8(rejects(csv(&[line(&[("姓名", ""), ("单位名称", "+HYPERLINK(1)")])]))).unwrap();
    assert!(back.contains("'+HYPERLINK(1)"));
    let again = read(&mut open(back).unwrap());
    assert!(matches!(&again[0].cells[8], sheet::Cell::Text(text) if text == "'+HYPERLINK(1)"));
}

#[test]
fn tables_are_written_in_both_formats() {
    let rows = [["1", "=1+1"], ["2", "张*"]];
    for form in [TableForm::CSV, TableForm::Xlsx] {
        let mut table = TableWriter::new(Cursor::new(Vec::new()), form);
        table.begin("结果", &["证书编号", "姓名"]).unwrap();
        for row in rows {
            table.row(&row).unwrap();
        }
        let bytes = table.finish().unwrap().into_inner();
        let mut roster = open(bytes.clone()).unwrap();
        let cells: Vec<Vec<String>> =
            read(&mut roster).iter().map(|row| row.cells.iter().map(sheet::Cell::text).collect()).collect();
        match roster.format() {
            Format::Text(form) => {
                assert_eq!((form.encoding, form.marked), (TextEncoding::Utf8, true));
                assert_eq!(cells, [["1", "'=1+1"], ["2", "张*"]]);
            }
            _ => {
                assert_eq!(cells, rows);
                edited(&bytes, "xl/worksheets/sheet1.xml", |xml| {
                    assert!(!xml.contains("<f>") && !xml.contains("<v>1</v>"));
                    xml
                });
            }
        }
    }
}
