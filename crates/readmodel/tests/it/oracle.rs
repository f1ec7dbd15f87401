//! What a search has to find, told by looking at every certificate.

use crate::{population::rules, support::today};
use domain::{
    Date,
    access::{Placement, Scope},
    catalogue::Catalogue,
    certificate::Certificate,
    ids::CertificateId,
    lifecycle::{Status, status_on},
    number::{certificate_number, embeds_id, uscc},
    query::{Facet, SearchQuery, SortKey},
    text::{self, BoxKind},
};
use std::collections::BTreeMap;

/// Everything found, in order.
pub struct Expected<'a> {
    pub rows: Vec<&'a Certificate>,
    pub approximate: bool,
}

impl Expected<'_> {
    pub fn ids(&self) -> Vec<CertificateId> {
        self.rows.iter().map(|certificate| certificate.id).collect()
    }
}

/// How strictly texts are read: as they are; numbers by their beginning and names with one mistake;
/// numbers with one mistake.
const DEGREES: std::ops::Range<usize> = 0..3;

pub fn expected<'a>(certificates: &'a [Certificate], query: &SearchQuery, scope: &Scope) -> Expected<'a> {
    for degree in DEGREES {
        let mut rows: Vec<&Certificate> = certificates
            .iter()
            .filter(|certificate| admits(scope, certificate) && matches(certificate, query, degree))
            .collect();
        if !rows.is_empty() {
            rows.sort_by_key(|certificate| order(certificate, query));
            return Expected { rows, approximate: degree > 0 };
        }
    }
    Expected { rows: Vec::new(), approximate: false }
}

fn admits(scope: &Scope, certificate: &Certificate) -> bool {
    scope.admits(Placement {
        holder: certificate.holder.id,
        organisation: certificate.organisation.as_ref().map(|organisation| organisation.id),
        region: &certificate.region,
    })
}

fn order(certificate: &Certificate, query: &SearchQuery) -> (i64, CertificateId) {
    let terms = &certificate.terms;
    let day = match query.sort.key {
        SortKey::ValidUntil => terms.valid_until,
        SortKey::IssuedOn => Some(terms.issued_on),
        SortKey::ReviewDueOn => terms.review_due_on,
    };
    let epoch = Date::from_ymd_opt(1970, 1, 1).unwrap();
    let Some(number) = day.map(|day| (day - epoch).num_days()) else {
        // The end of what never ends is the latest; a review that never comes is no review.
        let latest = query.sort.key == SortKey::ValidUntil && query.sort.descending;
        return (if latest { i64::MIN } else { i64::MAX }, certificate.id);
    };
    (if query.sort.descending { -number } else { number }, certificate.id)
}

fn matches(certificate: &Certificate, query: &SearchQuery, degree: usize) -> bool {
    let asked = |text: &Option<domain::query::Text>, holds: &dyn Fn(&str) -> bool| {
        text.as_ref().is_none_or(|text| holds(text.as_str()))
    };
    let catalogue = Catalogue::work_safety();
    let category = catalogue.type_by_code(&certificate.type_code).map(|kind| kind.category.clone());
    asked(&query.q, &|text| anything(certificate, text, degree, query.exact_names))
        && asked(&query.number, &|text| number(certificate, text, degree))
        && asked(&query.id_number, &|text| id_number(certificate, text))
        && asked(&query.name, &|text| name(certificate, text, degree, query.exact_names))
        && asked(&query.organisation, &|text| organisation(certificate, text))
        && asked(&query.issuer, &|text| certificate.issuer.contains(text))
        && listed(&query.types, Some(&certificate.type_code))
        && listed(&query.items, certificate.item.as_ref())
        && listed(&query.categories, category.as_ref())
        && query.region.as_ref().is_none_or(|region| lies_in(&certificate.region, region))
        && query.industry.as_ref().is_none_or(|industry| works_in(certificate, industry))
        && (query.statuses.is_empty() || query.statuses.contains(&status(certificate, query)))
        && query.issued.contains(Some(certificate.terms.issued_on))
        && query.valid_until.contains(certificate.terms.valid_until)
        && query.review_due.contains(certificate.terms.review_due_on)
}

fn listed(asked: &[String], value: Option<&String>) -> bool {
    asked.is_empty() || value.is_some_and(|value| asked.contains(value))
}

fn lies_in(code: &str, region: &str) -> bool {
    let significant = region.trim_end_matches("0000");
    let significant = if significant.len() == 6 { significant.trim_end_matches("00") } else { significant };
    code.starts_with(significant)
}

