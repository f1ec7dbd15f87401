//! What is asked of a served registry. The values come from the registry itself, so that every question has
//! an answer.

use crate::{
    client::{Client, Request},
    questions::{Kind, PROVINCE, Sampled, Values},
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const SEARCH: &str = "/api/v1/certificates/search";
/// Pages of 100 from which the values are taken.
const PAGES: u32 = 10;

/// The searches of the mix, in the order in which they come.
const SEARCHES: [Kind; 20] = [
    Kind::NameInProvince,
    Kind::Part,
    Kind::Initials,
    Kind::NameInProvince,
    Kind::County,
    Kind::NameInProvince,
    Kind::Part,
    Kind::NameInProvince,
    Kind::Initials,
    Kind::County,
    Kind::NameInProvince,
    Kind::Part,
    Kind::NameInProvince,
    Kind::ShortenedName,
    Kind::NameInProvince,
    Kind::Part,
    Kind::Initials,
    Kind::NameInProvince,
    Kind::County,
    Kind::Part,
];
/// Times the mix goes through them before it begins again.
const ROUNDS: usize = 50;

pub struct Case {
    pub name: &'static str,
    /// Host and port.
    pub address: String,
    /// Asked in turn.
    pub requests: Vec<Request>,
}

/// All of them with the values they ask for. The first one is the look-up whose answer gives the floor its
/// size.
pub async fn all(client: &Client) -> Result<(Vec<Case>, Values)> {
    let rows = rows(client).await?;
    let values = Values::of(&rows.iter().map(sampled).collect::<Vec<_>>());
    let mut cases: Vec<Case> = Kind::ALL.into_iter().map(|kind| search(client, kind, &values)).collect();
    let details = rows.iter().filter_map(|row| text(&row["id"]));
    let detail = |id: String| client.request("GET", &format!("/api/v1/certificates/{id}"), None);
    let requests = details.map(detail).collect();
    cases.insert(1, Case { name: "detail by id", address: client.address().to_owned(), requests });
    Ok((cases, values))
}

/// What a site in use is asked: four look-ups by number to one search.
pub fn mixed(cases: &[Case]) -> Result<Case> {
    let named = |kind: Kind| {
        cases.iter().find(|case| case.name == kind.name()).context("a case of the mix is missing")
    };
    let mut look_ups = named(Kind::LookUp)?.requests.iter().cycle();
    let mut requests = Vec::new();
    for round in 0..ROUNDS {
        for kind in SEARCHES {
            let searches = &named(kind)?.requests;
            requests.extend(look_ups.by_ref().take(4).cloned());
            requests.push(searches[round % searches.len()].clone());
        }
    }
    Ok(Case { name: "four look-ups to one search", address: cases[0].address.clone(), requests })
}

fn search(client: &Client, kind: Kind, values: &Values) -> Case {
    let request = |value: &String| client.request("POST", SEARCH, Some(&body(kind, value)));
    let requests = values.of_kind(kind).iter().map(request).collect();
    Case { name: kind.name(), address: client.address().to_owned(), requests }
}

fn body(kind: Kind, value: &str) -> Value {
    match kind {
        Kind::LookUp | Kind::Typo => json!({ "number": value }),
        Kind::Name | Kind::ShortenedName | Kind::Initials => json!({ "name": value }),
        Kind::NameInProvince => json!({ "name": value, "region": PROVINCE }),
        Kind::Part | Kind::LongPart | Kind::BroadPart => json!({ "organisation": value }),
        Kind::County => json!({ "region": value, "sort": "valid_until" }),
        Kind::Country => json!({ "sort": "valid_until" }),
        Kind::Facets => {
            json!({ "status": ["valid", "expiring"], "facets": ["status", "type", "region"] })
        }
    }
}

async fn rows(client: &Client) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for page in 1..=PAGES {
        let query = json!({ "status": ["valid"], "page": page, "page_size": 100 });
        let answer = client.post(SEARCH, &query).await?;
        rows.extend(answer["items"].as_array().context("the answer lists no items")?.iter().cloned());
    }
    ensure!(!rows.is_empty(), "the registry is empty");
    Ok(rows)
}

fn sampled(row: &Value) -> Sampled {
    Sampled {
        number: text(&row["number"]),
        name: text(&row["holder"]["name"]),
        organisation: text(&row["organisation"]["name"]),
        region: text(&row["region"]),
    }
}

/// Masked values cannot be searched for.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.contains('*')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_masked_is_asked_for() {
        assert_eq!(text(&json!("张**")), None);
        assert_eq!(text(&json!("张明")), Some("张明".into()));
    }
}
