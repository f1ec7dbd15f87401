//! Where organisations sit, where people were born, and which regions issue certificates.

use crate::draw::{Draw, Weighted};
use domain::catalogue::{Catalogue, Region, RegionLevel, Regions};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvinceList {
    province: Vec<ProvinceRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvinceRow {
    code: String,
    short: String,
    people: u64,
}

/// A region as an issuer's or organisation's name writes it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) code: String,
    /// The region's own name where no other region bears it, or else with those above: an issuer is
    /// recognised by what its name begins with.
    pub(crate) name: String,
    /// The region's own name.
    pub(crate) own_name: String,
}

impl Place {
    fn new(region: &Region, regions: &Regions) -> Self {
        let unique = regions.by_name(&region.name).len() == 1;
        let name = if unique { &region.name } else { &region.full_name };
        Self { code: region.code.clone(), name: name.clone(), own_name: region.name.clone() }
    }
}

/// The lowest region an organisation can sit in, and the regions above.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) county: Place,
    /// The county itself where no city stands between it and the province, the province where the
    /// province is a municipality.
    pub(crate) city: Place,
}

#[derive(Debug)]
pub(crate) struct Province {
    pub(crate) place: Place,
    /// The character that opens certificate numbers.
    pub(crate) short: String,
    /// 北京, 天津, 上海 and 重庆: no cities between province and county.
    pub(crate) municipality: bool,
    seats: Vec<Seat>,
    /// How many of `seats`, from the first, belong to the capital.
    capital_seats: usize,
}

impl Province {
    /// A seat for an organisation; four in ten sit in the capital.
    pub(crate) fn seat(&self, draw: &mut Draw) -> &Seat {
        let seats = if draw.chance(400) { &self.seats[..self.capital_seats] } else { &self.seats };
        draw.one_of(seats)
    }

    fn new(row: &ProvinceRow, regions: &Regions) -> Self {
        let region = regions.get(&row.code).expect("the listed provinces are in the catalogue");
        let groups: Vec<&Region> = regions.children(&row.code).collect();
        let municipality = groups.iter().any(|city| is_grouping(city, region));
        let mut seats = Vec::new();
        let mut capital_seats = 0;
        for group in groups {
            seats.extend(seats_under(group, region, regions));
            if capital_seats == 0 {
                capital_seats = seats.len();
            }
        }
        Self {
            place: Place::new(region, regions),
            short: row.short.clone(),
            municipality,
            seats,
            capital_seats,
        }
    }
}

/// Rows such as 市辖区 only group counties: their full name is that of the region above.
fn is_grouping(city: &Region, province: &Region) -> bool {
    city.full_name == province.full_name
}

fn seats_under(group: &Region, province: &Region, regions: &Regions) -> Vec<Seat> {
    let city = Place::new(if is_grouping(group, province) { province } else { group }, regions);
    let seat = |county: &Region| Seat { county: Place::new(county, regions), city: city.clone() };
    let mut counties = regions.children(&group.code).peekable();
    if counties.peek().is_none() {
        return vec![seat(group)];
    }
    counties.map(seat).collect()
}

/// The part of the country the registry covers.
#[derive(Debug)]
pub(crate) struct Places {
    provinces: Weighted<Province>,
    birthplaces: Vec<String>,
}

impl Places {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let list: ProvinceList = toml::from_str(include_str!("../data/provinces.toml"))
            .expect("the shipped list of provinces is read by a test");
        let regions = catalogue.regions();
        let provinces =
            Weighted::new(list.province.iter().map(|row| (Province::new(row, regions), row.people)));
        let birthplaces = regions
            .all()
            .filter(|region| region.level == RegionLevel::County)
            .filter(|region| list.province.iter().any(|row| row.code[..2] == region.code[..2]))
            .map(|region| region.code.clone())
            .collect();
        Self { provinces, birthplaces }
    }

    /// The province at a point of the unit interval, in parts of 2^64.
    pub(crate) fn province_at(&self, point: u64) -> &Province {
        self.provinces.at_fraction(point)
    }

    /// Codes of the counties people were born in.
    pub(crate) fn birthplaces(&self) -> &[String] {
        &self.birthplaces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat_of<'a>(places: &'a Places, county: &str) -> (&'a Province, &'a Seat) {
        let mut found = places.provinces.entries().iter().flat_map(|province| {
            province.seats.iter().filter(|seat| seat.county.code == county).map(move |seat| (province, seat))
        });
        found.next().expect("a seat")
    }

    #[test]
    fn authorities_are_named_after_the_right_region() {
        let places = Places::new(&Catalogue::work_safety());
        let (hubei, seat) = seat_of(&places, "420602");
        assert_eq!((seat.city.code.as_str(), seat.city.name.as_str()), ("420600", "襄阳市"));
        assert_eq!(seat.county.name, "襄城区");
        assert!(!hubei.municipality);
        // There is another 朝阳区, in 长春.
        let (beijing, seat) = seat_of(&places, "110105");
        assert_eq!((seat.city.code.as_str(), seat.county.name.as_str()), ("110000", "北京市朝阳区"));
        assert!(beijing.municipality);
        // A county right under its province, and a city without counties.
        assert_eq!(seat_of(&places, "419001").1.city.name, "济源市");
        assert_eq!(seat_of(&places, "441900").1.county.name, "东莞市");
    }

    #[test]
    fn all_mainland_provinces_have_seats_in_their_capital() {
        let places = Places::new(&Catalogue::work_safety());
        assert_eq!(places.provinces.entries().len(), 31);
        for province in places.provinces.entries() {
            assert!(province.capital_seats > 0 && !province.seats.is_empty(), "{}", province.place.code);
        }
    }
}
