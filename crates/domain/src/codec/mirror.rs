//! The layout of version 1. Days are counted from 1970-01-01, instants in microseconds from its
//! beginning in UTC.

use super::CodecError;
use crate::{
    Date, Instant,
    certificate::{
        Certificate, Earlier, EducationHours, Holder, IdentityDocument, IdentityKind, Organisation,
        RosterRow, Source, Terms, Training,
    },
    ids::{CertificateId, EventId, HolderId, ImportId, OrganisationId, PhotoId},
    lifecycle::{Event, EventKind},
};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// chrono counts days from 0001-01-01; this is 1970-01-01.
const EPOCH_DAY: i32 = 719_163;

#[derive(Serialize, Deserialize)]
pub(super) struct CertificateV1 {
    id: Uuid,
    version: u64,
    type_code: String,
    number: String,
    item: Option<String>,
    holder: HolderV1,
    identity_as_written: Option<String>,
    organisation: Option<OrganisationV1>,
    issuer: String,
    region: String,
    industry: Option<String>,
    terms: TermsV1,
    source: String,
    synced_at: i64,
    row: Option<RosterRowV1>,
    events: Vec<EventV1>,
    earlier: Vec<EarlierV1>,
    training: Vec<TrainingV1>,
    education: Vec<(i32, u32)>,
    photo: Option<Uuid>,
    under_correction: bool,
}

#[derive(Serialize, Deserialize)]
struct HolderV1 {
    id: Uuid,
    name: String,
    identity: Option<IdentityV1>,
    phone: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct IdentityV1 {
    kind: IdentityKindV1,
    number: String,
}

#[derive(Serialize, Deserialize)]
enum IdentityKindV1 {
    CitizenId,
    ResidencePermit,
    ForeignPermanentResident,
    Passport,
    TravelPermit,
    Other,
}

#[derive(Serialize, Deserialize)]
struct OrganisationV1 {
    id: Uuid,
    name: String,
    uscc: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct TermsV1 {
    issued_on: i32,
    valid_from: i32,
    valid_until: Option<i32>,
    review_due_on: Option<i32>,
}

#[derive(Serialize, Deserialize)]
struct EventV1 {
    id: Uuid,
    kind: EventKindV1,
    effective_on: i32,
    recorded_at: i64,
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum EventKindV1 {
    Issued(TermsV1),
    Renewed(TermsV1),
    Reviewed(Option<i32>),
    Suspended,
    Resumed,
    Revoked,
    RevokedAsPenalty,
    Cancelled,
    TransferredOut,
    TransferredIn,
    Replaced,
    Corrected(TermsV1),
}

#[derive(Serialize, Deserialize)]
struct TrainingV1 {
    course: String,
    provider: String,
    hours: u32,
    completed_on: i32,
    passed: bool,
}

#[derive(Serialize, Deserialize)]
struct RosterRowV1 {
    import: Uuid,
    sheet: u32,
    row: u32,
    part: u32,
    of: u32,
}

#[derive(Serialize, Deserialize)]
struct EarlierV1 {
    holder: HolderV1,
    organisation: Option<OrganisationV1>,
    issuer: String,
    region: String,
    industry: Option<String>,
    until: i64,
    replaced_by: Option<RosterRowV1>,
}

impl From<&Certificate> for CertificateV1 {
    fn from(certificate: &Certificate) -> Self {
        let training = certificate.training.iter().map(|training| TrainingV1 {
            course: training.course.clone(),
            provider: training.provider.clone(),
            hours: training.hours,
            completed_on: day_number(training.completed_on),
            passed: training.passed,
        });
        Self {
            id: certificate.id.uuid(),
            version: certificate.version,
            type_code: certificate.type_code.clone(),
            number: certificate.number.clone(),
            item: certificate.item.clone(),
            holder: (&certificate.holder).into(),
            identity_as_written: certificate.identity_as_written.clone(),
            organisation: certificate.organisation.as_ref().map(OrganisationV1::from),
            issuer: certificate.issuer.clone(),
            region: certificate.region.clone(),
            industry: certificate.industry.clone(),
            terms: (&certificate.terms).into(),
            source: certificate.source.code.clone(),
            synced_at: certificate.source.synced_at.timestamp_micros(),
            row: certificate.source.row.map(RosterRowV1::from),
            events: certificate.events.iter().map(EventV1::from).collect(),
            earlier: certificate.earlier.iter().map(EarlierV1::from).collect(),
            training: training.collect(),
            education: certificate
                .education
                .iter()
                .map(|education| (education.year, education.hours))
                .collect(),
            photo: certificate.photo.map(PhotoId::uuid),
            under_correction: certificate.under_correction,
        }
    }
}

impl TryFrom<CertificateV1> for Certificate {
    type Error = CodecError;

