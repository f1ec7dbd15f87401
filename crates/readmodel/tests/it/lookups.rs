use crate::{
    population::population,
    support::{Filled, at, nation, open, text, today},
};
use domain::{
    mask::{Clues, is_harmless},
    query::SearchQuery,
};
use heed::{Database, EnvOpenOptions, RwTxn, types::Bytes};
use readmodel::Error;
use std::{collections::BTreeSet, path::Path};

#[test]
fn a_certificate_is_found_by_identifier_number_and_holder_as_it_is_now() {
    let certificates = population(31, 300);
    let filled = Filled::with(&certificates);
    let mut harmful = 0;
    for one in &certificates {
        assert_eq!(filled.model.find(&nation(), one.id).unwrap().as_ref(), Some(one));
        let mut numbered: Vec<_> =
            certificates.iter().filter(|other| other.number == one.number).cloned().collect();
        numbered.sort_by_key(|certificate| certificate.id);
        let found = filled.model.find_by_number(&nation(), &one.number.to_lowercase()).unwrap();
        assert_eq!(found.bearing, numbered);
        // What they are judged by, where that takes a look at what else they hold.
        let of = |holder| -> Vec<Clues> {
            certificates.iter().filter(|other| other.holder.id == holder).map(Clues::of).collect()
        };
        let others = certificates.iter().filter(|other| {
            let theirs = numbered.iter().any(|one| one.holder.id == other.holder.id);
            theirs && other.number != one.number && !is_harmless(&of(other.holder.id))
        });
        let others: Vec<_> = others.map(Clues::of).collect();
        assert!(others.iter().all(|other| found.related.contains(other)));
        assert_eq!(found.related.len(), others.len());
        let beside = filled.model.beside(&nation(), std::slice::from_ref(one)).unwrap();
        let mut judged_by = of(one.holder.id);
        judged_by.retain(|clues| *clues != Clues::of(one));
        if is_harmless(&of(one.holder.id)) {
            judged_by.clear();
        }
        assert!(beside.iter().all(|clues| judged_by.contains(clues)));
        assert_eq!(beside.len(), judged_by.len());
        harmful += usize::from(!judged_by.is_empty());
        let mut held: Vec<_> =
            certificates.iter().filter(|other| other.holder.id == one.holder.id).cloned().collect();
        held.sort_by_key(|certificate| certificate.id);
        assert_eq!(filled.model.of_holder(&nation(), one.holder.id).unwrap(), held);
    }
    assert!(harmful > 0, "some people are judged by all that they hold");
    for number in certificates.iter().step_by(5).map(|one| format!("OLD-{}", one.number.len())) {
        assert_eq!(
            filled.model.find_by_number(&nation(), &number).unwrap().bearing,
            [],
            "a number no longer borne"
        );
    }
}

#[test]
fn applying_a_piece_twice_changes_nothing() {
    let certificates = population(32, 100);
    let filled = Filled::with(&certificates);
    filled.model.apply(&certificates[..50], &[], at(9)).unwrap();
    let everything = filled.search(&SearchQuery::default(), &nation());
    assert_eq!(everything.total, 100);
    assert_eq!(filled.model.position(), at(9));
}

#[test]
fn of_two_states_in_one_piece_the_later_counts() {
    let certificates = population(33, 20);
    let filled = Filled::with(&certificates);
    let mut first = certificates[0].clone();
    first.version += 1;
    first.issuer = "甲市应急管理局".to_owned();
    let mut second = first.clone();
    second.version += 1;
    second.issuer = "乙市应急管理局".to_owned();
    filled.model.apply(&[first, second.clone()], &[], at(9)).unwrap();
    assert_eq!(filled.model.find(&nation(), second.id).unwrap(), Some(second));
    let by_issuer = |issuer| SearchQuery { issuer: text(issuer), ..SearchQuery::default() };
    assert_eq!(filled.search(&by_issuer("甲市"), &nation()).total, 0);
    assert_eq!(filled.search(&by_issuer("乙市"), &nation()).total, 1);
}

#[test]
fn a_row_that_cannot_be_read_is_no_answer_and_nothing_counts_as_not_found() {
    let certificates = population(34, 60);
    let filled = Filled::with(&certificates);
    let gone = &certificates[7];
    filled.model.apply(&[], &[gone.id], at(9)).unwrap();
    assert!(matches!(filled.model.find(&nation(), gone.id), Err(Error::Withheld)));
    assert!(matches!(filled.model.find_by_number(&nation(), &gone.number), Err(Error::Withheld)));
    assert!(matches!(filled.model.find_by_number(&nation(), "no such number"), Err(Error::Withheld)));
    assert_eq!(filled.model.find(&nation(), certificates[8].id).unwrap().as_ref(), Some(&certificates[8]));
    assert_eq!(filled.search(&SearchQuery::default(), &nation()).total, 59);
    assert!(filled.model.withholds().unwrap());

    filled.model.apply(std::slice::from_ref(gone), &[], at(10)).unwrap();
    assert_eq!(filled.model.find(&nation(), gone.id).unwrap().as_ref(), Some(gone));
    assert_eq!(filled.model.find_by_number(&nation(), "no such number").unwrap().bearing, []);
    assert!(!filled.model.withholds().unwrap());
}

