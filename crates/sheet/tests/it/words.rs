use crate::support::*;
use sheet::{Field, ProblemCode, Words};
use std::collections::HashSet;

const LOCALES: [&str; 3] = [
    include_str!("../../../../locales/zh-CN.toml"),
    include_str!("../../../../locales/en.toml"),
    include_str!("../../../../locales/ja.toml"),
];

#[test]
fn every_code_has_words_in_every_language() {
    for locale in LOCALES {
        let all: toml::Table = locale.parse().unwrap();
        let keys = |section: &str| -> HashSet<&str> {
            all[section].as_table().unwrap().keys().map(String::as_str).collect()
        };
        let codes: HashSet<&str> = ProblemCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(keys("row_problem"), codes);
        assert_eq!(keys("row_remedy"), codes);
        assert_eq!(keys("row_field"), Field::ALL.iter().map(|field| field.code()).collect());
    }
}

#[test]
fn a_sentence_says_where_what_and_what_to_do() {
    let problem = rejected(outcome(&[("身份证号码", "110105194912310021")])).remove(0);
    let sentences = LOCALES.map(|locale| Words::from_toml(locale).unwrap().sentence(&problem));
    assert_eq!(sentences[0], "E2（身份证件号码，18位数字）：身份证号校验码不对。对照证件改正；系统不猜测。");
    assert_eq!(
        sentences[1],
        "E2 (ID number, 18 digits): The check digit of the ID number is wrong. Correct it from the document; nothing is guessed."
    );
    assert!(sentences[2].starts_with("E2（身分証番号、18桁の数字）："));
    let ambiguous = rejected(outcome(&[("证书类别", "电工证"), ("操作项目", "")])).remove(0);
    assert!(Words::from_toml(LOCALES[1]).unwrap().sentence(&ambiguous).contains("mem:1.2, mem:1.1"));
}
