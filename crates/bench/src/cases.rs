//! What is asked. The values come from the registry itself, so that every question has an answer.

use crate::client::{Client, Request};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const SEARCH: &str = "/api/v1/certificates/search";
/// Pages of 100 from which the values are taken.
const PAGES: u32 = 10;

/// The searches of the mix, in the order in which they come.
const SEARCHES: [&str; 20] = [
    "name in a province",
    "part of an organisation",
    "pinyin initials",
    "name in a province",
    "listing of a county",
    "name in a province",
    "part of an organisation",
    "name in a province",
    "pinyin initials",
    "listing of a county",
    "name in a province",
    "part of an organisation",
    "name in a province",
    "name, one character missing",
    "name in a province",
    "part of an organisation",
    "pinyin initials",
    "name in a province",
    "listing of a county",
    "part of an organisation",
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

/// The first one is the look-up whose answer gives the floor its size.
pub async fn all(client: &Client) -> Result<Vec<Case>> {
    let sample = sample(client).await?;
    let texts = |pick: fn(&Value) -> Option<String>| sample.iter().filter_map(pick).collect::<Vec<_>>();
    let numbers = texts(|row| text(&row["number"]));
    let names = texts(|row| text(&row["holder"]["name"]));
    let shortened = names.iter().filter_map(|name| without_last(name)).collect();
    let organisations = texts(|row| text(&row["organisation"]["name"]));
    let regions = texts(|row| text(&row["region"]));
    let details = texts(|row| text(&row["id"]).map(|id| format!("/api/v1/certificates/{id}")));
    let initials = ["zw", "wf", "lj", "cy", "ljh", "wxm"].map(str::to_owned).to_vec();
    let search = |name, values, body| search(client, name, values, body);

    Ok(vec![
        search("look-up by number", numbers.clone(), |number| json!({ "number": number })),
        Case {
            name: "detail by id",
            address: client.address().to_owned(),
            requests: details.iter().map(|path| client.request("GET", path, None)).collect(),
        },
        search("number with one typo", typos(&numbers), |number| json!({ "number": number })),
        search("name", names.clone(), |name| json!({ "name": name })),
        search("name, one character missing", shortened, |name| json!({ "name": name })),
        search("pinyin initials", initials, |initials| json!({ "name": initials })),
        search("name in a province", names, |name| json!({ "name": name, "region": "320000" })),
        search("part of an organisation", organisations, |name| json!({ "organisation": middle(name) })),
        search("listing of a county", regions, |region| json!({ "region": region, "sort": "valid_until" })),
        search(
            "everything valid, with facets",
            vec![String::new()],
            |_| json!({ "status": ["valid", "expiring"], "facets": ["status", "type", "region"] }),
        ),
    ])
}

/// What a site in use is asked: four look-ups by number to one search.
pub fn mixed(cases: &[Case]) -> Result<Case> {
    let named =
        |name: &str| cases.iter().find(|case| case.name == name).context("a case of the mix is missing");
    let mut look_ups = named("look-up by number")?.requests.iter().cycle();
    let mut requests = Vec::new();
    for round in 0..ROUNDS {
        for name in SEARCHES {
            let searches = &named(name)?.requests;
            requests.extend(look_ups.by_ref().take(4).cloned());
            requests.push(searches[round % searches.len()].clone());
        }
    }
    Ok(Case { name: "four look-ups to one search", address: cases[0].address.clone(), requests })
}

fn search(client: &Client, name: &'static str, values: Vec<String>, body: fn(&str) -> Value) -> Case {
    let requests = values.iter().map(|value| client.request("POST", SEARCH, Some(&body(value)))).collect();
    Case { name, address: client.address().to_owned(), requests }
}

async fn sample(client: &Client) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for page in 1..=PAGES {
        let query = json!({ "status": ["valid"], "page": page, "page_size": 100 });
        let answer = client.post(SEARCH, &query).await?;
        rows.extend(answer["items"].as_array().context("the answer lists no items")?.iter().cloned());
    }
    ensure!(!rows.is_empty(), "the registry is empty");
    Ok(rows)
}

/// Each number with its last but one character replaced by another of its kind.
fn typos(numbers: &[String]) -> Vec<String> {
    let wrong = |number: &String| {
        let mut characters: Vec<char> = number.chars().collect();
        let place = characters.len().checked_sub(2)?;
        let digit = characters[place].to_digit(10)?;
        characters[place] = char::from_digit((digit + 5) % 10, 10)?;
        Some(characters.into_iter().collect())
    };
    numbers.iter().filter_map(wrong).collect()
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
        assert_eq!(typos(&["京A012".to_owned(), "X".to_owned()]), ["京A062"]);
    }
}
