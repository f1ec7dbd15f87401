//! Events, training and education between the domain and their tables.

use crate::{
    error::{Error, Result},
    instants::{instant, micros},
    rows::{certificate_event, education_hours, training},
};
use domain::{
    certificate::{Certificate, EducationHours, Terms, Training},
    ids::EventId,
    lifecycle::{Event, EventKind},
};

pub(super) fn event_rows(certificate: &Certificate) -> Vec<certificate_event::Model> {
    (0..)
        .zip(&certificate.events)
        .map(|(ordinal, event)| {
            let dates = dates(&event.kind);
            certificate_event::Model {
                id: event.id.uuid(),
                certificate_id: certificate.id.uuid(),
                ordinal,
                kind: event.kind.code().to_owned(),
                effective_on: event.effective_on,
                recorded_at: micros(event.recorded_at),
                reason: event.reason.clone(),
                issued_on: dates.issued_on,
                valid_from: dates.valid_from,
                valid_until: dates.valid_until,
                review_due_on: dates.review_due_on,
            }
        })
        .collect()
}

pub(super) fn training_rows(certificate: &Certificate) -> Vec<training::Model> {
    (0..)
        .zip(&certificate.training)
        .map(|(ordinal, training)| training::Model {
            certificate_id: certificate.id.uuid(),
            ordinal,
            course: training.course.clone(),
            provider: training.provider.clone(),
            hours: training.hours.into(),
            completed_on: training.completed_on,
            passed: training.passed,
        })
        .collect()
}

pub(super) fn education_rows(certificate: &Certificate) -> Vec<education_hours::Model> {
    (0..)
        .zip(&certificate.education)
        .map(|(ordinal, education)| education_hours::Model {
            certificate_id: certificate.id.uuid(),
            ordinal,
            year: education.year,
            hours: education.hours.into(),
        })
        .collect()
}

pub(crate) fn event(row: certificate_event::Model) -> Result<Event> {
    let kind = kind(&row).ok_or_else(|| Error::corrupt("certificate_event", row.id))?;
    Ok(Event {
        id: EventId::from_uuid(row.id),
        kind,
        effective_on: row.effective_on,
        recorded_at: instant(row.recorded_at),
        reason: row.reason,
    })
}

pub(super) fn training(row: training::Model) -> Training {
    Training {
        course: row.course,
        provider: row.provider,
        hours: row.hours as u32,
        completed_on: row.completed_on,
        passed: row.passed,
    }
}

pub(super) fn education(row: education_hours::Model) -> EducationHours {
    EducationHours { year: row.year, hours: row.hours as u32 }
}

/// The dates of an event's kind.
#[derive(Default)]
struct Dates {
    issued_on: Option<domain::Date>,
    valid_from: Option<domain::Date>,
    valid_until: Option<domain::Date>,
    review_due_on: Option<domain::Date>,
}

impl From<Terms> for Dates {
    fn from(terms: Terms) -> Self {
        Self {
            issued_on: Some(terms.issued_on),
            valid_from: Some(terms.valid_from),
            valid_until: terms.valid_until,
            review_due_on: terms.review_due_on,
        }
    }
}

fn dates(kind: &EventKind) -> Dates {
    match *kind {
        EventKind::Issued(terms) | EventKind::Renewed(terms) | EventKind::Corrected(terms) => terms.into(),
        EventKind::Reviewed { next_due_on } => Dates { review_due_on: next_due_on, ..Dates::default() },
        _ => Dates::default(),
    }
}

/// The kind whose [`EventKind::code`] the row holds.
fn kind(row: &certificate_event::Model) -> Option<EventKind> {
    let terms = || {
        Some(Terms {
            issued_on: row.issued_on?,
            valid_from: row.valid_from?,
            valid_until: row.valid_until,
            review_due_on: row.review_due_on,
        })
    };
    Some(match row.kind.as_str() {
        "issued" => EventKind::Issued(terms()?),
        "renewed" => EventKind::Renewed(terms()?),
        "corrected" => EventKind::Corrected(terms()?),
        "reviewed" => EventKind::Reviewed { next_due_on: row.review_due_on },
        "suspended" => EventKind::Suspended,
        "resumed" => EventKind::Resumed,
        "revoked" => EventKind::Revoked,
        "revoked_as_penalty" => EventKind::RevokedAsPenalty,
        "cancelled" => EventKind::Cancelled,
        "transferred_out" => EventKind::TransferredOut,
        "transferred_in" => EventKind::TransferredIn,
        "replaced" => EventKind::Replaced,
        _ => return None,
    })
}
