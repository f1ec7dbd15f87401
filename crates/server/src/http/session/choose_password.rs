use crate::http::{
    body::Body,
    problem::{Problem, ProblemBody},
};
use app::accounts;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoosePasswordIn {
    /// As an administrator gave it; good once, for 15 minutes.
    token: String,
    password: String,
}

/// Choose a password after a reset.
///
/// All sessions of the account end. It signs nobody in: a second factor is needed as ever.
#[utoipa::path(post, path = "/api/v1/session/password", tag = "session", security(()),
    request_body = ChoosePasswordIn, responses((status = 204), (status = 400, body = ProblemBody)))]
pub async fn choose_password(Body(caller, body): Body<ChoosePasswordIn>) -> Result<StatusCode, Problem> {
    let chosen = accounts::choose_password(&caller.app, &caller.call, &body.token, body.password).await;
    caller.release(chosen)?;
    Ok(StatusCode::NO_CONTENT)
}
