//! A backup that cannot be relied on is refused by its cause, before anything is touched.

use crate::{
    backup::{back_up, files, line, restore},
    demo::Demo,
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use tempfile::TempDir;

/// A stopped registry, its backup, and a copy of its keys from before they were rotated.
struct Made {
    demo: Demo,
    place: TempDir,
    old_keys: TempDir,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let mut demo = Demo::start();
    let old_keys = tempfile::tempdir().unwrap();
    copy(&demo.data_dir().join("keys"), &old_keys.path().join("keys"));
    assert!(demo.anzheng(&["keys", "rotate"]).status.success());
    let place = tempfile::tempdir().unwrap();
    back_up(&demo, place.path());
    demo.stop();
    Made { demo, place, old_keys }
});

fn copy(from: &Path, to: &Path) {
    assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Restores a copy of the backup that something was done to; returns the code of the refusal. The
/// target must not even have been made.
fn refusal(spoil: impl FnOnce(&Path), keys_of: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("place");
    copy(MADE.place.path(), &place);
    spoil(&place);
    let target = folder.path().join("restored");
    let output = restore(&place, keys_of, &target, &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!target.exists(), "the target was touched");
    line(&output)["refused"].as_str().unwrap().to_owned()
}

fn chunks(place: &Path) -> Vec<PathBuf> {
    files(&place.join("chunks"))
}

fn manifest(place: &Path) -> PathBuf {
    files(&place.join("manifests")).remove(0)
}

/// Changes one byte in the middle of a file.
fn flip(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
}

/// What is done to the copy of a backup.
type Spoil = Box<dyn FnOnce(&Path)>;

#[test]
fn what_is_wrong_with_a_backup_is_named() {
    let own = MADE.demo.data_dir();
    let foreign = crate::demo::shared().data_dir();
    let replace = |from: &'static str, to: &'static str| {
        move |place: &Path| {
            let file = manifest(place);
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.contains(from));
            fs::write(file, text.replacen(from, to, 1)).unwrap();
        }
    };
    let cases: Vec<(&str, Spoil, &Path)> = vec![
        ("manifest_missing", Box::new(|place| fs::remove_file(manifest(place)).unwrap()), &own),
        ("signature_invalid", Box::new(|place| flip(&manifest(place))), &own),
        ("signature_invalid", Box::new(replace("\"feed\":", "\"feed\":1")), &own),
        ("signature_invalid", Box::new(rename_manifest), &own),
        ("signature_invalid", Box::new(|_| {}), &foreign),
        ("format_newer", Box::new(replace("anzheng backup 1 ", "anzheng backup 2 ")), &own),
        ("chunk_missing", Box::new(|place| fs::remove_file(&chunks(place)[3]).unwrap()), &own),
        ("chunk_damaged", Box::new(|place| flip(&chunks(place)[5])), &own),
        ("chunk_damaged", Box::new(cut_chunk), &own),
        ("chunk_damaged", Box::new(exchange_chunks), &own),
        ("key_missing", Box::new(|_| {}), MADE.old_keys.path()),
    ];
    for (index, (cause, spoil, keys_of)) in cases.into_iter().enumerate() {
        assert_eq!(refusal(spoil, keys_of), cause, "case {index}");
    }
}

/// An old backup under the name of a newer one.
fn rename_manifest(place: &Path) {
    let file = manifest(place);
    fs::rename(&file, file.with_file_name("20991231T000000000Z-00000000.manifest")).unwrap();
}

fn cut_chunk(place: &Path) {
    let file = &chunks(place)[2];
    let bytes = fs::read(file).unwrap();
    fs::write(file, &bytes[..bytes.len() - 7]).unwrap();
}

fn exchange_chunks(place: &Path) {
    let (one, other) = (chunks(place)[0].clone(), chunks(place)[1].clone());
    let (first, second) = (fs::read(&one).unwrap(), fs::read(&other).unwrap());
    fs::write(one, second).unwrap();
    fs::write(other, first).unwrap();
}

#[test]
fn a_folder_that_holds_something_is_left_as_it_is() {
    let target = tempfile::tempdir().unwrap();
    fs::write(target.path().join("registry.db"), "somebody's").unwrap();
    let output = restore(MADE.place.path(), &MADE.demo.data_dir(), target.path(), &[]);
    assert_eq!((output.status.code(), &line(&output)["refused"]), (Some(2), &json!("target_not_empty")));
    assert_eq!(files(target.path()), [target.path().join("registry.db")]);
    assert_eq!(fs::read_to_string(target.path().join("registry.db")).unwrap(), "somebody's");
}

#[test]
fn a_restore_that_was_broken_off_is_not_served() {
    let target = tempfile::tempdir().unwrap();
    fs::write(target.path().join("restore.unfinished"), "").unwrap();
    let output = crate::demo::anzheng()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(target.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken off"), "{output:?}");
}

#[test]
fn a_damaged_chunk_fails_the_drill_and_is_written_anew_once_it_is_gone() {
    let place = tempfile::tempdir().unwrap();
    let demo = Demo::start();
    back_up(&demo, place.path());
    let damaged = chunks(place.path()).remove(0);
    let whole = fs::read(&damaged).unwrap().len();
    flip(&damaged);
    let from = place.path().to_str().unwrap();
    let drill = demo.anzheng(&["backup", "drill", "--json", "--from", from]);
    assert_eq!((drill.status.code(), &line(&drill)["refused"]), (Some(2), &json!("chunk_damaged")));
    assert!(
        line(&drill)["detail"].as_str().unwrap().contains(damaged.file_name().unwrap().to_str().unwrap())
    );
    fs::remove_file(&damaged).unwrap();
    back_up(&demo, place.path());
    assert_eq!(fs::read(&damaged).unwrap().len(), whole);
    let drill = demo.anzheng(&["backup", "drill", "--json", "--from", from]);
    assert_eq!(line(&drill)["passed"], true, "{drill:?}");
}
