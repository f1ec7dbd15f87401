use crate::demo::Demo;
use serde_json::{Value, json};
use std::process::{Command, Output};

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
    assert_eq!(demo.visitor().get("/audit").status, 401);
}

/// The files of this process may not grow beyond so many bytes.
fn limit_files(demo: &Demo, bytes: &str) {
    let limit = format!("--fsize={bytes}:");
    assert!(Command::new("prlimit").args(["--pid", &demo.pid(), &limit]).status().unwrap().success());
}

#[test]
fn a_journal_that_cannot_grow_stops_every_answer_and_goes_on_by_itself() {
    let mut demo = Demo::start();
    let nation = demo.user("regulator_national");
    let search = || nation.search(&json!({ "page_size": 10 }));
    let whole = search();
    assert_eq!((whole.status.as_u16(), whole.items().len()), (200, 10));
    let mut answered = 1;

    limit_files(&demo, "4096");
    let visitor = demo.visitor();
    for _ in 0..10 {
        let calls = [
            search(),
            nation.search(&json!({ "nonsense": true })),
            nation.get(&format!("/certificates/{}", whole.items()[0]["id"].as_str().unwrap())),
            visitor.search(&json!({})),
            visitor.post("/verify", &json!({ "number": "x", "name": "y" })),
        ];
        for refused in calls {
            let problem = (refused.status.as_u16(), refused.code());
            assert_eq!(problem, (503, "audit_unavailable"), "{}", refused.text);
            assert!(refused.items().is_empty() && refused.headers.contains_key("retry-after"));
        }
    }
    limit_files(&demo, "unlimited");
    let back = loop {
        let answer = search();
        if answer.code() != "audit_unavailable" {
            break answer;
        }
        std::thread::yield_now();
    };
    assert_eq!((back.status.as_u16(), back.items()), (200, whole.items()), "{}", back.text);
    answered += 1;

    demo.stop();
    let (code, report) = verified(&demo);
    assert_eq!((code, &report["findings"], &report["records"]), (Some(0), &json!([]), &report["copied"]));
    let url = format!("sqlite://{}", demo.data_dir().join("registry.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let searches = "audit_record WHERE action = 'certificate.search'";
    // A record may be durable although its answer did not wait for it; never the other way round.
    let recorded = runtime.block_on(testkit::count(&url, searches));
    assert!(recorded >= answered, "{answered} answers, {recorded} records");
}
