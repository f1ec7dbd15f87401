use crate::http::{
    caller::Caller,
    conversions::parse_id,
    problem::{Problem, ProblemBody},
};
use app::{Error, accounts};
use axum::{extract::Path, http::StatusCode};

/// Take a factor away, or forget a device.
///
/// Needs a fresh proof. Your other sessions end. `last_factor` says that your role cannot do without it.
#[utoipa::path(delete, path = "/api/v1/me/factors/{id}", tag = "me",
    params(("id" = String, Path, description = "`cred_…`")),
    responses((status = 204), (status = 409, body = ProblemBody)))]
pub async fn remove_factor(caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let id = parse_id(&caller, "account.factor_remove", &id, Error::NotFound).await?;
    caller.release(accounts::remove_factor(&caller.app, &caller.call, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
