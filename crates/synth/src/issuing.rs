//! How certificates are numbered and who issues them.

use crate::{
    draw::{Draw, Weighted},
    places::{Place, Province, Seat},
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeFile {
    r#type: Vec<TypeRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeRow {
    code: String,
    number: String,
    bodies: Vec<Body>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    level: domain::catalogue::RegionLevel,
    weight: u64,
    name: String,
    municipality: Option<String>,
}

/// The numbering and the issuing bodies of one type.
#[derive(Debug)]
pub(crate) struct Issuing {
    number: String,
    bodies: Weighted<Body>,
}

/// Who issued a certificate.
#[derive(Debug, Clone)]
pub(crate) struct Issuer {
    pub(crate) name: String,
    pub(crate) region: String,
}

/// What a number is made of.
pub(crate) struct NumberParts<'a> {
    pub(crate) document: &'a str,
    pub(crate) province: &'a Province,
    pub(crate) seat: &'a Seat,
    pub(crate) issuer: &'a Issuer,
    /// Full item code, such as `construction:05`.
    pub(crate) item: Option<&'a str>,
    /// Calendar year of the first issue.
    pub(crate) year: i32,
    pub(crate) serial: u64,
}

/// The numbering of all types that the registry holds, by type code.
pub(crate) fn issuing_by_type() -> BTreeMap<String, Issuing> {
    let file: TypeFile = toml::from_str(include_str!("../data/types.toml"))
        .expect("the shipped list of types is read by a test");
    file.r#type
        .into_iter()
        .map(|row| {
            let bodies = Weighted::new(row.bodies.into_iter().map(|body| {
                let weight = body.weight;
                (body, weight)
            }));
            (row.code, Issuing { number: row.number, bodies })
        })
        .collect()
}

impl Issuing {
    pub(crate) fn issuer(&self, province: &Province, seat: &Seat, draw: &mut Draw) -> Issuer {
        use domain::catalogue::RegionLevel::{City, County, Province as WholeProvince};
        let body = self.bodies.pick(draw);
        let place: &Place = match body.level {
            County => &seat.county,
            City => &seat.city,
            WholeProvince => &province.place,
        };
        // In a municipality the city of a seat is the province itself.
        let name = match &body.municipality {
            Some(name) if province.municipality => name,
            _ => &body.name,
        };
        Issuer { name: name.replace("{place}", &place.name), region: place.code.clone() }
    }

    pub(crate) fn number(&self, parts: &NumberParts<'_>) -> String {
        let mut number = String::new();
        let mut rest = self.number.as_str();
        while let Some((literal, after)) = rest.split_once('{') {
            let (field, after) =
                after.split_once('}').expect("fields of a shipped number pattern are closed");
            number.push_str(literal);
            number.push_str(&parts.field(field));
            rest = after;
        }
        number.push_str(rest);
        number
    }
}

impl NumberParts<'_> {
    fn field(&self, field: &str) -> String {
        match field {
            "id" => self.document.to_owned(),
            "province" => self.province.short.clone(),
            "city" => city_letter(&self.seat.county.code).to_string(),
            "region" => self.issuer.region.clone(),
            "item" => self.item.and_then(|item| item.split(':').nth(1)).unwrap_or("99").to_owned(),
            "year" => format!("{:04}", self.year),
            "yy" => format!("{:02}", self.year.rem_euclid(100)),
            serial => {
                let digits = serial.strip_prefix("serial:").and_then(|digits| digits.parse().ok());
                let digits: usize = digits.expect("the other fields of number patterns are serials");
                format!("{:0digits$}", self.serial % 10_u64.pow(digits as u32))
            }
        }
    }
}

/// Letters follow the order of the cities in the province, as on number plates.
fn city_letter(county: &str) -> char {
    let city: u8 = county.get(2..4).and_then(|digits| digits.parse().ok()).unwrap_or(1);
    char::from(b'A' + city.saturating_sub(1) % 26)
}
