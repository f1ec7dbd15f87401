//! Random questions under random scopes, each answered by the index and by looking at everything.

use crate::{
    oracle::{self, expected},
    population::{NAMES, population},
    support::{Asker, Filled, at, scope, text, today},
};
use chrono::Days;
use domain::{
    access::{Role, Rows, Scope},
    certificate::Certificate,
    lifecycle::Status,
    query::{DateRange, Facet, Page, SearchQuery, Sort, SortKey, Text},
    text::{pinyin_full, pinyin_initials},
};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

const QUESTIONS: usize = 500;

#[test]
fn every_answer_is_what_looking_at_everything_gives() {
    let certificates = population(1, 900);
    let filled = Filled::with(&certificates);
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let (mut answered, mut approximate) = (0, 0);
    for question in 0..QUESTIONS {
        let scope = random_scope(&certificates, &mut rng);
        let query = random_query(&certificates, &mut rng);
        let expected = expected(&certificates, &query, &scope);
        let result = filled.search(&query, &scope);
        let context = format!("question {question}: {query:?} in {:?}", scope.rows());
        assert_eq!(result.total, expected.rows.len() as u64, "{context}");
        assert_eq!(result.approximate, expected.approximate, "{context}");
        assert_eq!(result.explanation.is_some(), expected.rows.is_empty(), "{context}");
        let size = usize::from(query.page.size());
        let Page::Numbered { number, .. } = query.page else {
            unreachable!("random queries ask for numbered pages")
        };
        let skip = (number as usize - 1) * size;
        let ids: Vec<_> = result.rows.iter().map(|row| row.id).collect();
        let page: Vec<_> = expected.ids().into_iter().skip(skip).take(size).collect();
        assert_eq!(ids, page, "{context}");
        assert_eq!(result.next.is_some(), expected.rows.len() > skip + size && !page.is_empty(), "{context}");
        assert_eq!(result.highlights.len(), result.rows.len(), "{context}");
        check_facets(&result.facets, &expected.rows, &query, &scope, &context);
        answered += usize::from(!expected.rows.is_empty());
        approximate += usize::from(expected.approximate);
    }
    assert!(answered > QUESTIONS / 3, "only {answered} questions had an answer");
    assert!(approximate > 10, "only {approximate} answers forgave a mistake");
}

/// What was counted for an earlier answer must not be told of what has changed since.
#[test]
fn broad_questions_asked_again_count_what_has_changed_since() {
    let mut certificates = population(7, 600);
    let filled = Filled::with(&certificates);
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let facets = vec![Facet::Status, Facet::Type, Facet::Region, Facet::ExpiryMonth];
    let broad = |statuses: &[Status]| SearchQuery {
        statuses: statuses.to_vec(),
        facets: facets.clone(),
        page: Page::Numbered { number: 1, size: 50 },
        ..SearchQuery::default()
    };
    let questions = [broad(&[]), broad(&[Status::Valid, Status::Expiring]), broad(&[Status::Expired])];
    for seq in 10..22 {
        for query in &questions {
            for scope in [scope(Asker::Nation), scope(Asker::Region(Role::RegulatorCity, "420100"))] {
                let expected = expected(&certificates, query, &scope);
                let result = filled.search(query, &scope);
                let context = format!("after change {seq}: {query:?} in {:?}", scope.rows());
                assert_eq!(result.total, expected.rows.len() as u64, "{context}");
                let ids: Vec<_> = result.rows.iter().map(|row| row.id).collect();
                assert_eq!(ids, expected.ids().into_iter().take(50).collect::<Vec<_>>(), "{context}");
                check_facets(&result.facets, &expected.rows, query, &scope, &context);
            }
        }
        let others = population(seq, 600);
        let mut changed = Vec::new();
        for place in rand::seq::index::sample(&mut rng, certificates.len(), 25) {
            let (one, other) = (&mut certificates[place], &others[place]);
            one.version += 1;
            (one.terms, one.events) = (other.terms, other.events.clone());
            (one.region, one.type_code) = (other.region.clone(), other.type_code.clone());
            changed.push(one.clone());
        }
        match seq % 3 {
            0 => changed.into_iter().for_each(|one| filled.model.overlay(one)),
            1 => filled.model.apply(&changed, &[], at(seq)).unwrap(),
            _ => {
                let gone = changed.pop().unwrap().id;
                filled.model.apply(&changed, &[gone], at(seq)).unwrap();
                certificates.retain(|one| one.id != gone);
            }
        }
    }
}

