//! The problems that operations answer. What an operation says itself is kept; what follows from its form is
//! added, so that none can forget it.

use crate::http::problem::Problem;
use app::{Error, words::Language};
use chrono::DateTime;
use domain::access::RefusalCode;
use serde_json::{Map, Value, json};

const MEDIA_TYPE: &str = "application/problem+json";

/// A status with the name of its response and, for its example, an error that has it.
const PROBLEMS: [(u16, &str, &str); 9] = [
    (400, "Invalid", "The request is not as it should be; `params` names the field."),
    (401, "Unauthenticated", "Nobody is signed in, the token is not good, or the sign-in failed."),
    (
        403,
        "Refused",
        "Not for this role or office, or only after a fresh proof of identity or a solved challenge.",
    ),
    (404, "NotFound", "Not there, or not in your scope."),
    (409, "Conflict", "The record or the request is in another state than this needs."),
    (413, "TooLarge", "The body is larger than the operation takes."),
    (429, "TooMany", "Too often; `Retry-After` says when again."),
    (500, "Internal", "A fault of the service. The operator finds it by `request_id`."),
    (503, "Unavailable", "It cannot be answered now; `Retry-After` says when again."),
];

fn error(status: u16) -> Error {
    match status {
        400 => Error::field("region", "code_unknown"),
        401 => Error::Refused(RefusalCode::SignInRequired),
        403 => Error::Refused(RefusalCode::StepUpRequired),
        404 => Error::CertificateNotFound,
        409 => Error::VersionConflict,
        413 => Error::BodyTooLarge,
        429 => Error::TooManyRequests { retry_after_s: 1 },
        503 => Error::AuditUnavailable,
        _ => Error::RecordCorrupt,
    }
}

/// The responses that operations refer to.
pub fn components() -> Value {
    let named = PROBLEMS.iter().map(|(status, name, text)| ((*name).to_owned(), component(*status, text)));
    Value::Object(named.collect())
}

fn component(status: u16, text: &str) -> Value {
    let request = "req_01a2074e57bb7dbfa14a3d05d1850410".parse().expect("it is spelt as identifiers are");
    let problem = Problem::new(&error(status), request, Language::default(), DateTime::UNIX_EPOCH);
    let schema = json!({ "$ref": "#/components/schemas/ProblemBody" });
    let mut response = json!({
        "description": text,
        "content": { MEDIA_TYPE: { "schema": schema, "example": problem.body() } },
    });
    if [429, 503].contains(&status) {
        response["headers"] =
            json!({ "Retry-After": { "schema": { "type": "integer" }, "description": "Seconds." } });
    }
    response
}

/// Refers to every problem that the operation can answer.
pub fn add(method: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let in_path = parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "path"));
    let is_asked = has_body || parameters.is_some();
    // Public operations say so; but nobody's page may change anything with somebody else's cookie.
    let may_refuse = operation.get("security").is_none() || method != "get";
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, name, _) in PROBLEMS {
        let follows = match status {
            400 => is_asked,
            403 => may_refuse,
            404 => in_path,
            409 => false,
            413 => has_body,
            _ => true,
        };
        refer(responses, status, name, follows);
    }
}

fn refer(responses: &mut Map<String, Value>, status: u16, name: &str, follows: bool) {
    let status = status.to_string();
    if follows || responses.contains_key(&status) {
        responses.insert(status, json!({ "$ref": format!("#/components/responses/{name}") }));
    }
}
