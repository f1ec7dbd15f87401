use crate::http::{
    caller::Caller,
    cookie,
    problem::{Problem, ProblemBody},
};
use app::accounts::sign_out;
use axum::http::{HeaderName, StatusCode, header::SET_COOKIE};
use axum::response::{AppendHeaders, IntoResponse};

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204), (status = 401, body = ProblemBody)))]
pub async fn end(caller: Caller) -> Result<impl IntoResponse, Problem> {
    caller.release(sign_out(&caller.app, &caller.call).await)?;
    let headers = AppendHeaders([
        (SET_COOKIE, cookie::clear()),
        (HeaderName::from_static("clear-site-data"), "\"cache\", \"cookies\", \"storage\"".to_owned()),
    ]);
    Ok((StatusCode::NO_CONTENT, headers))
}
