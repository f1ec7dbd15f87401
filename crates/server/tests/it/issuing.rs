//! What an office fills in is checked before anybody has to approve it.

use crate::demo::{Demo, now, shared};
use serde_json::{Value, json};

/// Nobody's: the example of the standard.
const ID: &str = "11010519491231002X";

fn form(region: &Value) -> Value {
    json!({
        "type": "mem_special_ops", "number": format!("T{ID}"), "item": "mem:1.1", "name": "冯十", "id_number": ID,
        "phone": "138 0000 0000", "organisation": "武汉江城机电有限公司", "uscc": null, "issuer": "应急管理局",
        "region": region, "industry": null, "issued_on": "2025-03-01", "valid_from": "2025-03-01",
        "valid_until": "2031-02-28", "review_due_on": "2028-02-29",
    })
}

#[test]
fn a_form_that_cannot_be_right_is_refused_with_the_field_at_fault() {
    let county = shared().user("regulator_county");
    let region = county.get("/me").body["region"].clone();
    for (field, value, code) in [
        ("organisation", json!("  "), "text_invalid"),
        ("organisation", json!("字".repeat(101)), "text_invalid"),
        ("organisation", json!(format!("公司{ID}")), "holds_id_number"),
        ("name", json!(format!("冯十{ID}")), "holds_id_number"),
        ("issuer", json!(format!("局{ID}")), "holds_id_number"),
        ("uscc", json!("91110000000000000A"), "uscc_invalid"),
        ("industry", json!("no_such_industry"), "code_unknown"),
        ("phone", json!("电话"), "phone_invalid"),
        ("id_number", json!("110105194912310021"), "id_number_invalid"),
        ("number", json!("T53010219200508011X"), "number_of_another"),
        ("issued_on", json!("2999-01-01"), "in_future"),
        ("valid_from", json!("2025-02-28"), "before_issue"),
        ("valid_until", json!("2025-02-28"), "range_reversed"),
        ("review_due_on", json!("2031-03-01"), "review_after_expiry"),
        ("review_due_on", json!("2025-02-28"), "before_issue"),
        ("item", json!("construction:01"), "item_not_of_type"),
        ("valid_until", json!("2031-03-01"), "validity_too_long"),
        ("valid_until", json!(null), "valid_until_needed"),
        ("review_due_on", json!("2028-03-01"), "review_too_late"),
    ] {
        let mut body = form(&region);
        body[field] = value.clone();
        let refused = county.post("/certificates", &body);
        assert_eq!((refused.status.as_u16(), refused.code()), (400, code), "{field} {value}");
        assert_eq!(refused.body["params"]["field"], field);
    }
    let mut unnamed = form(&region);
    unnamed["organisation"] = Value::Null;
    let check = domain::number::uscc::check_character("91110000100000000").unwrap();
    unnamed["uscc"] = json!(format!("91110000100000000{check}"));
    assert_eq!(county.post("/certificates", &unnamed).code(), "organisation_needed");
    assert_eq!(county.post("/certificates", &form(&region)).body["state"], "proposed");
}

/// An ID number of somebody born on that day, given as `yyyymmdd`.
fn born(day: &str) -> String {
    let seventeen = format!("110105{day}002");
    format!("{seventeen}{}", domain::number::citizen_id::check_character(&seventeen).unwrap())
}

#[test]
fn nobody_is_issued_a_certificate_before_birth_or_of_age() {
    let county = shared().user("regulator_county");
    let region = county.get("/me").body["region"].clone();
    let unborn = now().date_naive() + chrono::Days::new(2);
    for (birth, field, code) in [
        (&*unborn.format("%Y%m%d").to_string(), "id_number", "id_number_invalid"),
        ("20250302", "issued_on", "born_after_issue"),
        ("20070302", "issued_on", "age_not_allowed"),
    ] {
        let mut body = form(&region);
        (body["number"], body["id_number"]) = (json!(format!("T{}", born(birth))), json!(born(birth)));
        let refused = county.post("/certificates", &body);
        assert_eq!((refused.status.as_u16(), refused.code()), (400, code), "{birth}");
        assert_eq!(refused.body["params"]["field"], field);
        // The number alone says the same of its holder.
        body["id_number"] = Value::Null;
        assert_eq!(county.post("/certificates", &body).status, 400);
    }
    let mut of_age = form(&region);
    (of_age["number"], of_age["id_number"]) =
        (json!(format!("T{}", born("20070301"))), json!(born("20070301")));
    assert_eq!(county.post("/certificates", &of_age).body["state"], "proposed");
}

