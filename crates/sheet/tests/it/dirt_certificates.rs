//! The dirt in what rosters say of certificates, and in the sheets themselves, kind by kind.

use crate::support::*;
use rust_xlsxwriter::{Format, Formula};
use sheet::{Outcome, ProblemCode as Code};

#[test]
fn dirt_04_what_cannot_be_seen_is_stripped() {
    let found = entry(&[
        ("姓名", "\u{FEFF}李\u{200B}梅\u{A0}"),
        ("身份证号码", "'110105\t19491231\u{3000}002X\n"),
        ("证书编号", "T110105\r\n19491231002X"),
        ("发证日期", "\u{A0}2023-05-01\u{200B}"),
        ("发证机关", " 北京市\n应急管理局 "),
    ]);
    assert_eq!(found.holder_name, "李梅");
    assert_eq!(found.identity.unwrap().number, ID);
    assert_eq!(found.number, "T11010519491231002X");
    assert_eq!(found.terms.issued_on, day("2023-05-01"));
    assert_eq!(found.issuer.as_deref(), Some("北京市 应急管理局"));
}

#[test]
fn dirt_12_dates_are_read_in_all_their_spellings() {
    let spellings = [
        "2023.5.1",
        "2023/5/1",
        "20230501",
        "2023年5月1日",
        "二〇二三年五月一日",
        "2023-05-01 00:00:00",
        "45047",
        "23.5.1",
    ];
    for spelling in spellings {
        assert_eq!(entry(&[("发证日期", spelling)]).terms.issued_on, day("2023-05-01"), "{spelling}");
    }
    assert_eq!(warnings(&entry(&[("发证日期", "23.5.1")])), [Code::DateTwoDigitYear]);
    assert_eq!(warnings(&entry(&[("发证日期", "5/1/2023")])), [Code::DateOrderAssumed]);
    assert_eq!(warnings(&entry(&[("发证日期", "二〇二三年五月")])), [Code::DateDayMissing]);
    assert_eq!(errors(&[("发证日期", "05/01/23")]), [(Code::DateAmbiguous, "L2".to_owned())]);
}

#[test]
fn dirt_12_spreadsheet_days_are_read_in_both_date_systems() {
    let from_1900 = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_row(1, 0, line(&[("应复审日期", "")])).unwrap();
        sheet.write_with_format(1, 11, 45047.0, &Format::new().set_num_format("yyyy/m/d")).unwrap();
        sheet.write_row(2, 0, line(&[("应复审日期", "")])).unwrap();
        sheet.write_number(2, 11, 45047.0).unwrap();
    });
    let from_1904 = edited(&from_1900, "xl/workbook.xml", |xml| {
        xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
    });
    for (file, issued) in [(from_1900, "2023-05-01"), (from_1904, "2027-05-02")] {
        for outcome in outcomes(file) {
            let issued_on = match outcome {
                Outcome::Accepted(entries) => Some(entries[0].terms.issued_on),
                // Both rows say the same, so the second repeats the first.
                Outcome::Repeated { .. } => None,
                other => panic!("{other:?}"),
            };
            assert!(issued_on.is_none_or(|issued_on| issued_on == day(issued)));
        }
    }
}

#[test]
fn dirt_13_an_end_can_be_open() {
    for spelling in ["长期", "永久", "/", "—", "无"] {
        let found = entry(&[
            ("证书类别", "消防设施操作员证"),
            ("操作项目", ""),
            ("证书编号", "1234567890123456"),
            ("有效期至", spelling),
        ]);
        assert_eq!((found.terms.valid_until, warnings(&found)), (None, vec![]), "{spelling}");
    }
    let doubtful = entry(&[("有效期至", "长期")]);
    assert_eq!((doubtful.terms.valid_until, warnings(&doubtful)), (None, vec![Code::OpenEnded]));
    assert_eq!(errors(&[("有效期至", "")]), [(Code::ValidUntilMissing, "M2".to_owned())]);
}

#[test]
fn a_review_that_is_not_told_is_not_taken_for_passed() {
    for nothing in ["", "/", "—", "无"] {
        let found = entry(&[("应复审日期", nothing)]);
        let computed = found.warnings.iter().find(|problem| problem.code == Code::ReviewComputed).unwrap();
        assert_eq!(computed.params, [("day", "2026-04-30".to_owned())]);
        assert_eq!(warnings(&found), [Code::ReviewComputed]);
    }
    // Those with the six-year cycle are reviewed when they renew.
    assert_eq!(warnings(&entry(&[("应复审日期", "2029-04-30")])), []);
    let renewal_is_next = entry(&[("有效期至", "2026-04-30"), ("应复审日期", "")]);
    assert_eq!(warnings(&renewal_is_next), []);
}

