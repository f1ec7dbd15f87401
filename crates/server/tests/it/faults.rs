//! Parts are taken away while the registry is served. What it says stays true: as of when, or that
//! it cannot tell.

use crate::{
    audit::wait_for,
    changes::{change, own_certificate, status},
    demo::{Answer, Demo, User},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};
use testkit::{Kind, OwnPostgres};

/// Asks until the answer is as wanted.
fn until(ask: impl Fn() -> Answer, wanted: impl Fn(&Answer) -> bool) -> Answer {
    loop {
        let answer = ask();
        if wanted(&answer) {
            return answer;
        }
        thread::yield_now();
    }
}

fn lagging(answer: &Answer) -> bool {
    answer.body["reasons"].as_array().is_some_and(|reasons| reasons.contains(&json!("source_lagging")))
}

#[test]
fn without_its_database_it_answers_as_of_when_and_comes_back_by_itself() {
    if !Kind::Postgres.is_wanted() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let postgres = runtime.block_on(OwnPostgres::start());
    let demo = Demo::with(&[("ANZHENG__STORE__URL", postgres.url())]);
    let (maker, checker) = (demo.user("regulator_county"), demo.user("regulator_county_checker"));
    let nation = demo.user("regulator_national");
    let id = own_certificate(&maker);
    let suspend = json!({ "action": "suspend", "effective_on": "2026-01-05", "reason": "事故调查" });
    let before = nation.search(&json!({ "facets": ["status"] }));
    assert!(before.body.get("reasons").is_none(), "{}", before.text);

    postgres.kill();
    let search = || {
        let answer = nation.search(&json!({ "facets": ["status"] }));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!((answer.total(), answer.items()), (before.total(), before.items()));
        answer
    };
    let signing_in = || {
        let body = json!({ "login": "regulator_city", "password": crate::demo::PASSWORD });
        demo.visitor().post("/session", &body)
    };
    let refused = [signing_in(), change(&maker, &id, &suspend)];
    for answer in refused {
        assert_eq!((answer.status.as_u16(), answer.code()), (503, "store_unavailable"));
        assert!(answer.headers.contains_key("retry-after"));
    }
    let old = until(search, lagging);
    assert_eq!(search().body["as_of"], old.body["as_of"], "it has heard of nothing since");
    let row = &old.items()[0];
    let verdict = nation.post("/verify", &json!({ "number": row["number"], "name": row["holder"]["name"] }));
    assert!(lagging(&verdict), "{}", verdict.text);
    let health = demo.visitor().get("/health/ready");
    assert_eq!((health.status.as_u16(), &health.body["store"]), (200, &json!(false)), "{}", health.text);
    assert!(health.body["lag_s"].as_i64().unwrap() >= 5);

    runtime.block_on(postgres.start_again());
    until(search, |answer| !lagging(answer));
    assert_eq!(until(signing_in, |answer| answer.status != 503).status, 200);
    assert_eq!(demo.visitor().get("/health/ready").body["store"], true);
    let proposed = change(&maker, &id, &suspend);
    assert_eq!(proposed.status, 202, "{}", proposed.text);
    let decision = format!("/approvals/{}/decision", proposed.body["approval"].as_str().unwrap());
    assert_eq!(checker.post(&decision, &json!({ "approve": true })).status, 200);
    assert_eq!(status(&nation, &id), "suspended");
    let suspended =
        json!({ "status": ["suspended"], "page_size": 100, "region": maker.get("/me").body["region"] });
    assert!(nation.search(&suspended).items().iter().any(|row| row["id"] == id.as_str()));
}

/// Questions with their right answers; while the index is away, "not now" is right as well.
struct Questions {
    certificate: Value,
    total: u64,
}

