use crate::http::{
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts::{OwnSession, own_sessions};
use domain::Instant;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct SessionsOut {
    /// Newest first.
    items: Vec<SessionOut>,
}

#[derive(Serialize, ToSchema)]
pub struct SessionOut {
    id: String,
    /// As the program that signed in names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// Address from which it began; an IPv6 one by its /64.
    source: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    /// Written down once a minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// The one that asks.
    current: bool,
}

impl From<OwnSession> for SessionOut {
    fn from(own: OwnSession) -> Self {
        Self {
            id: own.id.to_string(),
            device: own.device,
            source: own.source,
            created_at: own.created_at,
            last_seen_at: own.last_seen_at,
            expires_at: own.expires_at,
            current: own.current,
        }
    }
}

/// Where you are signed in.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me",
    responses((status = 200, body = SessionsOut), (status = 401, body = ProblemBody)))]
pub async fn sessions(caller: Caller) -> Result<Json<SessionsOut>, Problem> {
    let sessions = caller.release(own_sessions(&caller.app, &caller.call).await)?;
    Ok(Json(SessionsOut { items: sessions.into_iter().map(Into::into).collect() }))
}
