//! One workbook and one text file with everything at once: exactly the right rows in, exactly the
//! right complaints out.

use crate::support::*;
use domain::number::embeds_id;
use encoding_rs::GB18030;
use rust_xlsxwriter::Format;
use sheet::{Outcome, Row};

/// Row, then names and items of what is accepted or code and cell of what is wrong.
fn told(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| match &row.outcome {
            Outcome::Accepted(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|entry| {
                        format!("{} {}", entry.holder_name, entry.item.as_deref().unwrap_or(&entry.type_code))
                    })
                    .collect();
                format!("{}: {}", row.number, entries.join(" + "))
            }
            Outcome::Rejected(problems) => {
                let problems: Vec<String> = problems
                    .iter()
                    .map(|problem| format!("{} {}", problem.code.code(), problem.cell))
                    .collect();
                format!("{}! {}", row.number, problems.join(" + "))
            }
            Outcome::Repeated { of } => format!("{}= {of}", row.number),
            Outcome::Remark => format!("{}-", row.number),
        })
        .collect()
}

#[test]
fn a_dirty_workbook_is_read_right() {
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet().set_name("台账").unwrap();
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 13, "某公司持证人员台账（2023年）", &plain).unwrap();
        sheet.write_string(1, 0, "填报单位：北京例安机电有限公司").unwrap();
        sheet.write_row(2, 0, HEADER).unwrap();
        let lines = [
            line(&[]),
            line(&[("姓名", ""), ("身份证号码", ""), ("操作项目", "高压电工作业")]),
            line(&[
                ("身份证号码", "１１０１０５１９４９１２３１００２Ｘ"),
                ("证书编号", "t 110105 19491231 002x"),
                ("操作项目", "焊工"),
            ]),
            line(&[("操作项目", "登高架设、制冷与空调设备安装修理作业")]),
            line(&[("有效期至", "2023.05.01—2029.04.30"), ("操作项目", "防爆电气")]),
            line(&[]),
            line(&[("身份证号码", "110105194912310021")]),
            line(&[("发证日期", "2023-02-30"), ("姓名", "")]),
            line(&[("证书类别", "荣誉证书"), ("操作项目", "")]),
            ["合计", "9人"].map(str::to_owned).to_vec(),
        ];
        for (row, line) in (3..).zip(&lines) {
            sheet.write_row(row, 0, line).unwrap();
        }
        sheet.merge_range(3, 1, 4, 1, "李梅", &plain).unwrap();
        sheet.merge_range(3, 4, 4, 4, ID, &plain).unwrap();
        sheet.write_row(13, 0, line(&[])).unwrap();
        sheet.write_number(13, 4, 110105194912310021.0).unwrap();
        sheet.write_string(14, 0, "注：本表由各部门填报，如有变动请及时更新。").unwrap();
    });
    let mut roster = open(file).unwrap();
    let expected = [
        "4: 李梅 mem:1.2",
        "5: 李梅 mem:1.1",
        "6: 李梅 mem:2.1",
        "7: 李梅 mem:3.1 + 李梅 mem:4.2",
        "8: 李梅 mem:1.3",
        "9= 台账!4",
        "10! identity_check_digit 台账!E10",
        "11! name_missing 台账!B11 + date_impossible 台账!L11",
        "12! type_unknown 台账!F12",
        "13-",
        "14! identity_lost_precision 台账!E14",
        "15-",
    ];
    assert_eq!(told(&read(&mut roster)), expected);
}

#[test]
fn a_dirty_gb18030_file_is_read_right() {
    let text = format!(
        "持证人员名单;;;;;;;\r\n姓名;证件号码;证书名称;准操项目;证号;签发机关;有效期;复审\n买买提．艾力;{ID};特种作业操作证;低压电工;;北京市应急管理局;2023.5.1-2029.4.30;2026.4.30\n\n李𬭎;110105491231002;特种作业操作证;焊工;Ｔ{ID};北京市应急管理局;2023年5月1日至2029年4月30日;\n王□;;叉车证;;{ID};北京市市场监督管理局;2023.5.1—2027.4.30;/\n;;;;;;;\n赵六;{ID};电工证;;T{ID};北京市应急管理局;2023.5.1-2029.4.30;\n备注：共4人;;;;;;;\n"
    );
    let mut roster = open(GB18030.encode(&text).0.into_owned()).unwrap();
    let expected =
        ["3: 买买提·艾力 mem:1.2", "5: 李𬭎 mem:2.1", "6: 王□ equipment:N1", "8! type_ambiguous C8", "9-"];
    assert_eq!(told(&read(&mut roster)), expected);
}

#[test]
fn nothing_that_is_said_of_a_file_holds_an_id_number() {
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet().set_name(format!("李梅{ID}")).unwrap();
        sheet.write_row(0, 0, HEADER).unwrap();
        for (row, column) in (1..).zip(0..14) {
            sheet.write_row(row, 0, line(&[])).unwrap();
            sheet.write_string(row, column, format!("见{ID}，另{ID}")).unwrap();
        }
    });
    let mut complaints = 0;
    for row in read(&mut open(file).unwrap()) {
        let problems = match row.outcome {
            Outcome::Rejected(problems) => problems,
            Outcome::Accepted(entries) => entries.into_iter().flat_map(|entry| entry.warnings).collect(),
            Outcome::Repeated { of } => {
                assert_eq!(embeds_id(&of), None);
                continue;
            }
            Outcome::Remark => continue,
        };
        complaints += problems.len();
        for problem in problems {
            assert_eq!(embeds_id(&serde_json::to_string(&problem).unwrap()), None, "{problem:?}");
        }
    }
    assert!(complaints > 10);
}