#[test]
fn a_validity_longer_than_the_type_allows_is_told() {
    let found = entry(&[("发证日期", "2017-05-01"), ("应复审日期", "")]);
    assert_eq!(warnings(&found), [Code::ValidityTooLong, Code::ReviewComputed]);
    // The first issue of long ago does not begin the validity of today.
    assert!(found.warnings.iter().any(|problem| problem.params == [("day", "2026-04-30".to_owned())]));
}

#[test]
fn an_old_id_number_in_a_certificate_number_becomes_that_of_today() {
    let found = entry(&[("证书编号", "T110105491231002")]);
    assert_eq!((found.number.as_str(), warnings(&found)), (&*format!("T{ID}"), vec![Code::NumberRepaired]));
}

#[test]
fn dirt_14_a_range_in_one_cell_is_split() {
    for range in ["2023.05.01-2029.04.30", "2023年5月1日至2029年4月30日", "2023-05-01 ~ 2029-04-30"] {
        let terms = entry(&[("发证日期", "2023-04-20"), ("有效期至", range)]).terms;
        assert_eq!((terms.issued_on, terms.valid_from), (day("2023-04-20"), day("2023-05-01")));
        assert_eq!(terms.valid_until, Some(day("2029-04-30")), "{range}");
    }
    let terms = entry(&[("发证日期", "2023.05.01-2029.04.30"), ("有效期至", "")]).terms;
    assert_eq!((terms.issued_on, terms.valid_until), (day("2023-05-01"), Some(day("2029-04-30"))));
}

#[test]
fn dirt_15_impossible_dates_are_errors_at_their_cell() {
    let table = [
        ("有效期至", "2022-05-01", Code::EndsBeforeIssue, "M2"),
        ("发证日期", "2023-02-30", Code::DateImpossible, "L2"),
        ("应复审日期", "2030-01-01", Code::ReviewAfterEnd, "N2"),
        ("应复审日期", "2022-01-01", Code::ReviewBeforeIssue, "N2"),
        ("发证日期", "见证书", Code::DateUnreadable, "L2"),
    ];
    for (column, value, code, cell) in table {
        assert_eq!(errors(&[(column, value)]), [(code, cell.to_owned())]);
    }
    let both = errors(&[("发证日期", "2023-02-30"), ("有效期至", "2023-13-01"), ("姓名", "")]);
    let codes: Vec<_> = both.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [Code::NameMissing, Code::DateImpossible, Code::DateImpossible], "all is said at once");
}

#[test]
fn dirt_16_the_t_is_put_right_and_marked() {
    for number in
        [ID, "TT11010519491231002X", "ＴT11010519491231002X", "t11010519491231002x", "T 110105 19491231 002X"]
    {
        let found = entry(&[("证书编号", number)]);
        assert_eq!(found.number, "T11010519491231002X", "{number}");
        assert_eq!(warnings(&found), [Code::NumberRepaired], "{number}");
    }
    let derived = entry(&[("证书编号", "")]);
    assert_eq!(derived.number, "T11010519491231002X");
    let fields = &derived.warnings.iter().find(|problem| problem.code == Code::Derived).unwrap().params;
    assert!(fields[0].1.contains("number"));
    let other_way = entry(&[("身份证号码", "")]);
    assert_eq!(other_way.identity.unwrap().number, ID);
}

#[test]
fn dirt_17_construction_numbers_get_one_spelling() {
    for (number, kind, normalised) in [
        ("京建安Ｃ１(2015)0000072", "建安C1", "京建安C1(2015)0000072"),
        ("京建安C类(2012)0000072", "C证", "京建安C(2012)0000072"),
        ("京建安C1 (2015) 0000072", "三类人员", "京建安C1(2015)0000072"),
        ("京建安C1〔2015〕0000072", "安全员证", "京建安C1(2015)0000072"),
    ] {
        let found = entry(&[("证书类别", kind), ("操作项目", ""), ("证书编号", number), ("应复审日期", "")]);
        assert_eq!(found.number, normalised);
        assert_eq!(found.type_code, if normalised.contains("C1") { "con_c1" } else { "con_c" });
    }
}

