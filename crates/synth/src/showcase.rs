use crate::{Registry, SynthOrganisation, layout, organisations::Enterprise, places::Place};
use domain::certificate::{Certificate, Holder, IdentityKind};
use std::collections::HashMap;

/// People and places of the registry that have enough to show, for the accounts of a demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Showcase {
    /// An organisation with at least thirty certificates, or the one with most in a small registry.
    pub organisation: SynthOrganisation,
    /// Six-digit codes of the regions the organisation sits in. In all but small registries each of
    /// them has issued certificates of its people.
    pub county: String,
    pub city: String,
    pub province: String,
    /// Someone of the organisation with at least two certificates and a citizen ID.
    pub individual: Holder,
    pub individual_index: u64,
}

/// How many certificates are looked at; larger registries begin like this one.
const LOOKED_AT: u64 = 4000;
const ENOUGH_CERTIFICATES: usize = 30;

impl Registry {
    /// Chosen the same way each time; `None` only for a registry of a handful of certificates.
    pub fn showcase(&self) -> Option<Showcase> {
        let looked_at = self.certificate_count().min(LOOKED_AT);
        let mut staff: HashMap<u64, Vec<(u64, Certificate)>> = HashMap::new();
        for index in 0..looked_at {
            let certificate = self.certificate(index);
            if certificate.organisation.is_some() {
                let holder = self.holder_index(index);
                let employer = layout::organisation_of(holder);
                staff.entry(employer).or_default().push((holder, certificate));
            }
        }
        let mut candidates: Vec<(u64, Vec<(u64, Certificate)>)> = staff.into_iter().collect();
        // Most certificates first; the index decides between equals.
        candidates.sort_by_key(|(employer, held)| (std::cmp::Reverse(held.len()), *employer));
        let mut showcases =
            candidates.iter().filter_map(|(employer, held)| self.showcase_of(*employer, held));
        let ideal = candidates.iter().find(|(employer, held)| self.shows_all_levels(*employer, held));
        ideal.and_then(|(employer, held)| self.showcase_of(*employer, held)).or_else(|| showcases.next())
    }

    /// Is the organisation large, in a city that is no municipality, and known to all its regulators?
    fn shows_all_levels(&self, employer: u64, held: &[(u64, Certificate)]) -> bool {
        let Enterprise { province, seat, .. } = self.enterprise(employer);
        let issues = |place: &Place| held.iter().any(|(_, certificate)| certificate.region == place.code);
        held.len() >= ENOUGH_CERTIFICATES
            && !province.municipality
            && [&seat.county, &seat.city, &province.place].into_iter().all(issues)
            && self.individual(held).is_some()
    }

    fn individual<'a>(&self, held: &'a [(u64, Certificate)]) -> Option<(u64, &'a Holder)> {
        held.iter().map(|(holder, certificate)| (*holder, &certificate.holder)).find(|(index, person)| {
            let citizen = person.identity.as_ref().is_some_and(|paper| paper.kind == IdentityKind::CitizenId);
            citizen && self.certificates_of(*index).count() >= 2
        })
    }

    fn showcase_of(&self, employer: u64, held: &[(u64, Certificate)]) -> Option<Showcase> {
        let (individual_index, individual) = self.individual(held)?;
        let enterprise = self.enterprise(employer);
        Some(Showcase {
            organisation: self.organisation(employer),
            county: enterprise.seat.county.code.clone(),
            city: enterprise.seat.city.code.clone(),
            province: enterprise.province.place.code.clone(),
            individual: individual.clone(),
            individual_index,
        })
    }
}
