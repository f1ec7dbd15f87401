//! The description of the API holds for the answers that the other tests get: whatever status an operation
//! answers is listed there, and its body is what the schema says.

use crate::demo::{Answer, anzheng};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let output = anzheng().arg("openapi").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
});

/// By where in the description they stand.
static SCHEMAS: LazyLock<Mutex<HashMap<String, jsonschema::Validator>>> = LazyLock::new(Mutex::default);

/// `path` as asked for, under `/api/v1` and without its query. What is no operation is not described.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else { return };
    let at = format!("{operation}/responses/{}", answer.status.as_u16());
    let listed = DESCRIPTION.pointer(&at);
    let response = listed.unwrap_or_else(|| panic!("{method} {path}: {} is not listed", answer.status));
    let reference = response["$ref"].as_str().map(|reference| reference.trim_start_matches('#').to_owned());
    let at = reference.unwrap_or(at);
    let Some(kind) = answer.headers.get("content-type") else { return };
    let kind = kind.to_str().unwrap().split(';').next().unwrap();
    let content = format!("{at}/content/{}", escaped(kind));
    assert!(DESCRIPTION.pointer(&content).is_some(), "{method} {path}: {kind} is not listed");
    if kind.ends_with("json") {
        let mut schemas = SCHEMAS.lock().unwrap();
        let schema = schemas.entry(content).or_insert_with_key(|content| schema(content));
        let errors: Vec<String> = schema.iter_errors(&answer.body).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{method} {path}: {errors:?} in {}", answer.text);
    }
}

/// Where the operation stands. A path without parameters goes before one with them.
fn operation(method: &Method, path: &str) -> Option<String> {
    let asked = format!("/api/v1{}", path.split('?').next().unwrap());
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    let fits = |template: &&String| {
        template.split('/').count() == asked.split('/').count()
            && template
                .split('/')
                .zip(asked.split('/'))
                .all(|(part, asked)| part.starts_with('{') || part == asked)
    };
    let template = paths.keys().filter(fits).min_by_key(|template| template.matches('{').count())?;
    let method = method.as_str().to_lowercase();
    paths[template].get(&method).map(|_| format!("/paths/{}/{method}", escaped(template)))
}

/// A key as a step of a JSON pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn schema(content: &str) -> jsonschema::Validator {
    let mut schema = DESCRIPTION.pointer(content).unwrap()["schema"].clone();
    schema["components"] = json!({ "schemas": DESCRIPTION["components"]["schemas"] });
    jsonschema::draft202012::new(&schema).unwrap()
}