#[test]
fn dirt_18_several_certificates_in_one_cell_are_split_and_stay_linked() {
    let entries = accepted(outcome(&[("操作项目", "低压电工、焊工")]));
    let told: Vec<_> =
        entries.iter().map(|entry| (entry.item.as_deref(), entry.part.index, entry.part.of)).collect();
    assert_eq!(told, [(Some("mem:1.2"), 1, 2), (Some("mem:2.1"), 2, 2)]);
    assert!(entries.iter().all(|entry| entry.number == "T11010519491231002X" && entry.origin.row == 2));

    let one_item = entry(&[("操作项目", "高处安装、维护、拆除作业")]);
    assert_eq!(one_item.item.as_deref(), Some("mem:3.2"), "the separator can be part of a name");
    let both = accepted(outcome(&[("操作项目", "低压电工作业，高处安装、维护、拆除作业")]));
    assert_eq!(both.len(), 2);

    let paired = accepted(outcome(&[
        ("证书类别", "建安A、建安B"),
        ("操作项目", ""),
        ("证书编号", "京建安A(2015)0000071、京建安B(2015)0000072"),
        ("应复审日期", ""),
    ]));
    assert_eq!(paired[1].number, "京建安B(2015)0000072");
    let mismatch = errors(&[
        ("证书类别", "建安A"),
        ("操作项目", ""),
        ("证书编号", "京建安A(2015)0000071、京建安B(2015)0000072"),
        ("应复审日期", ""),
    ]);
    assert_eq!(mismatch, [(Code::PartsMismatch, "H2".to_owned())]);
}

#[test]
fn dirt_19_everyday_names_are_understood_or_asked_about() {
    let forklift = entry(&[("证书类别", "叉车证"), ("操作项目", ""), ("证书编号", ID), ("应复审日期", "")]);
    assert_eq!(
        (forklift.type_code.as_str(), forklift.item.as_deref()),
        ("se_operator", Some("equipment:N1"))
    );
    let problems = rejected(outcome(&[("证书类别", "电工证"), ("操作项目", "")]));
    assert_eq!((problems[0].code, problems[0].cell.as_str()), (Code::TypeAmbiguous, "F2"));
    assert_eq!(problems[0].params, [("candidates", "mem:1.2, mem:1.1".to_owned())]);
    assert_eq!(
        entry(&[("证书类别", "电工证"), ("操作项目", "低压电工作业")]).item.as_deref(),
        Some("mem:1.2")
    );
    // The number tells the kinds of today from the one of old.
    for (number, kind) in [("鄂建安C2(2023)0009301", "con_c2"), ("鄂建安C(2012)0009301", "con_c")] {
        let changes = [("证书类别", "建安C证"), ("操作项目", ""), ("证书编号", number), ("应复审日期", "")];
        assert_eq!(entry(&changes).type_code, kind, "{number}");
    }
    assert_eq!(errors(&[("证书类别", "荣誉证书"), ("操作项目", "")]), [(Code::TypeUnknown, "F2".to_owned())]);
    assert_eq!(errors(&[("操作项目", "绣花")]), [(Code::ItemUnknown, "G2".to_owned())]);
}

