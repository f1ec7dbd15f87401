//! Another trade in another country needs data and nothing else.

use domain::{
    Date, Instant,
    catalogue::{Catalogue, CatalogueFiles},
    certificate::{IdentityKind, Terms},
    ids::EventId,
    lifecycle::{Event, EventKind, Status, end_of_validity, status_on},
    number::certificate_number,
    text,
};

macro_rules! nurses {
    ($file:literal) => {
        include_str!(concat!("../../../../catalogue/nurses_jp/", $file))
    };
}

pub const FILES: CatalogueFiles<'static> = CatalogueFiles {
    catalogue: nurses!("catalogue.toml"),
    types: nurses!("types.toml"),
    items: nurses!("items.csv"),
    regions: nurses!("regions.csv"),
    former_regions: nurses!("former_regions.csv"),
    industries: nurses!("industries.csv"),
    status_codes: nurses!("status_codes.toml"),
    aliases: nurses!("aliases.toml"),
};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn nurses_of_japan_are_a_folder_of_data() {
    let catalogue = Catalogue::parse(&FILES).unwrap();
    assert_eq!(catalogue.zone(), chrono_tz::Asia::Tokyo);
    let kind = catalogue.type_by_code("certified_nurse").unwrap();
    assert_eq!(catalogue.candidates("認定看護師")[0].type_code, "certified_nurse");
    assert_eq!(catalogue.candidates("感染管理")[0].item.as_deref(), Some("field:infection"));
    let number = certificate_number::normalise_for(kind, " 第１２３４５号 ").number;
    assert_eq!(number, "第12345号");
    assert!(certificate_number::matches(kind, &number));
    assert!(!certificate_number::matches(kind, "T11010519491231002X"));
    assert_eq!(catalogue.regions().full_name("131130"), Some("東京都渋谷区"));
    assert_eq!(catalogue.regions().subtree_prefix("130000"), "13");
    assert_eq!(catalogue.parse_identity("1234-5678-9012").unwrap().kind, IdentityKind::Other);
    assert_eq!(text::search_name("沢田 桜"), text::search_name("澤田桜"));
}

#[test]
fn its_rules_and_its_midnight_are_its_own() {
    let catalogue = Catalogue::parse(&FILES).unwrap();
    let kind = catalogue.type_by_code("certified_nurse").unwrap();
    let rules = catalogue.status_rules(&kind.code);
    let from = day("2020-04-01");
    let until = end_of_validity(from, kind.validity_years.unwrap());
    assert_eq!(until, Some(day("2025-03-31")));
    let terms = Terms { issued_on: from, valid_from: from, valid_until: until, review_due_on: None };
    let recorded_at: Instant = "2020-04-01T15:30:00Z".parse().unwrap();
    let event = Event {
        id: EventId::from_uuid(uuid::Uuid::nil()),
        kind: EventKind::Issued(terms),
        effective_on: from,
        recorded_at,
        reason: None,
    };
    let status = |on, known| {
        status_on(std::slice::from_ref(&event), false, &rules, day(on), day(known)).map(|found| found.status)
    };
    // 15:30 UTC is past midnight in Tokyo, though not in Shanghai.
    assert_eq!(status("2020-04-01", "2020-04-01"), None);
    assert_eq!(status("2020-04-01", "2020-04-02"), Some(Status::Valid));
    assert_eq!(status("2024-10-01", "2024-10-01"), Some(Status::Valid));
    assert_eq!(status("2024-10-02", "2024-10-02"), Some(Status::Expiring), "180 days are this type's window");
    assert_eq!(status("2025-04-01", "2025-04-01"), Some(Status::Expired));
}
