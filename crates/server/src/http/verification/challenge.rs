use crate::http::{
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::verification;
use domain::Instant;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct ChallengeOut {
    /// Find a counter so that SHA-256 of `challenge:counter` begins with `bits` zero bits.
    challenge: String,
    bits: u32,
    algorithm: &'static str,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// A puzzle for one verification: proof of work takes the place of a captcha.
#[utoipa::path(get, path = "/api/v1/verify/challenge", tag = "verification", security(()),
    responses((status = 200, body = ChallengeOut), (status = 503, body = ProblemBody)))]
pub async fn challenge(caller: Caller) -> Result<Json<ChallengeOut>, Problem> {
    let challenge = caller.release(verification::challenge(&caller.app, &caller.call).await)?;
    Ok(Json(ChallengeOut {
        challenge: challenge.text,
        bits: challenge.bits,
        algorithm: "sha256-leading-zero-bits",
        expires_at: challenge.expires_at,
    }))
}
