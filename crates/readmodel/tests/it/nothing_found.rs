//! What an empty answer says: what stood in the way, and what comes nearest.

use crate::{
    population::{named, population},
    support::{Asker, Filled, nation, scope, text},
};
use domain::{access::Role, certificate::Certificate, query::SearchQuery};
use readmodel::Explanation;

/// A population with one certificate more, like no other in name, number, place and company.
fn with_one() -> (Filled, Certificate) {
    let mut certificates = population(31, 200);
    certificates.retain(|certificate| !certificate.holder.name.ends_with(['东', '東']));
    let mut one = named(&certificates, "张晓东");
    one.number = "鲁建安B(2020)7654321".to_owned();
    one.type_code = "con_b".to_owned();
    one.item = None;
    one.region = "370102".to_owned();
    one.issuer = "山东省济南市住房和城乡建设局".to_owned();
    one.organisation.as_mut().unwrap().name = "济南泉城精密仪器有限公司".to_owned();
    certificates.push(one.clone());
    (Filled::with(&certificates), one)
}

fn explained(filled: &Filled, query: &SearchQuery) -> Explanation {
    let result = filled.search(query, &nation());
    assert_eq!(names(&result.rows), Vec::<&str>::new(), "{}", asked(query));
    result.explanation.unwrap()
}

fn names(nearest: &[Certificate]) -> Vec<&str> {
    nearest.iter().map(|near| near.holder.name.as_str()).collect()
}

fn asked(query: &SearchQuery) -> String {
    let texts = [&query.q, &query.name, &query.number, &query.organisation, &query.issuer];
    texts.into_iter().flatten().map(|text| text.as_str()).collect()
}

fn boxed(words: &str) -> SearchQuery {
    SearchQuery { q: text(words), ..SearchQuery::default() }
}

fn by_name(name: &str) -> SearchQuery {
    SearchQuery { name: text(name), ..SearchQuery::default() }
}

fn by_number(number: &str) -> SearchQuery {
    SearchQuery { number: text(number), ..SearchQuery::default() }
}

#[test]
fn one_condition_that_nothing_meets_shows_what_comes_near() {
    let (filled, _) = with_one();
    let organisation = |name: &str| SearchQuery { organisation: text(name), ..SearchQuery::default() };
    let issuer = |name: &str| SearchQuery { issuer: text(name), ..SearchQuery::default() };
    for (query, field) in [
        (by_name("章晓冬"), "name"),
        (by_name("张晓东先生"), "name"),
        (by_name("张向丁"), "name"),
        (by_name("zhangxiaodnog"), "name"),
        (by_name("Zhang Xiadong"), "name"),
        (by_number("鲁建安B(2020)7655521"), "number"),
        (by_number("鲁建安A(2020)7654322"), "number"),
        (by_number("鲁建安B(2020)9999999"), "number"),
        (organisation("济南泉城仪表厂"), "organisation"),
        (organisation("山东泉城精密机械有限公司"), "organisation"),
        (issuer("济南住房和城乡建设局"), "issuer"),
        (boxed("章晓冬"), "q"),
        (boxed("泉城精密机械厂"), "q"),
        (boxed("鲁建安B(2020)7655521"), "q"),
    ] {
        let explanation = explained(&filled, &query);
        let near = (explanation.without.as_slice(), names(&explanation.nearest));
        assert_eq!(near, (&[field][..], vec!["张晓东"]), "{}", asked(&query));
    }
    for query in [by_name("没有此人"), by_number("无号"), organisation("甲乙有限公司"), issuer("不存在")]
    {
        assert_eq!(names(&explained(&filled, &query).nearest), Vec::<&str>::new(), "{}", asked(&query));
    }
}

#[test]
fn what_comes_near_still_meets_the_other_conditions() {
    let (filled, one) = with_one();
    let query = SearchQuery { region: Some("370100".to_owned()), ..by_name("章晓冬") };
    assert_eq!(explained(&filled, &query).nearest, vec![one.clone()]);
    let province = scope(Asker::Region(Role::RegulatorProvince, "420000"));
    let elsewhere = filled.search(&by_name("章晓冬"), &province).explanation.unwrap();
    assert_eq!(elsewhere.nearest, vec![], "outside the scope nothing is near");
}

