//! Takes drafts into the registry, many at a time: new ones are added, known ones are brought up
//! to date with their history kept, and what says nothing new changes nothing.

use super::{
    change::log_leaf,
    draft::{Draft, DraftOrganisation},
};
use crate::{App, Error};
use domain::{
    certificate::{Certificate, Holder, Organisation, Source, Terms},
    ids::{EventId, HolderId, OrganisationId},
    lifecycle::{self, Event, EventKind},
};
use std::collections::HashMap;
use store::{CertificateKey, RegisteredOrganisation, Tx};

/// What became of one draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    Added,
    Updated,
    Unchanged,
}

/// Registers drafts in one transaction, with a leaf of the transparency log for each event; the
/// answer has their order. A key that comes twice counts as an update of the first.
pub async fn register(
    app: &App,
    tx: &Tx,
    drafts: Vec<Draft>,
    source: &Source,
) -> Result<Vec<Registered>, Error> {
    let organisations = organisations(app, tx, &drafts, source).await?;
    let keys: Vec<CertificateKey<'_>> = drafts.iter().map(key).collect();
    let known = tx.find_by_keys(&keys).await?;
    let mut holders = new_holders(app, tx, &drafts, &known, source).await?.into_iter();
    let mut added: Vec<Certificate> = Vec::new();
    let mut leaves = Vec::new();
    let mut places: HashMap<(String, String, Option<String>, domain::Date), usize> = HashMap::new();
    let mut outcomes = Vec::with_capacity(drafts.len());
    for (draft, known) in drafts.into_iter().zip(known) {
        let place =
            (draft.type_code.clone(), draft.number.clone(), draft.item.clone(), draft.terms.issued_on);
        let organisation =
            draft.organisation.as_ref().and_then(|draft| organisations.get(&draft.key()).cloned());
        let Some(known) = known else {
            let holder =
                holders.next().ok_or_else(|| Error::internal("each new certificate has a holder"))?;
            let Some(first) = places.get(&place) else {
                places.insert(place, added.len());
                added.push(draft.into_certificate(app, holder, organisation.map(|o| o.id), source));
                outcomes.push(Registered::Added);
                continue;
            };
            // The same certificate earlier in this batch: compared with what that row said.
            let draft = beside(app, draft, &added[*first]);
            let news = says_something_new(&added[*first], &draft, organisation.as_ref());
            outcomes.push(if news { Registered::Updated } else { Registered::Unchanged });
            if news {
                let next = brought_up_to_date(app, &added[*first], draft, organisation, source);
                added[*first] = Certificate { version: 1, ..next };
            }
            continue;
        };
        let draft = beside(app, draft, &known);
        if !says_something_new(&known, &draft, organisation.as_ref()) {
            outcomes.push(Registered::Unchanged);
            continue;
        }
        let next = brought_up_to_date(app, &known, draft, organisation, source);
        tx.update_certificate(&next, known.version).await?;
        append_leaves(&mut leaves, &next, known.events.len());
        outcomes.push(Registered::Updated);
    }
    tx.insert_certificates(&added).await?;
    added.iter().for_each(|certificate| append_leaves(&mut leaves, certificate, 0));
    if !leaves.is_empty() {
        tx.append_log_leaves(&leaves).await?;
    }
    Ok(outcomes)
}

/// The holders of those drafts that are not known certificates, in order. A known certificate keeps
/// its holder.
async fn new_holders(
    app: &App,
    tx: &Tx,
    drafts: &[Draft],
    known: &[Option<Certificate>],
    source: &Source,
) -> Result<Vec<HolderId>, Error> {
    let new = drafts.iter().zip(known).filter(|(_, known)| known.is_none());
    let people: Vec<Holder> = new.map(|(draft, _)| draft.to_holder(app, source.synced_at)).collect();
    Ok(tx.find_or_insert_holders(&people).await?)
}

/// A leaf for each event after the first `logged`; where a change is no event, the last event
/// stands with the new version.
fn append_leaves(leaves: &mut Vec<Vec<u8>>, certificate: &Certificate, logged: usize) {
    let events = &certificate.events;
    let new = &events[logged.min(events.len().saturating_sub(1))..];
    leaves.extend(new.iter().map(|event| log_leaf(certificate, event)));
}

fn key(draft: &Draft) -> CertificateKey<'_> {
    CertificateKey {
        type_code: &draft.type_code,
        number: &draft.number,
        item: draft.item.as_deref(),
        issued_on: draft.terms.issued_on,
    }
}

