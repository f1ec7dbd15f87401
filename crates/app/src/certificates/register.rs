//! Takes drafts into the registry, many at a time: new ones are added, known ones are brought up
//! to date with their history kept, and what says nothing new changes nothing.

use super::{change::log_leaf, draft::Draft, employers::organisations};
use crate::{App, Error};
use domain::{
    certificate::{Certificate, Holder, Organisation, Source, Terms},
    ids::{EventId, HolderId},
    lifecycle::{self, Event, EventKind},
    text,
};
use std::collections::HashMap;
use store::{CertificateKey, Tx};

/// What became of the drafts of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// Something was added or changed.
    Changed,
    Unchanged,
    /// One of the certificates is on record for somebody else; the whole row is left out.
    OfAnother,
}

/// Registers drafts, a list of them for each row, in one transaction, with a leaf of the
/// transparency log for each event; the answer has the rows' order. Drafts of one certificate are
/// taken one after the other, and what they come to is written once: two that cancel each other out
/// change nothing.
pub async fn register(
    app: &App,
    tx: &Tx,
    rows: Vec<Vec<Draft>>,
    source: &Source,
) -> Result<Vec<Registered>, Error> {
    let drafts: Vec<&Draft> = rows.iter().flatten().collect();
    let organisations = organisations(app, tx, &drafts, source).await?;
    let keys: Vec<CertificateKey<'_>> = drafts.iter().map(|draft| key(draft)).collect();
    let known = tx.find_by_keys(&keys).await?;
    let holders = holders(app, tx, &drafts, &known).await?;
    let mut told = known.into_iter().zip(holders);
    let mut records = Records::default();
    for (done, row) in rows.into_iter().enumerate() {
        let_others_run(done).await;
        let row: Vec<Told> = row
            .into_iter()
            .zip(told.by_ref())
            .map(|(draft, (known, holder))| {
                let named = draft.organisation.as_ref();
                let organisation = named.and_then(|named| organisations.get(&named.key()).cloned());
                Told { draft, known, holder, organisation }
            })
            .collect();
        records.take(app, row, source)?;
    }
    records.write(tx).await
}

/// A draft and what the registry has to do with it.
struct Told {
    draft: Draft,
    known: Option<Certificate>,
    /// Where it needs one.
    holder: Option<HolderId>,
    organisation: Option<Organisation>,
}

/// A piece of a roster takes tenths of a second; whoever waits for this thread gets it in between.
async fn let_others_run(done: usize) {
    if done % 1_000 == 999 {
        tokio::task::yield_now().await;
    }
}

/// The certificates that a batch speaks of, as they come to stand.
#[derive(Default)]
struct Records {
    places: HashMap<Key, usize>,
    records: Vec<Record>,
    /// For each row how many of its drafts changed something; `None` where it is left out.
    rows: Vec<Option<u32>>,
}

/// What names a certificate in the real world: type, number, item, day of issue.
type Key = (String, String, Option<String>, domain::Date);

struct Record {
    before: Option<Certificate>,
    now: Certificate,
    /// Rows that changed it.
    changed_by: Vec<usize>,
}

impl Records {
    fn take(&mut self, app: &App, row: Vec<Told>, source: &Source) -> Result<(), Error> {
        let is_of_another = |told: &Told| {
            let here = self.places.get(&own_key(&told.draft)).map(|place| &self.records[*place].now);
            here.or(told.known.as_ref()).is_some_and(|known| !is_same_person(&known.holder, &told.draft))
        };
        if row.iter().any(is_of_another) {
            self.rows.push(None);
            return Ok(());
        }
        self.rows.push(Some(0));
        row.into_iter().try_for_each(|told| self.take_one(app, told, source))
    }

    fn take_one(&mut self, app: &App, told: Told, source: &Source) -> Result<(), Error> {
        let Told { draft, known, holder, organisation } = told;
        let key = own_key(&draft);
        let place = match (self.places.get(&key), known) {
            (Some(place), _) => *place,
            (None, Some(known)) => self.add(key, Some(known.clone()), known),
            (None, None) => {
                let holder = holder.ok_or_else(|| Error::internal("each new certificate has a holder"))?;
                let new = draft.into_certificate(app, holder, organisation.map(|known| known.id), source);
                let place = self.add(key, None, new);
                self.note_change(place);
                return Ok(());
            }
        };
        let record = &mut self.records[place];
        let draft = beside(app, draft, &record.now);
        if says_something_new(&record.now, &draft, organisation.as_ref()) {
            record.now = brought_up_to_date(app, &record.now, draft, holder, organisation, source);
            self.note_change(place);
        }
        Ok(())
    }

    fn add(&mut self, key: Key, before: Option<Certificate>, now: Certificate) -> usize {
        self.places.insert(key, self.records.len());
        self.records.push(Record { before, now, changed_by: Vec::new() });
        self.records.len() - 1
    }

    /// By the newest row.
    fn note_change(&mut self, place: usize) {
        self.records[place].changed_by.push(self.rows.len() - 1);
        if let Some(Some(changes)) = self.rows.last_mut() {
            *changes += 1;
        }
    }

