//! Another trade in another country is searched with nothing but its own data.

use crate::{
    population::{named, population},
    support::{KEY_SEED, at, date, instant, nation, text, today},
};
use domain::{
    catalogue::{Catalogue, CatalogueFiles},
    certificate::{Certificate, IdentityDocument, IdentityKind, Terms},
    lifecycle::{Event, EventKind, Status},
    query::{Facet, SearchQuery},
};
use keys::KeyRing;
use readmodel::{Options, ReadModel};
use std::sync::Arc;

macro_rules! nurses {
    ($file:literal) => {
        include_str!(concat!("../../../../catalogue/nurses_jp/", $file))
    };
}

const FILES: CatalogueFiles<'static> = CatalogueFiles {
    catalogue: nurses!("catalogue.toml"),
    types: nurses!("types.toml"),
    items: nurses!("items.csv"),
    regions: nurses!("regions.csv"),
    former_regions: nurses!("former_regions.csv"),
    industries: nurses!("industries.csv"),
    status_codes: nurses!("status_codes.toml"),
    aliases: nurses!("aliases.toml"),
};

fn nurse() -> Certificate {
    let mut nurse = named(&population(71, 1), "沢田桜");
    let terms = Terms {
        issued_on: date("2022-01-01"),
        valid_from: date("2022-01-01"),
        valid_until: Some(date("2026-12-01")),
        review_due_on: None,
    };
    nurse.events.truncate(1);
    nurse.events[0] =
        Event { kind: EventKind::Issued(terms), effective_on: terms.issued_on, ..nurse.events[0].clone() };
    nurse.terms = terms;
    nurse.under_correction = false;
    nurse.type_code = "certified_nurse".to_owned();
    nurse.number = "第12345号".to_owned();
    nurse.region = "131130".to_owned();
    nurse.issuer = "日本看護協会".to_owned();
    let number = "1234-5678-9012".to_owned();
    nurse.holder.identity = Some(IdentityDocument { kind: IdentityKind::Other, number });
    nurse
}

#[test]
fn nurses_of_japan_are_searched_by_their_own_rules() {
    let dir = tempfile::tempdir().unwrap();
    let catalogue = Arc::new(Catalogue::parse(&FILES).unwrap());
    let options = Options { writer_heap_bytes: 15 << 20, map_bytes: 1 << 30 };
    let model = ReadModel::open(dir.path(), KeyRing::in_memory(KEY_SEED), catalogue, options).unwrap();
    let nurse = nurse();
    model.apply(std::slice::from_ref(&nurse), &[], at(1)).unwrap();
    model.confirm(instant("2026-06-15"));
    let ask = |query: &SearchQuery| model.search(query, &nation(), today()).unwrap();
    let queries = [
        SearchQuery { name: text("澤田櫻"), ..SearchQuery::default() },
        SearchQuery { number: text("第１２３４５号"), ..SearchQuery::default() },
        SearchQuery { number: text("第12345"), ..SearchQuery::default() },
        SearchQuery { id_number: text(" 1234-5678-9012 "), ..SearchQuery::default() },
        SearchQuery { issuer: text("看護"), ..SearchQuery::default() },
        SearchQuery { region: Some("130000".to_owned()), ..SearchQuery::default() },
        SearchQuery { categories: vec!["nursing".to_owned()], ..SearchQuery::default() },
        SearchQuery {
            statuses: vec![Status::Expiring],
            on: Some(date("2026-06-10")),
            ..SearchQuery::default()
        },
        SearchQuery { statuses: vec![Status::Valid], on: Some(date("2026-06-01")), ..SearchQuery::default() },
    ];
    for query in &queries {
        assert_eq!(ask(query).rows, std::slice::from_ref(&nurse), "{query:?}");
    }
    let elsewhere = SearchQuery { region: Some("270000".to_owned()), ..SearchQuery::default() };
    assert_eq!(ask(&elsewhere).total, 0);
    let counted = ask(&SearchQuery { facets: vec![Facet::Region], ..SearchQuery::default() });
    assert_eq!(counted.facets, [(Facet::Region, vec![("130000".to_owned(), 1)])]);
}
