//! What stands on disk, and what happens when it is lost.

use crate::{
    population::population,
    support::{Filled, KEY_SEED, at, instant, nation, open},
};
use domain::{catalogue::Catalogue, certificate::Certificate, query::SearchQuery};
use keys::KeyRing;
use readmodel::{Error, Options, ReadModel};
use std::{fs, path::Path};

/// How many certificates a search finds; `None` while it may not answer.
fn total(model: &ReadModel) -> Option<u64> {
    match model.search(&SearchQuery::default(), &nation(), crate::support::today()) {
        Ok(result) => Some(result.total),
        Err(Error::Rebuilding) => None,
        Err(error) => panic!("{error}"),
    }
}

fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn secrets(certificates: &[Certificate]) -> Vec<String> {
    let mut secrets = Vec::new();
    for certificate in certificates {
        secrets.extend([certificate.holder.name.clone(), certificate.number.clone()]);
        secrets.push(domain::text::search_name(&certificate.holder.name));
        secrets.extend(domain::text::pinyin_full(&certificate.holder.name));
        secrets.extend(certificate.holder.identity.iter().map(|document| document.number.clone()));
        secrets.extend(certificate.holder.phone.clone());
    }
    secrets.retain(|secret| secret.len() >= 6);
    secrets.sort();
    secrets.dedup();
    secrets
}

#[test]
fn no_name_and_no_number_can_be_read_in_any_file() {
    let certificates = population(51, 300);
    let filled = Filled::with(&certificates);
    let secrets = secrets(&certificates);
    let mut scanned = 0;
    let mut organisation_seen = false;
    for file in files_below(filled.dir.path()) {
        let bytes = fs::read(&file).unwrap();
        scanned += bytes.len();
        let holds = |text: &str| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
        assert!(!secrets.iter().any(|secret| holds(secret)), "{} holds personal data", file.display());
        organisation_seen |= holds("江北石油化工股份有限公司");
    }
    assert!(scanned > 100_000, "the scan saw the files");
    assert!(organisation_seen, "the scan finds what is meant to be readable");
}

#[test]
fn opened_again_it_answers_without_the_store() {
    let certificates = population(52, 80);
    let Filled { model, dir } = Filled::with(&certificates);
    let position = model.position();
    drop(model);
    let model = open(dir.path());
    assert_eq!((model.position().seq, model.is_ready(), total(&model)), (position.seq, true, Some(80)));
    assert_eq!(model.find(&nation(), certificates[0].id).unwrap().as_ref(), Some(&certificates[0]));
    let by_part = SearchQuery { organisation: crate::support::text("石油化"), ..SearchQuery::default() };
    let holding = certificates.iter().filter(|one| {
        one.organisation.as_ref().is_some_and(|organisation| organisation.name.contains("石油化"))
    });
    let found = model.search(&by_part, &nation(), crate::support::today()).unwrap();
    assert_eq!(found.total, holding.count() as u64, "the dictionary came back too");
}

#[test]
fn it_is_not_ready_before_the_feed_was_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let model = open(dir.path());
    assert!(!model.is_ready());
    model.apply(&population(53, 10), &[], at(10)).unwrap();
    assert!(!model.is_ready());
    model.confirm(instant("2026-06-16"));
    assert!(model.is_ready());
    assert_eq!(model.position().as_of, instant("2026-06-16"));
    model.confirm(instant("2026-06-15"));
    assert_eq!(model.position().as_of, instant("2026-06-16"), "knowledge does not grow older");
}

#[test]
fn what_was_read_before_the_feed_ended_is_read_again_after_a_stop() {
    let certificates = population(62, 30);
    let dir = tempfile::tempdir().unwrap();
    let model = open(dir.path());
    model.apply(&certificates[..20], &[], at(20)).unwrap();
    assert_eq!((model.position().seq, model.is_ready()), (20, false));
    drop(model);
    let model = open(dir.path());
    assert_eq!((model.position().seq, model.is_ready(), total(&model)), (0, false, None));
    for (piece, seq) in [(&certificates[..20], 20), (&certificates[20..], 30)] {
        model.apply(piece, &[], at(seq)).unwrap();
    }
    model.confirm(instant("2026-06-15"));
    assert_eq!((model.position().seq, total(&model)), (30, Some(30)));
    drop(model);
    let model = open(dir.path());
    assert_eq!((model.position().seq, model.is_ready(), total(&model)), (30, true, Some(30)));
}

#[test]
fn a_deleted_folder_is_rebuilt_from_the_feed_while_running() {
    let certificates = population(54, 60);
    let Filled { model, dir } = Filled::with(&certificates);
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    assert!(matches!(model.apply(&certificates, &[], at(99)), Err(Error::Rebuilding)));
    assert_eq!((model.position().seq, model.is_ready(), total(&model)), (0, false, None));
    let (one, nation) = (&certificates[0], nation());
    assert!(matches!(model.find(&nation, one.id), Err(Error::Rebuilding)), "it may still come");
    assert!(matches!(model.find_by_number(&nation, &one.number), Err(Error::Rebuilding)));
    assert!(matches!(model.of_holder(&nation, one.holder.id), Err(Error::Rebuilding)));
    model.apply(&certificates, &[], at(5)).unwrap();
    model.confirm(instant("2026-06-15"));
    assert_eq!((model.position().seq, model.is_ready(), total(&model)), (5, true, Some(60)));
}

