//! The dirt in what rosters say of people and their employers, kind by kind.

use crate::support::*;
use domain::certificate::IdentityKind;
use sheet::{Outcome, ProblemCode as Code};

#[test]
fn dirt_01_full_width_characters_are_read_as_plain_ones() {
    let found = entry(&[
        ("身份证号码", "１１０１０５１９４９１２３１００２Ｘ"),
        ("证书编号", "Ｔ１１０１０５１９４９１２３１００２Ｘ"),
    ]);
    assert_eq!(found.identity.unwrap().number, ID);
    assert_eq!(found.number, "T11010519491231002X");
    let construction = entry(&[
        ("证书类别", "建安C1"),
        ("操作项目", ""),
        ("证书编号", "京建安Ｃ１（２０１５）０００００７２"),
        ("应复审日期", ""),
    ]);
    assert_eq!(construction.number, "京建安C1(2015)0000072");
}

#[test]
fn dirt_02_every_way_to_write_the_check_letter_is_understood_and_a_star_is_a_mask() {
    for letter in ["x", "×", "Ⅹ", "Ｘ"] {
        let found = entry(&[("身份证号码", &format!("11010519491231002{letter}"))]);
        assert_eq!(found.identity.unwrap().number, ID, "{letter}");
    }
    let masked = entry(&[("身份证号码", "11010519491231002*")]);
    assert!(masked.has_masked_identity());
    assert_eq!(warnings(&masked), [Code::IdentityMasked]);
}

#[test]
fn dirt_03_an_id_number_that_a_spreadsheet_has_rounded_is_rejected_with_that_reason() {
    let typed_as_number = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_row(1, 0, line(&[])).unwrap();
        sheet.write_number(1, 4, 110105194912310021.0).unwrap();
        sheet.write_row(2, 0, line(&[])).unwrap();
        sheet.write_number(2, 7, 110105194912310021.0).unwrap();
    });
    let problems: Vec<_> = outcomes(typed_as_number).into_iter().flat_map(rejected).collect();
    let told: Vec<_> = problems.iter().map(|problem| (problem.code, problem.cell.as_str())).collect();
    assert_eq!(told, [(Code::IdentityLostPrecision, "Sheet1!E2"), (Code::NumberLostPrecision, "Sheet1!H3")]);
    for text in ["1.10105E+17", "1.10105194912310E+17", "110105194912310000"] {
        assert_eq!(
            errors(&[("身份证号码", text)]),
            [(Code::IdentityLostPrecision, "E2".to_owned())],
            "{text}"
        );
    }
    assert_eq!(errors(&[("证书编号", "1.10105E+17")]), [(Code::NumberLostPrecision, "H2".to_owned())]);
}

#[test]
fn dirt_05_fifteen_digits_become_eighteen_and_are_kept() {
    let found = entry(&[("身份证号码", "110105491231002")]);
    assert_eq!(found.identity.as_ref().unwrap().number, ID);
    assert_eq!(found.identity_as_written.as_deref(), Some("110105491231002"));
    assert!(!found.has_masked_identity());
    assert_eq!(warnings(&found), [Code::IdentityConverted]);
}

#[test]
fn dirt_06_a_wrong_check_digit_is_an_error_and_nothing_is_proposed() {
    let problems = rejected(outcome(&[("身份证号码", "110105194912310021")]));
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, Code::IdentityCheckDigit);
    assert!(problems[0].params.is_empty());
    assert_eq!(errors(&[("证书编号", "T110105194912310021")]), [(Code::NumberCheckDigit, "H2".to_owned())]);
}

#[test]
fn dirt_07_abolished_regions_are_accepted() {
    let id = with_check("45220019700101002");
    let found = entry(&[("身份证号码", &id), ("证书编号", &format!("T{id}")), ("出生日期", "1970-01-01")]);
    assert_eq!(found.identity.unwrap().number, id);
    let never = with_check("10010119700101002");
    assert_eq!(errors(&[("身份证号码", &never), ("证书编号", "")])[0].0, Code::IdentityRegion);
}

#[test]
fn dirt_08_spaces_inside_chinese_names_go_and_inside_latin_names_stay() {
    for (written, name) in [("李  梅", "李梅"), ("李　梅", "李梅"), ("John   Smith", "John Smith")] {
        assert_eq!(entry(&[("姓名", written)]).holder_name, name);
    }
}

#[test]
fn dirt_09_every_middle_dot_becomes_one() {
    for dot in ['·', '•', '・', '．', '.', '‧'] {
        assert_eq!(entry(&[("姓名", &format!("买买提{dot}艾力"))]).holder_name, "买买提·艾力");
    }
    assert_eq!(entry(&[("姓名", "买买提艾力")]).holder_name, "买买提艾力");
}

