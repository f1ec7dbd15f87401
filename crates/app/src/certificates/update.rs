//! What a draft says that the record on hand does not, and the record brought up to date with it.

use super::draft::Draft;
use crate::App;
use domain::{
    certificate::{Certificate, Earlier, Holder, Organisation, RosterRow, Source, Terms},
    ids::{EventId, HolderId},
    lifecycle::{self, Event, EventKind},
    text,
};

/// By the document where both tell one, or else by the name: whose number it is, a number alone does
/// not tell. A document with hidden digits can still be seen to be another. People change a part of their
/// name, and clerks mistake one; a document with a name that has nothing of the one on record is somebody
/// else's.
pub(super) fn is_same_person(known: &Holder, draft: &Draft) -> bool {
    match (&known.identity, &draft.holder.identity) {
        (Some(document), Some(told)) => {
            document.number == told.number && are_akin(&known.name, &draft.holder.name)
        }
        (document, _) => {
            let number = document.as_ref().map(|document| document.number.as_str());
            let written = draft.holder.identity_as_written.as_deref();
            text::search_name(&known.name) == text::search_name(&draft.holder.name)
                && number.zip(written).is_none_or(|(number, written)| can_be(number, written))
        }
    }
}

/// Have they a character in common, or the same sound?
fn are_akin(one: &str, other: &str) -> bool {
    let (one, other) = (text::search_name(one), text::search_name(other));
    one.chars().any(|c| other.contains(c))
        || text::pinyin_full(&one).iter().any(|sound| text::pinyin_full(&other).contains(sound))
}

/// Can a number of which some digits are hidden be this one?
fn can_be(number: &str, written: &str) -> bool {
    // As it was written before 1999: without the century and the check character.
    let old = |number: &str| Some(format!("{}{}", number.get(..6)?, number.get(8..17)?));
    let is_old = written.chars().count() == 15;
    let number = &is_old.then(|| old(number)).flatten().unwrap_or_else(|| number.to_owned());
    let hidden = |c: char| !c.is_ascii_alphanumeric();
    let (Some(first), Some(last)) = (written.find(hidden), written.rfind(hidden)) else {
        return number == written;
    };
    let after = &written[last..].trim_start_matches(hidden);
    number.starts_with(&written[..first]) && number.ends_with(after)
}

/// What a record says beside its dates, now or until it was brought up to date.
struct Particulars<'a> {
    holder: &'a Holder,
    organisation: Option<&'a Organisation>,
    issuer: &'a str,
    region: &'a str,
    industry: Option<&'a str>,
}

impl<'a> From<&'a Certificate> for Particulars<'a> {
    fn from(certificate: &'a Certificate) -> Self {
        Self {
            holder: &certificate.holder,
            organisation: certificate.organisation.as_ref(),
            issuer: &certificate.issuer,
            region: &certificate.region,
            industry: certificate.industry.as_deref(),
        }
    }
}

impl<'a> From<&'a Earlier> for Particulars<'a> {
    fn from(earlier: &'a Earlier) -> Self {
        Self {
            holder: &earlier.holder,
            organisation: earlier.organisation.as_ref(),
            issuer: &earlier.issuer,
            region: &earlier.region,
            industry: earlier.industry.as_deref(),
        }
    }
}

impl Particulars<'_> {
    /// A roster that leaves a field out says nothing about it.
    fn differ_from(&self, draft: &Draft, organisation: Option<&Organisation>) -> bool {
        let differs = |given: Option<&str>, known: Option<&str>| given.is_some() && given != known;
        told_name(draft).is_some_and(|name| name != self.holder.name)
            || told_issuer(draft).is_some_and(|told| told != (self.issuer, self.region))
            || (draft.holder.identity.is_some() && self.holder.identity != draft.holder.identity)
            || differs(draft.holder.phone.as_deref(), self.holder.phone.as_deref())
            || differs(draft.industry.as_deref(), self.industry)
            || organisation.is_some_and(|told| self.organisation.is_none_or(|known| known.id != told.id))
    }
}

/// One that tells terms which the record has had and left behind is older than the record, and says
/// nothing new at all.
pub(super) fn says_something_new(
    known: &Certificate,
    draft: &Draft,
    organisation: Option<&Organisation>,
) -> bool {
    if known.terms != draft.terms {
        return !has_had(known, draft.terms);
    }
    let shows_identity = known.holder.identity.is_none()
        && known.identity_as_written.is_none()
        && draft.holder.identity_as_written.is_some();
    shows_identity
        || Particulars::from(known).differ_from(draft, organisation)
            && !is_taken_back(known, draft, organisation)
}

/// Does a later row of the same roster say otherwise? What the roster comes to is on record then, and
/// reading it again changes nothing.
fn is_taken_back(known: &Certificate, draft: &Draft, organisation: Option<&Organisation>) -> bool {
    let Some(row) = draft.row else { return false };
    let later = |replaced_by: RosterRow| replaced_by.import == row.import && replaced_by > row;
    known.earlier.iter().any(|earlier| {
        earlier.replaced_by.is_some_and(later) && !Particulars::from(earlier).differ_from(draft, organisation)
    })
}

