//! The layout of version 1. Days are counted from 1970-01-01, instants in microseconds from its
//! beginning in UTC.

use super::{CodecError, Personal};
use crate::{
    Date, Instant,
    certificate::{
        Certificate, EducationHours, Holder, IdentityDocument, IdentityKind, Organisation, Source, Terms,
        Training,
    },
    ids::{CertificateId, EventId, HolderId, OrganisationId, PhotoId},
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
    organisation: Option<OrganisationV1>,
    issuer: String,
    region: String,
    industry: Option<String>,
    terms: TermsV1,
    source: String,
    synced_at: i64,
    events: Vec<EventV1>,
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
pub(super) struct PersonalV1 {
    number: String,
    name: String,
    identity: Option<IdentityV1>,
    phone: Option<String>,
}

impl From<&Certificate> for CertificateV1 {
    fn from(certificate: &Certificate) -> Self {
        let organisation = certificate.organisation.as_ref().map(|organisation| OrganisationV1 {
            id: organisation.id.uuid(),
            name: organisation.name.clone(),
            uscc: organisation.uscc.clone(),
        });
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
            holder: HolderV1 {
                id: certificate.holder.id.uuid(),
                name: certificate.holder.name.clone(),
                identity: certificate.holder.identity.as_ref().map(IdentityV1::from),
                phone: certificate.holder.phone.clone(),
            },
            organisation,
            issuer: certificate.issuer.clone(),
            region: certificate.region.clone(),
            industry: certificate.industry.clone(),
            terms: (&certificate.terms).into(),
            source: certificate.source.code.clone(),
            synced_at: certificate.source.synced_at.timestamp_micros(),
            events: certificate.events.iter().map(EventV1::from).collect(),
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
        let organisation = mirror.organisation.map(|organisation| Organisation {
            id: OrganisationId::from_uuid(organisation.id),
            name: organisation.name,
            uscc: organisation.uscc,
        });
        let education = mirror.education.into_iter().map(|(year, hours)| EducationHours { year, hours });
        Ok(Self {
            id: CertificateId::from_uuid(mirror.id),
            version: mirror.version,
            type_code: mirror.type_code,
            number: mirror.number,
            item: mirror.item,
            holder: Holder {
                id: HolderId::from_uuid(mirror.holder.id),
                name: mirror.holder.name,
                identity: mirror.holder.identity.map(IdentityDocument::from),
                phone: mirror.holder.phone,
            },
            organisation,
            issuer: mirror.issuer,
            region: mirror.region,
            industry: mirror.industry,
            terms: mirror.terms.try_into()?,
            source: Source { code: mirror.source, synced_at: instant(mirror.synced_at)? },
            events: mirror.events.into_iter().map(Event::try_from).collect::<Result<_, _>>()?,
            training: mirror.training.into_iter().map(Training::try_from).collect::<Result<_, _>>()?,
            education: education.collect(),
            photo: mirror.photo.map(PhotoId::from_uuid),
            under_correction: mirror.under_correction,
        })
    }
}

impl From<&Certificate> for PersonalV1 {
    fn from(certificate: &Certificate) -> Self {
        Self {
            number: certificate.number.clone(),
            name: certificate.holder.name.clone(),
            identity: certificate.holder.identity.as_ref().map(IdentityV1::from),
            phone: certificate.holder.phone.clone(),
        }
    }
}

impl From<PersonalV1> for Personal {
    fn from(mirror: PersonalV1) -> Self {
        Self {
            number: mirror.number,
            name: mirror.name,
            identity: mirror.identity.map(IdentityDocument::from),
            phone: mirror.phone,
        }
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
