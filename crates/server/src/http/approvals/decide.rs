use crate::http::{
    body::Body,
    conversions::parse_id,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::{
    Error,
    approvals::{self, Decision},
};
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideIn {
    approve: bool,
}

#[derive(Serialize, ToSchema)]
pub struct DecideOut {
    /// `approved` or `rejected`.
    state: &'static str,
    /// The certificate's version after an approved change.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

/// Decide on somebody else's request. Approving carries it out.
#[utoipa::path(post, path = "/api/v1/approvals/{id}/decision", tag = "approvals", params(("id" = String, Path)),
    request_body = DecideIn,
    responses((status = 200, body = DecideOut), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn decide(
    Path(id): Path<String>,
    Body(caller, body): Body<DecideIn>,
) -> Result<Json<DecideOut>, Problem> {
    let id = parse_id(&caller, "approval.decide", &id, Error::NotFound).await?;
    let decision = if body.approve { Decision::Approve } else { Decision::Reject };
    let result = caller.release(approvals::decide_on(&caller.app, &caller.call, id, decision).await)?;
    let version = match result {
        Some(app::certificates::ChangeResult::Done { version, .. }) => Some(version),
        _ => None,
    };
    Ok(Json(DecideOut { state: if body.approve { "approved" } else { "rejected" }, version }))
}
