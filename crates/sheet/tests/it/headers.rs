use crate::support::*;
use rust_xlsxwriter::Format;
use sheet::{Field, Note, Outcome, SheetError};

/// Header rows and the field of each column of the first sheet.
fn layout(text: &str) -> (Vec<u32>, Vec<Option<Field>>) {
    let roster = open(text).unwrap();
    let sheet = &roster.sheets()[0];
    (sheet.header_rows.clone(), sheet.columns.iter().map(|column| column.field).collect())
}

#[test]
fn the_header_is_found_wherever_it_stands() {
    use Field::{Identity, IssuedOn, Name, Number, Type, ValidFrom, ValidUntil};
    type Expected = (&'static str, &'static [u32], &'static [Option<Field>]);
    let table: [Expected; 6] = [
        ("姓名,身份证号,证书编号\n", &[1], &[Some(Name), Some(Identity), Some(Number)]),
        (
            "持证人员一览表,,\n填报单位：例安,,\n\n姓名,身份证号,备用\n",
            &[4],
            &[Some(Name), Some(Identity), None],
        ),
        (
            "人员,,证书,\n姓名,身份证号,编号,发证日期\n",
            &[1, 2],
            &[Some(Name), Some(Identity), Some(Number), Some(IssuedOn)],
        ),
        (
            "姓名,证书,有效期,\n,编号,起始日期,截止日期\n",
            &[1, 2],
            &[Some(Name), Some(Number), Some(ValidFrom), Some(ValidUntil)],
        ),
        ("姓名,编号,证书编号\n", &[1], &[Some(Name), None, Some(Number)]),
        ("Name,ID number,Certificate type\n", &[1], &[Some(Name), Some(Identity), Some(Type)]),
    ];
    for (text, rows, fields) in table {
        assert_eq!(layout(text), (rows.to_vec(), fields.to_vec()), "{text}");
    }
}

#[test]
fn merged_headers_of_two_rows_are_joined() {
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 7, "特种作业人员登记表", &plain).unwrap();
        for (column, label) in [(0, "姓名"), (1, "身份证号"), (2, "类别"), (3, "项目"), (6, "发证机关")]
        {
            sheet.merge_range(1, column, 2, column, label, &plain).unwrap();
        }
        sheet.merge_range(1, 4, 1, 5, "有效期", &plain).unwrap();
        sheet.write_row(2, 4, ["开始日期", "结束日期"]).unwrap();
        sheet
            .write_row(
                3,
                0,
                ["李梅", ID, "特种作业操作证", "低压电工作业", "2023.5.1", "2029.4.30", "北京市应急管理局"],
            )
            .unwrap();
    });
    let mut roster = open(file).unwrap();
    assert_eq!(roster.sheets()[0].header_rows, [2, 3]);
    assert_eq!(roster.sheets()[0].column(Field::ValidFrom), Some(4));
    let terms = accepted(read(&mut roster).remove(0).outcome)[0].terms;
    assert_eq!((terms.valid_from, terms.valid_until), (day("2023-05-01"), Some(day("2029-04-30"))));
}

#[test]
fn what_a_sheet_is_taken_for_is_shown() {
    let roster = open("姓名,编号,证书编号,车间\n").unwrap();
    let sheet = &roster.sheets()[0];
    assert_eq!(sheet.to_string(), "1\nA  姓名 → name\nB  编号 → -\nC  证书编号 → number\nD  车间 → -\n");
    assert_eq!(sheet.notes, [Note::SecondColumn { column: 1, field: Field::Number }]);
    let json = serde_json::to_value(sheet).unwrap();
    assert_eq!(json["columns"][2]["field"], "number");
}

#[test]
fn every_sheet_with_a_header_is_read_and_names_can_tell_the_type() {
    let columns = ["姓名", "身份证号", "证书编号", "发证机关", "发证日期", "有效期至"];
    let file = xlsx(|workbook| {
        workbook.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "请按要求填写").unwrap();
        let sheet = workbook.add_worksheet().set_name("叉车证").unwrap();
        sheet.write_row(0, 0, columns).unwrap();
        sheet.write_row(1, 0, ["李梅", ID, ID, "北京市市场监督管理局", "2023-05-01", "2027-04-30"]).unwrap();
        let sheet = workbook.add_worksheet().set_name("旧表").unwrap();
        sheet.set_hidden(true);
        sheet.write_row(0, 0, columns).unwrap();
    });
    let mut roster = open(file).unwrap();
    let notes: Vec<_> = roster.sheets().iter().map(|sheet| sheet.notes.clone()).collect();
    assert_eq!(notes[0], [Note::NoHeader]);
    assert_eq!(notes[1], [Note::TypeFromSheetName { type_code: "se_operator".to_owned() }]);
    assert_eq!(notes[2], [Note::HiddenSheet]);
    let rows = read(&mut roster);
    assert_eq!(rows.len(), 1);
    assert!(matches!(&rows[0].outcome, Outcome::Accepted(entries) if entries[0].type_code == "se_operator"));
}

#[test]
fn defaults_hold_for_rows_that_say_nothing() {
    let text =
        format!("姓名,身份证号,准操项目,发证日期,有效期至\n李梅,{ID},低压电工作业,2023-05-01,2029-04-30");
    let mapping =
        "[defaults]\ntype = \"mem_special_ops\"\nregion = \"330100\"\nissuer = \"杭州市应急管理局\"\n";
    let mut roster = open_with(text, sheet::Mapping::from_toml(mapping).unwrap()).unwrap();
    let found = accepted(read(&mut roster).remove(0).outcome).remove(0);
    assert_eq!((found.type_code.as_str(), found.region.as_str()), ("mem_special_ops", "330100"));
}

#[test]
fn a_file_without_a_header_is_refused() {
    for text in ["李梅,11010519491231002X\n", "说明\n请填写\n", "a,b,c\n1,2,3\n"] {
        assert!(matches!(open(text), Err(SheetError::NoHeader)), "{text}");
    }
    assert!(matches!(open(""), Err(SheetError::Empty)));
}
