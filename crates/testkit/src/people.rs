//! Synthetic people and what they hold. The n-th is always the same; nobody is real.

use chrono::TimeZone;
use domain::{
    Date, Instant,
    certificate::{
        Certificate, Earlier, EducationHours, Holder, IdentityDocument, IdentityKind, Organisation,
        RosterRow, Source, Terms, Training,
    },
    ids::{CertificateId, EventId, HolderId, ImportId, OrganisationId},
    lifecycle::{Event, EventKind},
};
use uuid::Uuid;

const SURNAMES: [&str; 6] = ["赵", "欧阳", "买买提·", "𬭎", "李", "尉迟"];
const GIVEN: [&str; 5] = ["伟", "秀英", "䶮", "建国", "小明"];

fn id(kind: u128, n: u32) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | (kind << 32) | u128::from(n))
}

/// Any calendar day.
pub fn day(year: i32, month: u32, day: u32) -> Date {
    Date::from_ymd_opt(year, month, day).expect("tests name days that exist")
}

/// Noon in UTC of a calendar day.
pub fn at(year: i32, month: u32, day: u32) -> Instant {
    chrono::Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).single().expect("tests name days that exist")
}

/// The n-th person; their ID number passes its checksum (GB 11643) and is assigned to nobody.
pub fn holder(n: u32) -> Holder {
    let pick = n as usize;
    let name = format!("{}{}", SURNAMES[pick % SURNAMES.len()], GIVEN[pick / SURNAMES.len() % GIVEN.len()]);
    let digits = format!(
        "11010519{:02}{:02}{:02}{:03}",
        60 + n / 336_000 % 40,
        1 + n / 28_000 % 12,
        1 + n / 1000 % 28,
        n % 1000
    );
    let number = format!("{digits}{}", check_character(&digits));
    Holder {
        id: HolderId::from_uuid(id(1, n)),
        name,
        identity: Some(IdentityDocument { kind: IdentityKind::CitizenId, number }),
        phone: Some(format!("+86100{n:08}")),
    }
}

/// ISO 7064 MOD 11-2 over the first 17 digits.
fn check_character(digits: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    char::from(b"10X98765432"[(sum % 11) as usize])
}

/// The n-th organisation.
pub fn organisation(n: u32) -> Organisation {
    Organisation {
        id: OrganisationId::from_uuid(id(2, n)),
        name: format!("示例市第{n}建筑安装有限公司"),
        uscc: Some(format!("91110105MA{n:08}")),
    }
}

/// The n-th certificate: of the n-th person, who works for organisation n / 10; issued, and
/// reviewed once.
pub fn certificate(n: u32) -> Certificate {
    let holder = holder(n);
    let terms = Terms {
        issued_on: day(2022, 3, 1),
        valid_from: day(2022, 3, 1),
        valid_until: Some(day(2028, 2, 29)),
        review_due_on: Some(day(2025, 2, 28)),
    };
    let event = |order: u32, kind, on: Date, recorded: Instant| Event {
        id: EventId::from_uuid(id(3, n * 16 + order)),
        kind,
        effective_on: on,
        recorded_at: recorded,
        reason: None,
    };
    Certificate {
        id: CertificateId::from_uuid(id(4, n)),
        version: 1,
        type_code: "mem_special_ops".into(),
        number: format!("T{}", holder.identity.as_ref().map_or("", |document| &document.number)),
        item: Some("mem:1.2".into()),
        identity_as_written: holder.identity.as_ref().map(|document| document.number.replace("19", "**")),
        organisation: Some(organisation(n / 10)),
        issuer: "示例省应急管理厅".into(),
        region: ["110105", "440305", "429004"][n as usize % 3].into(),
        industry: Some("construction".into()),
        terms: Terms { review_due_on: None, ..terms },
        source: Source { code: "import".into(), synced_at: at(2024, 1, 2), row: Some(row(n)) },
        events: vec![
            event(0, EventKind::Issued(terms), day(2022, 3, 1), at(2022, 3, 1)),
            event(1, EventKind::Reviewed { next_due_on: None }, day(2025, 2, 1), at(2025, 2, 3)),
        ],
        earlier: vec![Earlier {
            holder: Holder { phone: None, ..holder.clone() },
            organisation: None,
            issuer: "示例市应急管理局".into(),
            region: "110000".into(),
            industry: None,
            until: at(2023, 5, 6),
            replaced_by: Some(row(n)),
        }],
        holder,
        training: vec![Training {
            course: "低压电工".into(),
            provider: "示例培训中心".into(),
            hours: 96,
            completed_on: day(2022, 1, 20),
            passed: true,
        }],
        education: vec![EducationHours { year: 2024, hours: 8 }, EducationHours { year: 2025, hours: 12 }],
        photo: None,
        under_correction: false,
    }
}

fn row(n: u32) -> RosterRow {
    RosterRow { import: ImportId::from_uuid(id(6, n)), sheet: 1, row: 7, part: 1, of: 2 }
}
