//! Encodings, delimiters and the old binary format (dirt 23 and 24).

use crate::{
    support::*,
    xls_file::{XlsCell, XlsSheet, xls},
};
use encoding_rs::{GB18030, GBK};
use sheet::{Format, Outcome, SheetError, TextEncoding, TextForm};

#[test]
fn dirt_23_the_encoding_is_told_by_the_content() {
    let text = csv(&[line(&[("姓名", "李梅")])]);
    let utf16 = |swap: bool, marked: bool| -> Vec<u8> {
        let mark = marked.then_some(0xFEFF);
        let bytes = |unit: u16| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() };
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let files = [
        (text.clone().into_bytes(), TextEncoding::Utf8, false),
        (format!("\u{FEFF}{text}").into_bytes(), TextEncoding::Utf8, true),
        (GBK.encode(&text).0.into_owned(), TextEncoding::Gb18030, false),
        (utf16(false, true), TextEncoding::Utf16Le, true),
        (utf16(true, true), TextEncoding::Utf16Be, true),
        (utf16(false, false), TextEncoding::Utf16Le, false),
        (utf16(true, false), TextEncoding::Utf16Be, false),
    ];
    for (bytes, encoding, marked) in files {
        let mut roster = open(bytes).unwrap();
        assert_eq!(roster.format(), Format::Text(TextForm { encoding, marked, delimiter: ',' }));
        let Outcome::Accepted(entries) = &read(&mut roster)[0].outcome else { panic!("{encoding:?}") };
        assert_eq!(entries[0].holder_name, "李梅");
    }
}

#[test]
fn dirt_23_rare_characters_of_gb18030_are_read() {
    let text = csv(&[line(&[("姓名", "李𬭎")])]);
    let found = accepted(outcomes(GB18030.encode(&text).0.into_owned()).remove(0));
    assert_eq!(found[0].holder_name, "李𬭎");
}

#[test]
fn dirt_23_chinese_far_below_plain_rows_is_still_noticed() {
    let mut lines = vec![line(&[("姓名", "Li Mei")]); 2000];
    lines.push(line(&[("姓名", "李梅")]));
    let plain = csv(&lines).replace("特种作业操作证", "mem_special_ops");
    let file = GBK.encode(&plain).0.into_owned();
    let last = outcomes(file).pop().unwrap();
    assert_eq!(accepted(last)[0].holder_name, "李梅");
}

#[test]
fn dirt_23_delimiters_line_ends_and_quotes_are_read() {
    for delimiter in ['\t', ';', '|'] {
        let rows: Vec<String> = [HEADER.map(str::to_owned).to_vec(), line(&[])]
            .iter()
            .map(|row| row.join(&delimiter.to_string()))
            .collect();
        let mut roster = open(rows.join("\n")).unwrap();
        assert!(matches!(roster.format(), Format::Text(form) if form.delimiter == delimiter));
        assert!(matches!(read(&mut roster)[0].outcome, Outcome::Accepted(_)));
    }
    let mixed = csv(&[line(&[]), line(&[("操作项目", "高压电工作业")]), line(&[("操作项目", "焊工")])]);
    let mixed = mixed.replacen("\r\n", "\n", 1).replacen("\r\n", "\r", 1);
    assert_eq!(outcomes(mixed).len(), 3);
    let quotes = entry(&[("单位名称", "北京\"例安\"机电，有限公司\n第二车间")]);
    assert_eq!(quotes.organisation_name.as_deref(), Some("北京\"例安\"机电，有限公司 第二车间"));
}

#[test]
fn rows_are_counted_as_spreadsheets_show_them() {
    let bad = line(&[("姓名", "")]);
    let text = csv(&[line(&[("单位名称", "北京例安\n机电")]), bad]).replacen("\r\n", "\r\n\r\n\r\n", 1);
    let mut roster = open(text).unwrap();
    let rows = read(&mut roster);
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(rejected(rows[1].outcome.clone())[0].cell, "B5");
}

