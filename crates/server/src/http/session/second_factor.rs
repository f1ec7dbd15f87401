use super::{begun, proof::ProofIn};
use crate::http::{
    body::Body,
    problem::{Problem, ProblemBody},
};
use app::accounts::second_factor as prove;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorIn {
    /// As `/session` gave it.
    pending: String,
    proof: ProofIn,
}

/// Go on signing in.
///
/// Five failures within 15 minutes lock second factors of the account for 15, then 30, then 60 minutes.
/// `sign_in_lapsed` says that the sign-in has to begin again.
#[utoipa::path(post, path = "/api/v1/session/second-factor", tag = "session", security(()),
    request_body = SecondFactorIn,
    responses((status = 200, body = begun::BeginOut), (status = 202, body = begun::PendingOut),
        (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn second_factor(Body(caller, body): Body<SecondFactorIn>) -> Result<Response, Problem> {
    let answer = prove(&caller.app, &caller.call, &body.pending, body.proof.into()).await;
    let answer = caller.release(answer)?;
    Ok(begun::answer(&caller, answer))
}
