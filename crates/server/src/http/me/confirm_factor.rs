use crate::http::{
    body::Body,
    conversions::parse_id,
    json::Json,
    me::RecoveryCodesOut,
    problem::{Problem, ProblemBody},
};
use app::{Error, accounts};
use axum::extract::Path;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationIn {
    /// The first code.
    code: String,
}

/// Finish setting up a factor.
///
/// Your other sessions end. With the first factor come recovery codes, shown this once; else the list is empty.
#[utoipa::path(post, path = "/api/v1/me/factors/{id}/confirmation", tag = "me",
    params(("id" = String, Path, description = "`cred_…`")), request_body = ConfirmationIn,
    responses((status = 200, body = RecoveryCodesOut), (status = 409, body = ProblemBody)))]
pub async fn confirm_factor(
    Path(id): Path<String>,
    Body(caller, body): Body<ConfirmationIn>,
) -> Result<Json<RecoveryCodesOut>, Problem> {
    let id = parse_id(&caller, "account.factor_confirm", &id, Error::NotFound).await?;
    let confirmed = accounts::confirm_totp(&caller.app, &caller.call, id, &body.code).await;
    Ok(Json(RecoveryCodesOut { recovery_codes: caller.release(confirmed)? }))
}
