//! Which organisation a draft means: by credit code first, then by name.

use super::draft::{Draft, DraftOrganisation};
use crate::{App, Error};
use domain::{
    certificate::{Organisation, Source},
    ids::OrganisationId,
};
use std::collections::{HashMap, HashSet};
use store::{RegisteredOrganisation, Tx};

/// The organisations that the drafts name, by key; those not known yet are added.
pub(super) async fn organisations(
    app: &App,
    tx: &Tx,
    drafts: &[&Draft],
    source: &Source,
) -> Result<HashMap<String, Organisation>, Error> {
    let named: HashMap<String, (&DraftOrganisation, &Draft)> = drafts
        .iter()
        .copied()
        .rev()
        .filter_map(|draft| draft.organisation.as_ref().map(|named| (named.key(), (named, draft))))
        .collect();
    let distinct: Vec<&DraftOrganisation> = named.values().map(|(named, _)| *named).collect();
    let mut found = known_organisations(tx, &distinct).await?;
    let coded = coded_by_name(&distinct);
    let mut new = Vec::new();
    for (key, (named, draft)) in &named {
        // One without a code may turn out to be the one with a code.
        if found.contains_key(key) || coded.contains_key(key) {
            continue;
        }
        let id = OrganisationId::from_uuid(app.entropy.uuid(source.synced_at));
        let organisation = Organisation { id, name: named.name.clone(), uscc: named.uscc.clone() };
        new.push(RegisteredOrganisation {
            organisation: organisation.clone(),
            region: Some(draft.region.clone()),
            industry: draft.industry.clone(),
        });
        found.insert(key.clone(), organisation);
    }
    tx.insert_organisations(&new).await?;
    for (key, coded) in coded {
        if !found.contains_key(&key)
            && let Some(organisation) = found.get(&coded.key()).cloned()
        {
            found.insert(key, organisation);
        }
    }
    Ok(found)
}

/// Organisations with a credit code, by the key that they would have without.
fn coded_by_name<'a>(named: &[&'a DraftOrganisation]) -> HashMap<String, &'a DraftOrganisation> {
    let mut coded: HashMap<String, Option<&DraftOrganisation>> = HashMap::new();
    for named in named.iter().filter(|named| named.uscc.is_some()) {
        let key = DraftOrganisation { uscc: None, name: named.name.clone() }.key();
        // Two of one name: it leads to neither.
        coded.entry(key).and_modify(|only| *only = None).or_insert(Some(*named));
    }
    coded.into_iter().filter_map(|(key, only)| Some((key, only?))).collect()
}

/// By credit code first, then by name, where the name leads to one organisation: whoever is known by
/// name only has the code noted that is told now.
pub(super) async fn known_organisations(
    tx: &Tx,
    named: &[&DraftOrganisation],
) -> Result<HashMap<String, Organisation>, Error> {
    let codes: Vec<&str> = named.iter().filter_map(|named| named.uscc.as_deref()).collect();
    let by_code = tx.find_organisations_by_usccs(&codes).await?;
    let coded: HashMap<&str, Organisation> =
        codes.into_iter().zip(by_code).filter_map(|(code, known)| Some((code, known?))).collect();
    let names: Vec<&str> = named.iter().map(|named| named.name.as_str()).collect();
    let by_name = tx.find_organisations_by_names(&names).await?;
    let mut found = HashMap::with_capacity(named.len());
    let mut noted = HashSet::new();
    for (named, mut known) in named.iter().zip(by_name) {
        let organisation = match &named.uscc {
            Some(code) => match coded.get(code.as_str()) {
                Some(known) => Some(known.clone()),
                None => {
                    known.retain(|known| known.uscc.is_none());
                    let only = known.pop().filter(|only| known.is_empty() && noted.insert(only.id));
                    if let Some(only) = &only {
                        tx.set_credit_code(only.id, code).await?;
                    }
                    only.map(|only| Organisation { uscc: Some(code.clone()), ..only })
                }
            },
            None => {
                if known.len() > 1 {
                    known.retain(|known| known.uscc.is_none());
                }
                known.pop().filter(|_| known.is_empty())
            }
        };
        found.extend(organisation.map(|organisation| (named.key(), organisation)));
    }
    Ok(found)
}
