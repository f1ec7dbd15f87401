//! Each way of asking, by an example that a reader can follow.

use crate::{
    population::{named, population},
    support::{Filled, date, nation, text, today},
};
use domain::{
    certificate::Certificate,
    lifecycle::{Event, EventKind, Status},
    query::{Facet, Page, SearchQuery},
};

/// A population with one certificate more, whose holder bears the name.
fn with_name(name: &str) -> (Filled, Certificate) {
    let mut certificates = population(11, 60);
    let mut one = named(&certificates, name);
    one.number = "京建安A(2020)7654321".to_owned();
    one.type_code = "con_a".to_owned();
    certificates.retain(|certificate| certificate.holder.name != name);
    certificates.push(one.clone());
    (Filled::with(&certificates), one)
}

fn finds(filled: &Filled, query: &SearchQuery, wanted: &Certificate) -> bool {
    let query = SearchQuery { page: Page::Numbered { number: 1, size: 100 }, ..query.clone() };
    filled.search(&query, &nation()).rows.contains(wanted)
}

fn by_name(name: &str) -> SearchQuery {
    SearchQuery { name: text(name), ..SearchQuery::default() }
}

#[test]
fn a_name_is_found_however_it_is_written() {
    let cases: [(&str, &[&str]); 8] = [
        (
            "张晓东",
            &[
                "张晓东",
                "張曉東",
                "zhangxiaodong",
                "Zhang Xiaodong",
                "zxd",
                "Zhāng Xiǎodōng",
                "zhang1 xiao3 dong1",
                "Xiaodong Zhang",
                "张小东",
                "张东",
                "张晓冬东",
                "晓张东",
            ],
        ),
        ("龚䶮", &["龚䶮", "龔䶮", "gongyan", "gy"]),
        ("李𬭎", &["李𬭎", "lihong", "lh"]),
        ("买买提·艾力", &["买买提·艾力", "买买提艾力", "买买提・艾力", "買買提.艾力", "mmtal", "买买提艾利"]),
        ("吕布", &["lvbu", "lü bu", "lǚ bù", "lubu", "lyu bu", "lb"]),
        ("John Smith", &["john smith", "JohnSmith", "smith john", "Smith, John", "js", "Jon Smith"]),
        ("尉迟恭", &["尉迟恭", "yuchigong", "ycg"]),
        ("沢田桜", &["沢田桜", "泽田樱", "澤田櫻"]),
    ];
    for (name, spellings) in cases {
        let (filled, one) = with_name(name);
        for spelling in spellings {
            assert!(finds(&filled, &by_name(spelling), &one), "{spelling} for {name}");
            let boxed = SearchQuery { q: text(spelling), ..SearchQuery::default() };
            assert!(finds(&filled, &boxed, &one), "{spelling} in the box for {name}");
        }
    }
}

#[test]
fn the_box_takes_words_that_each_say_something_else() {
    let (filled, mut one) = with_name("张晓东");
    one.region = "370102".to_owned();
    one.organisation.as_mut().unwrap().name = "中升食品有限公司".to_owned();
    one.version += 1;
    filled.model.overlay(one.clone());
    let boxed = |words: &str| SearchQuery { q: text(words), ..SearchQuery::default() };
    for words in [
        "张晓东 济南",
        "济南　张曉東",
        "中升食品 张晓东",
        "张晓东 中升 山东",
        "张晓东 山东济南",
        "山东省济南市历下区 张晓东",
        "张晓东 济南市历下",
        "zhangxiaodong 济南",
        "zhang xiao dong 济南",
        "济南 Zhāng Xiǎodōng",
        "张晓东 主要负责人",
        "张晓东 京建安A(2020)7654321",
        "张晓冬 济南",
    ] {
        let found = filled.search(&boxed(words), &nation());
        assert_eq!(found.rows, vec![one.clone()], "{words}");
    }
    for words in ["张晓东 青岛", "张晓东 济南市历城区", "李晓东东 济南", "中升食品 李四光"]
    {
        assert_eq!(filled.search(&boxed(words), &nation()).total, 0, "{words}");
    }
    one.holder.name = "买买提·艾力".to_owned();
    one.version += 1;
    filled.model.overlay(one.clone());
    for words in ["买买提 艾力", "中升 食品有限公司"] {
        assert!(finds(&filled, &boxed(words), &one), "{words}");
    }
}

