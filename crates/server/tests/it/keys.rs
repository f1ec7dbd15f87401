use crate::{audit::wait_for, demo::Demo};
use serde_json::{Value, json};

/// The JSON line that a command ended with.
fn line(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn a_key_is_rotated_while_the_registry_is_served() {
    let demo = Demo::start();
    let before =
        demo.user("regulator_national").search(&json!({ "sort": "-valid_until" })).items()[0].clone();
    assert_eq!(line(&demo.anzheng(&["keys", "rotate", "--json"]))["key"], 2);

    let renewed = line(&demo.anzheng(&["keys", "check", "--renew", "--json"]));
    assert!(renewed["checked"].as_u64().unwrap() > 2_000, "{renewed}");
    assert_eq!((&renewed["renewed"], &renewed["damaged"]), (&renewed["checked"], &json!(0)));
    let again = line(&demo.anzheng(&["keys", "check", "--renew", "--json"]));
    assert_eq!(again["renewed"], 0);

    // Account, session and record were sealed under a key that the server had never heard of.
    let user = demo.user("regulator_national");
    let id = before["id"].as_str().unwrap();
    assert_eq!(user.get(&format!("/certificates/{id}")).body["number"], before["number"]);
    assert_eq!(user.search(&json!({ "sort": "-valid_until" })).items()[0], before);
}

#[test]
fn a_row_edited_in_the_database_is_named_and_put_on_record() {
    let mut demo = Demo::start();
    demo.stop();
    let url = format!("sqlite://{}", demo.data_dir().join("registry.db").display());
    let edit =
        "UPDATE certificate SET valid_until = '2099-12-31' WHERE id = (SELECT min(id) FROM certificate)";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(testkit::raw(&url, edit)).unwrap(), 1);

    let output = demo.anzheng(&["keys", "check", "--json"]);
    let report = line(&output);
    assert_eq!((output.status.code(), &report["damaged"]), (Some(2), &json!(1)));
    let row = &report["rows"][0];
    assert_eq!(row["table"], "certificate");

    let place = format!("certificate {}", row["id"].as_str().unwrap());
    // Read from the database anew, the row is no answer, and nothing counts as not found.
    demo.kill();
    std::fs::remove_dir_all(demo.data_dir().join("readmodel")).unwrap();
    demo.kill_and_restart();
    let regulator = demo.user("regulator_national");
    let id = row["id"].as_str().unwrap().replace('-', "");
    let shown = regulator.get(&format!("/certificates/cert_{id}"));
    assert_eq!((shown.status.as_u16(), shown.code()), (500, "record_corrupt"));
    assert_eq!(
        regulator.search(&json!({ "type": ["mem_principal"] })).body["reasons"],
        json!(["service_degraded"])
    );
    let verified = regulator.post("/verify", &json!({ "number": "110105202400001", "name": "某某" }));
    assert_eq!(verified.body["verdict"], "unknown", "{}", verified.body);

    let auditor = demo.user("audit_admin");
    wait_for(
        || auditor.get("/audit?action=seals.damaged").items().to_vec(),
        |record| record["object"] == place.as_str(),
    );
}