#[test]
fn nothing_comes_near_an_id_number_or_a_name_that_must_be_whole() {
    let (filled, one) = with_one();
    let certificates = population(31, 200);
    let holds_id = certificates.iter().find(|certificate| certificate.number.starts_with('T')).unwrap();
    let id = &holds_id.holder.identity.as_ref().unwrap().number;
    for place in 0..id.len() {
        for other in ["0", "1"] {
            let mut wrong = id.clone();
            wrong.replace_range(place..place + 1, other);
            if wrong == *id {
                continue;
            }
            let queries = [
                SearchQuery { id_number: text(&wrong), ..SearchQuery::default() },
                by_number(&format!("T{wrong}")),
                by_number(&wrong),
                boxed(&wrong),
                boxed(&format!("T{}", &wrong[..17])),
            ];
            for query in queries {
                let nearest = explained(&filled, &query).nearest;
                let same = |near: &Certificate| near.holder.id == holds_id.holder.id;
                assert!(!nearest.iter().any(same), "wrong at {place}");
            }
            let alone = SearchQuery { id_number: text(&wrong), ..SearchQuery::default() };
            assert_eq!(explained(&filled, &alone).nearest, vec![]);
        }
    }
    for name in ["章晓冬", "张晓东先生", "张向丁"] {
        let strict = SearchQuery { exact_names: true, ..by_name(name) };
        assert!(!explained(&filled, &strict).nearest.contains(&one), "{name}");
        let strict = SearchQuery { exact_names: true, ..boxed(name) };
        assert!(!explained(&filled, &strict).nearest.contains(&one), "{name}");
    }
}

#[test]
fn the_word_that_stood_in_the_way_is_told() {
    let (filled, _) = with_one();
    for (words, told) in [
        ("张晓东 厦门", vec!["厦门"]),
        ("张晓东 济南 泉城 焊工", vec!["焊工"]),
        ("李四光 济南", vec!["李四光"]),
        ("济南 孙悟空 泉城", vec!["孙悟空"]),
        ("张晓东 武汉", vec!["张晓东", "武汉"]),
    ] {
        let explanation = explained(&filled, &boxed(words));
        assert_eq!(explanation.words, told, "{words}");
        assert_eq!(names(&explanation.nearest), ["张晓东"], "{words}");
    }
    let two = explained(&filled, &boxed("李四光 济南 孙悟空"));
    assert_eq!(two.words, ["李四光", "孙悟空"], "no single one helps: those that nothing meets");
    let one_word = explained(&filled, &boxed("李四光"));
    assert!(one_word.words.is_empty());
    let near = explained(&filled, &boxed("章晓冬 济南"));
    assert_eq!((names(&near.nearest), near.words), (vec!["张晓东"], vec!["章晓冬".to_owned()]));
}

#[test]
fn what_comes_near_is_read_as_strictly_as_finds_anything() {
    let mut certificates = population(31, 200);
    certificates.retain(|certificate| !certificate.holder.name.starts_with('张'));
    let exact = named(&certificates, "张文");
    let mut similar = named(&certificates, "张世");
    similar.id = domain::ids::CertificateId::from_uuid(uuid::Uuid::from_u128(77));
    certificates.extend([exact, similar]);
    let filled = Filled::with(&certificates);
    let mut query = by_name("张文");
    query.number = text("AM999999");
    assert_eq!(names(&explained(&filled, &query).nearest), ["张文"], "and not 张世");
}

#[test]
fn of_conditions_that_exclude_one_another_something_is_near_still() {
    let (filled, one) = with_one();
    let elsewhere = filled.search(&SearchQuery::default(), &nation()).rows;
    let other = elsewhere.iter().find(|other| other.type_code != one.type_code && other.region != one.region);
    let query = SearchQuery {
        name: text("张晓东"),
        types: vec![other.unwrap().type_code.clone()],
        number: text("没有的编号9"),
        ..SearchQuery::default()
    };
    assert!(!explained(&filled, &query).nearest.is_empty());
}

#[test]
fn full_width_letters_are_plain_ones_and_an_id_number_stands_beside_a_name() {
    let (filled, one) = with_one();
    let number = &one.holder.identity.as_ref().unwrap().number;
    for asked in
        ["Ｚｈａｎｇｘｉａｏｄｏｎｇ".to_owned(), format!("张晓东 {number}"), format!("{number} 张晓东")]
    {
        let found = filled.search(&boxed(&asked), &nation());
        assert_eq!(names(&found.rows), ["张晓东"], "{asked}");
    }
}