#[test]
fn a_part_that_very_many_companies_have_finds_them_all() {
    let mut certificates = population(18, 1_500);
    for (index, one) in certificates.iter_mut().enumerate().skip(100) {
        let letter = |place: usize| char::from_u32(0x4E00 + (index / place % 40) as u32).unwrap();
        if let Some(organisation) = &mut one.organisation {
            organisation.name = format!("{}{}机械有限公司", letter(1), letter(40));
        }
    }
    let filled = Filled::with(&certificates);
    let holding = |part: &str| {
        let has = |one: &&Certificate| {
            one.organisation
                .as_ref()
                .is_some_and(|o| domain::text::normalise_organisation(&o.name).contains(part))
        };
        certificates.iter().filter(has).count() as u64
    };
    for part in ["有限公司", "机械有限公司", "司", "一丁机械"] {
        let query = SearchQuery { organisation: text(part), ..SearchQuery::default() };
        assert_eq!(filled.search(&query, &nation()).total, holding(part), "{part}");
    }
    let one = &certificates[700];
    let boxed =
        SearchQuery { q: text(&format!("有限公司 {}", one.holder.name)), ..SearchQuery::default() };
    assert!(finds(&filled, &boxed, one));
}

#[test]
fn mistakes_are_forgiven_only_when_nothing_is_written_so() {
    let (filled, one) = with_name("张晓东");
    let exact = filled.search(&by_name("张晓东"), &nation());
    assert_eq!((exact.total, exact.approximate), (1, false));
    let near = filled.search(&by_name("张晓冬"), &nation());
    assert_eq!((near.rows, near.approximate), (vec![one.clone()], true));
    assert!(!finds(&filled, &by_name("张大冬"), &one));
    for alike in ["张晓冬", "zhangxiaodong", "zxd", "zhāng xiǎo dōng", "dong zhangxiao"] {
        let strict = SearchQuery { exact_names: true, ..by_name(alike) };
        assert!(
            !finds(&filled, &strict, &one),
            "not for those who may not search for similar names: {alike}"
        );
    }
}

#[test]
fn a_number_is_found_whole_by_its_beginning_and_with_a_mistake() {
    let (filled, one) = with_name("张晓东");
    let by_number = |number: &str| SearchQuery { number: text(number), ..SearchQuery::default() };
    for number in [
        "京建安A(2020)7654321",
        " 京建安a（2020）7654321 ",
        "京建安A(2020)765",
        "京建安A(2020)7654421",
        "京建安A(2020)765432",
        "京建安A(2020)76544321",
        "京建安A(2020)7653421",
    ] {
        assert!(finds(&filled, &by_number(number), &one), "{number}");
    }
    assert!(!finds(&filled, &by_number("京建安A(2020)7655521"), &one));
}

#[test]
fn a_number_that_holds_an_id_number_is_found_whole_or_not_at_all() {
    let certificates = population(12, 200);
    let filled = Filled::with(&certificates);
    let one = certificates.iter().find(|certificate| certificate.number.starts_with('T')).unwrap();
    let by_number = |number: &str| SearchQuery { number: text(number), ..SearchQuery::default() };
    assert!(finds(&filled, &by_number(&one.number), one));
    assert!(finds(&filled, &by_number(&one.number.to_lowercase()), one));
    for length in 4..one.number.len() {
        assert!(!finds(&filled, &by_number(&one.number[..length]), one), "the first {length} characters");
    }
    for place in 0..one.number.len() {
        let mut wrong = one.number.clone().into_bytes();
        wrong[place] = if wrong[place] == b'5' { b'6' } else { b'5' };
        let wrong = String::from_utf8(wrong).unwrap();
        assert!(!finds(&filled, &by_number(&wrong), one), "wrong at {place}");
    }
}

#[test]
fn an_id_number_finds_all_certificates_of_the_person() {
    let certificates = population(12, 200);
    let filled = Filled::with(&certificates);
    let one = certificates.iter().find(|certificate| certificate.number.starts_with('T')).unwrap();
    let number = &one.holder.identity.as_ref().unwrap().number;
    let query = SearchQuery { id_number: text(number), ..SearchQuery::default() };
    let result = filled.search(&query, &nation());
    let held = certificates.iter().filter(|certificate| certificate.holder.id == one.holder.id).count();
    assert_eq!(result.total, held as u64);
    let wrong = SearchQuery { id_number: text(&number[..17]), ..SearchQuery::default() };
    assert_eq!(filled.search(&wrong, &nation()).total, 0);
}

