use crate::http::{
    caller::Caller,
    cookie,
    problem::{Problem, ProblemBody},
};
use app::accounts;
use axum::{
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse},
};

/// End all your sessions, this one too.
///
/// On every instance, within five seconds.
#[utoipa::path(delete, path = "/api/v1/me/sessions", tag = "me",
    responses((status = 204), (status = 401, body = ProblemBody)))]
pub async fn end_all_sessions(caller: Caller) -> Result<impl IntoResponse, Problem> {
    caller.release(accounts::end_all_sessions(&caller.app, &caller.call).await)?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, cookie::clear())])))
}
