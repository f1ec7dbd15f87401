//! Takes drafts into the registry, many at a time: new ones are added, known ones are brought up
//! to date with their history kept, and what says nothing new changes nothing.

use super::{
    draft::Draft,
    employers::organisations,
    update::{beside, brought_up_to_date, is_same_person, says_something_new},
};
use crate::{App, Error};
use domain::{
    certificate::{Certificate, Organisation, Source},
    ids::HolderId,
    lifecycle::log_leaf,
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
            if changed_by.is_empty() || says_the_same(&now, &before) {
                for row in changed_by {
                    rows[row] = rows[row].map(|changes| changes - 1);
                }
                continue;
            }
            let now = Certificate { version: before.version + 1, ..now };
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

/// Beside the trace of how they came to say it.
fn says_the_same(now: &Certificate, before: &Certificate) -> bool {
    let earlier = &now.earlier;
    let alike = Certificate { source: now.source.clone(), earlier: earlier.clone(), ..before.clone() };
    *now == alike
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

/// A leaf for each event after the first `logged`; where a change is no event, the last event
/// stands with the new version.
fn append_leaves(leaves: &mut Vec<Vec<u8>>, certificate: &Certificate, logged: usize) {
    let events = &certificate.events;
    let new = &events[logged.min(events.len().saturating_sub(1))..];
    leaves.extend(new.iter().map(|event| log_leaf(certificate.id, certificate.version, event)));
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
