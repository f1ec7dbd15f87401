//! What somebody with SQL access does to the history of certificates and to the transparency log, each
//! way on a copy of its own, and what finds it: reading the record, `anzheng keys check` and `anzheng
//! audit verify`. The same table, for readers, is `docs/dev/tampering.md`.

use crate::{
    audit_tampering::{copy_of, verify},
    databases::suspend,
    demo::{Demo, anzheng},
};
use keys::KeyRing;
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use store::{Error, Options, Store};
use tempfile::TempDir;

/// Two registries of one moment each: before a certificate was suspended, and after.
struct Site {
    before: TempDir,
    after: TempDir,
    /// The suspended certificate, and another one.
    victim: String,
    other: String,
}

/// What is to be found.
struct Found<'a> {
    /// Does reading the record say that it is damaged?
    on_read: bool,
    /// Tables of the rows that `keys check` names.
    seals: &'a [&'a str],
    /// Kinds that `audit verify` names.
    log: &'a [&'a str],
}

const NOWHERE: Found<'_> = Found { on_read: false, seals: &[], log: &[] };

impl Site {
    fn make() -> Self {
        let mut demo = Demo::start();
        demo.stop();
        let before = copy_of(&demo.data_dir());
        demo.start_again();
        let victim = suspend(&demo);
        let nation = demo.user("regulator_national");
        let rows = nation.search(&json!({ "page_size": 20 }));
        let ids = rows.items().iter().map(|row| row["id"].as_str().unwrap().to_owned());
        let other = ids.into_iter().find(|id| *id != victim).unwrap();
        demo.stop();
        Self { before, after: copy_of(&demo.data_dir()), victim, other }
    }

    /// Statements with the two certificates' identifiers and the older database in their places.
    fn statements(&self, text: &str) -> String {
        let literal = |id: &str| format!("X'{}'", id.trim_start_matches("cert_"));
        let old = self.before.path().join("registry.db");
        let unlocked = ["certificate_event", "log_hash"]
            .iter()
            .flat_map(|table| ["update", "delete"].map(|what| format!("DROP TRIGGER {table}_no_{what};")));
        let attached = format!("ATTACH DATABASE '{}' AS old;", old.display());
        let edit = text.replace(":victim", &literal(&self.victim)).replace(":other", &literal(&self.other));
        unlocked.chain([attached, edit]).collect()
    }

    fn check(&self, what: &str, edit: &str, wanted: &Found<'_>) {
        let copy = copy_of(self.after.path());
        sql(copy.path(), &self.statements(edit));
        self.compare(what, copy.path(), wanted);
    }

    fn compare(&self, what: &str, dir: &Path, wanted: &Found<'_>) {
        assert_eq!(is_damaged(dir, &self.victim), wanted.on_read, "{what}: on read");
        assert_eq!(kinds(dir), as_set(wanted.log), "{what}: audit verify");
        assert_eq!(tables(dir), as_set(wanted.seals), "{what}: keys check");
    }
}

fn as_set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn url(dir: &Path) -> String {
    format!("sqlite://{}", dir.join("registry.db").display())
}

fn sql(dir: &Path, statements: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime
        .block_on(testkit::raw(&url(dir), statements))
        .unwrap_or_else(|error| panic!("{statements}: {error}"));
}

fn store(dir: &Path) -> (tokio::runtime::Runtime, Store) {
    let keys = dir.join("keys");
    let ring = KeyRing::open_existing(&keys, &keys.join("master")).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options { url: url(dir), max_connections: 1 };
    let store = runtime.block_on(Store::connect(&options, ring)).unwrap();
    (runtime, store)
}

/// What a reader of the record is told.
fn is_damaged(dir: &Path, id: &str) -> bool {
    let (runtime, store) = store(dir);
    let answer = runtime.block_on(store.certificate_unscoped(id.parse().unwrap()));
    runtime.block_on(store.close()).unwrap();
    match answer {
        Ok(_) => false,
        Err(Error::Corrupt { .. }) => true,
        Err(error) => panic!("{error}"),
    }
}

