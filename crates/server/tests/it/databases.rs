//! The main job on every database that is promised.

use crate::{
    changes::{change, own_certificate, status},
    demo::{Demo, User, now},
    imports::{counts, import, unique_id},
};
use serde_json::{Value, json};
use testkit::{Kind, TestStore};

const NUMBER: &str = "鄂建安A(2025)0004711";
const TYPING_ERROR: &str = "鄂建安A(2025)0004717";

/// The database must stay as long as it is used.
pub fn database(kind: Kind) -> (Option<TestStore>, String) {
    if kind == Kind::Sqlite {
        return (None, String::new());
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(TestStore::unmigrated(kind));
    let url = store.url().to_owned();
    (Some(store), url)
}

fn roster(dir: &std::path::Path) -> std::path::PathBuf {
    let header = "姓名,身份证号码,证书类别,证书编号,工作单位,发证机关,发证日期,有效期至\n";
    let row = |name: &str, id: &str, number: &str| {
        format!(
            "{name},{id},建安A证,{number},襄阳江化机械有限公司,湖北省住房和城乡建设厅,2025-05-01,2028-04-30\n"
        )
    };
    let text = [
        header,
        &row("买买提•艾力", &unique_id(1), NUMBER),
        &row("欧阳𬭎", &unique_id(2), "鄂建安A(2025)0008822"),
        &row("坏行", "110105194912310021", "鄂建安A(2025)0009933"),
    ]
    .concat();
    let file = dir.join("名单.csv");
    std::fs::write(&file, text).unwrap();
    file
}

/// What is asked for one way or another, and how many of the roster it finds.
fn questions() -> [(Value, u64); 6] {
    [
        (json!({ "name": "买买提·艾力" }), 1),
        (json!({ "name": "oyh", "organisation": "江化机械" }), 1),
        (json!({ "number": NUMBER }), 1),
        (json!({ "number": TYPING_ERROR }), 1),
        (json!({ "id_number": unique_id(2) }), 1),
        (json!({ "organisation": "江化机械", "type": ["con_a"] }), 2),
    ]
}

fn assert_found(nation: &User<'_>, kind: Kind) {
    for (query, total) in questions() {
        assert_eq!(nation.search(&query).total(), total, "{kind:?} {query}");
    }
}

/// Suspends a certificate: two persons.
pub fn suspend(demo: &Demo) -> String {
    let (maker, checker) = (demo.user("regulator_county"), demo.user("regulator_county_checker"));
    let id = own_certificate(&maker);
    let body = json!({ "action": "suspend", "effective_on": "2026-01-05", "reason": "事故调查" });
    let proposed = change(&maker, &id, &body);
    assert_eq!(proposed.status, 202, "{}", proposed.text);
    let decision = format!("/approvals/{}/decision", proposed.body["approval"].as_str().unwrap());
    let approved = checker.post(&decision, &json!({ "approve": true }));
    assert_eq!(approved.body["state"], "approved", "{}", approved.text);
    id
}

fn does_the_main_job(kind: Kind) {
    let (_database, url) = database(kind);
    let mut demo = Demo::with(&[("ANZHENG__STORE__URL", &url)]);
    let files = tempfile::tempdir().unwrap();
    let file = roster(files.path());
    let begun = now();
    let report = import(&demo, &file, &[]);
    assert_eq!(counts(&report), [3, 2, 0, 1], "{kind:?} {report}");
    assert_eq!(counts(&import(&demo, &file, &[])), [3, 0, 2, 1], "{kind:?}: the same file again");

    let nation = demo.user("regulator_national");
    // The server hears of what another process wrote within a moment: by number first, which asks the
    // records alone, and by everything else when the index has it too.
    let (in_index, _) = &questions()[0];
    while nation.search(in_index).total() == 0 {
        std::thread::yield_now();
    }
    assert_found(&nation, kind);
    let found = nation.search(&json!({ "number": NUMBER }));
    let instant = |field: &str| found.body[field].as_str().unwrap().parse::<domain::Instant>().unwrap();
    assert!(begun < instant("source_synced_at") && instant("source_synced_at") <= instant("as_of"));
    let id = suspend(&demo);
    assert_eq!(status(&nation, &id), "suspended", "{kind:?}");
    let total = nation.search(&json!({})).total();

    demo.kill_and_restart();
    let nation = demo.user("regulator_national");
    assert_found(&nation, kind);
    assert_eq!((nation.search(&json!({})).total(), status(&nation, &id).as_str()), (total, "suspended"));
    let auditor = demo.user("audit_admin");
    crate::audit::wait_for(
        || auditor.get("/audit?action=certificate.suspend").items().to_vec(),
        |record| record["object"] == id.as_str(),
    );
    demo.stop();
    let verified = demo.anzheng(&["audit", "verify", "--json"]);
    assert_eq!(verified.status.code(), Some(0), "{kind:?} {}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn every_database_does_the_main_job_and_keeps_it_over_a_power_cut() {
    for kind in [Kind::Sqlite, Kind::Postgres, Kind::MySql] {
        if kind.is_wanted() {
            does_the_main_job(kind);
        }
    }
}