fn works_in(certificate: &Certificate, industry: &str) -> bool {
    let catalogue = Catalogue::work_safety();
    certificate.industry.as_deref().is_some_and(|own| {
        own == industry || catalogue.industry_by_code(own).and_then(|i| i.parent.as_deref()) == Some(industry)
    })
}

pub fn status(certificate: &Certificate, query: &SearchQuery) -> Status {
    let on = query.on.unwrap_or(today());
    status_on(&certificate.events, certificate.under_correction, &rules(certificate), on, today())
        .unwrap()
        .status
}

fn number(certificate: &Certificate, asked: &str, degree: usize) -> bool {
    let asked = certificate_number::normalise(asked).number;
    let own = &certificate.number;
    if *own == asked {
        return true;
    }
    if embeds_id(own).is_some() || embeds_id(&asked).is_some() || asked.chars().count() < 4 {
        return false;
    }
    (degree >= 1 && own.starts_with(&asked)) || (degree >= 2 && distance(own, &asked) <= 1)
}

fn id_number(certificate: &Certificate, asked: &str) -> bool {
    let Ok(asked) = Catalogue::work_safety().parse_identity(asked) else { return false };
    let own = certificate.holder.identity.as_ref().map(|document| document.number.as_str());
    own == Some(&asked.number) || certificate.number.contains(&asked.number)
}

fn name(certificate: &Certificate, asked: &str, degree: usize, exact_names: bool) -> bool {
    let own = &certificate.holder.name;
    let (own_form, asked_form) = (text::search_name(own), text::search_name(asked));
    let key = text::pinyin_key(asked);
    let latin = asked_form.chars().all(|c| u32::from(c) < 0x2E80);
    if exact_names {
        return own_form == asked_form;
    }
    own_form == asked_form
        || (latin && (text::pinyin_full(own).contains(&key) || text::pinyin_initials(own).contains(&key)))
        || (degree >= 1 && (distance(&own_form, &asked_form) <= 1 || (latin && is_turned(own, asked))))
}

/// Is this the name with the words behind some place put in front of those before it?
fn is_turned(own: &str, asked: &str) -> bool {
    let (own_key, own_readings) = (text::search_name(own), text::pinyin_full(own));
    asked.match_indices(' ').any(|(at, _)| {
        let turned = format!("{} {}", &asked[at + 1..], &asked[..at]);
        own_key == text::search_name(&turned) || own_readings.contains(&text::pinyin_key(&turned))
    })
}

fn organisation(certificate: &Certificate, asked: &str) -> bool {
    let Some(organisation) = &certificate.organisation else { return false };
    match uscc::parse(asked) {
        Ok(code) => organisation.uscc == Some(code),
        Err(_) => {
            text::normalise_organisation(&organisation.name).contains(&text::normalise_organisation(asked))
        }
    }
}

fn anything(certificate: &Certificate, asked: &str, degree: usize, exact_names: bool) -> bool {
    text::classify_box(asked).into_iter().any(|kind| match kind {
        BoxKind::IdNumber => id_number(certificate, asked),
        BoxKind::Number => number(certificate, asked, degree),
        BoxKind::Name | BoxKind::PinyinLike => name(certificate, asked, degree, exact_names),
        BoxKind::Organisation | BoxKind::Uscc => organisation(certificate, asked),
    })
}

/// Optimal string alignment distance.
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    table[a.len()][b.len()]
}

/// The counts of a facet, unordered. `under` is the region whose children are told apart.
pub fn facet(
    rows: &[&Certificate],
    facet: Facet,
    query: &SearchQuery,
    under: Option<&str>,
) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for certificate in rows {
        let value = match facet {
            Facet::Status => status(certificate, query).code().to_owned(),
            Facet::Type => certificate.type_code.clone(),
            Facet::Region => child_region(&certificate.region, under),
            Facet::ExpiryMonth => match certificate.terms.valid_until {
                Some(day) => day.format("%Y-%m").to_string(),
                None => "open_ended".to_owned(),
            },
        };
        *counts.entry(value).or_default() += 1;
    }
    counts
}

/// By digits, but for the county-level city that stands directly under its province.
fn child_region(code: &str, under: Option<&str>) -> String {
    let city = if code == "429004" { code.to_owned() } else { format!("{}00", &code[..4]) };
    match under {
        None => format!("{}0000", &code[..2]),
        Some(under) if under.ends_with("0000") => city,
        Some(_) => code.to_owned(),
    }
}
