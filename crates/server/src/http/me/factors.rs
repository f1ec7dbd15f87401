use crate::http::{
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts::{OwnFactor, own_factors};
use domain::Instant;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct FactorsOut {
    password: PasswordOut,
    /// Beside the password, oldest first.
    items: Vec<FactorOut>,
    recovery_codes_left: usize,
}

#[derive(Serialize, ToSchema)]
pub struct PasswordOut {
    #[schema(value_type = String, format = DateTime)]
    set_at: Instant,
    /// When a new one has to be chosen; `null` is never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Instant>,
}

#[derive(Serialize, ToSchema)]
pub struct FactorOut {
    id: String,
    factor: &'static str,
    label: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Instant>,
}

impl From<OwnFactor> for FactorOut {
    fn from(own: OwnFactor) -> Self {
        Self {
            id: own.id.to_string(),
            factor: own.factor.code(),
            label: own.label,
            created_at: own.created_at,
            last_used_at: own.last_used_at,
        }
    }
}

/// What you can prove yourself with.
#[utoipa::path(get, path = "/api/v1/me/factors", tag = "me",
    responses((status = 200, body = FactorsOut), (status = 401, body = ProblemBody)))]
pub async fn factors(caller: Caller) -> Result<Json<FactorsOut>, Problem> {
    let own = caller.release(own_factors(&caller.app, &caller.call).await)?;
    Ok(Json(FactorsOut {
        password: PasswordOut { set_at: own.password_set_at, expires_at: own.password_expires_at },
        items: own.factors.into_iter().map(Into::into).collect(),
        recovery_codes_left: own.recovery_codes_left,
    }))
}