#[test]
fn an_entry_that_the_records_have_lost_is_damage_and_never_an_answer() {
    let certificates = population(64, 30);
    for database in ["certificates", "numbers", "holders"] {
        let Filled { model, dir } = Filled::with(&certificates);
        drop(model);
        lose_all(&dir.path().join("records"), database);
        let model = open(dir.path());
        for one in &certificates {
            let query = SearchQuery { number: text(&one.number), ..SearchQuery::default() };
            for found in [
                model.find(&nation(), one.id).map(|found| found.as_ref() == Some(one)),
                model.find_by_number(&nation(), &one.number).map(|found| found.bearing.contains(one)),
                model.search(&query, &nation(), today()).map(|found| found.rows.contains(one)),
            ] {
                assert!(matches!(found, Ok(true) | Err(Error::Damaged)), "{database}: {found:?}");
            }
        }
        let nobody = model.find_by_number(&nation(), "no such number").map(|found| found.bearing);
        assert_eq!(nobody.unwrap(), [], "what was never there is not found");
    }
}

/// Who is shown without a look at what else they hold is not for an editor of files to say.
#[test]
fn a_record_that_was_called_harmless_by_hand_is_damage() {
    let certificates = population(65, 300);
    let Filled { model, dir } = Filled::with(&certificates);
    drop(model);
    let mut guarded = BTreeSet::new();
    edit(&dir.path().join("records"), "certificates", |key, stored| {
        if stored[HARMLESS_AT] == 0 {
            guarded.insert(key[16..].to_vec());
            stored[HARMLESS_AT] = 1;
        }
    });
    assert!(!guarded.is_empty());
    let model = open(dir.path());
    for one in &certificates {
        let found = model.find(&nation(), one.id);
        if guarded.contains(one.id.uuid().as_bytes().as_slice()) {
            assert!(matches!(found, Err(Error::Damaged)));
        } else {
            assert_eq!(found.unwrap().as_ref(), Some(one));
        }
    }
}

#[test]
fn nobody_is_judged_alone_because_of_a_byte_in_a_record_of_theirs_that_is_not_shown() {
    let certificates = population(66, 300);
    let Filled { model, dir } = Filled::with(&certificates);
    drop(model);
    let mut edited = BTreeSet::new();
    edit(&dir.path().join("records"), "certificates", |key, stored| {
        // The first of each person's.
        if stored[HARMLESS_AT] == 0 && edited.insert(key[..16].to_vec()) {
            stored[HARMLESS_AT] = 1;
        }
    });
    let model = open(dir.path());
    let mut asked = 0;
    for one in &certificates {
        let theirs = certificates.iter().filter(|other| other.holder.id == one.holder.id);
        let is_first = theirs.map(|other| other.id).min() == Some(one.id);
        if edited.contains(one.holder.id.uuid().as_bytes().as_slice()) && !is_first {
            let judged_by = model.beside(&nation(), std::slice::from_ref(one));
            assert!(matches!(judged_by, Err(Error::Damaged)));
            asked += 1;
        }
    }
    assert!(asked > 0);
}

/// Behind the version.
const HARMLESS_AT: usize = 8;

/// As a file does in which a byte of each key has changed.
fn lose_all(records: &Path, database: &str) {
    within(records, database, |entries, txn| entries.clear(txn).unwrap());
}

fn edit(records: &Path, database: &str, mut edited: impl FnMut(&[u8], &mut [u8])) {
    within(records, database, |entries, txn| {
        let all: Vec<_> = entries
            .iter(txn)
            .unwrap()
            .map(|entry| entry.map(|(key, stored)| (key.to_vec(), stored.to_vec())).unwrap())
            .collect();
        for (key, mut stored) in all {
            edited(&key, &mut stored);
            entries.put(txn, &key, &stored).unwrap();
        }
    });
}

#[expect(unsafe_code, reason = "memory-mapped files are undefined behaviour if others change them")]
fn within(records: &Path, database: &str, change: impl FnOnce(Database<Bytes, Bytes>, &mut RwTxn<'_>)) {
    let mut options = EnvOpenOptions::new();
    options.map_size(1 << 30).max_dbs(7);
    // SAFETY: the folder is the test's own, and no other environment is open on it.
    let environment = unsafe { options.open(records) }.unwrap();
    let mut txn = environment.write_txn().unwrap();
    let entries: Database<Bytes, Bytes> = environment.open_database(&txn, Some(database)).unwrap().unwrap();
    change(entries, &mut txn);
    txn.commit().unwrap();
}
