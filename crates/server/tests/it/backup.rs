//! From a backup made beside a server at work to a registry that answers as before.

use crate::{
    changes::status,
    databases::{database, suspend},
    demo::{Demo, User, anzheng},
};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::Output,
    sync::atomic::{AtomicBool, Ordering},
};
use testkit::Kind;

/// The JSON line that a command ended with.
pub fn line(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

pub fn back_up(demo: &Demo, place: &Path) -> Value {
    let output = demo.anzheng(&["backup", "run", "--json", "--to", place.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    line(&output)
}

/// Restores into a folder that is not there yet, with the keys of the data folder `keys_of`.
pub fn restore(place: &Path, keys_of: &Path, to: &Path, more: &[&str]) -> Output {
    anzheng()
        .args(["restore", "--json", "--from", place.to_str().unwrap()])
        .arg("--keys")
        .arg(keys_of.join("keys"))
        .arg("--data-dir")
        .arg(to)
        .args(more)
        .output()
        .unwrap()
}

/// What a registry says of itself to those who may ask.
fn answers(nation: &User<'_>) -> Vec<Value> {
    let queries = [
        json!({}),
        json!({ "sort": "-valid_until", "page_size": 100 }),
        json!({ "organisation": "有限公司", "type": ["con_a"] }),
        json!({ "status": ["suspended"] }),
    ];
    let searched = queries.map(|query| {
        let found = nation.search(&query);
        json!([found.body["total"], found.items()])
    });
    let items = nation.search(&json!({ "sort": "-valid_until" })).items().to_vec();
    let details =
        items.iter().map(|item| nation.get(&format!("/certificates/{}", item["id"].as_str().unwrap())).body);
    searched.into_iter().chain(details).collect()
}

/// Works against the registry until told to stop: reads, which are audited, and changes.
fn work(demo: &Demo, stop: &AtomicBool) -> u64 {
    let maker = demo.user("regulator_county");
    let id = crate::changes::own_certificate(&maker);
    let mut rounds = 0;
    while !stop.load(Ordering::Relaxed) {
        maker.search(&json!({ "name": "王" }));
        let body = json!({ "action": "suspend", "effective_on": "2026-01-05", "reason": "核查" });
        crate::changes::change(&maker, &id, &body);
        rounds += 1;
    }
    rounds
}

fn goes_round(kind: Kind) {
    let (_source, url) = database(kind);
    let mut demo = Demo::with(&[("ANZHENG__STORE__URL", &url)]);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("backups");
    let suspended = suspend(&demo);

    let stop = AtomicBool::new(false);
    let first = std::thread::scope(|scope| {
        let worker = scope.spawn(|| work(&demo, &stop));
        let first = back_up(&demo, &place);
        stop.store(true, Ordering::Relaxed);
        assert!(worker.join().unwrap() > 0);
        first
    });
    assert!(first["rows"].as_u64().unwrap() > 4_000, "{first}");
    let second = back_up(&demo, &place);
    assert!(second["audit_records"].as_u64() > first["audit_records"].as_u64(), "{first} {second}");
    assert_eq!(first["new_bytes"], first["bytes"], "{kind:?}: nothing was there before the first one");
    assert!(
        second["new_bytes"].as_u64().unwrap() * 2 < second["bytes"].as_u64().unwrap(),
        "{kind:?} {second}"
    );

    let before = answers(&demo.user("regulator_national"));
    demo.stop();
    let (_target, target_url) = database(kind);
    let to = tempfile::tempdir().unwrap();
    let output = restore(&place, &demo.data_dir(), to.path(), &["--database-url", &target_url]);
    assert_eq!(output.status.code(), Some(0), "{kind:?} {output:?}");
    assert_eq!(line(&output)["rows"], second["rows"]);

    let mut restored = Demo::serve(to, &[("ANZHENG__STORE__URL", &target_url)]);
    while !restored.visitor().get("/health/ready").status.is_success() {
        std::thread::yield_now();
    }
    let nation = restored.user("regulator_national");
    assert!(answers(&nation) == before, "{kind:?} answers otherwise");
    assert_eq!(status(&nation, &suspended), "suspended");
    // It can be worked with, and its history cannot be rewritten.
    suspend(&restored);
    let auditor = restored.user("audit_admin");
    crate::audit::wait_for(
        || auditor.get("/audit?action=backup.restore").items().to_vec(),
        |record| record["object"] == format!("backup {}", second["backup"].as_str().unwrap()),
    );
    restored.stop();
    let verified = restored.anzheng(&["audit", "verify", "--json"]);
    assert_eq!(verified.status.code(), Some(0), "{kind:?} {}", String::from_utf8_lossy(&verified.stdout));

    let drill = demo.anzheng(&["backup", "drill", "--json", "--from", place.to_str().unwrap()]);
    assert_eq!((drill.status.code(), &line(&drill)["passed"]), (Some(0), &json!(true)), "{kind:?} {drill:?}");
}

#[test]
fn every_database_comes_back_from_a_backup_made_while_it_was_in_use() {
    for kind in [Kind::Sqlite, Kind::Postgres, Kind::MySql] {
        if kind.is_wanted() {
            goes_round(kind);
        }
    }
}

#[test]
fn a_session_that_was_open_is_not_open_in_the_restored_registry() {
    let mut demo = Demo::start();
    let session = demo.user("regulator_national").token().to_owned();
    let folder = tempfile::tempdir().unwrap();
    back_up(&demo, folder.path());
    demo.stop();
    let to = tempfile::tempdir().unwrap();
    let output = restore(folder.path(), &demo.data_dir(), to.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let restored = Demo::serve(to, &[]);
    let late = restored.with_token(&session).search(&json!({}));
    assert_eq!(late.status.as_u16(), 401, "{}", late.text);
}

#[test]
fn a_server_with_a_place_for_backups_makes_them_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap().to_owned();
    let mut demo = Demo::with(&[("ANZHENG__BACKUP__TO", &place)]);
    let visitor = demo.visitor();
    while !visitor.get("/metrics").text.contains("anzheng_backup_last_success_timestamp_seconds ") {
        std::thread::yield_now();
    }
    demo.stop();
    let listed = demo.anzheng(&["backup", "list", "--json"]);
    assert_eq!(listed.status.code(), Some(0), "{listed:?}");
    let backup = line(&listed);
    assert_eq!(backup["refused"], Value::Null);
    assert!(backup["records"].as_u64().unwrap() > 4_000, "{backup}");
}

#[test]
fn a_backup_tells_those_without_the_keys_nothing() {
    let demo = Demo::start();
    let folder = tempfile::tempdir().unwrap();
    back_up(&demo, folder.path());
    let nation = demo.user("regulator_national");
    let shown = nation.search(&json!({ "organisation": "有限公司" })).items()[0].clone();
    let planted = [
        shown["organisation"]["name"].as_str().unwrap().as_bytes().to_vec(),
        b"regulator_national".to_vec(),
        b"certificate.search".to_vec(),
        std::fs::read(demo.data_dir().join("keys/master")).unwrap(),
    ];
    for file in files(folder.path()) {
        let bytes = std::fs::read(&file).unwrap();
        for value in &planted {
            let found = bytes.windows(value.len()).any(|window| window == value.as_slice());
            assert!(!found, "{} holds {}", file.display(), String::from_utf8_lossy(value));
        }
    }
}

/// Every file below a folder.
pub fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
