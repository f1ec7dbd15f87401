use crate::http::{
    body::Body,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts::claim;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimIn {
    /// Printed on the console when a new installation starts.
    token: String,
    login: String,
    password: String,
}

#[derive(Serialize, ToSchema)]
pub struct ClaimOut {
    account: String,
}

/// Create the first administrator of a new installation.
#[utoipa::path(post, path = "/api/v1/session/claim", tag = "session", security(()), request_body = ClaimIn,
    responses((status = 201, body = ClaimOut), (status = 400, body = ProblemBody)))]
pub async fn claim(Body(caller, body): Body<ClaimIn>) -> Result<(StatusCode, Json<ClaimOut>), Problem> {
    let claim = claim::Claim { token: body.token, login: body.login, password: body.password };
    let account = caller.release(claim::claim(&caller.app, &caller.call, claim).await)?;
    Ok((StatusCode::CREATED, Json(ClaimOut { account: account.to_string() })))
}
