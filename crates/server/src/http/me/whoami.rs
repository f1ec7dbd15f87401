use crate::http::{
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct MeOut {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
    /// Codes of the matrix rows that this caller may use, in the order of the matrix.
    permissions: Vec<&'static str>,
}

/// Who the registry takes you for, and what you may do.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = 200, body = MeOut), (status = 401, body = ProblemBody)))]
pub async fn whoami(caller: Caller) -> Result<Json<MeOut>, Problem> {
    let permissions = caller.release(accounts::permissions(&caller.app, &caller.call).await)?;
    let principal = &caller.call.principal;
    Ok(Json(MeOut {
        role: principal.role.code(),
        account: principal.account.map(|id| id.to_string()),
        region: principal.region.clone(),
        organisation: principal.organisation.map(|id| id.to_string()),
        permissions,
    }))
}