    async fn write(self, tx: &Tx) -> Result<Vec<Registered>, Error> {
        let Self { records, mut rows, .. } = self;
        let (mut added, mut leaves) = (Vec::new(), Vec::new());
        for (done, Record { before, now, changed_by }) in records.into_iter().enumerate() {
            let_others_run(done).await;
            let Some(before) = before else {
                append_leaves(&mut leaves, &now, 0);
                added.push(now);
                continue;
            };
            let source = now.source.clone();
            let compared = Certificate { source: before.source.clone(), ..now };
            if compared == before {
                for row in changed_by {
                    rows[row] = rows[row].map(|changes| changes - 1);
                }
                continue;
            }
            let now = Certificate { version: before.version + 1, source, ..compared };
            tx.update_certificate(&now, before.version).await?;
            append_leaves(&mut leaves, &now, before.events.len());
        }
        tx.insert_certificates(added).await?;
        if !leaves.is_empty() {
            tx.append_log_leaves(leaves).await?;
        }
        let outcome = |changes| match changes {
            None => Registered::OfAnother,
            Some(0) => Registered::Unchanged,
            Some(_) => Registered::Changed,
        };
        Ok(rows.into_iter().map(outcome).collect())
    }
}

/// For each draft its holder, where it needs one: a new certificate, or one whose person's document is
/// told for the first time. Any other certificate keeps its holder.
async fn holders(
    app: &App,
    tx: &Tx,
    drafts: &[&Draft],
    known: &[Option<Certificate>],
) -> Result<Vec<Option<HolderId>>, Error> {
    let asks = |(draft, known): (&&Draft, &Option<Certificate>)| asks_for_holder(draft, known.as_ref());
    let asking: Vec<bool> = drafts.iter().zip(known).map(asks).collect();
    let people = drafts.iter().zip(&asking).filter(|(_, asks)| **asks).map(|(draft, _)| draft.to_holder(app));
    let mut found = tx.find_or_insert_holders(people.collect()).await?.into_iter();
    Ok(asking.into_iter().map(|asks| if asks { found.next() } else { None }).collect())
}

fn asks_for_holder(draft: &Draft, known: Option<&Certificate>) -> bool {
    known.is_none_or(|known| {
        known.holder.identity.is_none()
            && draft.holder.identity.is_some()
            && is_same_person(&known.holder, draft)
    })
}

/// By the document where both tell one, or else by the name: whose number it is, a number alone does
/// not tell.
fn is_same_person(known: &Holder, draft: &Draft) -> bool {
    match (&known.identity, &draft.holder.identity) {
        (Some(known), Some(told)) => known.number == told.number,
        _ => text::search_name(&known.name) == text::search_name(&draft.holder.name),
    }
}

/// The name that a draft tells, unless characters of it were lost on the way.
fn told_name(draft: &Draft) -> Option<&str> {
    let name = &draft.holder.name;
    (!text::normalise_name(name).damaged).then_some(name)
}

/// A leaf for each event after the first `logged`; where a change is no event, the last event
/// stands with the new version.
fn append_leaves(leaves: &mut Vec<Vec<u8>>, certificate: &Certificate, logged: usize) {
    let events = &certificate.events;
    let new = &events[logged.min(events.len().saturating_sub(1))..];
    leaves.extend(new.iter().map(|event| log_leaf(certificate, event)));
}

fn own_key(draft: &Draft) -> Key {
    (draft.type_code.clone(), draft.number.clone(), draft.item.clone(), draft.terms.issued_on)
}

fn key(draft: &Draft) -> CertificateKey<'_> {
    CertificateKey {
        type_code: &draft.type_code,
        number: &draft.number,
        item: draft.item.as_deref(),
        issued_on: draft.terms.issued_on,
    }
}

/// A roster that leaves a field out says nothing about it. One that tells terms which the record
/// has had and left behind is older than the record, and says nothing new at all.
fn says_something_new(known: &Certificate, draft: &Draft, organisation: Option<&Organisation>) -> bool {
    if known.terms != draft.terms {
        return !has_had(known, draft.terms);
    }
    let differs = |given: Option<&str>, known: Option<&str>| given.is_some() && given != known;
    told_name(draft).is_some_and(|name| name != known.holder.name)
        || told_issuer(draft)
            .is_some_and(|(issuer, region)| (issuer, region) != (&known.issuer, &known.region))
        || (draft.holder.identity.is_some() && known.holder.identity != draft.holder.identity)
        || differs(draft.holder.phone.as_deref(), known.holder.phone.as_deref())
        || differs(draft.industry.as_deref(), known.industry.as_deref())
        || organisation
            .is_some_and(|organisation| known.organisation.as_ref().is_none_or(|o| o.id != organisation.id))
}

/// Issuer and region, where the draft tells who issued. The region of one that does not is guessed
/// from other cells, which is good enough only for a certificate that is new.
fn told_issuer(draft: &Draft) -> Option<(&String, &String)> {
    (!draft.issuer.is_empty()).then_some((&draft.issuer, &draft.region))
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
    if let Some(name) = told_name(&draft) {
        next.holder.name = name.to_owned();
    }
    if let Some((issuer, region)) = told_issuer(&draft) {
        (next.issuer, next.region) = (issuer.clone(), region.clone());
    }
    next.holder.id = holder.unwrap_or(next.holder.id);
    next.holder.identity = draft.holder.identity.or(next.holder.identity);
    next.holder.phone = draft.holder.phone.or(next.holder.phone);
    next.organisation = organisation.or(next.organisation);
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
