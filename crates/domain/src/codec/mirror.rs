//! The layout of version 1. Days are counted from 1970-01-01, instants in microseconds from its
//! beginning in UTC.

use super::CodecError;
use crate::{
    Date, Instant,
    access::Placement,
    certificate::{
        Certificate, Earlier, EducationHours, Holder, IdentityDocument, IdentityKind, Organisation,
        RosterRow, Source, Terms, Training,
    },
    ids::{CertificateId, EventId, HolderId, ImportId, OrganisationId, PhotoId},
    lifecycle::{Event, EventKind},
    mask::{Clues, years},
};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use uuid::Uuid;

/// chrono counts days from 0001-01-01; this is 1970-01-01.
const EPOCH_DAY: i32 = 719_163;

#[derive(Serialize, Deserialize)]
pub(super) struct CertificateV1<'a> {
    id: Uuid,
    version: u64,
    type_code: &'a str,
    number: &'a str,
    #[serde(borrow)]
    item: Option<&'a str>,
    #[serde(borrow)]
    holder: HolderV1<'a>,
    #[serde(borrow)]
    identity_as_written: Option<&'a str>,
    #[serde(borrow)]
    organisation: Option<OrganisationV1<'a>>,
    issuer: &'a str,
    region: &'a str,
    #[serde(borrow)]
    industry: Option<&'a str>,
    terms: TermsV1,
    source: &'a str,
    synced_at: i64,
    row: Option<RosterRowV1>,
    #[serde(borrow)]
    events: Vec<EventV1<'a>>,
    #[serde(borrow)]
    earlier: Vec<EarlierV1<'a>>,
    #[serde(borrow)]
    training: Vec<TrainingV1<'a>>,
    education: Vec<(i32, u32)>,
    photo: Option<Uuid>,
    under_correction: bool,
}

#[derive(Serialize, Deserialize)]
struct HolderV1<'a> {
    id: Uuid,
    name: &'a str,
    #[serde(borrow)]
    identity: Option<IdentityV1<'a>>,
    #[serde(borrow)]
    phone: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct IdentityV1<'a> {
    kind: IdentityKindV1,
    number: &'a str,
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
struct OrganisationV1<'a> {
    id: Uuid,
    name: &'a str,
    #[serde(borrow)]
    uscc: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct TermsV1 {
    issued_on: i32,
    valid_from: i32,
    valid_until: Option<i32>,
    review_due_on: Option<i32>,
}

#[derive(Serialize, Deserialize)]
struct EventV1<'a> {
    id: Uuid,
    kind: EventKindV1,
    effective_on: i32,
    recorded_at: i64,
    #[serde(borrow)]
    reason: Option<&'a str>,
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
struct TrainingV1<'a> {
    course: &'a str,
    provider: &'a str,
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
struct EarlierV1<'a> {
    #[serde(borrow)]
    holder: HolderV1<'a>,
    #[serde(borrow)]
    organisation: Option<OrganisationV1<'a>>,
    issuer: &'a str,
    region: &'a str,
    #[serde(borrow)]
    industry: Option<&'a str>,
    until: i64,
    replaced_by: Option<RosterRowV1>,
}

