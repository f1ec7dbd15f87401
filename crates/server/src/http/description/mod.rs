//! The description of the API: made from the code that serves it, with the problems that any operation may
//! answer and an example of each request and answer.

mod problems;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::openapi::OpenApi;

/// By method and path.
static EXAMPLES: LazyLock<BTreeMap<String, Example>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("examples.json")).expect("a test reads the examples that are built in")
});

/// What an operation is asked and answers.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Example {
    parameters: Map<String, Value>,
    request: Option<Value>,
    /// By status.
    answers: Map<String, Value>,
}

/// The description with what the operations do not say themselves.
pub fn completed(openapi: OpenApi) -> Value {
    let mut document = serde_json::to_value(openapi).expect("a description is JSON");
    for (path, method, operation) in operations(&mut document) {
        problems::add(method, operation);
        if let Some(example) = EXAMPLES.get(&format!("{} {path}", method.to_uppercase())) {
            example.show_in(operation);
        }
    }
    document["components"]["responses"] = problems::components();
    document
}

/// Every operation with its path, and its method in small letters.
fn operations(document: &mut Value) -> impl Iterator<Item = (&str, &str, &mut Value)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object_mut().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

impl Example {
    fn show_in(&self, operation: &mut Value) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            if let Some(value) = self.parameters.get(name) {
                parameter["example"] = value.clone();
            }
        }
        if let Some(body) = operation.get_mut("requestBody")
            && let Some(request) = &self.request
        {
            show(request, body);
        }
        for (status, answer) in &self.answers {
            if let Some(response) = operation["responses"].get_mut(status) {
                show(answer, response);
            }
        }
    }
}

/// In every format of the body.
fn show(example: &Value, body: &mut Value) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut);
    contents.into_iter().flatten().for_each(|(_, content)| content["example"] = example.clone());
}
