//! Certificates without a search: those of a number, those of a person.

use crate::{
    Error,
    error::Result,
    index::Snapshot,
    overlay::Newest,
    records::{Moment, Place, number_key},
    sealed::Sealed,
    tokens::Token,
};
use domain::{
    access::Scope,
    certificate::Certificate,
    ids::{CertificateId, HolderId},
    mask::Clues,
};
use smallvec::SmallVec;

/// What is found by a number, with what whoever is shown it is judged by.
#[derive(Debug)]
pub struct Numbered {
    /// The certificates that bear it: one for each item of a person where the number repeats.
    pub bearing: Vec<Certificate>,
    /// Of the same people's other certificates, where it takes those to judge what may be shown.
    pub related: Vec<Clues>,
}

impl Numbered {
    /// Outside the scope is the same as not there.
    fn take(&mut self, certificate: Certificate, bears: impl Fn(&Certificate) -> bool, scope: &Scope) {
        if !scope.admits(certificate.placement()) {
            return;
        }
        if bears(&certificate) {
            self.bearing.push(certificate);
        } else {
            self.related.push(Clues::of(&certificate));
        }
    }
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

    /// Those inside the scope among the certificates of everybody who bears the number.
    ///
    /// # Errors
    /// [`Error::Damaged`] as in [`Lookup::certificate`].
    pub fn of_number(
        &self,
        number: &str,
        token: impl FnOnce(&str) -> Token,
        scope: &Scope,
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
        let mut found = Numbered { bearing: Vec::with_capacity(1), related: Vec::new() };
        let recorded = || places.iter().filter(|place| !self.newest.contains_key(&place.id));
        let mut met = 0;
        for holder in holders {
            // Those that are not newer elsewhere, be it under another holder.
            let theirs = || recorded().filter(|place| place.holder == holder);
            if !self.is_changing(holder) && self.take_alone(theirs(), |one| found.take(one, bears, scope))? {
                met += theirs().count();
                continue;
            }
            for sealed in self.records.of_holder(holder)? {
                let sealed = sealed?;
                if self.newest.contains_key(&sealed.id) {
                    continue;
                }
                if places.iter().any(|place| place.id == sealed.id) {
                    met += 1;
                    found.take(sealed.open()?, bears, scope);
                } else {
                    found.related.extend(sealed.clues(|placement| scope.admits(placement))?);
                }
            }
            for newer in self.newer(|newer| newer.holder.id == holder) {
                found.take(newer.clone(), bears, scope);
            }
        }
        if met < recorded().count() {
            return Err(Error::Damaged);
        }
        found.bearing.sort_unstable_by_key(|certificate| (certificate.holder.id, certificate.id));
        Ok(found)
    }

    /// Gives away certificates of one person without a look at the person's others; does not where one is not
    /// harmless.
    fn take_alone<'p>(
        &self,
        places: impl Iterator<Item = &'p Place>,
        mut take: impl FnMut(Certificate),
    ) -> Result<bool> {
        let alone: SmallVec<[_; 4]> = places.map(|place| self.records.at(*place)).collect::<Result<_>>()?;
        if !alone.iter().all(Sealed::is_harmless) {
            return Ok(false);
        }
        for sealed in alone {
            take(sealed.open()?);
        }
        Ok(true)
    }

    /// Has this person a certificate that the records do not have as it is now?
    fn is_changing(&self, holder: HolderId) -> bool {
        self.newer(|newer| newer.holder.id == holder).next().is_some()
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

    /// A person's certificates in the order of their identifiers.
    pub fn of_holder(&self, holder: HolderId) -> Result<Vec<Certificate>> {
        let mut found: Vec<_> = self.newer(|newer| newer.holder.id == holder).cloned().collect();
        for sealed in self.records.of_holder(holder)? {
            let sealed = sealed?;
            if !self.newest.contains_key(&sealed.id) {
                found.push(sealed.open()?);
            }
        }
        found.sort_unstable_by_key(|certificate| certificate.id);
        Ok(found)
    }

    /// What the certificates of these people inside the scope tell, but for those that the caller has, where it
    /// takes those to judge what may be shown.
    pub fn beside(&self, had: &[Certificate], scope: &Scope) -> Result<Vec<Clues>> {
        let is_had = |id| had.iter().any(|certificate| certificate.id == id);
        let mut people: Vec<_> = had.iter().map(|certificate| certificate.holder.id).collect();
        people.sort_unstable();
        people.dedup();
        let mut found = Vec::new();
        for holder in &people {
            let changing = self.is_changing(*holder);
            for sealed in self.records.of_holder(*holder)? {
                let sealed = sealed?;
                if sealed.is_harmless() && !changing {
                    // All together are, where one is: but that is believed only of a seal that opens.
                    sealed.check()?;
                    break;
                }
                if !self.newest.contains_key(&sealed.id) && !is_had(sealed.id) {
                    found.extend(sealed.clues(|placement| scope.admits(placement))?);
                }
            }
        }
        let beside =
            |newer: &Certificate| people.binary_search(&newer.holder.id).is_ok() && !is_had(newer.id);
        let newer = self.newer(beside).filter(|newer| scope.admits(newer.placement()));
        found.extend(newer.map(Clues::of));
        Ok(found)
    }

    fn newer(&self, wanted: impl Fn(&Certificate) -> bool) -> impl Iterator<Item = &Certificate> {
        self.newest.values().map(|newer| &newer.certificate).filter(move |newer| wanted(newer))
    }
}