    fn try_from(mirror: CertificateV1) -> Result<Self, CodecError> {
        let education = mirror.education.into_iter().map(|(year, hours)| EducationHours { year, hours });
        Ok(Self {
            id: CertificateId::from_uuid(mirror.id),
            version: mirror.version,
            type_code: mirror.type_code,
            number: mirror.number,
            item: mirror.item,
            holder: mirror.holder.into(),
            identity_as_written: mirror.identity_as_written,
            organisation: mirror.organisation.map(Organisation::from),
            issuer: mirror.issuer,
            region: mirror.region,
            industry: mirror.industry,
            terms: mirror.terms.try_into()?,
            source: Source {
                code: mirror.source,
                synced_at: instant(mirror.synced_at)?,
                row: mirror.row.map(RosterRow::from),
            },
            events: mirror.events.into_iter().map(Event::try_from).collect::<Result<_, _>>()?,
            earlier: mirror.earlier.into_iter().map(Earlier::try_from).collect::<Result<_, _>>()?,
            training: mirror.training.into_iter().map(Training::try_from).collect::<Result<_, _>>()?,
            education: education.collect(),
            photo: mirror.photo.map(PhotoId::from_uuid),
            under_correction: mirror.under_correction,
        })
    }
}

impl From<&Holder> for HolderV1 {
    fn from(holder: &Holder) -> Self {
        Self {
            id: holder.id.uuid(),
            name: holder.name.clone(),
            identity: holder.identity.as_ref().map(IdentityV1::from),
            phone: holder.phone.clone(),
        }
    }
}

impl From<HolderV1> for Holder {
    fn from(mirror: HolderV1) -> Self {
        Self {
            id: HolderId::from_uuid(mirror.id),
            name: mirror.name,
            identity: mirror.identity.map(IdentityDocument::from),
            phone: mirror.phone,
        }
    }
}

impl From<&Organisation> for OrganisationV1 {
    fn from(organisation: &Organisation) -> Self {
        Self { id: organisation.id.uuid(), name: organisation.name.clone(), uscc: organisation.uscc.clone() }
    }
}

impl From<OrganisationV1> for Organisation {
    fn from(mirror: OrganisationV1) -> Self {
        Self { id: OrganisationId::from_uuid(mirror.id), name: mirror.name, uscc: mirror.uscc }
    }
}

impl From<RosterRow> for RosterRowV1 {
    fn from(RosterRow { import, sheet, row, part, of }: RosterRow) -> Self {
        Self { import: import.uuid(), sheet, row, part, of }
    }
}

impl From<RosterRowV1> for RosterRow {
    fn from(RosterRowV1 { import, sheet, row, part, of }: RosterRowV1) -> Self {
        Self { import: ImportId::from_uuid(import), sheet, row, part, of }
    }
}

impl From<&Earlier> for EarlierV1 {
    fn from(earlier: &Earlier) -> Self {
        Self {
            holder: (&earlier.holder).into(),
            organisation: earlier.organisation.as_ref().map(OrganisationV1::from),
            issuer: earlier.issuer.clone(),
            region: earlier.region.clone(),
            industry: earlier.industry.clone(),
            until: earlier.until.timestamp_micros(),
            replaced_by: earlier.replaced_by.map(RosterRowV1::from),
        }
    }
}

impl TryFrom<EarlierV1> for Earlier {
    type Error = CodecError;

    fn try_from(mirror: EarlierV1) -> Result<Self, CodecError> {
        Ok(Self {
            holder: mirror.holder.into(),
            organisation: mirror.organisation.map(Organisation::from),
            issuer: mirror.issuer,
            region: mirror.region,
            industry: mirror.industry,
            until: instant(mirror.until)?,
            replaced_by: mirror.replaced_by.map(RosterRow::from),
        })
    }
}

impl From<&IdentityDocument> for IdentityV1 {
    fn from(document: &IdentityDocument) -> Self {
        let kind = match document.kind {
            IdentityKind::CitizenId => IdentityKindV1::CitizenId,
            IdentityKind::ResidencePermit => IdentityKindV1::ResidencePermit,
            IdentityKind::ForeignPermanentResident => IdentityKindV1::ForeignPermanentResident,
            IdentityKind::Passport => IdentityKindV1::Passport,
            IdentityKind::TravelPermit => IdentityKindV1::TravelPermit,
            IdentityKind::Other => IdentityKindV1::Other,
        };
        Self { kind, number: document.number.clone() }
    }
}

impl From<IdentityV1> for IdentityDocument {
    fn from(mirror: IdentityV1) -> Self {
        let kind = match mirror.kind {
            IdentityKindV1::CitizenId => IdentityKind::CitizenId,
            IdentityKindV1::ResidencePermit => IdentityKind::ResidencePermit,
            IdentityKindV1::ForeignPermanentResident => IdentityKind::ForeignPermanentResident,
            IdentityKindV1::Passport => IdentityKind::Passport,
            IdentityKindV1::TravelPermit => IdentityKind::TravelPermit,
            IdentityKindV1::Other => IdentityKind::Other,
        };
        Self { kind, number: mirror.number }
    }
}

impl From<&Terms> for TermsV1 {
    fn from(terms: &Terms) -> Self {
        Self {
            issued_on: day_number(terms.issued_on),
            valid_from: day_number(terms.valid_from),
            valid_until: terms.valid_until.map(day_number),
            review_due_on: terms.review_due_on.map(day_number),
        }
    }
}

impl TryFrom<TermsV1> for Terms {
    type Error = CodecError;

