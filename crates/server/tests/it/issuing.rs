//! What an office fills in is checked before anybody has to approve it.

use crate::demo::shared;
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
