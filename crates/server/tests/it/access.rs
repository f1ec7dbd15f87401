use crate::demo::{Answer, shared};
use domain::number::embeds_id;
use serde_json::{Value, json};

/// Does the row belong to whoever `/me` says one is?
type IsInside = fn(&Value, &Value) -> bool;

/// Roles that see certificates, with what every row of theirs has in common.
fn scoped() -> Vec<(&'static str, IsInside)> {
    vec![
        ("regulator_county", |row, own| row["region"] == own["region"]),
        ("regulator_city", |row, own| prefix(row) == own["region"].as_str().unwrap()[..4]),
        ("regulator_province", |row, own| prefix(row)[..2] == own["region"].as_str().unwrap()[..2]),
        ("enterprise_admin", |row, own| row["organisation"]["id"] == own["organisation"]),
        ("api_client", |row, own| row["organisation"]["id"] == own["organisation"]),
    ]
}

fn prefix(row: &Value) -> String {
    row["region"].as_str().unwrap()[..4].to_owned()
}

fn everything(role: &str) -> Vec<Value> {
    let user = shared().user(role);
    let mut rows = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let answer = user.search(&json!({ "page_size": 100, "cursor": cursor }));
        rows.extend(answer.items().to_vec());
        cursor = answer.body["page"]["next_cursor"].clone();
        if cursor.is_null() || answer.items().is_empty() {
            return rows;
        }
    }
}

#[test]
fn each_role_sees_its_own_scope_and_nothing_else() {
    let nation = everything("regulator_national");
    assert_eq!(nation.len(), 1200);
    for (role, inside) in scoped() {
        let me = shared().user(role).get("/me").body;
        let seen = everything(role);
        assert!(!seen.is_empty(), "{role}");
        assert!(seen.iter().all(|row| inside(row, &me)), "{role} sees beyond its scope");
        let expected = nation.iter().filter(|row| inside(row, &me)).count();
        assert_eq!(seen.len(), expected, "{role}");
    }
}

#[test]
fn a_record_outside_the_scope_is_not_there() {
    let county = shared().user("regulator_county");
    let own = county.get("/me").body["region"].clone();
    let outside = everything("regulator_national").into_iter().find(|row| row["region"] != own).unwrap();
    let id = outside["id"].as_str().unwrap();
    for path in [format!("/certificates/{id}"), format!("/certificates/{id}/photo")] {
        let answer = county.get(&path);
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "certificate_not_found"), "{path}");
    }
    let unmask = json!({ "field": "id_number", "purpose": "enforcement", "case": "1" });
    let answer = county.post(&format!("/certificates/{id}/unmask"), &unmask);
    assert_eq!(answer.code(), "certificate_not_found");
    let invented = county.get("/certificates/cert_00000000000000000000000000000000");
    assert_eq!((invented.status.as_u16(), invented.code()), (404, "certificate_not_found"));
}

#[test]
fn administrators_see_no_certificate_and_visitors_must_sign_in() {
    for role in ["system_admin", "security_admin", "audit_admin"] {
        let answer = shared().user(role).search(&json!({}));
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "not_permitted"), "{role}");
    }
    let answer = shared().visitor().search(&json!({}));
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "sign_in_required"));
}

/// The individual sees their own ID number; nobody else's answers hold one by default.
#[test]
fn no_list_or_record_shows_an_id_number_in_full() {
    for role in shared().roles() {
        if role == "individual" {
            continue;
        }
        let user = shared().user(role);
        let list = user.search(&json!({ "page_size": 100 }));
        assert!(embeds_id(&list.text).is_none(), "{role}: a list");
        for row in list.items().iter().take(10) {
            let record = user.get(&format!("/certificates/{}", row["id"].as_str().unwrap()));
            assert!(embeds_id(&record.text).is_none(), "{role}: a record");
        }
    }
}

fn regulator_and_record() -> (crate::demo::User<'static>, String) {
    let county = shared().user("regulator_county");
    let rows = county.search(&json!({ "type": ["mem_special_ops"] }));
    let id = rows.items()[0]["id"].as_str().unwrap().to_owned();
    (county, id)
}

#[test]
fn unmasking_needs_a_purpose_and_shows_one_field_for_thirty_seconds() {
    let (county, id) = regulator_and_record();
    let unmask = |body: Value| -> Answer { county.post(&format!("/certificates/{id}/unmask"), &body) };
    let shown = unmask(json!({ "field": "id_number", "purpose": "enforcement", "case": "2026-17" }));
    assert_eq!(shown.status, 200);
    assert!(embeds_id(shown.body["value"].as_str().unwrap()).is_some());
    assert_eq!(unmask(json!({ "field": "id_number", "purpose": "", "case": "1" })).code(), "text_invalid");
    assert_eq!(unmask(json!({ "field": "name", "purpose": "x", "case": "1" })).code(), "code_unknown");
    let leaking = unmask(json!({ "field": "phone", "purpose": "x", "case": "11010519491231002X" }));
    assert_eq!(leaking.code(), "holds_id_number");
    assert!(!leaking.text.contains("19491231"));
}