/// The organisations that the drafts name, by key; those not known yet are added.
async fn organisations(
    app: &App,
    tx: &Tx,
    drafts: &[Draft],
    source: &Source,
) -> Result<HashMap<String, Organisation>, Error> {
    let named: HashMap<String, (&DraftOrganisation, &Draft)> = drafts
        .iter()
        .rev()
        .filter_map(|draft| draft.organisation.as_ref().map(|named| (named.key(), (named, draft))))
        .collect();
    let distinct: Vec<&DraftOrganisation> = named.values().map(|(named, _)| *named).collect();
    let mut found = known_organisations(tx, &distinct).await?;
    let mut new = Vec::new();
    for (key, (named, draft)) in named {
        if found.contains_key(&key) {
            continue;
        }
        let id = OrganisationId::from_uuid(app.entropy.uuid(source.synced_at));
        let organisation = Organisation { id, name: named.name.clone(), uscc: named.uscc.clone() };
        new.push(RegisteredOrganisation {
            organisation: organisation.clone(),
            region: Some(draft.region.clone()),
            industry: draft.industry.clone(),
        });
        found.insert(key, organisation);
    }
    tx.insert_organisations(&new).await?;
    Ok(found)
}

/// By credit code first; by name only where the name leads to one organisation, or to one of them
/// whose credit code nobody has told either.
pub(super) async fn known_organisations(
    tx: &Tx,
    named: &[&DraftOrganisation],
) -> Result<HashMap<String, Organisation>, Error> {
    let (coded, uncoded): (Vec<&DraftOrganisation>, Vec<_>) =
        named.iter().partition(|named| named.uscc.is_some());
    let codes: Vec<&str> = coded.iter().filter_map(|named| named.uscc.as_deref()).collect();
    let names: Vec<&str> = uncoded.iter().map(|named| named.name.as_str()).collect();
    let by_code = tx.find_organisations_by_usccs(&codes).await?;
    let by_name = tx.find_organisations_by_names(&names).await?;
    let mut found = HashMap::with_capacity(named.len());
    for (named, known) in coded.into_iter().zip(by_code) {
        found.extend(known.map(|known| (named.key(), known)));
    }
    for (named, mut known) in uncoded.into_iter().zip(by_name) {
        if known.len() > 1 {
            known.retain(|known| known.uscc.is_none());
        }
        if known.len() == 1 {
            found.extend(known.pop().map(|known| (named.key(), known)));
        }
    }
    Ok(found)
}

/// A roster that leaves a field out says nothing about it. One that tells terms which the record
/// has had and left behind is older than the record, and says nothing new at all.
fn says_something_new(known: &Certificate, draft: &Draft, organisation: Option<&Organisation>) -> bool {
    if known.terms != draft.terms {
        return !has_had(known, draft.terms);
    }
    let differs = |given: Option<&str>, known: Option<&str>| given.is_some() && given != known;
    known.holder.name != draft.holder.name
        || known.issuer != draft.issuer
        || known.region != draft.region
        || (draft.holder.identity.is_some() && known.holder.identity != draft.holder.identity)
        || differs(draft.holder.phone.as_deref(), known.holder.phone.as_deref())
        || differs(draft.industry.as_deref(), known.industry.as_deref())
        || organisation
            .is_some_and(|organisation| known.organisation.as_ref().is_none_or(|o| o.id != organisation.id))
}

/// What a draft says of a known certificate. The review that it leaves out is the one on record beside
/// the other dates, lately or in the past.
fn beside(app: &App, draft: Draft, known: &Certificate) -> Draft {
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

/// The next version of a known record. Dates that moved become an event, so that what held before
/// can still be answered.
fn brought_up_to_date(
    app: &App,
    known: &Certificate,
    draft: Draft,
    organisation: Option<Organisation>,
    source: &Source,
) -> Certificate {
    let mut next = known.clone();
    next.version += 1;
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
    next.holder.name = draft.holder.name;
    next.holder.identity = draft.holder.identity.or(next.holder.identity);
    next.holder.phone = draft.holder.phone.or(next.holder.phone);
    next.organisation = organisation.or(next.organisation);
    next.issuer = draft.issuer;
    next.region = draft.region;
    next.industry = draft.industry.or(next.industry);
    next.source = source.clone();
    next
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
