use crate::http::{
    body::Body,
    problem::{Problem, ProblemBody},
    session::{BeginOut, begun},
};
use app::accounts::change_password;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordIn {
    old: String,
    new: String,
}

/// Change your password.
///
/// All your sessions end, this one too; the answer holds the token of a new one.
#[utoipa::path(post, path = "/api/v1/me/password", tag = "me", request_body = PasswordIn,
    responses((status = 200, body = BeginOut), (status = 400, body = ProblemBody)))]
pub async fn password(Body(caller, body): Body<PasswordIn>) -> Result<Response, Problem> {
    let changed = change_password(&caller.app, &caller.call, body.old, body.new).await;
    let signed_in = caller.release(changed)?;
    Ok(begun(&caller, signed_in))
}
