//! Takes drafts into the registry, many at a time: new ones are added, known ones are brought up
//! to date with their history kept, and what says nothing new changes nothing.

use super::draft::{Draft, DraftOrganisation};
use crate::{App, Error};
use domain::{
    certificate::{Certificate, Holder, Organisation, Source, Terms},
    ids::{EventId, OrganisationId},
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

/// Registers drafts in one transaction; the answer has their order. A key that comes twice counts
/// as an update of the first.
pub async fn register(
    app: &App,
    tx: &Tx,
    drafts: Vec<Draft>,
    source: &Source,
) -> Result<Vec<Registered>, Error> {
    let organisations = organisations(app, tx, &drafts, source).await?;
    let people: Vec<Holder> = drafts.iter().map(|draft| draft.to_holder(app, source.synced_at)).collect();
    let holders = tx.find_or_insert_holders(&people).await?;
    let keys: Vec<CertificateKey<'_>> = drafts.iter().map(key).collect();
    let known = tx.find_by_keys(&keys).await?;
    let mut added: Vec<Certificate> = Vec::new();
    let mut places: HashMap<(String, String, Option<String>, domain::Date), usize> = HashMap::new();
    let mut outcomes = Vec::with_capacity(drafts.len());
    for ((draft, holder), known) in drafts.into_iter().zip(holders).zip(known) {
        let place =
            (draft.type_code.clone(), draft.number.clone(), draft.item.clone(), draft.terms.issued_on);
        let organisation =
            draft.organisation.as_ref().and_then(|draft| organisations.get(&draft.key()).cloned());
        if let Some(known) = known {
            outcomes.push(update(app, tx, known, draft, organisation, source).await?);
        } else if let Some(first) = places.get(&place) {
            // The same certificate earlier in this batch: compared with what that row said.
            let same = says_the_same(&added[*first], &draft, organisation.as_ref());
            outcomes.push(if same { Registered::Unchanged } else { Registered::Updated });
            if !same {
                let next = brought_up_to_date(app, &added[*first], draft, organisation, source);
                added[*first] = Certificate { version: 1, ..next };
            }
        } else {
            places.insert(place, added.len());
            added.push(draft.into_certificate(app, holder, organisation.map(|o| o.id), source));
            outcomes.push(Registered::Added);
        }
    }
    tx.insert_certificates(&added).await?;
    Ok(outcomes)
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
    let mut found: HashMap<String, Organisation> = HashMap::new();
    let mut new = Vec::new();
    for draft in drafts {
        let Some(named) = &draft.organisation else { continue };
        if found.contains_key(&named.key()) {
            continue;
        }
        let organisation = match known_organisation(tx, named).await? {
            Some(known) => known,
            None => {
                let id = OrganisationId::from_uuid(app.entropy.uuid(source.synced_at));
                let organisation = Organisation { id, name: named.name.clone(), uscc: named.uscc.clone() };
                new.push(RegisteredOrganisation {
                    organisation: organisation.clone(),
                    region: Some(draft.region.clone()),
                    industry: draft.industry.clone(),
                });
                organisation
            }
        };
        found.insert(named.key(), organisation);
    }
    tx.insert_organisations(&new).await?;
    Ok(found)
}

/// By credit code first; by name only where the name leads to one organisation.
pub(super) async fn known_organisation(
    tx: &Tx,
    named: &DraftOrganisation,
) -> Result<Option<Organisation>, Error> {
    if let Some(uscc) = &named.uscc {
        return Ok(tx.find_organisation_by_uscc(uscc).await?);
    }
    let mut named_so = tx.find_organisations_by_name(&named.name).await?;
    Ok(if named_so.len() == 1 { named_so.pop() } else { None })
}

async fn update(
    app: &App,
    tx: &Tx,
    known: Certificate,
    draft: Draft,
    organisation: Option<Organisation>,
    source: &Source,
) -> Result<Registered, Error> {
    if says_the_same(&known, &draft, organisation.as_ref()) {
        return Ok(Registered::Unchanged);
    }
    let next = brought_up_to_date(app, &known, draft, organisation, source);
    tx.update_certificate(&next, known.version).await?;
    Ok(Registered::Updated)
}

/// A roster that leaves a field out says nothing about it.
fn says_the_same(known: &Certificate, draft: &Draft, organisation: Option<&Organisation>) -> bool {
    let says = |given: Option<&str>, known: Option<&str>| given.is_none() || given == known;
    known.terms == draft.terms
        && known.holder.name == draft.holder.name
        && known.issuer == draft.issuer
        && known.region == draft.region
        && (draft.holder.identity.is_none() || known.holder.identity == draft.holder.identity)
        && says(draft.holder.phone.as_deref(), known.holder.phone.as_deref())
        && says(draft.industry.as_deref(), known.industry.as_deref())
        && organisation
            .is_none_or(|organisation| known.organisation.as_ref().is_some_and(|o| o.id == organisation.id))
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
