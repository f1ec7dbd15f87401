use super::begun;
use crate::http::{
    body::Body,
    cookie,
    problem::{Problem, ProblemBody},
};
use app::accounts::{SignIn, sign_in};
use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginIn {
    login: String,
    password: String,
    /// A solved challenge of `/verify/challenge`; needed after `challenge_required`.
    challenge: Option<String>,
    /// What an earlier sign-in gave this device; the cookie will do as well.
    device: Option<String>,
    /// Remember this device for 90 days: guesses made elsewhere then do not lock it out.
    #[serde(default)]
    remember_device: bool,
}

/// Sign in.
///
/// Where a second factor is needed, the answer is 202 and `/session/second-factor` goes on. A session with
/// `confined` can only put its account right, by `/me/password` or `/me/factors`.
///
/// Five failures within 15 minutes lock the account for 15, then 30, then 60 minutes. The answer
/// never tells whether the login exists. An address from which sign-ins to many accounts have failed
/// gets `challenge_required` and has to solve a challenge for each further attempt.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()), request_body = BeginIn,
    responses((status = 200, body = begun::BeginOut), (status = 202, body = begun::PendingOut),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 429, body = ProblemBody)))]
pub async fn begin(cookies: CookieJar, Body(caller, body): Body<BeginIn>) -> Result<Response, Problem> {
    let shown = cookies.get(cookie::DEVICE).map(|cookie| cookie.value().to_owned());
    let attempt = SignIn {
        login: body.login,
        password: body.password,
        challenge: body.challenge,
        device: body.device.or(shown),
        remember_device: body.remember_device,
    };
    let answer = caller.release(sign_in(&caller.app, &caller.call, attempt).await)?;
    Ok(begun::answer(&caller, answer))
}