#[test]
fn a_review_that_the_form_leaves_out_is_due_as_the_rules_say() {
    let demo = Demo::start();
    let (maker, checker) = (demo.user("regulator_county"), demo.user("regulator_county_checker"));
    let mut body = form(&maker.get("/me").body["region"]);
    body["review_due_on"] = Value::Null;
    let proposed = maker.post("/certificates", &body);
    let decision = format!("/approvals/{}/decision", proposed.body["approval"].as_str().unwrap());
    let approved = checker.post(&decision, &json!({ "approve": true }));
    assert_eq!(approved.body["state"], "approved", "{}", approved.text);
    let found = maker.search(&json!({ "name": "冯十", "organisation": "江城机电" }));
    assert_eq!(found.items()[0]["review_due_on"], "2028-02-29", "{}", found.text);
}

/// Issue dates 36 years apart leave few years in which their holder can have been born: few enough
/// that the ends of the ID number would tell the rest of it.
#[test]
fn what_waits_for_a_decision_narrows_a_hidden_id_number_no_further_than_any_list() {
    let demo = Demo::start();
    let (maker, checker) = (demo.user("regulator_county"), demo.user("regulator_county_checker"));
    let id = born("19710510");
    let body = |issued: &str, until: &str| {
        let mut body = form(&maker.get("/me").body["region"]);
        (body["number"], body["id_number"]) = (json!(format!("T{id}")), json!(id));
        (body["issued_on"], body["valid_from"], body["valid_until"]) =
            (json!(issued), json!(issued), json!(until));
        body["review_due_on"] = Value::Null;
        body
    };
    let waiting = |body: &Value| {
        let proposed = maker.post("/certificates", body);
        let approval = proposed.body["approval"].as_str().expect(&proposed.text).to_owned();
        let shown = checker.get("/approvals");
        let row = shown.items().iter().find(|row| row["id"] == approval.as_str()).expect(&shown.text);
        (approval, row["proposal"]["number"].as_str().unwrap().to_owned())
    };
    let approve = |approval: &str| {
        let decided = checker.post(&format!("/approvals/{approval}/decision"), &json!({ "approve": true }));
        assert_eq!(decided.body["state"], "approved", "{}", decided.text);
    };
    let ends = format!("T{}***********{}", &id[..3], &id[14..]);
    let first = body("1990-05-01", "1996-04-30");
    let (approval, number) = waiting(&first);
    assert_eq!(number, ends);
    approve(&approval);
    let again = maker.post("/certificates", &first);
    assert_eq!((again.status.as_u16(), again.code()), (409, "duplicate_certificate"), "nobody has to decide");

    let row = &maker.search(&json!({ "name": "冯十", "organisation": "江城机电" })).items()[0].clone();
    assert_eq!(row["number"], ends.as_str());
    let path = format!("/certificates/{}", row["id"].as_str().unwrap());
    let tag = maker.get(&path).headers["etag"].to_str().unwrap().to_owned();
    let (approval, number) = waiting(&body("2026-05-01", "2032-04-30"));
    assert_eq!(number, format!("T{}", "*".repeat(18)), "together with what lists show of the same person");
    approve(&approval);
    let detail = maker.send(reqwest::Method::GET, &path, &[("if-none-match", &tag)], None);
    assert_eq!(detail.status, 200, "what must not be shown any more is not kept by its tag");
    assert_eq!(detail.body["number"], format!("T{}", "*".repeat(18)));
}
