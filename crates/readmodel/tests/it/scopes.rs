use crate::{
    population::population,
    support::{Asker, Filled, nation, scope, text},
};
use domain::{
    access::Role,
    query::{Facet, SearchQuery},
};

#[test]
fn nothing_outside_the_scope_is_shown_or_counted() {
    let certificates = population(21, 400);
    let filled = Filled::with(&certificates);
    let askers = [
        scope(Asker::Region(Role::RegulatorProvince, "420000")),
        scope(Asker::Region(Role::RegulatorCity, "420100")),
        scope(Asker::Region(Role::RegulatorCounty, "420106")),
        scope(Asker::Organisation(certificates.iter().find_map(|one| one.organisation.clone()).unwrap().id)),
        scope(Asker::Holder(certificates[0].holder.id)),
        scope(Asker::Granted(&[certificates[1].holder.id, certificates[2].holder.id])),
    ];
    for scope in askers {
        let inside = |one: &&domain::certificate::Certificate| {
            let organisation = one.organisation.as_ref().map(|organisation| organisation.id);
            scope.admits(domain::access::Placement {
                holder: one.holder.id,
                organisation,
                region: &one.region,
            })
        };
        let query = SearchQuery { facets: vec![Facet::Type], ..SearchQuery::default() };
        let result = filled.search(&query, &scope);
        assert_eq!(result.total, certificates.iter().filter(inside).count() as u64, "{:?}", scope.rows());
        assert_eq!(result.facets[0].1.iter().map(|(_, count)| count).sum::<u64>(), result.total);
        for one in &certificates {
            let found = filled.model.find(&scope, one.id).unwrap();
            assert_eq!(found.is_some(), inside(&one));
            let numbered = filled.model.find_by_number(&scope, &one.number).unwrap().bearing;
            assert!(numbered.iter().all(|found| inside(&found)));
            assert_eq!(numbered.contains(one), inside(&one));
            assert!(
                filled.model.of_holder(&scope, one.holder.id).unwrap().iter().all(|found| inside(&found))
            );
        }
    }
}

#[test]
fn the_explanation_of_an_empty_answer_stays_inside_the_scope() {
    let certificates = population(22, 400);
    let filled = Filled::with(&certificates);
    let county = scope(Asker::Region(Role::RegulatorCounty, "429004"));
    for one in certificates.iter().filter(|one| one.region != "429004") {
        let query = SearchQuery {
            number: text(&one.number),
            types: vec![one.type_code.clone()],
            ..SearchQuery::default()
        };
        if let Some(explanation) = filled.search(&query, &county).explanation {
            assert!(explanation.nearest.iter().all(|near| near.region == "429004"));
        }
    }
}

#[test]
fn a_whole_number_is_one_search_result() {
    let certificates = population(23, 50);
    let filled = Filled::with(&certificates);
    let found = filled.model.find_by_number(&nation(), &certificates[0].number).unwrap().bearing;
    let result = readmodel::SearchResult::of_exact_number(
        found.clone(),
        domain::query::Sort::default(),
        filled.model.position(),
    );
    assert_eq!(
        (result.total, result.rows, result.highlights.len()),
        (found.len() as u64, found.clone(), found.len())
    );
}
