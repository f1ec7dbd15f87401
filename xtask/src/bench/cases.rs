//! What is asked. The values come from the registry itself, so that every question has an answer.

use crate::api::{Api, Request};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const SEARCH: &str = "/api/v1/certificates/search";
/// Pages of 100 from which the values are taken.
const PAGES: u32 = 10;

pub struct Case {
    pub name: &'static str,
    /// Asked in turn.
    pub requests: Vec<Request>,
}

/// The first case is the floor that the others are compared with.
pub fn all(api: &Api) -> Result<Vec<Case>> {
    let sample = sample(api)?;
    let texts = |pick: fn(&Value) -> Option<String>| sample.iter().filter_map(pick).collect::<Vec<_>>();
    let names = texts(|row| text(&row["holder"]["name"]));
    let shortened = names.iter().filter_map(|name| without_last(name)).collect();
    let organisations = texts(|row| text(&row["organisation"]["name"]));
    let regions = texts(|row| text(&row["region"]));
    let look_ups = texts(|row| text(&row["id"]).map(|id| format!("/api/v1/certificates/{id}")));
    let initials = ["zw", "wf", "lj", "cy", "ljh", "wxm"].map(str::to_owned).to_vec();

    Ok(vec![
        Case { name: "floor", requests: vec![api.request("GET", "/health/live", None)] },
        Case {
            name: "look-up by id",
            requests: look_ups.iter().map(|path| api.request("GET", path, None)).collect(),
        },
        search(api, "name", names.clone(), |name| json!({ "name": name })),
        search(api, "name, one character missing", shortened, |name| json!({ "name": name })),
        search(api, "pinyin initials", initials, |initials| json!({ "name": initials })),
        search(api, "name in a province", names, |name| json!({ "name": name, "region": "320000" })),
        search(api, "part of an organisation", organisations, |name| json!({ "organisation": middle(name) })),
        search(
            api,
            "listing of a county",
            regions,
            |region| json!({ "region": region, "sort": "valid_until" }),
        ),
        search(
            api,
            "everything valid, with facets",
            vec![String::new()],
            |_| json!({ "status": ["valid", "expiring"], "facets": ["status", "type", "region"] }),
        ),
    ])
}

fn search(api: &Api, name: &'static str, values: Vec<String>, body: fn(&str) -> Value) -> Case {
    let requests = values.iter().map(|value| api.request("POST", SEARCH, Some(&body(value)))).collect();
    Case { name, requests }
}

fn sample(api: &Api) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for page in 1..=PAGES {
        let answer = api.post(SEARCH, &json!({ "status": ["valid"], "page": page, "page_size": 100 }))?;
        rows.extend(answer["items"].as_array().context("the answer lists no items")?.iter().cloned());
    }
    ensure!(!rows.is_empty(), "the registry is empty");
    Ok(rows)
}

/// Masked values cannot be searched for.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.contains('*')).map(str::to_owned)
}

/// A name of three or more characters, one character short.
fn without_last(name: &str) -> Option<String> {
    let count = name.chars().count();
    (count >= 3).then(|| name.chars().take(count - 1).collect())
}

/// Two characters from the middle of an organisation's name.
fn middle(name: &str) -> String {
    name.chars().skip(name.chars().count() / 2).take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_made_of_characters_not_bytes() {
        assert_eq!(without_last("欧阳明"), Some("欧阳".into()));
        assert_eq!(without_last("张明"), None);
        assert_eq!(middle("南京化工有限公司"), "有限");
        assert_eq!(text(&json!("张**")), None);
    }
}
