//! Reading a roster to its end, and what must hold whatever was in it.

use domain::{
    Date,
    catalogue::Catalogue,
    number::{certificate_number, embeds_id, phone, uscc},
};
use sheet::{Entry, Limits, Mapping, Outcome, Problem, RejectsWriter, Roster, Words};
use std::{
    io::Cursor,
    panic,
    sync::{Arc, LazyLock, Once},
};

/// Small enough that no input can take long.
const LIMITS: Limits = Limits {
    file_bytes: 1 << 20,
    unpacked_bytes: 4 << 20,
    unpacked_ratio: 1000,
    shared_texts: 10_000,
    rows: 2_000,
};

const LOCALE: &str = include_str!("../../locales/en.toml");

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(Catalogue::work_safety);

fn words() -> Words {
    Words::from_toml(LOCALE).expect("the project's own words")
}

/// Nobody is born later.
fn today() -> Date {
    Date::from_ymd_opt(2026, 11, 23).expect("a day")
}

/// The reader of XLS files panics on damage, which `sheet` catches and calls damage; here any other
/// panic ends the process, as the fuzzer wants it.
fn forgive_the_library() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|told| {
            if !told.location().is_some_and(|place| place.file().contains("/calamine-")) {
                eprintln!("{told}");
                std::process::abort();
            }
        }));
    });
}

/// Every entry that is read from the file, after all checks.
pub fn read(bytes: Vec<u8>) -> Vec<Entry> {
    forgive_the_library();
    let opened = Roster::from_bytes("roster", bytes, &LIMITS, CATALOGUE.clone(), Mapping::default(), today());
    let Ok(mut roster) = opened else { return Vec::new() };
    let mut pictures = roster.take_pictures();
    let mut rejects = RejectsWriter::new(Cursor::new(Vec::new()), roster.format(), words());
    let mut accepted = Vec::new();
    let layouts = roster.sheets().to_vec();
    for (index, layout) in layouts.iter().enumerate() {
        let Ok(rows) = roster.rows(index) else { continue };
        for row in rows.map_while(Result::ok) {
            pictures.of_row(index, &row);
            match row.outcome {
                Outcome::Accepted(entries) => accepted.extend(entries),
                Outcome::Rejected(problems) => {
                    check_problems(&problems);
                    // A row can be longer than a spreadsheet takes; that is an error, not a fault.
                    let _refused = rejects.write(layout, &row.cells, &problems);
                }
                Outcome::Repeated { .. } | Outcome::Remark => {}
            }
        }
    }
    rejects.finish().expect("rows that were taken can be written");
    accepted.iter().for_each(check_entry);
    accepted
}

/// A report of what is wrong tells nobody's ID number.
fn check_problems(problems: &[Problem]) {
    static WORDS: LazyLock<Words> = LazyLock::new(words);
    for problem in problems {
        assert_eq!(embeds_id(&WORDS.sentence(problem)), None, "a sentence tells an ID number");
    }
}

/// What is accepted has been cleaned: cleaning it again changes nothing.
fn check_entry(entry: &Entry) {
    check_problems(&entry.warnings);
    assert_eq!(certificate_number::normalise(&entry.number).number, entry.number);
    if let Some(document) = &entry.identity {
        assert!(!document.number.is_empty() && document.number.trim() == document.number);
    }
    if let Some(number) = &entry.phone {
        assert_eq!(phone::normalise(number).as_ref(), Some(number));
    }
    if let Some(code) = &entry.credit_code {
        assert_eq!(uscc::parse(code).as_ref(), Ok(code));
    }
    let terms = entry.terms;
    assert!(terms.valid_until.is_none_or(|until| until >= terms.valid_from), "ends before it begins");
}
