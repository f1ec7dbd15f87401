//! The people: names, identity documents, telephone numbers. Valid in form and of nobody.

use crate::{
    draw::{Draw, Purpose, scattered},
    identity,
    lists::Lists,
    places::Places,
};
use chrono::{Datelike, Days, Months};
use domain::{
    Date,
    certificate::{IdentityDocument, IdentityKind},
    number::Sex,
};

/// Ages, in full years, of the people of the registry.
const YOUNGEST: u32 = 20;
const OLDEST: u32 = 60;

/// One holder in so many is no holder of a citizen ID but of one of the other documents.
const RESIDENCE_PERMIT_EVERY: u64 = 331;
const PASSPORT_EVERY: u64 = 499;
const PERMANENT_RESIDENT_EVERY: u64 = 997;

/// Residence permits of people from Hong Kong, Macao and Taiwan carry these instead of a county.
const PERMIT_REGIONS: [&str; 3] = ["810000", "820000", "830000"];

#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) sex: Sex,
    pub(crate) born_on: Date,
    pub(crate) identity: IdentityDocument,
    pub(crate) phone: Option<String>,
}

/// Makes people. `People::person` is a pure function of the registry's seed, its day and the index.
#[derive(Debug)]
pub(crate) struct People {
    seed: u64,
    /// First possible day of birth and how many there are.
    first_birthday: Date,
    birthdays: u64,
    names: Lists,
}

impl People {
    pub(crate) fn new(seed: u64, today: Date) -> Self {
        let years_ago = |years: u32| today.checked_sub_months(Months::new(12 * years)).unwrap_or(today);
        let first_birthday = years_ago(OLDEST);
        let birthdays = (years_ago(YOUNGEST) - first_birthday).num_days().unsigned_abs();
        Self { seed, first_birthday, birthdays, names: Lists::names() }
    }

    /// The person of an index who works in a province (six-digit code).
    pub(crate) fn person(&self, index: u64, province: &str, places: &Places) -> Person {
        let mut draw = Draw::new(self.seed, Purpose::Holder, index);
        let sex = if draw.chance(820) { Sex::Male } else { Sex::Female };
        let kind = kind_of(index);
        let (identity, born_on) = self.identity(index, kind, sex, places);
        let name = match kind {
            IdentityKind::Passport | IdentityKind::ForeignPermanentResident => self.latin_name(&mut draw),
            IdentityKind::CitizenId => self.name_in(province, sex, &mut draw),
            _ => self.han_name(sex, &mut draw),
        };
        // No operator has been given numbers that begin with 154.
        let phone = draw.chance(970).then(|| format!("154{:08}", draw.below(100_000_000)));
        Person { name, sex, born_on, identity, phone }
    }

    /// Documents never repeat: region, day of birth and sequence together are a scattered index.
    fn identity(
        &self,
        index: u64,
        kind: IdentityKind,
        sex: Sex,
        places: &Places,
    ) -> (IdentityDocument, Date) {
        let (ordinal, regions) = match kind {
            IdentityKind::CitizenId => (index, places.birthplaces().len() as u64),
            IdentityKind::ResidencePermit => (index / RESIDENCE_PERMIT_EVERY, PERMIT_REGIONS.len() as u64),
            _ => (index, 1),
        };
        let sequences = identity::SEQUENCES_PER_SEX;
        let place = scattered(self.seed, ordinal, regions * self.birthdays * sequences);
        let (region, place) = ((place % regions) as usize, place / regions);
        let born_on = self.first_birthday + Days::new(place % self.birthdays);
        let sequence = identity::sequence(place / self.birthdays, sex);
        let number = match kind {
            IdentityKind::CitizenId => identity::citizen(&places.birthplaces()[region], born_on, sequence),
            IdentityKind::ResidencePermit => identity::citizen(PERMIT_REGIONS[region], born_on, sequence),
            IdentityKind::ForeignPermanentResident => {
                let region = &places.birthplaces()[index as usize % places.birthplaces().len()];
                identity::permanent_resident("USA", region, born_on, index / PERMANENT_RESIDENT_EVERY)
            }
            _ => format!("E{:08}", scattered(self.seed, index / PASSPORT_EVERY, 100_000_000)),
        };
        (IdentityDocument { kind, number }, born_on)
    }

    fn name_in(&self, province: &str, sex: Sex, draw: &mut Draw) -> String {
        // In thousandths: Uyghur, Tibetan and Mongolian names.
        let (uyghur, tibetan, mongolian) = match province {
            "650000" => (400, 5, 5),
            "540000" => (5, 700, 5),
            "630000" => (5, 150, 20),
            "150000" => (2, 2, 150),
            _ => (5, 3, 2),
        };
        let people = draw.below(1000);
        if people < uyghur {
            self.uyghur_name(sex, draw)
        } else if people < uyghur + tibetan {
            format!("{}{}", self.names.get("tibetan").pick(draw), self.names.get("tibetan").pick(draw))
        } else if people < uyghur + tibetan + mongolian {
            (*self.names.get("mongolian").pick(draw)).to_owned()
        } else {
            self.han_name(sex, draw)
        }
    }

    fn han_name(&self, sex: Sex, draw: &mut Draw) -> String {
        let given = self.names.get(match sex {
            Sex::Male => "male",
            Sex::Female => "female",
        });
        let mut name = (*self.names.get("surname").pick(draw)).to_owned();
        if !draw.chance(220) {
            name.push_str(given.pick(draw));
        }
        let last = if draw.chance(8) { self.names.get("rare") } else { given };
        name.push_str(last.pick(draw));
        name
    }

    fn uyghur_name(&self, sex: Sex, draw: &mut Draw) -> String {
        let given = self.names.get(match sex {
            Sex::Male => "uyghur_male",
            Sex::Female => "uyghur_female",
        });
        format!("{}·{}", given.pick(draw), self.names.get("uyghur_male").pick(draw))
    }

    fn latin_name(&self, draw: &mut Draw) -> String {
        format!("{} {}", self.names.get("latin_given").pick(draw), self.names.get("latin_family").pick(draw))
    }
}

fn kind_of(index: u64) -> IdentityKind {
    if index % RESIDENCE_PERMIT_EVERY == 7 {
        IdentityKind::ResidencePermit
    } else if index % PASSPORT_EVERY == 3 {
        IdentityKind::Passport
    } else if index % PERMANENT_RESIDENT_EVERY == 5 {
        IdentityKind::ForeignPermanentResident
    } else {
        IdentityKind::CitizenId
    }
}

impl Person {
    /// The day on which the person may first hold a certificate.
    pub(crate) fn adult_on(&self) -> Date {
        self.born_on.with_year(self.born_on.year() + 18).unwrap_or(self.born_on + Months::new(18 * 12))
    }
}
