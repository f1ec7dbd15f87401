use super::{
    MaskedOrganisation, MaskedStatus,
    clues::Clues,
    guard::{Disclosure, judge},
    id_number, phone,
    row::{shown_name, shown_number, shown_organisation, shown_status, shows_pattern},
    text,
};
use crate::{
    Date, Instant,
    access::{FieldPolicy, Show},
    certificate::{Certificate, EducationHours, RosterRow, Terms, Training},
    ids::{CertificateId, EventId, HolderId, ImportId},
    lifecycle::{Event, EventKind, StatusOn},
};
use serde::Serialize;

/// One certificate with its life and with the person's other certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedDetail {
    pub id: CertificateId,
    /// Counts changes of the record, from 1.
    pub version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(rename = "type")]
    pub type_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    pub holder: MaskedPerson,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<MaskedOrganisation>,
    pub issuer: String,
    pub region: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    #[serde(flatten)]
    pub terms: MaskedTerms,
    pub status: MaskedStatus,
    /// A correction has been asked for and is not decided.
    pub under_correction: bool,
    /// In the order recorded.
    pub events: Vec<MaskedEvent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<Vec<MaskedTraining>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education: Option<Vec<MaskedYear>>,
    /// There is a photo, and the caller may fetch it.
    pub photo: bool,
    pub source: MaskedSource,
    /// Other certificates of the same person inside the caller's scope.
    pub related: Vec<MaskedRelated>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedPerson {
    pub id: HolderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedTerms {
    pub issued_on: Date,
    pub valid_from: Date,
    /// Last day of validity; `null` = open-ended.
    pub valid_until: Option<Date>,
    pub review_due_on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedEvent {
    pub id: EventId,
    pub kind: &'static str,
    pub effective_on: Date,
    pub recorded_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The dates that hold from here, where the event set them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<MaskedTerms>,
    /// After a review: the next one, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due_on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedTraining {
    pub course: String,
    pub provider: String,
    pub hours: u32,
    pub completed_on: Date,
    pub passed: bool,
}

/// Continuing education counted for one calendar year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedYear {
    pub year: i32,
    pub hours: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedSource {
    pub code: String,
    pub synced_at: Instant,
    /// Where it came from a roster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<MaskedRow>,
}

/// A row of a roster. Certificates of one row were told together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedRow {
    pub import: ImportId,
    pub sheet: u32,
    pub row: u32,
    pub part: u32,
    pub of: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedRelated {
    pub id: CertificateId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(rename = "type")]
    pub type_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    pub issued_on: Date,
    pub valid_until: Option<Date>,
}

/// One certificate as a permit with these fields shows it. `related` are the person's certificates
/// inside the scope as they are today; this one, which may be shown as it was, is among them.
pub fn detail(
    certificate: &Certificate,
    fields: &FieldPolicy,
    status: &StatusOn,
    related: &[Certificate],
) -> MaskedDetail {
    // Who is shown the past can also ask for today.
    let together: Vec<Clues> = [certificate].into_iter().chain(related).map(Clues::of).collect();
    let pattern = fields.id_number == Show::Masked || shows_pattern(&together, fields);
    let disclosure = judge(&together, pattern);
    let number = |own: &Clues| shown_number(own, &together, fields, disclosure);
    let others = related.iter().zip(&together[1..]).filter(|(other, _)| other.id != certificate.id);
    MaskedDetail {
        id: certificate.id,
        version: certificate.version,
        number: number(&together[0]),
        type_code: certificate.type_code.clone(),
        item: certificate.item.clone(),
        holder: person(certificate, fields, disclosure),
        organisation: shown_organisation(certificate),
        issuer: text(&certificate.issuer),
        region: certificate.region.clone(),
        industry: certificate.industry.clone(),
        terms: terms(&certificate.terms),
        status: shown_status(status),
        under_correction: certificate.under_correction,
        events: certificate.events.iter().map(event).collect(),
        training: (fields.training == Show::Full)
            .then(|| certificate.training.iter().map(training).collect()),
        education: (fields.training == Show::Full).then(|| certificate.education.iter().map(year).collect()),
        photo: certificate.photo.is_some() && fields.photo != Show::Hidden,
        source: MaskedSource {
            code: certificate.source.code.clone(),
            synced_at: certificate.source.synced_at,
            row: certificate.source.row.map(roster_row),
        },
        related: others.map(|(other, clues)| related_line(other, number(clues))).collect(),
    }
}

fn person(certificate: &Certificate, fields: &FieldPolicy, disclosure: Disclosure) -> MaskedPerson {
    let holder = &certificate.holder;
    let document = holder.identity.as_ref();
    MaskedPerson {
        id: holder.id,
        name: shown_name(certificate, fields),
        id_number: match (fields.id_number, disclosure) {
            (Show::Full, _) => document.map(|document| document.number.clone()),
            (Show::Masked, Disclosure::Ends) => document.map(id_number),
            (Show::Masked, Disclosure::Nothing) | (Show::Hidden, _) => None,
        },
        phone: match fields.phone {
            Show::Full => holder.phone.clone(),
            Show::Masked => holder.phone.as_deref().map(phone),
            Show::Hidden => None,
        },
    }
}

fn terms(terms: &Terms) -> MaskedTerms {
    MaskedTerms {
        issued_on: terms.issued_on,
        valid_from: terms.valid_from,
        valid_until: terms.valid_until,
        review_due_on: terms.review_due_on,
    }
}

fn event(event: &Event) -> MaskedEvent {
    let (set, next_due_on) = match &event.kind {
        EventKind::Issued(set) | EventKind::Renewed(set) | EventKind::Corrected(set) => {
            (Some(terms(set)), None)
        }
        EventKind::Reviewed { next_due_on } => (None, *next_due_on),
        _ => (None, None),
    };
    MaskedEvent {
        id: event.id,
        kind: event.kind.code(),
        effective_on: event.effective_on,
        recorded_at: event.recorded_at,
        reason: event.reason.as_deref().map(text),
        terms: set,
        next_due_on,
    }
}

fn training(training: &Training) -> MaskedTraining {
    MaskedTraining {
        course: text(&training.course),
        provider: text(&training.provider),
        hours: training.hours,
        completed_on: training.completed_on,
        passed: training.passed,
    }
}

fn year(hours: &EducationHours) -> MaskedYear {
    MaskedYear { year: hours.year, hours: hours.hours }
}

fn roster_row(RosterRow { import, sheet, row, part, of }: RosterRow) -> MaskedRow {
    MaskedRow { import, sheet, row, part, of }
}

fn related_line(other: &Certificate, number: Option<String>) -> MaskedRelated {
    MaskedRelated {
        id: other.id,
        number,
        type_code: other.type_code.clone(),
        item: other.item.clone(),
        issued_on: other.terms.issued_on,
        valid_until: other.terms.valid_until,
    }
}
