//! Errors on the wire: RFC 9457 problem details with a stable code, a title in the reader's
//! language and the request's identifier. Nothing of the inside is told.

use crate::http::json::Json;
use app::{
    Error, Kind,
    words::{Language, Words},
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Instant, ids::RequestId};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An error, ready to be answered.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    language: Language,
    retry_after_s: Option<u64>,
    body: Box<ProblemBody>,
}

/// The body of every error (`application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    #[serde(rename = "type")]
    kind: &'static str,
    /// What happened and what to do, in the language asked for.
    title: String,
    status: u16,
    /// Stable machine code.
    code: &'static str,
    /// Details that the title's words refer to, such as the field.
    params: Map<String, Value>,
    request_id: String,
}

impl Problem {
    pub fn new(error: &Error, request: RequestId, language: Language, now: Instant) -> Self {
        let status = status(error.kind());
        if let Error::Internal(cause) | Error::StoreUnavailable(cause) = error {
            tracing::error!(request.id = %request, error.code = error.code(), error.cause = %cause, "request failed");
        }
        let mut params = Map::new();
        if let Error::Field { field, .. } = error {
            params.insert("field".into(), Value::from(field.as_ref()));
        }
        if let Error::Locked { until } = error {
            params.insert("until".into(), Value::from(until.to_rfc3339()));
        }
        Self {
            status,
            language,
            retry_after_s: error.retry_after_s(now),
            body: Box::new(ProblemBody {
                kind: "about:blank",
                title: Words::builtin().error(language, error.code()).to_owned(),
                status: status.as_u16(),
                code: error.code(),
                params,
                request_id: request.to_string(),
            }),
        }
    }

    /// As it is answered.
    pub fn body(&self) -> &ProblemBody {
        &self.body
    }
}

fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        metrics::counter!("anzheng_problems_total", "code" => self.body.code).increment(1);
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.language.tag()));
        headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"anzheng\""));
        }
        response
    }
}
