use crate::registry;
use anzheng_synth::roster::{Dirt, Roster, Truth};
use domain::{catalogue::Catalogue, number::citizen_id};
use std::collections::HashSet;

#[test]
fn a_roster_of_two_hundred_rows_holds_every_kind_of_dirt() {
    let registry = registry(1000);
    let roster = registry.roster(registry.certificate_count(), 200);
    assert_eq!(roster.rows.len(), 200);
    let found: HashSet<Dirt> = roster.rows.iter().map(|row| row.dirt).collect();
    assert_eq!(found.len(), Dirt::ALL.len());
    assert!(roster.rows.iter().all(|row| row.cells.len() == Roster::HEADER.len()));
    assert_eq!(roster.table().len(), 203);
}

#[test]
fn clean_rows_are_clean_and_each_dirt_soils_its_row() {
    let registry = registry(1000);
    let catalogue = Catalogue::work_safety();
    let regions = catalogue.regions();
    for row in registry.roster(1000, 200).rows {
        let document = row.certificate.holder.identity.as_ref().expect("a document");
        let read = citizen_id::parse(&row.cells[3], regions);
        match row.dirt {
            // The document is refused by itself; the others are refused for what stands in other cells.
            Dirt::RoundedId | Dirt::WrongCheckDigit => assert!(read.is_err(), "{:?}", row.dirt),
            _ => assert_eq!(read.as_ref(), Ok(document), "{:?}", row.dirt),
        }
        let clean = row.cells[1] == row.certificate.holder.name
            && row.cells[3] == document.number
            && row.cells[6] == row.certificate.number
            && row.cells[10] == row.certificate.terms.issued_on.to_string();
        assert!(clean || row.dirt != Dirt::Clean);
    }
}

#[test]
fn rows_that_repeat_repeat_the_row_above() {
    let roster = registry(1000).roster(0, 200);
    for pair in roster.rows.windows(2).filter(|pair| pair[1].dirt.truth() == Truth::Repeated) {
        assert_eq!(pair[0].cells, pair[1].cells);
        assert_eq!(pair[0].dirt.truth(), Truth::Accepted { certificates: 1 });
    }
}
