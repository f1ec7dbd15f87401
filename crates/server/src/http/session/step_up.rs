use super::proof::ProofIn;
use crate::http::{
    body::Body,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts;
use domain::Instant;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct StepUpOut {
    /// Sensitive acts are open for five minutes from here.
    #[schema(value_type = String, format = DateTime)]
    stepped_up_at: Instant,
}

/// Prove who you are again, for acts that need a fresh proof.
///
/// By which factor is a matter of the role: `factor_not_enough` says that it takes another one.
#[utoipa::path(post, path = "/api/v1/session/step-up", tag = "session", request_body = ProofIn,
    responses((status = 200, body = StepUpOut), (status = 401, body = ProblemBody)))]
pub async fn step_up(Body(caller, proof): Body<ProofIn>) -> Result<Json<StepUpOut>, Problem> {
    let proven = accounts::step_up(&caller.app, &caller.call, (*proof).into()).await;
    Ok(Json(StepUpOut { stepped_up_at: caller.release(proven)? }))
}
