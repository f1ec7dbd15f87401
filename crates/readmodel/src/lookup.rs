//! Certificates without a search: those of a number, those of a person.

use crate::{
    Error,
    error::Result,
    index::Snapshot,
    overlay::Newest,
    records::{Moment, Place, number_key},
    tokens::Token,
};
use domain::{
    certificate::Certificate,
    ids::{CertificateId, HolderId},
};

/// What is found by a number, with what whoever is shown it is judged by.
#[derive(Debug)]
pub struct Numbered {
    /// The certificates that bear it: one for each item of a person where the number repeats.
    pub bearing: Vec<Certificate>,
    /// The same people's other certificates.
    pub related: Vec<Certificate>,
}

/// Overlay, index and records at one moment.
pub struct Lookup<'a> {
    pub newest: &'a Newest,
    /// As old as the records or older: whatever it has a document of is in the records, or withheld.
    pub index: &'a Snapshot,
    pub records: &'a Moment<'a>,
}

impl Lookup<'_> {
    /// # Errors
    /// [`Error::Damaged`] where the index knows a certificate that the records have lost: their file has no
    /// sums that would tell, and "not found" would be a wrong answer.
    pub fn certificate(&self, id: CertificateId) -> Result<Option<Certificate>> {
        if let Some(newer) = self.newest.get(&id) {
            return Ok(Some(newer.certificate.clone()));
        }
        match self.records.certificate(id)? {
            None if self.records.is_withheld(id)? => Err(Error::Withheld),
            None if self.index.knows(id)? => Err(Error::Damaged),
            found => Ok(found),
        }
    }

    /// Those that are wanted among the certificates of everybody who bears the number.
    ///
    /// # Errors
    /// [`Error::Damaged`] as in [`Lookup::certificate`].
    pub fn of_number(
        &self,
        number: &str,
        token: impl FnOnce(&str) -> Token,
        wanted: impl Fn(&Certificate) -> bool,
    ) -> Result<Numbered> {
        let number = number_key(number);
        let bears = |certificate: &Certificate| number_key(&certificate.number) == number;
        let places = self.records.of_number(&number)?;
        if places.is_empty() {
            self.check_nobody_bears(token(&number), bears)?;
        }
        let newer = self.newer(bears).map(|newer| newer.holder.id);
        let mut holders: Vec<_> = places.iter().map(|place| place.holder).chain(newer).collect();
        holders.sort_unstable();
        holders.dedup();
        let mut found = Vec::with_capacity(holders.len());
        for holder in holders {
            found.extend(self.of_holder(holder, &[])?);
        }
        let lost = |place: &Place| {
            !self.newest.contains_key(&place.id) && found.iter().all(|certificate| certificate.id != place.id)
        };
        if places.iter().any(lost) {
            return Err(Error::Damaged);
        }
        let (bearing, related) = found.into_iter().filter(wanted).partition(bears);
        Ok(Numbered { bearing, related })
    }

    /// A document can be of an older version of a certificate, which bore the number then.
    fn check_nobody_bears(&self, number: Token, bears: impl Fn(&Certificate) -> bool) -> Result<()> {
        for (id, version) in self.index.having(number)? {
            if self.newest.contains_key(&id) || self.records.is_withheld(id)? {
                continue;
            }
            let recorded = self.records.certificate(id)?.ok_or(Error::Damaged)?;
            if recorded.version == version && bears(&recorded) {
                return Err(Error::Damaged);
            }
        }
        Ok(())
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
