use crate::demo::Demo;
use serde_json::{Value, json};
use std::process::Output;

fn verified(demo: &Demo) -> (Option<i32>, Value) {
    let Output { status, stdout, .. } = demo.anzheng(&["audit", "verify", "--json"]);
    (status.code(), serde_json::from_slice(&stdout).unwrap())
}

#[test]
fn every_call_is_on_record_and_tampering_with_the_record_is_found() {
    let mut demo = Demo::start();
    let county = demo.user("regulator_county");
    let answers = [
        county.search(&json!({ "q": "11010519491231002X" })),
        county.get("/certificates/cert_00000000000000000000000000000000"),
        demo.visitor().search(&json!({})),
        demo.visitor().post("/verify", &json!({ "number": "x", "name": "y" })),
        county.search(&json!({ "nonsense": true })),
    ];
    assert!(answers.iter().all(|answer| answer.text.contains('{')));
    let (code, report) = verified(&demo);
    assert_eq!(code, Some(0), "{report}");
    assert!(report["records"].as_u64().unwrap() >= answers.len() as u64);

    demo.stop();
    let (code, report) = verified(&demo);
    assert_eq!((code, &report["intact"]), (Some(0), &json!(true)), "{report}");
    assert!(report["checkpoints"].as_u64().unwrap() >= 1, "the last act signs a checkpoint");

    let dir = demo.data_dir().join("audit");
    let segment = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "segment"))
        .unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    let text = b"certificate.search";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let (code, report) = verified(&demo);
    assert_eq!((code, &report["intact"]), (Some(2), &json!(false)));
    assert!(!report["findings"].as_array().unwrap().is_empty());
}

/// A record shows up in the searchable copy a moment after it is durable.
pub fn wait_for(read: impl Fn() -> Vec<Value>, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        if let Some(record) = read().into_iter().find(&wanted) {
            return record;
        }
        std::thread::yield_now();
    }
}

#[test]
fn the_audit_administrator_filters_and_reads_keywords_without_personal_data() {
    let demo = crate::demo::shared();
    let individual = demo.user("individual");
    let refused = individual.search(&json!({ "name": "张伟" }));
    let auditor = demo.user("audit_admin");
    let read = || auditor.get("/audit?role=individual&action=certificate.search&limit=200").items().to_vec();
    let record =
        wait_for(read, |record| record["keywords"].as_str().is_some_and(|words| words.contains("name=")));
    assert_eq!(record["role"], "individual");
    assert!(!record["keywords"].as_str().unwrap().contains("张伟"), "{record}");
    for field in ["at", "request", "account", "session", "source", "outcome", "version"] {
        assert!(record[field].is_string(), "{field} in {record}");
    }
    drop(refused);
    let filtered = auditor.get("/audit?outcome=refused&limit=200");
    assert!(
        filtered.items().iter().all(|record| record["outcome"] == "refused" && record["reason"].is_string())
    );
    assert_eq!(auditor.get("/audit?outcome=maybe").code(), "code_unknown");
    let own = individual.get("/audit?limit=200");
    assert!(own.items().iter().all(|record| record["role"] == "individual"));
    assert_eq!(demo.visitor().get("/audit").status, 401);
}