#[test]
fn an_idle_node_notices_its_lost_files() {
    let Filled { model, dir } = Filled::with(&population(55, 20));
    fs::remove_dir_all(dir.path().join("index")).unwrap();
    model.confirm(instant("2026-06-16"));
    assert_eq!((model.position().seq, model.is_ready()), (0, false));
}

#[test]
fn a_deleted_folder_starts_empty_when_opened() {
    let Filled { model, dir } = Filled::with(&population(56, 20));
    drop(model);
    fs::remove_dir_all(dir.path()).unwrap();
    let model = open(dir.path());
    assert_eq!((model.position().seq, model.is_ready(), total(&model)), (0, false, None));
}

#[test]
fn damaged_files_are_thrown_away() {
    let damages: [fn(&Path); 3] = [
        |dir| fs::write(dir.join("index/meta.json"), "{").unwrap(),
        |dir| fs::write(dir.join("records/data.mdb"), [7; 9000]).unwrap(),
        |dir| fs::remove_dir_all(dir.join("records")).unwrap(),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let certificates = population(57, 20);
        let Filled { model, dir } = Filled::with(&certificates);
        drop(model);
        damage(dir.path());
        let model = open(dir.path());
        assert_eq!(
            (model.position().seq, model.is_ready(), total(&model)),
            (0, false, None),
            "damage {number}"
        );
        model.apply(&certificates, &[], at(3)).unwrap();
        model.confirm(instant("2026-06-15"));
        assert_eq!(total(&model), Some(20));
    }
}

#[test]
fn files_of_another_key_ring_are_thrown_away() {
    let Filled { model, dir } = Filled::with(&population(58, 20));
    drop(model);
    let other = KeyRing::in_memory([8; 32]);
    let options = Options { writer_heap_bytes: 15 << 20, map_bytes: 1 << 30 };
    let model = ReadModel::open(dir.path(), other, Catalogue::work_safety(), options).unwrap();
    assert_eq!((model.position().seq, model.is_ready(), total(&model)), (0, false, None));
}

#[test]
fn records_stay_readable_when_the_keys_are_rotated() {
    let certificates = population(59, 20);
    let dir = tempfile::tempdir().unwrap();
    let keys = KeyRing::in_memory(KEY_SEED);
    let options = Options { writer_heap_bytes: 15 << 20, map_bytes: 1 << 30 };
    let model = ReadModel::open(dir.path(), keys.clone(), Catalogue::work_safety(), options).unwrap();
    model.apply(&certificates[..10], &[], at(1)).unwrap();
    keys.rotate().unwrap();
    model.apply(&certificates[10..], &[], at(2)).unwrap();
    for one in &certificates {
        assert_eq!(model.find(&nation(), one.id).unwrap().as_ref(), Some(one));
    }
}

#[test]
fn records_that_no_longer_open_are_noticed_and_rebuilt() {
    let certificates = population(61, 20);
    let dir = tempfile::tempdir().unwrap();
    let lost = KeyRing::in_memory(KEY_SEED);
    lost.rotate().unwrap();
    let options = Options { writer_heap_bytes: 15 << 20, map_bytes: 1 << 30 };
    let model = ReadModel::open(dir.path(), lost, Catalogue::work_safety(), options).unwrap();
    model.apply(&certificates, &[], at(4)).unwrap();
    model.confirm(instant("2026-06-15"));
    drop(model);
    let model = open(dir.path());
    assert!(matches!(model.find(&nation(), certificates[0].id), Err(Error::Damaged)));
    model.confirm(instant("2026-06-16"));
    assert_eq!((model.position().seq, model.is_ready()), (0, false));
    model.apply(&certificates, &[], at(4)).unwrap();
    assert_eq!(model.find(&nation(), certificates[0].id).unwrap().as_ref(), Some(&certificates[0]));
}

#[test]
fn a_second_process_is_refused_and_destroys_nothing() {
    let Filled { model, dir } = Filled::with(&population(60, 20));
    let options = Options { writer_heap_bytes: 15 << 20, map_bytes: 1 << 30 };
    let second = ReadModel::open(dir.path(), KeyRing::in_memory(KEY_SEED), Catalogue::work_safety(), options);
    assert!(matches!(second.err(), Some(Error::InUse)));
    assert_eq!(total(&model), Some(20));
}

#[test]
fn records_that_were_cut_short_are_thrown_away_before_they_are_read() {
    let certificates = population(57, 300);
    let Filled { model, dir } = Filled::with(&certificates);
    drop(model);
    let records = fs::OpenOptions::new().write(true).open(dir.path().join("records/data.mdb")).unwrap();
    let length = records.metadata().unwrap().len();
    records.set_len(length / 2).unwrap();
    let model = open(dir.path());
    assert_eq!((model.position().seq, model.is_ready()), (0, false), "it is to be filled again");
}
