//! What the demo does with the folder it is given.

use crate::demo::{Demo, User, anzheng, user_add};
use serde_json::{Value, json};
use std::{path::Path, process::Stdio};

/// Two transactions' worth.
const COMMAND: &[&str] = &["demo", "--json", "--certificates", "2100", "--listen", "127.0.0.1:0"];

/// Begins to fill the folder and ends as a power cut would, once as many certificates are written.
fn interrupt(dir: &Path, certificates: u64) {
    let mut process = anzheng()
        .args(COMMAND)
        .arg("--data-dir")
        .arg(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let url = format!("sqlite://{}?mode=ro", dir.join("registry.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    while !dir.join("demo.json").exists()
        || runtime.block_on(testkit::count(&url, "certificate")) < certificates
    {
        assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
    }
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Every row that the whole country has.
fn everything(nation: &User<'_>) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let answer = nation.search(&json!({ "page_size": 100, "cursor": cursor }));
        rows.extend(answer.items().to_vec());
        cursor = answer.body["page"]["next_cursor"].clone();
        if cursor.is_null() {
            return rows;
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_registry_interrupted_or_not() {
    let dir = tempfile::tempdir().unwrap();
    interrupt(dir.path(), 0);
    interrupt(dir.path(), 2_000);
    let (interrupted, whole) =
        (Demo::run(COMMAND, dir, &[]), Demo::run(COMMAND, tempfile::tempdir().unwrap(), &[]));
    let (one, other) = (interrupted.user("regulator_national"), whole.user("regulator_national"));
    let rows = everything(&one);
    assert_eq!(rows.len(), 2_100);
    assert!(rows == everything(&other));
    for row in rows.iter().step_by(300) {
        let path = format!("/certificates/{}", row["id"].as_str().unwrap());
        assert_eq!(one.get(&path).body, other.get(&path).body, "{path}");
    }
    assert_eq!(interrupted.roles(), whole.roles());
}

#[test]
fn nothing_invented_is_written_beside_what_is_real() {
    let dir = tempfile::tempdir().unwrap();
    user_add(dir.path(), &[], "nation", &["--role", "regulator_national"]);
    let output = anzheng().args(COMMAND).arg("--data-dir").arg(dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("not a demo's"), "{said}");

    // A new folder, and a database that is in use.
    let url = format!("sqlite://{}", dir.path().join("registry.db").display());
    let elsewhere = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = anzheng()
            .args(COMMAND)
            .arg("--data-dir")
            .arg(elsewhere.path())
            .env("ANZHENG__STORE__URL", &url)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("the database holds a registry that is not a demo's"), "{said}");
    }
}

#[test]
fn an_account_can_be_added_in_the_moment_in_which_the_server_begins() {
    for _ in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        let served = std::thread::scope(|scope| {
            scope.spawn(|| user_add(&path, &[], "first", &["--role", "system_admin"]));
            Demo::serve(dir, &[])
        });
        assert_eq!(served.user("first").get("/me").body["role"], "system_admin");
    }
}