fn kinds(dir: &Path) -> BTreeSet<String> {
    let (code, report) = verify(dir, &[]);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(code, Some(if findings.is_empty() { 0 } else { 2 }), "{report}");
    assert!(report["log_leaves"].is_u64() && report["not_compared"] == json!([]), "{report}");
    findings.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
}

fn tables(dir: &Path) -> BTreeSet<String> {
    let output = anzheng().args(["keys", "check", "--json", "--data-dir"]).arg(dir).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(output.status.code(), Some(if report["damaged"] == 0 { 0 } else { 2 }), "{report}");
    let rows = report["rows"].as_array().unwrap();
    rows.iter().map(|row| row["table"].as_str().unwrap().to_owned()).collect()
}

const SEALED: &[&str] = &["certificate"];
const OTHER_HISTORY: &[&str] = &["leaf_without_record", "record_not_logged"];

/// The record as it was before, seal and all.
const ROLL_BACK: &str = "INSERT OR REPLACE INTO certificate SELECT * FROM old.certificate WHERE id = :victim; \
     DELETE FROM certificate_event WHERE certificate_id = :victim AND ordinal > \
     (SELECT max(ordinal) FROM old.certificate_event WHERE certificate_id = :victim);";
const FORGET_THE_CHANGE: &str =
    "DELETE FROM change WHERE certificate_id = :victim AND seq > (SELECT max(seq) FROM old.change);";
/// The log as it was before.
const CUT_THE_LOG: &str = "DELETE FROM log_hash WHERE position > (SELECT max(position) FROM old.log_hash); \
     UPDATE counter SET value = (SELECT value FROM old.counter WHERE name = 'log') WHERE name = 'log';";
const DELETE: &str = "DELETE FROM certificate_event WHERE certificate_id = :victim; \
     DELETE FROM training WHERE certificate_id = :victim; \
     DELETE FROM education_hours WHERE certificate_id = :victim; \
     DELETE FROM certificate WHERE id = :victim;";

#[test]
fn each_edit_of_a_record_or_its_history_is_found() {
    let site = Site::make();
    site.compare("nothing", site.after.path(), &NOWHERE);
    let broken = |log| Found { on_read: true, seals: SEALED, log };
    let last = "certificate_id = :victim AND ordinal = (SELECT max(ordinal) FROM certificate_event WHERE certificate_id = :victim)";
    for (what, edit, log) in [
        ("changed", format!("UPDATE certificate_event SET kind = 'resumed' WHERE {last}"), OTHER_HISTORY),
        ("deleted", format!("DELETE FROM certificate_event WHERE {last}"), OTHER_HISTORY),
        ("moved", format!("UPDATE certificate_event SET effective_on = '2026-02-05' WHERE {last}"), OTHER_HISTORY),
        ("reworded", format!("UPDATE certificate_event SET reason = '另一原因' WHERE {last}"), &[][..]),
        (
            "inserted",
            format!(
                "INSERT INTO certificate_event SELECT X'{:032x}', certificate_id, ordinal + 1, 'resumed', effective_on, recorded_at, \
                 reason, issued_on, valid_from, valid_until, review_due_on FROM certificate_event WHERE {last}",
                77
            ),
            &["record_not_logged"],
        ),
        (
            "swapped with another certificate's",
            "UPDATE certificate_event SET ordinal = -1, certificate_id = :other WHERE certificate_id = :victim AND ordinal = 0; \
             UPDATE certificate_event SET certificate_id = :victim WHERE certificate_id = :other AND ordinal = 0; \
             UPDATE certificate_event SET ordinal = 0 WHERE ordinal = -1"
                .to_owned(),
            OTHER_HISTORY,
        ),
    ] {
        site.check(&format!("event {what}"), &edit, &broken(log));
    }
    for (what, edit) in [
        ("the validity changed", "UPDATE certificate SET valid_until = '2099-12-31' WHERE id = :victim"),
        (
            "the sealed part of another",
            "UPDATE certificate SET sealed = (SELECT sealed FROM certificate WHERE id = :other) WHERE id = :victim",
        ),
    ] {
        site.check(what, edit, &broken(&[]));
    }
    let version = "UPDATE certificate SET version = 7 WHERE id = :victim";
    site.check("another version", version, &broken(&["record_not_logged"]));
    let copied = "CREATE TEMP TABLE forged AS SELECT * FROM certificate WHERE id = :other; \
         UPDATE forged SET id = X'000000000000700080000000000000ff', item = 'forged'; \
         INSERT INTO certificate SELECT * FROM forged";
    let found = Found { seals: SEALED, log: &["record_not_logged"], ..NOWHERE };
    site.check("a certificate inserted", copied, &found);
}

