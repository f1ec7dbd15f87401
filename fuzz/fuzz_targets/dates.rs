//! Days as rosters write them: what is understood, written plainly, is understood the same.
#![no_main]

use anzheng_fuzz::{roster, texts};
use domain::{Date, certificate::Terms};
use libfuzzer_sys::fuzz_target;

const HEADER: &str = "姓名,身份证号码,证书类别,操作项目,证书编号,发证机关,发证日期,有效期至,应复审日期";
const BEFORE_THE_DAYS: &str =
    "李梅,11010519491231002X,特种作业操作证,低压电工作业,T11010519491231002X,北京市应急管理局";

fuzz_target!(|text: &str| {
    let days = texts::<3>(text);
    let Some(terms) = terms(days) else { return };
    let written = |day: Option<Date>| day.map_or("长期".to_owned(), |day| day.to_string());
    let plain = [terms.issued_on.to_string(), written(terms.valid_until), written(terms.review_due_on)];
    let again = self::terms([&plain[0], &plain[1], &plain[2]]).expect("plain days are read");
    assert_eq!((again.issued_on, again.valid_until), (terms.issued_on, terms.valid_until));
});

/// What a line with these days is read as; none if it is not accepted.
fn terms(days: [&str; 3]) -> Option<Terms> {
    let cells = days.map(|day| format!("\"{}\"", day.replace('"', "\"\"")));
    let csv = format!("{HEADER}\r\n{BEFORE_THE_DAYS},{}\r\n", cells.join(","));
    roster::read(csv.into_bytes()).first().map(|entry| entry.terms)
}
