use crate::{
    draw::{Draw, Purpose, scattered},
    issuing::{Issuing, NumberParts, issuing_by_type},
    layout, learning,
    organisations::{Enterprise, Organisations},
    people::{People, Person},
    places::Places,
    portrait,
    story::{Plots, Step, plots},
    trades::{Entitlement, Trades},
};
use chrono::{NaiveTime, TimeZone, Utc};
use domain::{
    Date, Instant,
    catalogue::Catalogue,
    certificate::{Certificate, Holder, IdentityKind, Organisation, Source},
    ids::{CertificateId, EventId, HolderId, OrganisationId, PhotoId},
    lifecycle::{self, Event},
    number::Sex,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use uuid::Uuid;

/// An organisation with what the registry knows about it besides its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthOrganisation {
    pub organisation: Organisation,
    /// Six-digit code of the county, or of the city where it has no counties.
    pub region: String,
    /// Division of GB/T 4754.
    pub industry: String,
}

/// The synthetic registry of a seed, a size and a day.
#[derive(Debug)]
pub struct Registry {
    pub(crate) seed: u64,
    certificates: u64,
    pub(crate) today: Date,
    pub(crate) catalogue: Arc<Catalogue>,
    places: Places,
    people: People,
    organisations: Organisations,
    trades: Trades,
    issuing: BTreeMap<String, Issuing>,
    plots: Plots,
    /// Drawn when they are first asked for: [`FACES`] of either sex.
    portraits: Vec<OnceLock<Vec<u8>>>,
}

/// Drawing takes longer than all else that makes a certificate.
const FACES: u64 = 256;

/// Types whose number is or holds the ID number, which holders of other documents don't have.
const NUMBERED_BY_CITIZEN_ID: [&str; 4] = ["mem_special_ops", "mem_principal", "mem_manager", "se_operator"];

/// Milliseconds since 1970 that identifiers begin to count from (2020-01-01): fixed, so that an
/// identifier does not depend on the day the registry is made for.
const FIRST_ID_MILLIS: u64 = 1_577_836_800_000;

impl Registry {
    /// A registry in the state it would be in at the beginning of `today`, by the catalogue's zone.
    ///
    /// The catalogue has to be the one of work-safety certificates or know all its types, regions and
    /// items; the generator's own lists name them.
    pub fn new(seed: u64, certificates: u64, today: Date, catalogue: Arc<Catalogue>) -> Self {
        Self {
            seed,
            certificates,
            today,
            places: Places::new(&catalogue),
            people: People::new(seed, today),
            organisations: Organisations::new(seed),
            trades: Trades::new(&catalogue),
            issuing: issuing_by_type(),
            plots: plots(),
            portraits: (0..2 * FACES).map(|_| OnceLock::new()).collect(),
            catalogue,
        }
    }

    pub fn certificate_count(&self) -> u64 {
        self.certificates
    }

    pub fn holder_count(&self) -> u64 {
        layout::holders(self.certificates)
    }

    pub fn organisation_count(&self) -> u64 {
        layout::organisations(self.holder_count())
    }

    /// The day the registry is made for.
    pub fn today(&self) -> Date {
        self.today
    }