#[test]
fn dirt_20_merged_cells_and_notes_are_seen_through() {
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 13, "2023年特种作业人员台账", &plain).unwrap();
        sheet.write_row(1, 0, HEADER).unwrap();
        sheet.write_row(2, 0, line(&[])).unwrap();
        sheet.write_row(3, 0, line(&[("操作项目", "高压电工作业")])).unwrap();
        for column in [1, 4, 7] {
            sheet.merge_range(2, column, 3, column, &line(&[])[usize::from(column)], &plain).unwrap();
        }
        sheet.write_string(4, 0, "注：以上人员均已培训。").unwrap();
        sheet.write_row(5, 0, ["制表人：", "王", "审核：", "赵"]).unwrap();
        sheet.set_row_hidden(3).unwrap();
        sheet.set_column_hidden(9).unwrap();
    });
    let mut roster = open(file).unwrap();
    let notes = &roster.sheets()[0].notes;
    assert_eq!(notes, &[sheet::Note::HiddenRows { count: 1 }, sheet::Note::HiddenColumns { count: 1 }]);
    let rows = read(&mut roster);
    let items: Vec<_> = rows
        .iter()
        .filter_map(|row| match &row.outcome {
            Outcome::Accepted(entries) => {
                Some((row.number, entries[0].holder_name.as_str(), entries[0].item.as_deref()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(items, [(3, "李梅", Some("mem:1.2")), (4, "李梅", Some("mem:1.1"))]);
    assert_eq!(rows.iter().filter(|row| row.outcome == Outcome::Remark).count(), 2);
}

#[test]
fn dirt_21_headers_have_synonyms_and_decisions_are_kept() {
    let words = [
        ["证件号", "证书编号", "签发机关", "到期日", "下次复审"],
        ["公民身份号码", "编号", "发证单位", "截止日期", "复审日期"],
        ["身份证号", "证号", "发证机关", "有效期至", "应复审日期"],
    ];
    for [identity, number, issuer, until, review] in words {
        let text = format!(
            "持证人,{identity},类别,准操项目,{number},{issuer},初领日期,{until},{review}\n李梅,{ID},特种作业操作证,低压电工作业,T{ID},北京市应急管理局,2023-05-01,2029-04-30,2026-04-30"
        );
        let found = accepted(outcomes(text).remove(0)).remove(0);
        assert_eq!(found.identity.unwrap().number, ID);
        assert_eq!(found.terms.review_due_on, Some(day("2026-04-30")));
    }
    let own_words = csv(&[line(&[])])
        .replace("证书编号", "上岗证")
        .replace("证书类别", "本厂分类")
        .replace("特种作业操作证", "甲");
    let mapping = "[columns]\n\"上岗证\" = \"number\"\n\"本厂分类\" = \"type\"\n[words]\n\"甲\" = \"mem_special_ops\"\n";
    let mut roster = open_with(own_words, sheet::Mapping::from_toml(mapping).unwrap()).unwrap();
    assert!(matches!(read(&mut roster)[0].outcome, Outcome::Accepted(_)));
    let kept = roster.sheets()[0].to_mapping();
    assert_eq!(kept.columns["上岗证"], Some(sheet::Field::Number));
}

#[test]
fn dirt_22_a_repeated_row_is_skipped_and_a_changed_one_is_not() {
    let lines = [
        line(&[]),
        line(&[("序号", "2")]),
        line(&[("操作项目", "高压电工作业")]),
        line(&[("有效期至", "2029-05-30")]),
    ];
    let mut roster = open(csv(&lines)).unwrap();
    // A second reading, such as after a preview, finds the same.
    for _ in 0..2 {
        let rows = read(&mut roster);
        assert!(matches!(rows[0].outcome, Outcome::Accepted(_)));
        assert_eq!(rows[1].outcome, Outcome::Repeated { of: "2".to_owned() });
        assert!(matches!(rows[2].outcome, Outcome::Accepted(_)));
        assert!(matches!(rows[3].outcome, Outcome::Accepted(_)));
    }
}

#[test]
fn dirt_24_values_count_and_formulas_do_not() {
    let file = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_row(1, 0, line(&[])).unwrap();
        sheet.write_formula(1, 1, Formula::new("=A1").set_result("李梅")).unwrap();
        sheet.write_row(2, 0, line(&[])).unwrap();
        sheet.write_formula(2, 8, Formula::new("=VLOOKUP(1,A:B,2)").set_result("#N/A")).unwrap();
        sheet.write_row(3, 0, line(&[("姓名", "=1+1")])).unwrap();
    });
    let file = edited(&file, "xl/worksheets/sheet1.xml", |xml| {
        let before = "t=\"str\"><f>VLOOKUP(1,A:B,2)</f>";
        assert!(xml.contains(before) || xml.contains("t=\"e\"><f>VLOOKUP(1,A:B,2)</f>"));
        xml.replace(before, "t=\"e\"><f>VLOOKUP(1,A:B,2)</f>")
    });
    let mut outcomes = outcomes(file);
    assert_eq!(accepted(outcomes.remove(0))[0].holder_name, "李梅");
    assert_eq!(rejected(outcomes.remove(0))[0].code, Code::FormulaFailed);
    let problem = rejected(outcomes.remove(0)).remove(0);
    assert_eq!((problem.code, problem.cell.as_str()), (Code::FormulaText, "Sheet1!B4"));
}

#[test]
fn a_certificate_that_the_roster_calls_withdrawn_does_not_come_in_as_valid() {
    let text = format!(
        "姓名,身份证号,证书类别,准操项目,发证机关,发证日期,有效期至,证书状态\n李梅,{ID},特种作业操作证,低压电工作业,北京市应急管理局,2023-05-01,2029-04-30,"
    );
    assert_eq!(rejected(outcomes(format!("{text}已注销")).remove(0))[0].code, Code::StatusNotInForce);
    assert_eq!(accepted(outcomes(format!("{text}有效")).remove(0)).len(), 1);
}

#[test]
fn regions_are_told_by_column_issuer_or_default_and_never_invented() {
    assert_eq!(entry(&[("发证机关", "浙江省杭州市余杭区应急管理局")]).region, "330110");
    assert_eq!(
        entry(&[("发证机关", "例市安监局"), ("单位名称", "北京市例安机电有限公司")]).region,
        "110000",
        "from the name of the organisation"
    );
    let unknown = errors(&[("发证机关", "例市安监局"), ("单位名称", "例安机电有限公司")]);
    assert_eq!(unknown, [(Code::RegionMissing, "2".to_owned())]);
    let with_region = |region: &str| {
        csv(&[line(&[])]).replace("统一社会信用代码", "所属地区").replace("91110000600037341L", region)
    };
    assert_eq!(accepted(outcomes(with_region("330106")).remove(0))[0].region, "330106");
    assert_eq!(accepted(outcomes(with_region("杭州市")).remove(0))[0].region, "330100");
    assert_eq!(rejected(outcomes(with_region("朝阳区")).remove(0))[0].code, Code::RegionAmbiguous);
    assert_eq!(rejected(outcomes(with_region("桃花源")).remove(0))[0].code, Code::RegionUnknown);
}
