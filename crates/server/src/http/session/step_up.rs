use crate::http::{
    body::Body,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts;
use domain::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUpIn {
    password: String,
}

#[derive(Serialize, ToSchema)]
pub struct StepUpOut {
    /// Sensitive acts are open for five minutes from here.
    #[schema(value_type = String, format = DateTime)]
    stepped_up_at: Instant,
}

/// Prove who you are again, for acts that need a fresh proof.
#[utoipa::path(post, path = "/api/v1/session/step-up", tag = "session", request_body = StepUpIn,
    responses((status = 200, body = StepUpOut), (status = 401, body = ProblemBody)))]
pub async fn step_up(Body(caller, body): Body<StepUpIn>) -> Result<Json<StepUpOut>, Problem> {
    let stepped_up_at = caller.release(accounts::step_up(&caller.app, &caller.call, body.password).await)?;
    Ok(Json(StepUpOut { stepped_up_at }))
}