#[test]
fn a_cursor_walk_reads_everything_once_in_order() {
    let certificates = population(3, 500);
    let filled = Filled::with(&certificates);
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    for key in [SortKey::ValidUntil, SortKey::IssuedOn, SortKey::ReviewDueOn] {
        for descending in [false, true] {
            let scope = random_scope(&certificates, &mut rng);
            let mut query = SearchQuery { sort: Sort { key, descending }, ..SearchQuery::default() };
            let expected = expected(&certificates, &query, &scope).ids();
            let mut walked = Vec::new();
            loop {
                let result = filled.search(&query, &scope);
                assert_eq!(result.total, expected.len() as u64);
                walked.extend(result.rows.iter().map(|row| row.id));
                let Some(cursor) = result.next else { break };
                query.page = Page::After { cursor, size: 20 };
            }
            assert_eq!(walked, expected, "{key:?} descending {descending}");
        }
    }
}

fn check_facets(
    facets: &[(Facet, Vec<(String, u64)>)],
    rows: &[&Certificate],
    query: &SearchQuery,
    scope: &Scope,
    context: &str,
) {
    let asked: Vec<Facet> = facets.iter().map(|(facet, _)| *facet).collect();
    assert_eq!(asked, query.facets, "{context}");
    let scope_region = match scope.rows() {
        Rows::Region { prefix } => Some(format!("{prefix:0<6}")),
        _ => None,
    };
    let significant = |code: &String| code.trim_end_matches('0').len();
    let under = query.region.clone().into_iter().chain(scope_region).max_by_key(significant);
    for (facet, counts) in facets {
        let counts: BTreeMap<String, u64> = counts.iter().cloned().collect();
        let expected = oracle::facet(rows, *facet, query, under.as_deref());
        assert_eq!(counts, expected, "{facet:?} of {context}");
    }
}

fn random_scope(certificates: &[Certificate], rng: &mut ChaCha8Rng) -> Scope {
    let certificate = certificates.choose(rng).unwrap();
    match rng.random_range(0..9) {
        0..4 => scope(Asker::Nation),
        4 => scope(Asker::Region(Role::RegulatorProvince, &format!("{}0000", &certificate.region[..2]))),
        5 => scope(Asker::Region(Role::RegulatorCity, "420100")),
        6 => scope(Asker::Region(Role::RegulatorCounty, "420106")),
        7 => match &certificate.organisation {
            Some(organisation) => scope(Asker::Organisation(organisation.id)),
            None => scope(Asker::Holder(certificate.holder.id)),
        },
        _ => {
            let holders: Vec<_> = certificates.choose_multiple(rng, 30).map(|one| one.holder.id).collect();
            scope(Asker::Granted(&holders))
        }
    }
}

/// Few conditions at a time, most of them taken from a certificate that exists.
fn random_query(certificates: &[Certificate], rng: &mut ChaCha8Rng) -> SearchQuery {
    let certificate = certificates.choose(rng).unwrap();
    let mut query = SearchQuery::default();
    for _ in 0..rng.random_range(0..4) {
        add_condition(&mut query, certificate, rng);
    }
    query.exact_names = rng.random_bool(0.2);
    if rng.random_bool(0.5) {
        query.on = Some(today() - Days::new(rng.random_range(0..5_000)) + Days::new(1_000));
    }
    query.sort = Sort {
        key: *[SortKey::ValidUntil, SortKey::IssuedOn, SortKey::ReviewDueOn].choose(rng).unwrap(),
        descending: rng.random(),
    };
    query.page = Page::Numbered { number: rng.random_range(1..4), size: *Page::SIZES.choose(rng).unwrap() };
    let facets = [Facet::Status, Facet::Type, Facet::Region, Facet::ExpiryMonth];
    let count = rng.random_range(0..3);
    query.facets = facets.choose_multiple(rng, count).copied().collect();
    query
}