    fn try_from(mirror: TermsV1) -> Result<Self, CodecError> {
        Ok(Self {
            issued_on: day(mirror.issued_on)?,
            valid_from: day(mirror.valid_from)?,
            valid_until: mirror.valid_until.map(day).transpose()?,
            review_due_on: mirror.review_due_on.map(day).transpose()?,
        })
    }
}

impl From<&Event> for EventV1 {
    fn from(event: &Event) -> Self {
        let kind = match &event.kind {
            EventKind::Issued(terms) => EventKindV1::Issued(terms.into()),
            EventKind::Renewed(terms) => EventKindV1::Renewed(terms.into()),
            EventKind::Reviewed { next_due_on } => EventKindV1::Reviewed(next_due_on.map(day_number)),
            EventKind::Suspended => EventKindV1::Suspended,
            EventKind::Resumed => EventKindV1::Resumed,
            EventKind::Revoked => EventKindV1::Revoked,
            EventKind::RevokedAsPenalty => EventKindV1::RevokedAsPenalty,
            EventKind::Cancelled => EventKindV1::Cancelled,
            EventKind::TransferredOut => EventKindV1::TransferredOut,
            EventKind::TransferredIn => EventKindV1::TransferredIn,
            EventKind::Replaced => EventKindV1::Replaced,
            EventKind::Corrected(terms) => EventKindV1::Corrected(terms.into()),
        };
        Self {
            id: event.id.uuid(),
            kind,
            effective_on: day_number(event.effective_on),
            recorded_at: event.recorded_at.timestamp_micros(),
            reason: event.reason.clone(),
        }
    }
}

impl TryFrom<EventV1> for Event {
    type Error = CodecError;

    fn try_from(mirror: EventV1) -> Result<Self, CodecError> {
        let kind = match mirror.kind {
            EventKindV1::Issued(terms) => EventKind::Issued(terms.try_into()?),
            EventKindV1::Renewed(terms) => EventKind::Renewed(terms.try_into()?),
            EventKindV1::Reviewed(next) => EventKind::Reviewed { next_due_on: next.map(day).transpose()? },
            EventKindV1::Suspended => EventKind::Suspended,
            EventKindV1::Resumed => EventKind::Resumed,
            EventKindV1::Revoked => EventKind::Revoked,
            EventKindV1::RevokedAsPenalty => EventKind::RevokedAsPenalty,
            EventKindV1::Cancelled => EventKind::Cancelled,
            EventKindV1::TransferredOut => EventKind::TransferredOut,
            EventKindV1::TransferredIn => EventKind::TransferredIn,
            EventKindV1::Replaced => EventKind::Replaced,
            EventKindV1::Corrected(terms) => EventKind::Corrected(terms.try_into()?),
        };
        Ok(Self {
            id: EventId::from_uuid(mirror.id),
            kind,
            effective_on: day(mirror.effective_on)?,
            recorded_at: instant(mirror.recorded_at)?,
            reason: mirror.reason,
        })
    }
}

impl TryFrom<TrainingV1> for Training {
    type Error = CodecError;

    fn try_from(mirror: TrainingV1) -> Result<Self, CodecError> {
        Ok(Self {
            course: mirror.course,
            provider: mirror.provider,
            hours: mirror.hours,
            completed_on: day(mirror.completed_on)?,
            passed: mirror.passed,
        })
    }
}

fn day_number(day: Date) -> i32 {
    day.num_days_from_ce() - EPOCH_DAY
}

fn day(number: i32) -> Result<Date, CodecError> {
    let days = number.checked_add(EPOCH_DAY).ok_or(CodecError::Damaged)?;
    Date::from_num_days_from_ce_opt(days).ok_or(CodecError::Damaged)
}

fn instant(micros: i64) -> Result<Instant, CodecError> {
    Instant::from_timestamp_micros(micros).ok_or(CodecError::Damaged)
}
