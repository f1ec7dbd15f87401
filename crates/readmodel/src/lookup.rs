//! Certificates without a search: those of a number, those of a person.

use crate::{
    error::Result,
    overlay::Newest,
    records::{Moment, number_key},
};
use domain::{certificate::Certificate, ids::HolderId};

/// What is found by a number, with what whoever is shown it is judged by.
#[derive(Debug)]
pub struct Numbered {
    /// The certificates that bear it: one for each item of a person where the number repeats.
    pub bearing: Vec<Certificate>,
    /// The same people's other certificates.
    pub related: Vec<Certificate>,
}

/// Overlay and records at one moment.
pub struct Lookup<'a> {
    pub newest: &'a Newest,
    pub records: &'a Moment<'a>,
}

impl Lookup<'_> {
    /// Those that are wanted among the certificates of everybody who bears the number or once bore it.
    pub fn of_number(&self, number: &str, wanted: impl Fn(&Certificate) -> bool) -> Result<Numbered> {
        let number = number_key(number);
        let bears = |certificate: &Certificate| number_key(&certificate.number) == number;
        let mut holders = self.records.holders_of_number(&number)?;
        holders.extend(self.newer(bears).map(|newer| newer.holder.id));
        holders.sort_unstable();
        holders.dedup();
        let mut found = Vec::with_capacity(holders.len());
        for holder in holders {
            found.extend(self.of_holder(holder, &[])?.into_iter().filter(&wanted));
        }
        let (bearing, related) = found.into_iter().partition(bears);
        Ok(Numbered { bearing, related })
    }

    /// A person's certificates in the order of their identifiers, without those that the caller has
    /// already.
    pub fn of_holder(&self, holder: HolderId, had: &[Certificate]) -> Result<Vec<Certificate>> {
        let asked_for = |id| had.iter().all(|certificate| certificate.id != id);
        let outdated = |id| self.newest.contains_key(&id);
        let mut found = self.records.of_holder(holder, |id| !outdated(id) && asked_for(id))?;
        found.extend(self.newer(|newer| newer.holder.id == holder && asked_for(newer.id)).cloned());
        found.sort_unstable_by_key(|certificate| certificate.id);
        Ok(found)
    }

    fn newer(&self, wanted: impl Fn(&Certificate) -> bool) -> impl Iterator<Item = &Certificate> {
        self.newest.values().map(|newer| &newer.certificate).filter(move |newer| wanted(newer))
    }
}
