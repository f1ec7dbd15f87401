use crate::demo::{Answer, Demo, PASSWORD, User, now, shared};
use chrono::TimeDelta;
use domain::{access::STEP_UP_MINUTES, number::embeds_id};
use keys::KeyRing;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use store::{Options, Store};

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

pub fn everything(role: &str) -> Vec<Value> {
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

fn regulator_and_record() -> (User<'static>, String) {
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
    assert_eq!(unmask(json!({ "field": "id_number", "purpose": "", "case": "1" })).code(), "code_unknown");
    assert_eq!(
        unmask(json!({ "field": "name", "purpose": "complaint", "case": "1" })).code(),
        "code_unknown"
    );
    let leaking = unmask(json!({ "field": "phone", "purpose": "complaint", "case": "11010519491231002X" }));
    assert_eq!(leaking.code(), "holds_id_number");
    assert!(!leaking.text.contains("19491231"));
}

/// An ID number of nobody, in the ways people write one.
const PLANTED: [&str; 5] = [
    "11010519491231002X",
    "110105 19491231 002X",
    "110105-19491231-002X",
    "１１０１０５１９４９１２３１００２Ｘ",
    "1.1.0.1.0.5.1.9.4.9.1.2.3.1.0.0.2.X",
];

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn an_id_number_in_the_case_or_purpose_of_an_unmasking_is_written_nowhere() {
    let mut demo = Demo::start();
    let county = demo.user("regulator_county");
    let rows = county.search(&json!({ "type": ["mem_special_ops"] }));
    let path = format!("/certificates/{}/unmask", rows.items()[0]["id"].as_str().unwrap());
    for planted in PLANTED {
        for case in [planted.to_owned(), format!("2026-{planted}"), format!("案{planted}号")] {
            let body = json!({ "field": "id_number", "purpose": "enforcement", "case": case });
            let refused = county.post(&path, &body);
            assert_eq!(refused.status, 400, "{case}");
            assert!(["holds_id_number", "case_invalid"].contains(&refused.code()), "{case}");
            assert!(!refused.text.contains(planted));
        }
        let body = json!({ "field": "id_number", "purpose": planted, "case": "1" });
        assert_eq!(county.post(&path, &body).code(), "code_unknown");
    }
    let kept = "（2026）应急执-0117";
    let body = json!({ "field": "id_number", "purpose": "enforcement", "case": kept });
    assert_eq!(county.post(&path, &body).status, 200);
    demo.stop();

    let files = files(&demo.data_dir());
    assert!(files.iter().any(|file| file.extension().is_some_and(|extension| extension == "segment")));
    let holds = |needle: &str| {
        let needle = needle.as_bytes();
        let found = |file: &&PathBuf| {
            std::fs::read(file).unwrap().windows(needle.len()).any(|window| window == needle)
        };
        files.iter().find(found)
    };
    for planted in PLANTED {
        assert_eq!(holds(planted), None, "{planted}");
    }
    assert!(holds(kept).is_some(), "what is fit to be kept is found where the others are looked for");
}

#[test]
fn a_case_is_a_reference_and_not_a_story() {
    let (county, id) = regulator_and_record();
    let long = "a".repeat(61);
    for case in ["", " ", "see the file of Mr Wang", "a\nb", "<b>", "123456789012345", long.as_str()] {
        let body = json!({ "field": "phone", "purpose": "complaint", "case": case });
        let answer = county.post(&format!("/certificates/{id}/unmask"), &body);
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "case_invalid"), "{case}");
    }
}

/// The last proof of identity in every session of the account lies as long ago as it may not: what
/// has not been asked with the session yet goes by it.
pub fn let_proofs_grow_old(demo: &Demo, account: &str) {
    let keys = demo.data_dir().join("keys");
    let ring = KeyRing::open_existing(&keys, &keys.join("master")).unwrap();
    let url = format!("sqlite://{}", demo.data_dir().join("registry.db").display());
    let proven = now() - TimeDelta::minutes(STEP_UP_MINUTES) - TimeDelta::seconds(1);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::connect(&Options { url, max_connections: 1 }, ring).await.unwrap();
        for session in store.sessions_of(account.parse().unwrap()).await.unwrap() {
            store.prove_in_session(session.id, domain::access::Factor::Password, proven).await.unwrap();
        }
    });
}

#[test]
fn searching_by_an_id_number_in_any_field_needs_a_fresh_proof_of_identity() {
    let demo = Demo::start();
    for role in ["enterprise_admin", "regulator_county"] {
        let account = demo.user(role).get("/me").body["account"].as_str().unwrap().to_owned();
        let user = demo.user(role);
        let_proofs_grow_old(&demo, &account);
        let queries: Vec<Value> = ["11010519491231002X", "T11010519491231002X", "110105-19491231-002X"]
            .iter()
            .flat_map(|id| ["number", "q", "id_number"].map(|field| json!({ field: id })))
            .collect();
        for query in &queries {
            let answer = user.search(query);
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "step_up_required"), "{role} {query}");
            assert!(!answer.text.contains("19491231"));
        }
        assert_eq!(user.search(&json!({ "number": "京建安C1" })).status, 200, "{role}");
        let in_address = user.get("/certificates/search?number=T11010519491231002X");
        assert_eq!((in_address.status.as_u16(), in_address.code()), (400, "use_post"), "{role}");
        assert_eq!(user.post("/session/step-up", &json!({ "password": PASSWORD })).status, 200);
        for query in &queries {
            let answer = user.search(query);
            assert_eq!(answer.status, 200, "{role} {query}: {}", answer.text);
        }
    }
}

#[test]
fn an_id_number_in_an_address_is_sent_back_also_after_a_fresh_proof() {
    for role in ["enterprise_admin", "regulator_county"] {
        let user = shared().user(role);
        assert_eq!(user.post("/session/step-up", &json!({ "password": PASSWORD })).status, 200);
        for number in ["11010519491231002X", "T11010519491231002X", "110105-19491231-002X"] {
            let answer = user.get(&format!("/certificates/search?number={number}"));
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "use_post"), "{role} {number}");
        }
    }
}
