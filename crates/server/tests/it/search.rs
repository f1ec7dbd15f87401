use crate::demo::shared;
use serde_json::{Value, json};

fn text<'a>(row: &'a Value, pointer: &str) -> &'a str {
    row.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {row}"))
}

/// A construction certificate: its number holds no ID number, so typing errors are forgiven.
fn construction() -> Value {
    let nation = shared().user("regulator_national");
    let found = nation.search(&json!({ "category": ["construction_safety"], "page_size": 50 }));
    found.items().iter().find(|row| row.get("organisation").is_some()).unwrap().clone()
}

#[test]
fn the_demo_answers_by_number_typo_name_initials_and_part_of_the_organisation() {
    let nation = shared().user("regulator_national");
    let wanted = construction();
    let finds = |query: Value| {
        let answer = nation.search(&query);
        answer.items().iter().any(|row| row["id"] == wanted["id"])
    };
    let number = text(&wanted, "/number");
    assert!(finds(json!({ "number": number })));
    let last = number.chars().last().unwrap();
    let typo = format!("{}{}", &number[..number.len() - 1], if last == '7' { '8' } else { '7' });
    assert!(finds(json!({ "number": typo })));
    let name = text(&wanted, "/holder/name");
    assert!(finds(json!({ "name": name })) && finds(json!({ "q": name })));
    let organisation: String = text(&wanted, "/organisation/name").chars().take(4).collect();
    assert!(finds(json!({ "organisation": organisation, "type": [wanted["type"]], "name": name })));
    let initials = &domain::text::pinyin_initials(name)[0];
    assert!(finds(json!({ "name": initials, "number": number })));
}

#[test]
fn totals_facets_pages_and_cursor_tell_the_same_story() {
    let province = shared().user("regulator_province");
    let first = province.search(&json!({ "facets": ["status", "type", "expiry_month"], "page_size": 20 }));
    let total = first.total();
    assert!(total > 20);
    for facet in ["status", "type"] {
        let sum: u64 = first.body["facets"][facet]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["count"].as_u64().unwrap())
            .sum();
        assert_eq!(sum, total, "{facet}");
    }
    let (mut by_page, mut by_cursor) = (Vec::new(), Vec::new());
    let pages = total.div_ceil(20);
    for page in 1..=pages {
        let answer = province.search(&json!({ "page": page, "page_size": 20 }));
        by_page.extend(answer.items().iter().map(|row| row["id"].clone()));
    }
    let mut cursor = Value::Null;
    loop {
        let answer = province.search(&json!({ "page_size": 20, "cursor": cursor }));
        by_cursor.extend(answer.items().iter().map(|row| row["id"].clone()));
        cursor = answer.body["page"]["next_cursor"].clone();
        if cursor.is_null() || answer.items().is_empty() {
            break;
        }
    }
    assert_eq!(by_page.len() as u64, total);
    assert_eq!(by_page, by_cursor);
}

#[test]
fn an_empty_result_says_which_condition_killed_it_and_what_is_near() {
    let nation = shared().user("regulator_national");
    let wanted = construction();
    let answer = nation.search(
        &json!({ "number": wanted["number"], "status": ["transferred_out"], "type": ["mem_manager"] }),
    );
    assert_eq!(answer.total(), 0);
    let without = nation.search(&json!({ "number": wanted["number"], "region": "990000" }));
    assert_eq!(without.status, 400, "an unknown region is an error, not an empty result");
    let killed = nation.search(&json!({ "number": wanted["number"], "type": ["mem_manager"] }));
    assert_eq!(killed.body["nothing_found"]["without"], json!(["number", "type"]));
    assert!(!killed.body["nothing_found"]["nearest"].as_array().unwrap().is_empty());
}

#[test]
fn an_address_takes_the_conditions_that_are_nothing_personal() {
    let nation = shared().user("regulator_national");
    let asked = json!({
        "category": ["construction_safety"],
        "issued": { "from": "2015-01-01", "to": "2024-12-31" },
        "valid_until": { "from": "2016-01-01" },
    });
    let address = "category=construction_safety&issued_from=2015-01-01&issued_to=2024-12-31\
                   &valid_until_from=2016-01-01";
    let found = nation.get(&format!("/certificates/search?{address}"));
    let expected = nation.search(&asked);
    assert_eq!((found.status.as_u16(), found.total()), (200, expected.total()), "{}", found.text);
    assert_eq!(found.items(), expected.items());
    let all = nation.search(&json!({ "category": ["construction_safety"] }));
    assert!((1..all.total()).contains(&found.total()), "{} of {}", found.total(), all.total());
}

#[test]
fn the_box_takes_a_name_with_a_place_or_a_company() {
    let nation = shared().user("regulator_national");
    let wanted = construction();
    let name = text(&wanted, "/holder/name");
    let catalogue = domain::catalogue::Catalogue::work_safety();
    let place = &catalogue.regions().get(text(&wanted, "/region")).unwrap().name;
    for beside in [text(&wanted, "/organisation/name"), place] {
        let found = nation.search(&json!({ "q": format!("{beside} {name}"), "page_size": 100 }));
        assert!(found.items().iter().any(|row| row["id"] == wanted["id"]), "{beside}: {}", found.text);
        assert!(found.total() <= nation.search(&json!({ "q": name })).total());
    }
}

#[test]
fn an_empty_result_of_the_box_names_the_word_and_shows_what_is_near() {
    let nation = shared().user("regulator_national");
    let wanted = construction();
    let name = text(&wanted, "/holder/name");
    let killed = nation.search(&json!({ "q": format!("{name} 查无此社") }));
    assert_eq!((killed.total(), &killed.body["nothing_found"]["words"]), (0, &json!(["查无此社"])));
    let nearest = killed.body["nothing_found"]["nearest"].as_array().unwrap();
    assert!(!nearest.is_empty() && nearest.iter().all(|near| near["holder"]["name"] == name));
    let organisation = text(&wanted, "/organisation/name");
    let misnamed = nation.search(&json!({ "organisation": format!("新{organisation}某某分部") }));
    let nearest = misnamed.body["nothing_found"]["nearest"].as_array().unwrap();
    assert!(!nearest.is_empty() && nearest.iter().all(|near| near["organisation"]["name"] == organisation));
}

#[test]
fn conditions_that_make_no_sense_are_named() {
    let nation = shared().user("regulator_national");
    let table = [
        (json!({ "page_size": 11 }), "query_page_size"),
        (json!({ "page": 100_000, "page_size": 100 }), "query_too_deep"),
        (json!({ "type": ["no_such_type"] }), "code_unknown"),
        (json!({ "status": ["fine"] }), "code_unknown"),
        (json!({ "sort": "name" }), "code_unknown"),
        (json!({ "issued": { "from": "2024-02-01", "to": "2024-01-01" } }), "query_range_reversed"),
        (json!({ "cursor": "zz" }), "cursor_invalid"),
        (json!({ "nonsense": 1 }), "json_invalid"),
        (json!({ "on": "2023-02-30" }), "json_invalid"),
    ];
    for (query, code) in table {
        let answer = nation.search(&query);
        assert_eq!((answer.status.as_u16(), answer.code()), (400, code), "{query}");
    }
}

#[test]
fn an_id_number_does_not_travel_in_an_address() {
    let nation = shared().user("regulator_national");
    for number in ["11010519491231002X", "T11010519491231002X"] {
        let answer = nation.get(&format!("/certificates/search?number={number}"));
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "use_post"));
        assert!(!answer.text.contains("19491231"));
    }
}
