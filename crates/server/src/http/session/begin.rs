use crate::http::{
    body::Body,
    cookie,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts::{SignIn, sign_in};
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse};
use domain::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginIn {
    login: String,
    password: String,
    /// A solved challenge of `/verify/challenge`; needed after `challenge_required`.
    challenge: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct BeginOut {
    /// For `Authorization: Bearer`; the cookie carries the same.
    token: String,
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// Sign in.
///
/// Five failures within 15 minutes lock the account for 15, then 30, then 60 minutes. The answer
/// never tells whether the login exists. An address from which sign-ins to many accounts have failed
/// gets `challenge_required` and has to solve a challenge for each further attempt.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()), request_body = BeginIn,
    responses((status = 200, body = BeginOut), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn begin(Body(caller, body): Body<BeginIn>) -> Result<impl IntoResponse, Problem> {
    let attempt = SignIn { login: body.login, password: body.password, challenge: body.challenge };
    let signed_in = caller.release(sign_in(&caller.app, &caller.call, attempt).await)?;
    let seconds = (signed_in.expires_at - caller.call.now).num_seconds();
    let cookie = cookie::set(&signed_in.token, seconds);
    let out = BeginOut {
        token: signed_in.token,
        role: signed_in.principal.role.code(),
        expires_at: signed_in.expires_at,
    };
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(out)))
}
