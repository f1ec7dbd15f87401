use crate::http::{caller::Caller, conversions::parse_id, problem::Problem};
use app::{Error, accounts};
use axum::{extract::Path, http::StatusCode};

/// End one of your sessions.
///
/// On every instance, within five seconds.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me",
    params(("id" = String, Path, description = "`sess_…`")), responses((status = 204)))]
pub async fn end_session(caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let id = parse_id(&caller, "session.end_one", &id, Error::NotFound).await?;
    caller.release(accounts::end_session(&caller.app, &caller.call, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