    /// All certificates, in the order of their indices and identifiers.
    pub fn certificates(&self) -> impl Iterator<Item = Certificate> + '_ {
        (0..self.certificates).map(|index| self.certificate(index))
    }

    /// All organisations, also the few that have no certificates.
    pub fn organisations(&self) -> impl Iterator<Item = SynthOrganisation> + '_ {
        (0..self.organisation_count()).map(|index| self.organisation(index))
    }

    pub fn organisation(&self, index: u64) -> SynthOrganisation {
        let enterprise = self.enterprise(index);
        SynthOrganisation {
            region: enterprise.seat.county.code.clone(),
            industry: enterprise.industry.to_owned(),
            organisation: self.employer(index, enterprise),
        }
    }

    pub fn holder(&self, index: u64) -> Holder {
        self.holder_of(index, self.person(index))
    }

    /// The photo of a holder, a PNG of 180 × 240 pixels below 2 KB; `None` for the few without one. Some
    /// holders look alike.
    pub fn photo(&self, holder: u64) -> Option<&[u8]> {
        let long_hair = self.person(holder).sex == Sex::Female;
        self.photo_id(holder).map(|_| {
            let face = holder % FACES;
            let place = (face * 2 + u64::from(long_hair)) as usize;
            let draw = || portrait::draw(Draw::new(self.seed, Purpose::Portrait, face), long_hair);
            self.portraits[place].get_or_init(draw).as_slice()
        })
    }

    /// Identifier of the photo that [`Registry::photo`] draws.
    pub fn photo_id(&self, holder: u64) -> Option<PhotoId> {
        let photographed = !Draw::new(self.seed, Purpose::PhotoId, holder).chance(30);
        photographed.then(|| PhotoId::from_uuid(self.identifier(Purpose::PhotoId, holder)))
    }

    /// Indices of the certificates of a holder that are in the registry.
    pub fn certificates_of(&self, holder: u64) -> std::ops::Range<u64> {
        let first = layout::first_certificate(holder);
        first..(first + layout::certificates_held(holder)).min(self.certificates.max(first))
    }

    /// Index of the holder of a certificate.
    pub fn holder_index(&self, certificate: u64) -> u64 {
        layout::holding_of(certificate).holder
    }

    /// The certificate of an index; the index may lie beyond the size of the registry.
    pub fn certificate(&self, index: u64) -> Certificate {
        let holding = layout::holding_of(index);
        let employer = layout::organisation_of(holding.holder);
        let enterprise = self.enterprise(employer);
        let person = self.person(holding.holder);
        let entitlement = self.entitlement(holding, &enterprise, &person);
        let kind =
            self.catalogue.type_by_code(&entitlement.type_code).expect("a test checks the types named");
        let issuing = self.issuing.get(&kind.code).expect("a test checks that every type has its numbering");

        let mut draw = Draw::new(self.seed, Purpose::Story, index);
        let issuer = issuing.issuer(enterprise.province, enterprise.seat, &mut draw);
        let story = self.plots.story(kind, self.today, person.adult_on(), &mut draw);
        let learning = learning::of(kind, &story, &enterprise.seat.city.name, self.today, &mut draw);
        let number = issuing.number(&NumberParts {
            document: &person.identity.number,
            province: enterprise.province,
            seat: enterprise.seat,
            issuer: &issuer,
            item: entitlement.item.as_deref(),
            year: chrono::Datelike::year(&story.steps[0].effective_on),
            serial: scattered(self.seed, index, 10_000_000),
        });
        let events = self.events(index, story.steps, &mut draw);
        let industry = enterprise.industry.to_owned();
        Certificate {
            id: CertificateId::from_uuid(self.identifier(Purpose::CertificateId, index)),
            version: events.len() as u64,
            type_code: entitlement.type_code,
            number,
            item: entitlement.item,
            organisation: self.is_employed(holding.holder).then(|| self.employer(employer, enterprise)),
            holder: self.holder_of(holding.holder, person),
            identity_as_written: None,
            issuer: issuer.name,
            region: issuer.region,
            industry: Some(industry),
            terms: lifecycle::current_terms(&events).expect("the first event is the issue"),
            source: Source { code: "demo".to_owned(), synced_at: self.instant(self.today, 0), row: None },
            events,
            earlier: Vec::new(),
            training: learning.training,
            education: learning.education,
            photo: self.photo_id(holding.holder),
            under_correction: story.under_correction,
        }
    }

    pub(crate) fn enterprise(&self, index: u64) -> Enterprise<'_> {
        self.organisations.enterprise(index, &self.places, &self.trades)
    }

    fn person(&self, holder: u64) -> Person {
        let employer = layout::organisation_of(holder);
        let province = self.organisations.province(employer, &self.places);
        self.people.person(holder, &province.place.code, &self.places)
    }

    /// A holder's certificates are drawn together, so that none repeats another's type and item.
    fn entitlement(
        &self,
        holding: layout::Holding,
        enterprise: &Enterprise<'_>,
        person: &Person,
    ) -> Entitlement {
        let mut draw = Draw::new(self.seed, Purpose::Portfolio, holding.holder);
        let numbered =
            matches!(person.identity.kind, IdentityKind::CitizenId | IdentityKind::ResidencePermit);
        let mut held = Vec::new();
        loop {
            let next = self.trades.entitlement(enterprise.trade, &held, &self.catalogue, &mut draw);
            if !numbered && NUMBERED_BY_CITIZEN_ID.contains(&next.type_code.as_str()) {
                continue;
            }
            if held.len() as u64 == holding.nth {
                return next;
            }
            held.push(next);
        }
    }

    /// Eight in a hundred have no employer that the registry knows.
    fn is_employed(&self, holder: u64) -> bool {
        !Draw::new(self.seed, Purpose::Employment, holder).chance(80)
    }

    fn employer(&self, index: u64, enterprise: Enterprise<'_>) -> Organisation {
        Organisation {
            id: OrganisationId::from_uuid(self.identifier(Purpose::OrganisationId, index)),
            name: enterprise.name,
            uscc: Some(enterprise.credit_code),
        }
    }

    fn holder_of(&self, index: u64, person: Person) -> Holder {
        Holder {
            id: HolderId::from_uuid(self.identifier(Purpose::HolderId, index)),
            name: person.name,
            identity: Some(person.identity),
            phone: person.phone,
        }
    }

    fn events(&self, certificate: u64, steps: Vec<Step>, draw: &mut Draw) -> Vec<Event> {
        /// More than any story has, so that no two events share an identifier.
        const EVENTS_OF_ONE: u64 = 16;
        let mut recorded_at = Instant::MIN_UTC;
        let event = |(nth, step): (usize, Step)| {
            // During office hours, and never before what was recorded earlier.
            let minute = draw.within(9 * 60..=17 * 60) as u32;
            recorded_at = self.instant(step.recorded_on, minute).max(recorded_at);
            let id = self.identifier(Purpose::EventId, certificate * EVENTS_OF_ONE + nth as u64);
            Event {
                id: EventId::from_uuid(id),
                kind: step.kind,
                effective_on: step.effective_on,
                recorded_at,
                reason: step.reason.map(str::to_owned),
            }
        };
        steps.into_iter().enumerate().map(event).collect()
    }

    /// The instant at which the clocks of the catalogue's zone show this minute of the day.
    fn instant(&self, day: Date, minute: u32) -> Instant {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap_or_default();
        let local = self.catalogue.zone().from_local_datetime(&day.and_time(time)).earliest();
        // A minute that clocks skip does not occur in office hours; the day in UTC stands in for it.
        local.map_or_else(|| Utc.from_utc_datetime(&day.and_time(time)), |local| local.with_timezone(&Utc))
    }

    /// A version 7 UUID that counts up with the index.
    fn identifier(&self, purpose: Purpose, index: u64) -> Uuid {
        let tail = Draw::new(self.seed, purpose, index).bytes();
        uuid::Builder::from_unix_timestamp_millis(FIRST_ID_MILLIS + index, &tail).into_uuid()
    }
}