fn old_workbook() -> Vec<u8> {
    use XlsCell::{Empty, Number, Text};
    let header = ["姓名", "身份证号", "证书类别", "准操项目", "证书编号", "发证机关", "发证日期", "有效期至"];
    let good = |item| {
        vec![
            Text("李梅"),
            Text(ID),
            Text("特种作业操作证"),
            Text(item),
            Text("T11010519491231002X"),
            Text("北京市应急管理局"),
            Number(45047.0),
            Text("2029-04-30"),
        ]
    };
    let mut below = good("焊工");
    below[0] = Empty;
    let mut damaged = good("低压电工作业");
    damaged[1] = Number(110105194912310021.0);
    xls(&[
        XlsSheet {
            name: "花名册",
            hidden: false,
            rows: vec![vec![Text("花名册")], header.map(Text).into(), good("低压电工作业"), below, damaged],
            merges: vec![[2, 3, 0, 0]],
        },
        XlsSheet {
            name: "旧",
            hidden: true,
            rows: vec![header.map(Text).into(), good("焊工")],
            merges: vec![],
        },
    ])
}

#[test]
fn dirt_24_old_binary_workbooks_are_read() {
    let mut roster = open(old_workbook()).unwrap();
    assert_eq!(roster.format(), Format::Xls);
    assert_eq!(roster.sheets()[1].notes, [sheet::Note::HiddenSheet]);
    let rows = read(&mut roster);
    let told: Vec<_> = rows
        .iter()
        .map(|row| match &row.outcome {
            Outcome::Accepted(entries) => (entries[0].holder_name.clone(), entries[0].item.clone().unwrap()),
            Outcome::Rejected(problems) => (problems[0].cell.clone(), problems[0].code.code().to_owned()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [("李梅", "mem:1.2"), ("李梅", "mem:2.1"), ("花名册!B5", "identity_lost_precision")];
    assert_eq!(told, expected.map(|(one, other)| (one.to_owned(), other.to_owned())));
}

#[test]
fn a_wrong_name_does_not_hide_what_a_file_is() {
    let text = csv(&[line(&[])]);
    let catalogue = domain::catalogue::Catalogue::work_safety();
    let roster = sheet::Roster::from_bytes(
        "list.xls",
        text.into(),
        &sheet::Limits::UPLOAD,
        catalogue,
        sheet::Mapping::default(),
        today(),
    );
    assert!(matches!(roster.unwrap().format(), Format::Text(_)));
    assert!(matches!(
        open("<html><table><tr><td>姓名</td></tr></table></html>"),
        Err(SheetError::NoTable { kind: "web page" })
    ));
}

#[test]
fn a_file_on_disk_reads_like_one_in_memory() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, csv(&[line(&[])]).as_bytes()).unwrap();
    let catalogue = domain::catalogue::Catalogue::work_safety();
    let opened = sheet::Roster::open(
        file.path(),
        "list.csv",
        &sheet::Limits::OPERATOR,
        catalogue,
        sheet::Mapping::default(),
        today(),
    );
    let entries = accepted(read(&mut opened.unwrap()).remove(0).outcome);
    assert_eq!((entries[0].origin.file.as_str(), entries[0].origin.row), ("list.csv", 2));
}

/// Found by `fuzz/fuzz_targets/roster_xls.rs`.
#[test]
fn a_merged_range_that_ends_before_it_begins_is_none() {
    let mut roster = open(xls(&[XlsSheet {
        name: "a",
        hidden: false,
        rows: vec![
            [XlsCell::Text("人员"), XlsCell::Empty, XlsCell::Text("证书")].into(),
            ["姓名", "证书编号", "发证日期"].map(XlsCell::Text).into(),
            vec![XlsCell::Text("李梅"), XlsCell::Text("1"), XlsCell::Number(45047.0)],
        ],
        merges: vec![[0, 0, 2, 0], [2, 1, 0, 0]],
    }]))
    .unwrap();
    assert_eq!(read(&mut roster).len(), 1);
}

/// Found by `fuzz/fuzz_targets/roster_xlsx.rs`: the library adds up the digits of a place unchecked.
#[test]
fn a_row_of_an_impossible_number_is_damage_and_ends_nothing() {
    let whole = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_row(1, 0, line(&[])).unwrap();
    });
    for (right, wrong) in [
        ("<row r=\"2\"", "<row r=\"0\""),
        ("<row r=\"2\"", "<row r=\"99999999999\""),
        ("r=\"A2\"", "r=\"A0\""),
        ("r=\"B2\"", "r=\"2\""),
        ("r=\"B2\"", "r=\"BBBBBBBBBBBB2\""),
    ] {
        let file = edited(&whole, "xl/worksheets/sheet1.xml", |sheet| {
            assert!(sheet.contains(right));
            sheet.replacen(right, wrong, 1)
        });
        let Ok(mut roster) = open(file) else { continue };
        let rows: Vec<_> = roster.rows(0).unwrap().collect();
        assert!(rows.len() <= 2, "{wrong}: {rows:?}");
    }
}
