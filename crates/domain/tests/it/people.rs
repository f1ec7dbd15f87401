//! Synthetic people, certificates and callers.

use domain::{
    Date, Instant,
    access::{Principal, Role},
    certificate::{
        Certificate, EducationHours, Holder, IdentityDocument, IdentityKind, Organisation, Source, Terms,
        Training,
    },
    ids::{AccountId, CertificateId, EventId, HolderId, OrganisationId, PhotoId, SessionId},
    lifecycle::{Event, EventKind, Status, StatusOn},
    number::citizen_id::check_character,
};
use uuid::Uuid;

/// Identifiers print as letters, so that no digits of theirs look like somebody's.
pub const fn uuid(serial: u8) -> Uuid {
    Uuid::from_u128(0xABCD_EFAB_CDEF_ABCD_EFAB_CDEF_ABCD_EF00 + serial as u128)
}

pub const ME: HolderId = HolderId::from_uuid(uuid(0xA1));
pub const COLLEAGUE: HolderId = HolderId::from_uuid(uuid(0xA2));
pub const STRANGER: HolderId = HolderId::from_uuid(uuid(0xA3));
pub const GRANTED: HolderId = HolderId::from_uuid(uuid(0xA4));
pub const MINE: OrganisationId = OrganisationId::from_uuid(uuid(0xB1));
pub const THEIRS: OrganisationId = OrganisationId::from_uuid(uuid(0xB2));

pub fn now() -> Instant {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

/// Somebody of this role with everything that the role is measured by, whose identity was proven
/// just now. At home in 武昌区, 武汉市, 湖北省.
pub fn caller(role: Role) -> Principal {
    if role == Role::Public {
        return Principal::public();
    }
    let region = match role {
        Role::RegulatorCounty => Some("420106"),
        Role::RegulatorCity => Some("420100"),
        Role::RegulatorProvince => Some("420000"),
        _ => None,
    };
    let in_organisation = matches!(role, Role::EnterpriseAdmin | Role::EnterpriseMember | Role::ApiClient);
    Principal {
        role,
        account: Some(AccountId::from_uuid(uuid(0xC1))),
        session: Some(SessionId::from_uuid(uuid(0xD1))),
        region: region.map(str::to_owned),
        organisation: in_organisation.then_some(MINE),
        holder: (role == Role::Individual).then_some(ME),
        granted: if role == Role::EnterpriseMember { vec![GRANTED] } else { Vec::new() },
        stepped_up_at: Some(now()),
        confined: None,
    }
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn with_check(seventeen: &str) -> String {
    format!("{seventeen}{}", check_character(seventeen).unwrap())
}

/// A certificate of the caller's own world: holder, organisation and region are theirs.
pub fn certificate(serial: u8, id_number: &str, number: &str, issued_on: &str) -> Certificate {
    let issued_on = day(issued_on);
    let terms = Terms { issued_on, valid_from: issued_on, valid_until: None, review_due_on: None };
    let first = Event {
        id: EventId::from_uuid(uuid(0xE1)),
        kind: EventKind::Issued(terms),
        effective_on: issued_on,
        recorded_at: now(),
        reason: None,
    };
    Certificate {
        id: CertificateId::from_uuid(uuid(serial)),
        version: 1,
        type_code: "mem_special_ops".to_owned(),
        number: number.to_owned(),
        item: Some("mem:1.2".to_owned()),
        holder: Holder {
            id: ME,
            name: "欧阳试样".to_owned(),
            identity: Some(IdentityDocument { kind: IdentityKind::CitizenId, number: id_number.to_owned() }),
            phone: Some("19900001234".to_owned()),
        },
        identity_as_written: None,
        organisation: Some(Organisation {
            id: MINE, name: "样例建设有限公司".to_owned(), uscc: None
        }),
        issuer: "武昌区应急管理局".to_owned(),
        region: "420106".to_owned(),
        industry: None,
        terms,
        source: Source { code: "demo".to_owned(), synced_at: now(), row: None },
        events: vec![first],
        earlier: Vec::new(),
        training: vec![Training {
            course: "低压电工".to_owned(),
            provider: "样例培训中心".to_owned(),
            hours: 100,
            completed_on: issued_on,
            passed: true,
        }],
        education: vec![EducationHours { year: 2025, hours: 8 }],
        photo: Some(PhotoId::from_uuid(uuid(0xF1))),
        under_correction: false,
    }
}

pub fn valid() -> StatusOn {
    StatusOn { status: Status::Valid, since: None, reason: None }
}