/// The name that a draft tells, unless characters of it were lost on the way.
fn told_name(draft: &Draft) -> Option<&str> {
    let name = &draft.holder.name;
    (!text::normalise_name(name).damaged).then_some(name)
}

/// Issuer and region, where the draft tells who issued. The region of one that does not is guessed
/// from other cells, which is good enough only for a certificate that is new.
fn told_issuer(draft: &Draft) -> Option<(&str, &str)> {
    (!draft.issuer.is_empty()).then_some((&draft.issuer, &draft.region))
}

/// What a draft says of a known certificate. The review that it leaves out is the one on record beside
/// the other dates, lately or in the past.
pub(super) fn beside(app: &App, draft: Draft, known: &Certificate) -> Draft {
    let told = draft.terms;
    let fits = |had: &Terms| Terms { review_due_on: told.review_due_on, ..*had } == told;
    let on_record = || terms_had(known).filter(fits).last();
    let terms = match told.review_due_on {
        Some(_) => told,
        None => on_record().unwrap_or_else(|| draft.terms_by_rule(app)),
    };
    Draft { terms, ..draft }
}

/// Were these the terms after any of its events?
fn has_had(known: &Certificate, terms: Terms) -> bool {
    terms_had(known).any(|had| had == terms)
}

/// The terms after each of its events.
fn terms_had(known: &Certificate) -> impl Iterator<Item = Terms> {
    let events = &known.events;
    (1..=events.len()).filter_map(|count| lifecycle::current_terms(&events[..count]))
}

/// The next version of a known record. Dates that moved become an event, and what else it said is kept
/// beside it, so that what held before can still be answered.
pub(super) fn brought_up_to_date(
    app: &App,
    known: &Certificate,
    draft: Draft,
    holder: Option<HolderId>,
    organisation: Option<Organisation>,
    source: &Source,
) -> Certificate {
    let mut next = known.clone();
    if known.terms != draft.terms {
        next.events.push(Event {
            id: EventId::from_uuid(app.entropy.uuid(source.synced_at)),
            kind: what_happened(&known.terms, draft.terms),
            effective_on: effective_on(app, &known.terms, draft.terms),
            recorded_at: source.synced_at,
            reason: None,
        });
        next.terms = lifecycle::current_terms(&next.events).unwrap_or(draft.terms);
    }
    if Particulars::from(known).differ_from(&draft, organisation.as_ref()) {
        next.earlier.push(left_behind(known, draft.row, source));
    }
    if let Some(name) = told_name(&draft) {
        next.holder.name = name.to_owned();
    }
    if let Some((issuer, region)) = told_issuer(&draft) {
        (next.issuer, next.region) = (issuer.to_owned(), region.to_owned());
    }
    let told_before = known.holder.identity.is_some() && draft.holder.identity.is_none();
    if !told_before {
        let kept = known.identity_as_written.clone().filter(|_| draft.holder.identity.is_none());
        next.identity_as_written = draft.holder.identity_as_written.or(kept);
    }
    next.holder.id = holder.unwrap_or(next.holder.id);
    next.holder.identity = draft.holder.identity.or(next.holder.identity);
    next.holder.phone = draft.holder.phone.or(next.holder.phone);
    next.organisation = organisation.or(next.organisation);
    next.industry = draft.industry.or(next.industry);
    next.source = Source { row: draft.row, ..source.clone() };
    next
}

fn left_behind(known: &Certificate, replaced_by: Option<RosterRow>, source: &Source) -> Earlier {
    Earlier {
        holder: known.holder.clone(),
        organisation: known.organisation.clone(),
        issuer: known.issuer.clone(),
        region: known.region.clone(),
        industry: known.industry.clone(),
        until: source.synced_at,
        replaced_by,
    }
}

/// A later end is a renewal, a later review alone a review passed, anything else a correction.
fn what_happened(known: &Terms, told: Terms) -> EventKind {
    let same_but_review = Terms { review_due_on: told.review_due_on, ..*known } == told;
    let end = |terms: &Terms| terms.valid_until.unwrap_or(domain::Date::MAX);
    if same_but_review && told.review_due_on > known.review_due_on {
        EventKind::Reviewed { next_due_on: told.review_due_on }
    } else if end(&told) > end(known) {
        EventKind::Renewed(told)
    } else {
        EventKind::Corrected(told)
    }
}

/// From when the change holds, as far as a roster tells: a renewal from its own beginning, a review
/// from today, a correction from the very start.
fn effective_on(app: &App, known: &Terms, told: Terms) -> domain::Date {
    match what_happened(known, told) {
        EventKind::Renewed(terms) if terms.valid_from > known.valid_from => terms.valid_from,
        EventKind::Renewed(_) | EventKind::Reviewed { .. } => app.today(),
        _ => told.valid_from.min(known.valid_from),
    }
}