#[test]
fn what_matched_is_told() {
    let certificates = population(13, 200);
    let filled = Filled::with(&certificates);
    let query = SearchQuery { organisation: text("化工"), q: text("zw"), ..SearchQuery::default() };
    let result = filled.search(&query, &nation());
    assert!(result.total > 0);
    for (row, highlights) in result.rows.iter().zip(&result.highlights) {
        let fields: Vec<_> = highlights.iter().map(|highlight| highlight.field).collect();
        assert_eq!(fields, ["name", "organisation"]);
        assert_eq!(highlights[0].range, None, "names can be masked");
        let [start, end] = highlights[1].range.unwrap();
        let name: Vec<char> = row.organisation.as_ref().unwrap().name.chars().collect();
        assert_eq!(name[start..end].iter().collect::<String>(), "化工");
    }
}

#[test]
fn an_empty_answer_tells_which_condition_emptied_it_and_what_is_near() {
    let certificates = population(14, 300);
    let filled = Filled::with(&certificates);
    let one = certificates.iter().find(|certificate| certificate.region == "420106").unwrap();
    let query = SearchQuery {
        name: text(&one.holder.name),
        region: Some("420106".to_owned()),
        types: vec!["cse_senior".to_owned()],
        ..SearchQuery::default()
    };
    let explanation = filled.search(&query, &nation()).explanation.unwrap();
    assert_eq!(explanation.without, ["type"]);
    assert!(!explanation.nearest.is_empty());
    for near in &explanation.nearest {
        assert_eq!((near.region.as_str(), &near.holder.name), ("420106", &one.holder.name));
    }
    let alone = SearchQuery { name: text("没有此人"), ..SearchQuery::default() };
    let explanation = filled.search(&alone, &nation()).explanation.unwrap();
    assert_eq!((explanation.without, explanation.nearest.len()), (vec!["name"], 0));
}

#[test]
fn the_status_is_that_of_the_day_asked_for() {
    let mut certificates = population(15, 30);
    let mut one = named(&certificates, "张晓东");
    let issued = one.events[0].clone();
    let event = |kind, day: &str| Event { kind, effective_on: date(day), ..issued.clone() };
    let terms = domain::certificate::Terms {
        issued_on: date("2020-01-01"),
        valid_from: date("2020-01-01"),
        valid_until: Some(date("2025-12-31")),
        review_due_on: None,
    };
    one.type_code = "mem_special_ops".to_owned();
    one.under_correction = false;
    one.terms = terms;
    one.events = vec![
        event(EventKind::Issued(terms), "2020-01-01"),
        event(EventKind::Suspended, "2022-03-01"),
        event(EventKind::Resumed, "2022-05-01"),
    ];
    certificates.push(one.clone());
    let filled = Filled::with(&certificates);
    for (on, status) in [
        ("2019-12-31", Status::NotYetValid),
        ("2020-01-01", Status::Valid),
        ("2022-02-28", Status::Valid),
        ("2022-03-01", Status::Suspended),
        ("2022-04-30", Status::Suspended),
        ("2022-05-01", Status::Valid),
        ("2025-12-31", Status::Expiring),
        ("2026-01-01", Status::Expired),
        ("2100-01-01", Status::Expired),
    ] {
        for asked in Status::ALL {
            let query = SearchQuery {
                statuses: vec![asked],
                on: Some(date(on)),
                name: text("张晓东"),
                ..SearchQuery::default()
            };
            assert_eq!(finds(&filled, &query, &one), asked == status, "{asked:?} on {on}");
        }
    }
}

#[test]
fn facets_come_in_an_order_to_read() {
    let filled = Filled::with(&population(16, 400));
    let facets = vec![Facet::ExpiryMonth, Facet::Status, Facet::Type, Facet::Region];
    let query = SearchQuery { facets: facets.clone(), on: Some(today()), ..SearchQuery::default() };
    let result = filled.search(&query, &nation());
    assert_eq!(result.facets.iter().map(|(facet, _)| *facet).collect::<Vec<_>>(), facets);
    let months: Vec<_> = result.facets[0].1.iter().map(|(month, _)| month.clone()).collect();
    assert!(months.is_sorted() && months.last().unwrap() == "open_ended");
    let places = |code: &String| Status::ALL.iter().position(|status| status.code() == code);
    assert!(result.facets[1].1.iter().map(|(code, _)| places(code)).is_sorted());
    assert!(result.facets[2].1.iter().map(|(_, count)| std::cmp::Reverse(*count)).is_sorted());
    assert_eq!(
        result.facets[3].1.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(),
        ["110000", "140000", "330000", "420000"]
    );
    for (_, counts) in &result.facets {
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), result.total);
    }
}
