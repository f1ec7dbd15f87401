use crate::{
    oracle::expected,
    population::{named, population},
    support::{Filled, at, date, nation, open, text, today},
};
use domain::{
    certificate::Certificate,
    lifecycle::{Event, EventKind, Status},
    query::{Facet, Page, SearchQuery},
};

/// The next version, suspended since yesterday.
fn suspended(certificate: &Certificate) -> Certificate {
    let mut next = certificate.clone();
    next.version += 1;
    let last = next.events[0].clone();
    next.events.push(Event { kind: EventKind::Suspended, effective_on: date("2026-06-14"), ..last });
    next
}

fn in_force() -> SearchQuery {
    SearchQuery {
        statuses: vec![Status::Valid, Status::Expiring, Status::ReviewDue],
        facets: vec![Facet::Status],
        page: Page::Numbered { number: 1, size: 100 },
        ..SearchQuery::default()
    }
}

#[test]
fn a_change_made_here_is_seen_at_once_by_look_ups_searches_totals_and_facets() {
    let mut certificates = population(41, 90);
    let filled = Filled::with(&certificates);
    let good: Vec<_> = expected(&certificates, &in_force(), &nation()).rows.into_iter().cloned().collect();
    let mut total = good.len() as u64;
    for before in good.iter().take(5) {
        let next = suspended(before);
        filled.model.overlay(next.clone());
        total -= 1;
        let result = filled.search(&in_force(), &nation());
        assert_eq!(result.total, total);
        assert_eq!(result.facets[0].1.iter().map(|(_, count)| count).sum::<u64>(), total);
        assert!(result.rows.iter().all(|row| row.id != next.id));
        assert_eq!(filled.model.find(&nation(), next.id).unwrap(), Some(next.clone()));
        assert!(filled.model.find_by_number(&nation(), &next.number).unwrap().bearing.contains(&next));
        let place = certificates.iter().position(|one| one.id == next.id).unwrap();
        certificates[place] = next;
    }
    let suspended = SearchQuery { statuses: vec![Status::Suspended], ..in_force() };
    let wanted = expected(&certificates, &suspended, &nation()).ids();
    let found: Vec<_> = filled.search(&suspended, &nation()).rows.iter().map(|row| row.id).collect();
    assert_eq!(found, wanted);
    filled.model.apply(&certificates, &[], at(9)).unwrap();
    let found: Vec<_> = filled.search(&suspended, &nation()).rows.iter().map(|row| row.id).collect();
    assert_eq!(found, wanted, "the same when the index has caught up");
}

/// A roster can tell whose certificate it is that nobody's identity was known of.
#[test]
fn a_certificate_that_went_to_another_holder_here_is_found_as_it_is_now_and_only_so() {
    let certificates = population(46, 40);
    for (one, other) in certificates.iter().zip(&certificates[20..]).take(10) {
        let filled = Filled::with(&certificates);
        let mut next = suspended(one);
        next.holder.id = other.holder.id;
        filled.model.overlay(next.clone());
        let found = filled.model.find_by_number(&nation(), &one.number).unwrap().bearing;
        let mut bearing: Vec<_> =
            certificates.iter().filter(|any| any.number == one.number && any.id != one.id).cloned().collect();
        bearing.push(next);
        bearing.sort_by_key(|certificate| (certificate.holder.id, certificate.id));
        assert_eq!(found, bearing);
    }
}

#[test]
fn a_certificate_issued_here_is_found_by_its_new_names_at_once() {
    let certificates = population(42, 30);
    let filled = Filled::with(&certificates);
    let mut issued = named(&certificates, "诸葛孔明");
    issued.number = "京建安A(2026)0009999".to_owned();
    issued.issuer = "蜀中应急管理局".to_owned();
    let mut organisation = certificates.iter().find_map(|one| one.organisation.clone()).unwrap();
    organisation.name = "卧龙岗水利工程有限公司".to_owned();
    issued.organisation = Some(organisation);
    filled.model.overlay(issued.clone());
    let queries = [
        SearchQuery { name: text("zgkm"), ..SearchQuery::default() },
        SearchQuery { number: text("京建安A(2026)0009998"), ..SearchQuery::default() },
        SearchQuery { organisation: text("龙岗水利"), ..SearchQuery::default() },
        SearchQuery { issuer: text("蜀中"), ..SearchQuery::default() },
    ];
    for query in &queries {
        assert_eq!(filled.search(query, &nation()).rows, [issued.clone()]);
    }
    filled.model.apply(std::slice::from_ref(&issued), &[], at(9)).unwrap();
    let Filled { model, dir } = filled;
    drop(model);
    let model = open(dir.path());
    for query in &queries {
        let found = model.search(query, &nation(), today()).unwrap();
        assert_eq!(found.rows, std::slice::from_ref(&issued), "from disk too");
    }
}

#[test]
fn an_older_state_from_the_feed_does_not_undo_a_change_made_here() {
    let certificates = population(43, 30);
    let filled = Filled::with(&certificates);
    let next = suspended(&certificates[3]);
    filled.model.overlay(next.clone());
    filled.model.apply(&certificates, &[], at(8)).unwrap();
    assert_eq!(filled.model.find(&nation(), next.id).unwrap(), Some(next.clone()));
    let mut newer = next.clone();
    newer.version += 1;
    newer.under_correction = true;
    filled.model.apply(&[newer.clone()], &[], at(9)).unwrap();
    assert_eq!(filled.model.find(&nation(), next.id).unwrap(), Some(newer), "the feed is ahead now");
    assert_eq!(filled.model.search(&SearchQuery::default(), &nation(), today()).unwrap().total, 30);
}
