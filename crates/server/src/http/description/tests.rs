use super::{EXAMPLES, operations};
use crate::http::openapi;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Is the example what the schema says? Both are in the document.
fn check(document: &Value, what: &str, schema: &Value, example: &Value) {
    assert!(!example.is_null(), "{what} has no example");
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(example).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{what}: {errors:?}");
}

#[test]
fn every_operation_shows_an_example_of_all_it_is_asked_and_answers() {
    let mut whole = openapi();
    let document = whole.clone();
    let mut described = BTreeSet::new();
    for (path, method, operation) in operations(&mut whole) {
        let name = format!("{} {path}", method.to_uppercase());
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let what = format!("{name}, parameter {}", parameter["name"]);
            check(&document, &what, &parameter["schema"], &parameter["example"]);
        }
        let answers = operation["responses"].as_object().unwrap();
        let bodies = answers.iter().filter(|(status, _)| status.starts_with('2'));
        let request = operation.get("requestBody").map(|body| ("request", body));
        for (what, body) in bodies.map(|(status, body)| (status.as_str(), body)).chain(request) {
            for (kind, content) in body["content"].as_object().into_iter().flatten() {
                // A picture or print is no example that could be read.
                if !kind.starts_with("image/") && kind != "application/pdf" {
                    check(&document, &format!("{name}, {what}"), &content["schema"], &content["example"]);
                }
            }
        }
        described.insert(name);
    }
    let examples: BTreeSet<String> = EXAMPLES.keys().cloned().collect();
    assert_eq!(described, examples, "examples of what there is");
}

#[test]
fn every_operation_lists_the_problems_it_can_answer() {
    let document = openapi();
    let lists = |method: &str, path: &str, status: &str| {
        let listed = &document["paths"][format!("/api/v1{path}")][method]["responses"][status];
        let reference = listed["$ref"].as_str().unwrap_or_default();
        reference.starts_with("#/components/responses/")
            && document.pointer(reference.trim_start_matches('#')).is_some()
    };
    for (method, path, statuses) in [
        ("post", "/certificates/{id}/unmask", "400 401 403 404 413 429 500 503"),
        ("get", "/certificates/{id}/photo", "400 401 403 404 429 500 503"),
        ("post", "/certificates/{id}/changes", "400 401 403 404 409 413 429 500 503"),
        ("post", "/certificates", "400 401 403 409 413 429 500 503"),
        ("get", "/approvals", "401 403 429 500 503"),
        ("post", "/verify", "400 401 403 413 429 500 503"),
        ("post", "/session", "400 401 403 413 429 500 503"),
        ("get", "/catalogue/types", "401 429 500 503"),
    ] {
        let all = ["400", "401", "403", "404", "409", "413", "429", "500", "503"];
        let listed: Vec<&str> = all.into_iter().filter(|status| lists(method, path, status)).collect();
        assert_eq!(listed.join(" "), statuses, "{method} {path}");
    }
}

#[test]
fn the_example_of_a_problem_is_one() {
    let document = openapi();
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        let content = &response["content"]["application/problem+json"];
        check(&document, name, &content["schema"], &content["example"]);
        assert_eq!(content["schema"], json!({ "$ref": "#/components/schemas/ProblemBody" }));
    }
}