#[test]
fn a_record_taken_back_or_away_with_its_seal_is_found_by_the_log() {
    let site = Site::make();
    let found = |log| Found { log, ..NOWHERE };
    let names = &["leaf_without_record", "record_rolled_back"];
    site.check("an older version", ROLL_BACK, &found(names));
    let unfed = [ROLL_BACK, FORGET_THE_CHANGE].concat();
    site.check("and the feed", &unfed, &found(&["leaf_without_record"]));
    let unlogged = [ROLL_BACK, FORGET_THE_CHANGE, CUT_THE_LOG].concat();
    site.check("and the log", &unlogged, &found(&["log_truncated"]));
    site.check("deleted", DELETE, &found(&["leaf_without_record", "record_missing"]));
    let forgotten = format!("{DELETE} DELETE FROM change WHERE certificate_id = :victim;");
    site.check("deleted, and the feed", &forgotten, &found(&["leaf_without_record"]));

    let copy = copy_of(site.after.path());
    std::fs::copy(site.before.path().join("registry.db"), copy.path().join("registry.db")).unwrap();
    assert_eq!(kinds(copy.path()), as_set(&["log_truncated"]), "the whole database put back");
}

#[test]
fn each_edit_of_the_log_is_found() {
    let site = Site::make();
    let found = |log| Found { log, ..NOWHERE };
    let damaged = &["leaf_without_record", "log_changed", "record_not_logged"];
    let first = "WHERE position = 0";
    site.check("leaf changed", &format!("UPDATE log_hash SET hash = zeroblob(32) {first}"), &found(damaged));
    site.check(
        "leaf deleted",
        &format!("DELETE FROM log_hash {first}"),
        &found(&["log_changed", "record_not_logged"]),
    );
    let swapped = "CREATE TEMP TABLE kept AS SELECT position, hash FROM log_hash WHERE position < 2; \
         UPDATE log_hash SET hash = (SELECT hash FROM kept WHERE kept.position = 1 - log_hash.position) WHERE position < 2";
    site.check("leaves reordered", swapped, &found(&["log_changed"]));
    let inner = "UPDATE log_hash SET hash = zeroblob(32) WHERE position = 2";
    site.check("inner hash changed", inner, &found(&["log_changed"]));
    site.check("truncated", CUT_THE_LOG, &found(&["log_truncated", "record_not_logged"]));
    let counter = "UPDATE counter SET value = value - 1 WHERE name = 'log'";
    site.check("tree head rolled back", counter, &found(&["log_changed"]));

    // Made anew with the registry's own program: as long as before, every hash right.
    let copy = copy_of(site.after.path());
    sql(copy.path(), &site.statements(CUT_THE_LOG));
    let (runtime, store) = store(copy.path());
    runtime.block_on(async {
        let tx = store.begin().await.unwrap();
        tx.append_log_leaf(b"forged").await.unwrap();
        tx.commit().await.unwrap();
        store.close().await.unwrap();
    });
    let rewritten = &["leaf_without_record", "log_rewritten", "record_not_logged"];
    site.compare("made anew", copy.path(), &found(rewritten));
}