impl<'a> From<&'a Certificate> for CertificateV1<'a> {
    fn from(certificate: &'a Certificate) -> Self {
        let training = certificate.training.iter().map(|training| TrainingV1 {
            course: &training.course,
            provider: &training.provider,
            hours: training.hours,
            completed_on: day_number(training.completed_on),
            passed: training.passed,
        });
        Self {
            id: certificate.id.uuid(),
            version: certificate.version,
            type_code: &certificate.type_code,
            number: &certificate.number,
            item: certificate.item.as_deref(),
            holder: (&certificate.holder).into(),
            identity_as_written: certificate.identity_as_written.as_deref(),
            organisation: certificate.organisation.as_ref().map(OrganisationV1::from),
            issuer: &certificate.issuer,
            region: &certificate.region,
            industry: certificate.industry.as_deref(),
            terms: (&certificate.terms).into(),
            source: &certificate.source.code,
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

impl TryFrom<CertificateV1<'_>> for Certificate {
    type Error = CodecError;

    fn try_from(mirror: CertificateV1<'_>) -> Result<Self, CodecError> {
        let education = mirror.education.into_iter().map(|(year, hours)| EducationHours { year, hours });
        Ok(Self {
            id: CertificateId::from_uuid(mirror.id),
            version: mirror.version,
            type_code: mirror.type_code.to_owned(),
            number: mirror.number.to_owned(),
            item: mirror.item.map(str::to_owned),
            holder: mirror.holder.into(),
            identity_as_written: mirror.identity_as_written.map(str::to_owned),
            organisation: mirror.organisation.map(Organisation::from),
            issuer: mirror.issuer.to_owned(),
            region: mirror.region.to_owned(),
            industry: mirror.industry.map(str::to_owned),
            terms: mirror.terms.try_into()?,
            source: Source {
                code: mirror.source.to_owned(),
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

impl CertificateV1<'_> {
    pub(super) fn placement(&self) -> Placement<'_> {
        Placement {
            holder: HolderId::from_uuid(self.holder.id),
            organisation: self
                .organisation
                .as_ref()
                .map(|organisation| OrganisationId::from_uuid(organisation.id)),
            region: self.region,
        }
    }

    pub(super) fn clues(&self) -> Result<Clues, CodecError> {
        let past = self.events.iter().filter_map(|event| match &event.kind {
            EventKindV1::Issued(terms) | EventKindV1::Renewed(terms) | EventKindV1::Corrected(terms) => {
                Some(terms.issued_on)
            }
            _ => None,
        });
        let issued: SmallVec<[Date; 8]> =
            past.chain([self.terms.issued_on]).map(day).collect::<Result<_, _>>()?;
        Ok(Clues::new(
            CertificateId::from_uuid(self.id),
            HolderId::from_uuid(self.holder.id),
            self.number,
            self.holder.identity.as_ref().map(|document| document.number),
            years(issued.into_iter()),
        ))
    }
}

impl<'a> From<&'a Holder> for HolderV1<'a> {
    fn from(holder: &'a Holder) -> Self {
        Self {
            id: holder.id.uuid(),
            name: &holder.name,
            identity: holder.identity.as_ref().map(IdentityV1::from),
            phone: holder.phone.as_deref(),
        }
    }
}

impl From<HolderV1<'_>> for Holder {
    fn from(mirror: HolderV1<'_>) -> Self {
        Self {
            id: HolderId::from_uuid(mirror.id),
            name: mirror.name.to_owned(),
            identity: mirror.identity.map(IdentityDocument::from),
            phone: mirror.phone.map(str::to_owned),
        }
    }
}

impl<'a> From<&'a Organisation> for OrganisationV1<'a> {
    fn from(organisation: &'a Organisation) -> Self {
        Self { id: organisation.id.uuid(), name: &organisation.name, uscc: organisation.uscc.as_deref() }
    }
}

impl From<OrganisationV1<'_>> for Organisation {
    fn from(mirror: OrganisationV1<'_>) -> Self {
        Self {
            id: OrganisationId::from_uuid(mirror.id),
            name: mirror.name.to_owned(),
            uscc: mirror.uscc.map(str::to_owned),
        }
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

impl<'a> From<&'a Earlier> for EarlierV1<'a> {
    fn from(earlier: &'a Earlier) -> Self {
        Self {
            holder: (&earlier.holder).into(),
            organisation: earlier.organisation.as_ref().map(OrganisationV1::from),
            issuer: &earlier.issuer,
            region: &earlier.region,
            industry: earlier.industry.as_deref(),
            until: earlier.until.timestamp_micros(),
            replaced_by: earlier.replaced_by.map(RosterRowV1::from),
        }
    }
}

impl TryFrom<EarlierV1<'_>> for Earlier {
    type Error = CodecError;

    fn try_from(mirror: EarlierV1<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            holder: mirror.holder.into(),
            organisation: mirror.organisation.map(Organisation::from),
            issuer: mirror.issuer.to_owned(),
            region: mirror.region.to_owned(),
            industry: mirror.industry.map(str::to_owned),
            until: instant(mirror.until)?,
            replaced_by: mirror.replaced_by.map(RosterRow::from),
        })
    }
}

impl<'a> From<&'a IdentityDocument> for IdentityV1<'a> {
    fn from(document: &'a IdentityDocument) -> Self {
        let kind = match document.kind {
            IdentityKind::CitizenId => IdentityKindV1::CitizenId,
            IdentityKind::ResidencePermit => IdentityKindV1::ResidencePermit,
            IdentityKind::ForeignPermanentResident => IdentityKindV1::ForeignPermanentResident,
            IdentityKind::Passport => IdentityKindV1::Passport,
            IdentityKind::TravelPermit => IdentityKindV1::TravelPermit,
            IdentityKind::Other => IdentityKindV1::Other,
        };
        Self { kind, number: &document.number }
    }
}

impl From<IdentityV1<'_>> for IdentityDocument {
    fn from(mirror: IdentityV1<'_>) -> Self {
        let kind = match mirror.kind {
            IdentityKindV1::CitizenId => IdentityKind::CitizenId,
            IdentityKindV1::ResidencePermit => IdentityKind::ResidencePermit,
            IdentityKindV1::ForeignPermanentResident => IdentityKind::ForeignPermanentResident,
            IdentityKindV1::Passport => IdentityKind::Passport,
            IdentityKindV1::TravelPermit => IdentityKind::TravelPermit,
            IdentityKindV1::Other => IdentityKind::Other,
        };
        Self { kind, number: mirror.number.to_owned() }
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

impl<'a> From<&'a Event> for EventV1<'a> {
    fn from(event: &'a Event) -> Self {
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
            reason: event.reason.as_deref(),
        }
    }
}

impl TryFrom<EventV1<'_>> for Event {
    type Error = CodecError;

    fn try_from(mirror: EventV1<'_>) -> Result<Self, CodecError> {
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
            reason: mirror.reason.map(str::to_owned),
        })
    }
}

impl TryFrom<TrainingV1<'_>> for Training {
    type Error = CodecError;

    fn try_from(mirror: TrainingV1<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            course: mirror.course.to_owned(),
            provider: mirror.provider.to_owned(),
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