#[test]
fn dirt_10_rare_characters_stay_and_lost_ones_are_flagged() {
    for name in ["李𬭎", "王䶮", "张㛃", "Li Hong"] {
        let found = entry(&[("姓名", name)]);
        assert_eq!((found.holder_name.as_str(), warnings(&found)), (name, vec![]));
    }
    for name in ["李?", "李□", "李\u{E863}"] {
        assert_eq!(warnings(&entry(&[("姓名", name)])), [Code::NameDamaged], "{name}");
    }
}

#[test]
fn dirt_11_traditional_and_japanese_forms_are_stored_as_written() {
    for name in ["張偉", "沢田桜"] {
        assert_eq!(entry(&[("姓名", name)]).holder_name, name);
    }
}

#[test]
fn dirt_25_organisations_come_with_name_and_code_for_matching() {
    let found = entry(&[("单位名称", " 北京（例安）机电 有限责任公司 ")]);
    assert_eq!(found.organisation_name.as_deref(), Some("北京（例安）机电 有限责任公司"));
    assert_eq!(found.credit_code.as_deref(), Some("91110000600037341L"));
}

#[test]
fn dirt_26_wrong_credit_codes_are_never_put_right() {
    let found = entry(&[("统一社会信用代码", "9111OOOO600037341L")]);
    assert_eq!((found.credit_code.as_deref(), warnings(&found)), (None, vec![Code::CreditCodeCheck]));
    let problem = found.warnings.iter().find(|problem| problem.code == Code::CreditCodeCheck).unwrap();
    assert_eq!(problem.params, [("suggestion", "91110000600037341L".to_owned())]);
    assert_eq!(warnings(&entry(&[("统一社会信用代码", "110105000012345")])), [Code::RegistrationNumber]);
    assert_eq!(warnings(&entry(&[("统一社会信用代码", "不详")])), [Code::CreditCodeShape]);
}

#[test]
fn dirt_29_a_masked_id_number_is_kept_as_it_is_and_flagged() {
    let found = entry(&[
        ("身份证号码", "110105********002X"),
        ("证书类别", "建安A"),
        ("操作项目", ""),
        ("证书编号", "京建安A(2015)0000071"),
        ("有效期至", "2026-04-30"),
        ("应复审日期", ""),
    ]);
    assert!(found.has_masked_identity());
    assert_eq!(found.identity_as_written.as_deref(), Some("110105********002X"));
    assert_eq!(warnings(&found), [Code::IdentityMasked]);
    assert_eq!(errors(&[("证书编号", "T110105********002X")]), [(Code::NumberMasked, "H2".to_owned())]);
}

#[test]
fn dirt_30_the_id_number_wins_over_sex_and_birth_date() {
    let found = entry(&[("性别", "男"), ("出生日期", "1950.1.1")]);
    assert_eq!(found.identity.as_ref().unwrap().number, ID);
    assert_eq!(warnings(&found), [Code::SexDisagrees, Code::BirthDateDisagrees]);
    assert_eq!(warnings(&entry(&[("出生日期", "1949年12月")])), []);
}

#[test]
fn other_papers_than_the_id_card_are_kept_with_their_kind() {
    let passport = entry(&[
        ("身份证号码", "E12345678"),
        ("证书类别", "消防设施操作员证"),
        ("操作项目", ""),
        ("证书编号", "1234567890123456"),
    ]);
    assert_eq!(passport.identity.unwrap().kind, IdentityKind::Passport);
}

/// A line of somebody born on that day, given as `yyyymmdd`.
fn born(day: &str) -> Vec<(&'static str, String)> {
    let id = with_check(&format!("110105{day}002"));
    vec![("证书编号", format!("T{id}")), ("身份证号码", id), ("出生日期", String::new())]
}

#[track_caller]
fn of(changes: &[(&'static str, String)]) -> Outcome {
    let changes: Vec<(&str, &str)> =
        changes.iter().map(|(column, value)| (*column, value.as_str())).collect();
    outcome(&changes)
}

#[test]
fn nobody_is_granted_a_certificate_before_birth() {
    let codes = |day: &str| {
        let problems = rejected(of(&born(day)));
        problems.into_iter().map(|problem| (problem.code, problem.cell)).collect::<Vec<_>>()
    };
    // The line is issued on 2023-05-01, and read on 2026-11-23.
    assert_eq!(codes("20230502"), [(Code::BornAfterIssue, "L2".to_owned())]);
    assert_eq!(codes("20261124"), [(Code::IdentityBirthDate, "E2".to_owned())]);
    let mut number_alone = born("20261124");
    number_alone[1].1.clear();
    assert_eq!(rejected(of(&number_alone))[0].code, Code::IdentityBirthDate);
}

#[test]
fn an_age_at_which_the_type_is_not_issued_is_told() {
    let told = |day: &str| warnings(&accepted(of(&born(day))).remove(0));
    assert_eq!(told("20050501"), []);
    assert_eq!(told("20050502"), [Code::AgeUnusual]);
}
