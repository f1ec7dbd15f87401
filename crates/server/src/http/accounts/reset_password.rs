use crate::http::{
    body::Body,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts;
use domain::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordIn {
    login: String,
}

#[derive(Serialize, ToSchema)]
pub struct ResetPasswordOut {
    /// For the owner of the account, who chooses a password with it; shown once.
    token: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// Let somebody choose a new password who does not know the old one.
///
/// All sessions of the account end. The token does not stand in for a second factor.
#[utoipa::path(post, path = "/api/v1/accounts/password-reset", tag = "accounts", request_body = ResetPasswordIn,
    responses((status = 200, body = ResetPasswordOut), (status = 404, body = ProblemBody)))]
pub async fn reset_password(
    Body(caller, body): Body<ResetPasswordIn>,
) -> Result<Json<ResetPasswordOut>, Problem> {
    let reset = accounts::reset_password(&caller.app, &caller.call, &body.login).await;
    let reset = caller.release(reset)?;
    Ok(Json(ResetPasswordOut { token: reset.token, expires_at: reset.expires_at }))
}
