//! The rules of a type hold for what rosters bring in and offices renew, spoken of or not.

use crate::{
    audit::wait_for,
    changes::change,
    demo::{Demo, now},
    imports::{counts, import},
};
use chrono::{Days, Months};
use domain::{Date, lifecycle::end_of_validity};
use serde_json::{Value, json};

/// Nobody's: the example of the standard.
const ID: &str = "11010519491231002X";

/// Four years of six have passed, and no word of the review after three.
fn four_years_ago() -> Date {
    now().date_naive() - Months::new(48)
}

/// A roster of one row, with a column for the review if there is something to put into it.
fn roster(number: &str, review: Option<Date>) -> tempfile::NamedTempFile {
    let from = four_years_ago();
    let until = end_of_validity(from, 6).unwrap();
    let (column, review) = match review {
        Some(day) => (",应复审日期", format!(",{day}")),
        None => ("", String::new()),
    };
    let header = "姓名,身份证号码,证书类别,准操项目,证书编号,工作单位,发证机关,发证日期,有效期至";
    let row = format!(
        "周九,{ID},特种作业操作证,低压电工作业,{number},襄阳复审机械有限公司,襄阳市应急管理局,{from},{until}"
    );
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), format!("{header}{column}\n{row}{review}\n")).unwrap();
    file
}

fn found(demo: &Demo) -> Vec<Value> {
    let nation = demo.user("regulator_national");
    nation.search(&json!({ "name": "周九", "organisation": "复审机械" })).items().to_vec()
}

#[test]
fn a_roster_that_is_silent_about_the_review_does_not_make_a_certificate_good() {
    let demo = Demo::start();
    let due = end_of_validity(four_years_ago(), 3).unwrap();
    let silent = roster(&format!("T{ID}"), None);
    let report = import(&demo, silent.path(), &[]);
    assert_eq!(counts(&report), [1, 1, 0, 0], "{report}");
    assert!(report["warnings"].as_u64().unwrap() > 0);
    wait_for(
        || found(&demo),
        |row| row["status"]["code"] == "review_overdue" && row["review_due_on"] == json!(due),
    );

    let passed = roster(&format!("T{ID}"), Some(end_of_validity(four_years_ago(), 6).unwrap()));
    assert_eq!(counts(&import(&demo, passed.path(), &[])), [1, 1, 0, 0]);
    wait_for(|| found(&demo), |row| row["status"]["code"] == "valid");
    let silent_again = import(&demo, silent.path(), &[]);
    assert_eq!(counts(&silent_again), [1, 0, 1, 0], "what is left out says nothing");
}

#[test]
fn a_certificate_number_with_fifteen_digits_is_that_with_eighteen() {
    let demo = Demo::start();
    let fifteen = format!("T{}{}", &ID[..6], &ID[8..17]);
    let file = roster(&fifteen, None);
    assert_eq!(counts(&import(&demo, file.path(), &[])), [1, 1, 0, 0]);
    let nation = demo.user("regulator_national");
    let by = |number: &str| nation.search(&json!({ "number": number })).items().to_vec();
    wait_for(|| by(&fifteen), |row| row["holder"]["name"] == "周九");
    assert_eq!(by(&fifteen), by(&format!("T{ID}")));
}

#[test]
fn a_renewal_is_as_the_rules_of_the_type_have_it() {
    let demo = Demo::start();
    let county = demo.user("regulator_county");
    let query = json!({ "type": ["mem_special_ops"], "status": ["valid"], "region": county.get("/me").body["region"] });
    let certificate = county.search(&query).items()[0].clone();
    let from: Date =
        serde_json::from_value::<Date>(certificate["valid_until"].clone()).unwrap() + Days::new(1);
    let renew = |until: Option<Date>, review: Option<Date>| {
        let body = json!({ "action": "renew", "effective_on": from, "valid_from": from, "valid_until": until,
            "review_due_on": review });
        change(&county, certificate["id"].as_str().unwrap(), &body)
    };
    let after = |years| end_of_validity(from, years);
    assert_eq!(renew(after(7), after(3)).code(), "validity_too_long");
    assert_eq!(renew(None, after(3)).code(), "valid_until_needed");
    assert_eq!(renew(after(6), after(4)).code(), "review_too_late");
    let proposed = renew(after(6), None);
    let checker = demo.user("regulator_county_checker");
    let decision = format!("/approvals/{}/decision", proposed.body["approval"].as_str().unwrap());
    assert_eq!(checker.post(&decision, &json!({ "approve": true })).body["state"], "approved");
    let renewed = county.get(&format!("/certificates/{}", certificate["id"].as_str().unwrap()));
    assert_eq!(renewed.body["review_due_on"], json!(after(3)), "{}", renewed.text);
}
