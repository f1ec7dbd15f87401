//! `anzheng audit verify` on folders that somebody has been at, each way on a copy of its own.

use crate::demo::{Demo, anzheng};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// What the command says of a folder, in one line, and its exit code.
pub fn verify(dir: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let output =
        anzheng().args(["audit", "verify", "--json", "--data-dir"]).arg(dir).args(more).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text} {}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), serde_json::from_str(&text).unwrap())
}

fn assert_intact(dir: &Path) -> Value {
    let (code, report) = verify(dir, &[]);
    assert_eq!(
        (code, &report["intact"], &report["findings"]),
        (Some(0), &json!(true), &json!([])),
        "{report}"
    );
    report
}

/// Exactly these kinds are found.
fn assert_found(dir: &Path, more: &[&str], wanted: &[&str]) -> Value {
    let (code, report) = verify(dir, more);
    assert_eq!((code, &report["intact"]), (Some(2), &json!(false)), "{report}");
    let findings = report["findings"].as_array().unwrap();
    let mut kinds: Vec<_> = findings.iter().map(|finding| finding["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, wanted, "{report}");
    assert!(findings.iter().all(|finding| !finding["place"].as_str().unwrap().is_empty()), "{report}");
    report
}

/// A folder that was served for a few calls.
fn served(witness: &Path) -> Demo {
    let witnesses = format!("[{:?}]", witness.display().to_string());
    let mut demo = Demo::serve(tempfile::tempdir().unwrap(), &[("ANZHENG__AUDIT__WITNESSES", &witnesses)]);
    for number in 0..8 {
        demo.visitor().post("/verify", &json!({ "number": "x".repeat(number + 1), "name": "y" }));
    }
    demo.stop();
    demo
}

pub fn copy_of(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let source = dir.join(".");
    let copied = Command::new("cp").args(["-r", "--sparse=always"]).args([&source, copy.path()]).status();
    assert!(copied.unwrap().success());
    copy
}

fn segment(dir: &Path) -> PathBuf {
    dir.join("audit/00000000000000000000.segment")
}

fn checkpoints(dir: &Path) -> PathBuf {
    dir.join("audit/checkpoints")
}

/// Where the frames of a segment are.
fn frames(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut frames = Vec::new();
    let mut at = 4096;
    loop {
        let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        if length == 0 {
            return frames;
        }
        frames.push(at..at + 56 + length);
        at += 56 + length;
    }
}

/// Puts the records in another order, leaves some out or has some twice.
fn rearrange(dir: &Path, order: &[usize]) {
    let bytes = fs::read(segment(dir)).unwrap();
    let frames = frames(&bytes);
    let mut forged = bytes[..4096].to_vec();
    order.iter().for_each(|index| forged.extend_from_slice(&bytes[frames[*index].clone()]));
    forged.resize(bytes.len(), 0);
    fs::write(segment(dir), forged).unwrap();
}

fn edit_lines(file: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let mut lines: Vec<_> = fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

/// Changes the searchable copy with its triggers taken away.
fn sql(dir: &Path, statement: &str) {
    let url = format!("sqlite://{}", dir.join("registry.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for trigger in ["audit_record_no_update", "audit_record_no_delete"] {
        runtime.block_on(testkit::raw(&url, &format!("DROP TRIGGER {trigger}"))).unwrap();
    }
    assert_eq!(runtime.block_on(testkit::raw(&url, statement)).unwrap(), 1);
}

#[test]
fn each_way_of_tampering_is_found_and_named() {
    let outside = tempfile::tempdir().unwrap();
    let [witness, foreign] = ["witness", "foreign"].map(|name| outside.path().join(name));
    let (demo, other) = (served(&witness), served(&foreign));
    let whole = demo.data_dir();
    let report = assert_intact(&whole);
    assert_eq!(report["records"], report["copied"], "{report}");
    let records = report["records"].as_u64().unwrap() as usize;
    let witness = ["--checkpoints", witness.to_str().unwrap()];
    assert_eq!(verify(&whole, &witness).0, Some(0));

    let tampered = |change: &dyn Fn(&Path), more: &[&str], kinds: &[&str]| {
        let copy = copy_of(&whole);
        change(copy.path());
        assert_found(copy.path(), more, kinds)
    };
    let order = |order: Vec<usize>| move |dir: &Path| rearrange(dir, &order);
    let all = || 0..records;
    let flip = |dir: &Path| {
        let mut bytes = fs::read(segment(dir)).unwrap();
        let third = frames(&bytes)[2].end - 5;
        bytes[third] ^= 1;
        fs::write(segment(dir), bytes).unwrap();
    };
    let report = tampered(&flip, &[], &["record_changed"]);
    assert_eq!(report["findings"][0]["place"], "record 2 in 00000000000000000000.segment");
    tampered(&order(all().filter(|seq| *seq != 2).collect()), &[], &["sequence_broken"]);
    tampered(&order([0, 1, 1].into_iter().chain(2..records).collect()), &[], &["sequence_broken"]);
    tampered(&order([1, 0].into_iter().chain(2..records).collect()), &[], &["sequence_broken"]);
    tampered(&order((0..records - 1).collect()), &[], &["truncated"]);
    // The searchable copy alone knows.
    let emptied = |dir: &Path| {
        rearrange(dir, &[]);
        edit_lines(&checkpoints(dir), |lines| lines.truncate(1));
    };
    let report = tampered(&emptied, &[], &["truncated"]);
    assert_eq!(report["findings"][0]["place"], format!("record 0: the searchable copy has {records}"));
    tampered(&emptied, &witness, &["checkpoints_missing", "truncated"]);

    tampered(&|dir| fs::remove_file(segment(dir)).unwrap(), &[], &["segments_missing", "truncated"]);
    let nothing_left = |dir: &Path| {
        fs::remove_dir_all(dir.join("audit")).unwrap();
        fs::create_dir(dir.join("audit")).unwrap();
    };
    tampered(&nothing_left, &[], &["checkpoints_missing", "segments_missing", "truncated"]);
    let without_database = |dir: &Path| {
        nothing_left(dir);
        fs::remove_file(dir.join("registry.db")).unwrap();
    };
    tampered(&without_database, &[], &["checkpoints_missing", "segments_missing"]);
    tampered(&|dir| fs::remove_dir_all(dir.join("audit")).unwrap(), &[], &["unreadable"]);
    tampered(&|dir| fs::remove_dir_all(dir).unwrap(), &[], &["unreadable"]);
    tampered(&|_| (), &["--checkpoints", "/no/such/file"], &["unreadable"]);

    tampered(&|dir| fs::remove_file(checkpoints(dir)).unwrap(), &[], &["checkpoints_missing"]);
    let first = |dir: &Path| edit_lines(&checkpoints(dir), |lines| drop(lines.remove(0)));
    tampered(&first, &[], &["checkpoints_missing"]);
    let last = |dir: &Path| edit_lines(&checkpoints(dir), |lines| drop(lines.pop()));
    tampered(&last, &witness, &["checkpoints_missing"]);
    let changed =
        |dir: &Path| edit_lines(&checkpoints(dir), |lines| lines[1] = lines[1].replacen('\\', "1\\", 2));
    tampered(&changed, &[], &["checkpoint_changed"]);
    let forged = |dir: &Path| {
        let line =
            fs::read_to_string(checkpoints(&other.data_dir())).unwrap().lines().last().unwrap().to_owned();
        edit_lines(&checkpoints(dir), |lines| lines.push(line));
    };
    tampered(&forged, &[], &["checkpoint_changed"]);
    let rewritten = |dir: &Path| {
        fs::copy(segment(&other.data_dir()), segment(dir)).unwrap();
    };
    tampered(&rewritten, &[], &["copy_record_changed", "history_rewritten"]);

    let statement = |statement: &'static str| move |dir: &Path| sql(dir, statement);
    let update = "UPDATE audit_record SET source = '192.0.2.1:1' WHERE seq = 3";
    let report = tampered(&statement(update), &[], &["copy_record_changed"]);
    assert_eq!(report["findings"][0]["place"], "record 3 of the searchable copy");
    tampered(&statement("DELETE FROM audit_record WHERE seq = 1"), &[], &["copy_record_missing"]);
    tampered(
        &statement("UPDATE audit_record SET seq = -1 WHERE seq = (SELECT max(seq) FROM audit_record)"),
        &[],
        &["copy_record_inserted"],
    );
    tampered(
        &statement("UPDATE audit_record SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM audit_record)"),
        &[],
        &["copy_record_missing", "truncated"],
    );
    assert_intact(&whole);
}

#[test]
fn a_copy_that_cannot_be_asked_is_said_and_is_no_tampering() {
    let outside = tempfile::tempdir().unwrap();
    let demo = served(&outside.path().join("witness"));
    let dir = demo.data_dir();
    fs::remove_file(dir.join("registry.db")).unwrap();
    let report = assert_intact(&dir);
    assert_eq!(report["copied"], Value::Null);
    assert!(report["not_compared"][0].as_str().unwrap().contains("searchable copy"), "{report}");
    assert!(!dir.join("registry.db").exists());
}

/// Every file with its content.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files.extend(tree(&entry.path()));
        } else {
            files.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    files
}

fn names(dir: &Path) -> Vec<PathBuf> {
    let mut names: Vec<_> = [dir.to_owned(), dir.join("audit")]
        .iter()
        .flat_map(|dir| fs::read_dir(dir).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    names
}

#[test]
fn it_writes_nothing_beside_a_server_or_after_one_that_was_killed_or_stopped() {
    let mut demo = Demo::serve(tempfile::tempdir().unwrap(), &[]);
    let dir = demo.data_dir();
    assert_intact(&dir);
    let ask = |demo: &Demo| {
        let answer = demo.visitor().search(&json!({}));
        assert_eq!(answer.status, 401, "{}", answer.text);
    };
    (0..20).for_each(|_| ask(&demo));
    let before = names(&dir);
    let report = assert_intact(&dir);
    assert_eq!((&report["records"], &report["not_compared"]), (&json!(20), &json!([])), "{report}");
    assert_eq!(names(&dir), before);

    ask(&demo);
    demo.kill();
    let before = tree(&dir);
    assert!(dir.join("registry.db-wal").exists(), "what the killed process had not yet moved");
    let report = assert_intact(&dir);
    assert_eq!((&report["records"], &report["not_compared"]), (&json!(21), &json!([])), "{report}");
    assert!(report["copied"].is_u64(), "{report}");
    assert!(tree(&dir) == before, "a byte has changed");

    demo.kill_and_restart();
    ask(&demo);
    demo.stop();
    let before = tree(&dir);
    let report = assert_intact(&dir);
    assert_eq!((&report["records"], &report["copied"]), (&json!(22), &json!(22)), "{report}");
    assert!(tree(&dir) == before, "a byte has changed");
}
