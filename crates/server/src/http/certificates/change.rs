use crate::http::{
    body::Body,
    conversions::parse_id,
    idempotency::take_key,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::{
    Error,
    certificates::{self, ChangeRequest, ChangeResult},
};
use axum::http::{HeaderMap, StatusCode, header::IF_MATCH};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of a change.
#[derive(Serialize, ToSchema)]
pub struct ChangeOut {
    /// `done` or `proposed`.
    pub state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// The record's version now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The request that a second person has to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
}

impl From<ChangeResult> for ChangeOut {
    fn from(result: ChangeResult) -> Self {
        match result {
            ChangeResult::Done { id, version } => Self {
                state: "done".into(),
                certificate: Some(id.to_string()),
                version: Some(version),
                approval: None,
            },
            ChangeResult::Proposed(id) => Self {
                state: "proposed".into(),
                certificate: None,
                version: None,
                approval: Some(id.to_string()),
            },
        }
    }
}

/// The body: an action with its dates and reason.
#[derive(ToSchema)]
#[schema(as = ChangeIn)]
#[expect(dead_code, reason = "describes the body, which is parsed as app::certificates::ChangeRequest")]
pub struct ChangeIn {
    /// `renew`, `review`, `suspend`, `resume`, `revoke`, `revoke_as_penalty`, `cancel`,
    /// `transfer_out`, `transfer_in`, `replace`, `correct`.
    action: String,
    #[schema(format = Date)]
    effective_on: String,
    /// Everything but renewal and review.
    reason: Option<String>,
    /// Correction.
    #[schema(format = Date)]
    issued_on: Option<String>,
    /// Renewal and correction.
    #[schema(format = Date)]
    valid_from: Option<String>,
    #[schema(format = Date)]
    valid_until: Option<String>,
    #[schema(format = Date)]
    review_due_on: Option<String>,
    /// Review.
    #[schema(format = Date)]
    next_due_on: Option<String>,
}

/// Change a certificate: renew, review, suspend, resume, revoke, cancel, transfer, replace, correct.
///
/// `If-Match` names the version you saw. Where two persons are needed the answer is 202 with the
/// request that somebody else has to decide.
#[utoipa::path(post, path = "/api/v1/certificates/{id}/changes", tag = "certificates",
    params(("id" = String, Path), ("If-Match" = String, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = ChangeIn,
    responses((status = 200, body = ChangeOut), (status = 202, body = ChangeOut), (status = 409, body = ProblemBody)))]
pub async fn change(
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(mut caller, body): Body<ChangeRequest>,
) -> Result<Response, Problem> {
    let id = parse_id(&caller, "certificate.change", &id, Error::CertificateNotFound).await?;
    let Some(version) = seen_version(&headers) else {
        return Err(caller.refuse("certificate.change", Error::field("If-Match", "version_needed")).await);
    };
    take_key(&mut caller, &headers).await?;
    let result = caller.release(certificates::change(&caller.app, &caller.call, id, version, *body).await)?;
    Ok(respond(result.into()))
}

pub(super) fn respond(out: ChangeOut) -> Response {
    let status = if out.approval.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    (status, Json(out)).into_response()
}

/// The version is the first part of the ETag that [`super::find`] gives.
fn seen_version(headers: &HeaderMap) -> Option<u64> {
    let tag = headers.get(IF_MATCH)?.to_str().ok()?;
    tag.trim_matches('"').split('-').next()?.parse().ok()
}
