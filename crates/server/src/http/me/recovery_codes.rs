use crate::http::{
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts::renew_recovery_codes;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct RecoveryCodesOut {
    /// Each is good once in the place of a second factor. To be kept on paper.
    pub recovery_codes: Vec<String>,
}

/// Get new recovery codes; those before them are good no longer.
#[utoipa::path(post, path = "/api/v1/me/recovery-codes", tag = "me",
    responses((status = 200, body = RecoveryCodesOut), (status = 401, body = ProblemBody)))]
pub async fn recovery_codes(caller: Caller) -> Result<Json<RecoveryCodesOut>, Problem> {
    let codes = caller.release(renew_recovery_codes(&caller.app, &caller.call).await)?;
    Ok(Json(RecoveryCodesOut { recovery_codes: codes }))
}