impl Questions {
    fn ask(&self, nation: &User<'_>) {
        let row = &self.certificate;
        let all = nation.search(&json!({}));
        assert!(not_now(&all) || (all.status == 200 && all.total() == self.total), "{}", all.text);
        let name = nation.search(&json!({ "name": row["holder"]["name"], "number": row["number"] }));
        let number = nation.search(&json!({ "number": row["number"] }));
        for found in [name, number] {
            let right = || found.status == 200 && found.items().iter().any(|found| found["id"] == row["id"]);
            assert!(not_now(&found) || right(), "{}", found.text);
        }
        let record = nation.get(&format!("/certificates/{}", row["id"].as_str().unwrap()));
        assert!(not_now(&record) || record.body["id"] == row["id"], "{}", record.text);
        let verified =
            nation.post("/verify", &json!({ "number": row["number"], "name": row["holder"]["name"] }));
        let verdict = (&verified.body["verdict"], &verified.body["reasons"]);
        let cannot_tell = verdict == (&json!("unknown"), &json!(["service_degraded"]));
        assert!(cannot_tell || verdict.0 == "valid", "{}", verified.text);
    }
}

/// Raised when it goes out of scope, also by a panic: nobody asks on for ever.
struct Raised<'a>(&'a AtomicBool);

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Takes a folder away in one step: deleted file by file, the server may already be making it anew.
fn delete(folder: &Path) {
    let aside = folder.with_extension("deleted");
    fs::rename(folder, &aside).unwrap();
    fs::remove_dir_all(&aside).unwrap();
}

fn not_now(answer: &Answer) -> bool {
    answer.status == 503 && answer.code() == "rebuilding" && answer.headers.contains_key("retry-after")
}

#[test]
fn with_its_index_deleted_under_load_it_never_answers_wrongly_and_makes_a_new_one() {
    let demo = Demo::with(&[("ANZHENG__LIMITS__ACCOUNT_RATE", "1000000")]);
    let nation = demo.user("regulator_national");
    let found = nation.search(&json!({ "category": ["construction_safety"], "status": ["valid"] }));
    let questions =
        Questions { certificate: found.items()[0].clone(), total: nation.search(&json!({})).total() };
    let folder = demo.data_dir().join("readmodel");
    let (rounds, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    questions.ask(&nation);
                    rounds.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let _done = Raised(&done);
        let another_round = || {
            let before = rounds.load(Ordering::Relaxed);
            while rounds.load(Ordering::Relaxed) < before + 4 {
                thread::yield_now();
            }
        };
        for lost in [folder.clone(), folder.join("index"), folder.join("records")] {
            another_round();
            delete(&lost);
            let made_again =
                || folder.join("index/meta.json").exists() && folder.join("records/data.mdb").exists();
            until(|| demo.visitor().get("/health/ready"), |health| health.status == 200 && made_again());
            another_round();
        }
    });
    let after = nation.search(&json!({}));
    assert_eq!((after.status.as_u16(), after.total()), (200, questions.total));
}

#[test]
fn a_change_that_a_damaged_database_lost_is_named() {
    let mut demo = Demo::start();
    // What is on record now is in the database's own file.
    demo.stop();
    demo.kill_and_restart();
    let id = {
        let county = demo.user("regulator_county");
        let id = own_certificate(&county);
        let suspend = json!({ "action": "suspend", "effective_on": "2026-01-05", "reason": "事故调查" });
        assert_eq!(change(&county, &id, &suspend).status, 202);
        id
    };
    demo.kill();
    fs::remove_file(demo.data_dir().join("registry.db-wal")).unwrap();
    demo.kill_and_restart();
    let auditor = demo.user("audit_admin");
    let alarms = || auditor.get("/audit?action=store.change_lost").items().to_vec();
    let alarm = wait_for(alarms, |alarm| alarm["object"] == id.as_str());
    let lost = alarm["purpose"].as_str().unwrap().strip_prefix("record ").unwrap().to_owned();
    let named = auditor.get(&format!("/audit?before={}&limit=1", lost.parse::<u64>().unwrap() + 1));
    assert_eq!(
        (&named.items()[0]["action"], &named.items()[0]["object"]),
        (&json!("certificate.suspend"), &json!(id))
    );
    let verified = demo.anzheng(&["audit", "verify"]);
    assert!(verified.status.success(), "the record itself is whole");
}