fn add_condition(query: &mut SearchQuery, certificate: &Certificate, rng: &mut ChaCha8Rng) {
    let spread = |rng: &mut ChaCha8Rng| {
        let from = today() - Days::new(rng.random_range(0..4_000)) + Days::new(1_500);
        let to = from + Days::new(rng.random_range(0..1_500));
        DateRange { from: rng.random_bool(0.8).then_some(from), to: rng.random_bool(0.8).then_some(to) }
    };
    match rng.random_range(0..16) {
        0 => {
            query.q = one_of(
                &[
                    name_text(certificate, rng),
                    number_text(certificate, rng),
                    organisation_text(certificate, rng),
                ],
                rng,
            )
        }
        1 => query.number = number_text(certificate, rng),
        2 => {
            query.id_number = certificate.holder.identity.as_ref().and_then(|document| text(&document.number))
        }
        3 | 4 => query.name = name_text(certificate, rng),
        5 | 6 => query.organisation = organisation_text(certificate, rng),
        7 => query.types = vec![certificate.type_code.clone(), "con_a".to_owned()],
        8 => query.items = certificate.item.iter().cloned().collect(),
        9 => query.categories = vec!["construction_safety".to_owned(), "special_operation".to_owned()],
        10 => query.issuer = text(["应急", "武汉", "住房和城乡", "厅", "不存在"].choose(rng).unwrap()),
        11 => {
            query.region = Some(
                (*["420000", "420100", "420106", "429004", "110000", "110100"].choose(rng).unwrap())
                    .to_owned(),
            )
        }
        12 => query.industry = Some((*["A", "01", "06"].choose(rng).unwrap()).to_owned()),
        13 => query.statuses = Status::ALL.choose_multiple(rng, 3).copied().collect(),
        14 => query.valid_until = spread(rng),
        _ => {
            *[&mut query.issued, &mut query.review_due].into_iter().nth(rng.random_range(0..2)).unwrap() =
                spread(rng)
        }
    }
}

fn one_of(texts: &[Option<Text>], rng: &mut ChaCha8Rng) -> Option<Text> {
    texts.choose(rng).unwrap().clone()
}

fn name_text(certificate: &Certificate, rng: &mut ChaCha8Rng) -> Option<Text> {
    let name = &certificate.holder.name;
    match rng.random_range(0..6) {
        0 => text(name),
        1 => text(pinyin_full(name).choose(rng).unwrap()),
        2 => text(pinyin_initials(name).choose(rng).unwrap()),
        3 => text(&one_mistake(name, rng)),
        4 => text(NAMES.choose(rng).unwrap()),
        _ => text(&name.replace('·', "")),
    }
}

fn number_text(certificate: &Certificate, rng: &mut ChaCha8Rng) -> Option<Text> {
    let number = &certificate.number;
    match rng.random_range(0..4) {
        0 => text(number),
        1 => text(&one_mistake(number, rng)),
        2 => text(&number.to_lowercase().replace('(', "（").replace(')', "）")),
        _ => {
            let length = rng.random_range(3..number.chars().count());
            text(&number.chars().take(length).collect::<String>())
        }
    }
}

fn organisation_text(certificate: &Certificate, rng: &mut ChaCha8Rng) -> Option<Text> {
    let organisation = certificate.organisation.as_ref()?;
    if rng.random_bool(0.2) {
        return organisation.uscc.as_deref().and_then(text);
    }
    let characters: Vec<char> = organisation.name.chars().collect();
    let start = rng.random_range(0..characters.len());
    let end = rng.random_range(start + 1..=characters.len());
    let part: String = characters[start..end].iter().collect();
    Text::new(&part).ok()
}

fn one_mistake(word: &str, rng: &mut ChaCha8Rng) -> String {
    let mut characters: Vec<char> = word.chars().collect();
    let place = rng.random_range(0..characters.len());
    match rng.random_range(0..4) {
        0 => characters[place] = '9',
        1 if characters.len() > 1 => drop(characters.remove(place)),
        2 => characters.insert(place, '9'),
        _ if place > 0 => characters.swap(place - 1, place),
        _ => characters.push('9'),
    }
    characters.into_iter().collect()
}
