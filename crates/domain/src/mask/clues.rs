use super::number::{embedded, withheld};
use crate::{
    Date,
    certificate::Certificate,
    ids::{CertificateId, HolderId},
    lifecycle::{Event, EventKind},
    number::citizen_id::{check_character, has_right_check},
};
use chrono::Datelike;
use smallvec::SmallVec;
use std::{borrow::Cow, ops::RangeInclusive};

/// Eighteen ASCII characters.
pub(super) type IdNumber = [u8; 18];

/// What a certificate tells of its holder's ID number: all that is needed of those certificates of a person
/// that are not shown, to judge what those that are shown may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Clues {
    pub(super) certificate: CertificateId,
    pub(super) holder: HolderId,
    /// Of the certificate.
    pub(super) number: String,
    /// The ID number on record, as eighteen characters, and those in `number`.
    pub(super) ids: SmallVec<[IdNumber; 2]>,
    /// `number` holds an ID number.
    pub(super) embeds: bool,
    /// First and last year of issue, past issues included: the lifecycle shows them.
    pub(super) issued: RangeInclusive<i32>,
}

// ID numbers must not reach a log through `{:?}`.
impl std::fmt::Debug for Clues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clues").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Clues {
    pub fn of(certificate: &Certificate) -> Self {
        let holder = &certificate.holder;
        let recorded = holder.identity.as_ref().map(|document| document.number.as_str());
        let past = certificate.events.iter().filter_map(issued_by);
        let issued = years(past.chain([certificate.terms.issued_on]));
        Self::new(certificate.id, holder.id, &certificate.number, recorded, issued)
    }

    pub(crate) fn new(
        certificate: CertificateId,
        holder: HolderId,
        number: &str,
        recorded: Option<&str>,
        issued: RangeInclusive<i32>,
    ) -> Self {
        let mut ids: SmallVec<[IdNumber; 2]> = recorded.and_then(eighteen).into_iter().collect();
        let found = embedded(number);
        ids.extend(found.iter().copied().filter_map(eighteen));
        Self { certificate, holder, number: number.to_owned(), ids, embeds: !found.is_empty(), issued }
    }

    /// What of the number is shown whatever the judgement.
    pub(super) fn always_shown(&self) -> Cow<'_, str> {
        if self.embeds { withheld(&self.number).into() } else { self.number.as_str().into() }
    }
}

/// The date that an event puts on the certificate.
fn issued_by(event: &Event) -> Option<Date> {
    match &event.kind {
        EventKind::Issued(terms) | EventKind::Renewed(terms) | EventKind::Corrected(terms) => {
            Some(terms.issued_on)
        }
        _ => None,
    }
}

/// The first and the last year of these days; no year at all where there are none.
pub(crate) fn years(days: impl Iterator<Item = Date>) -> RangeInclusive<i32> {
    let none = RangeInclusive::new(i32::MAX, i32::MIN);
    days.map(|day| day.year()).fold(none, |years, year| *years.start().min(&year)..=*years.end().max(&year))
}

fn eighteen(number: &str) -> Option<IdNumber> {
    match number.len() {
        18 => number.as_bytes().try_into().ok().filter(|_| has_right_check(number)),
        15 if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            let (region, rest) = number.split_at(6);
            let mut id = *b"000000190000000000";
            id[..6].copy_from_slice(region.as_bytes());
            id[8..17].copy_from_slice(rest.as_bytes());
            let check = check_character(std::str::from_utf8(&id[..17]).ok()?)?;
            id[17] = u8::try_from(check).ok()?;
            Some(id)
        }
        _ => None,
    }
}
