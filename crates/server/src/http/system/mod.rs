//! What operators, monitors and passers-by ask: home page, health, readiness, metrics, description.

mod count;
mod health;
mod home;

pub use count::Counts;

use super::{HttpState, caller::Caller, problem::Problem};
use app::Error;
use axum::{Json, Router, routing::get};
use std::sync::LazyLock;
use utoipa::{
    Modify,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// Routes beside the API.
pub fn routes() -> Router<HttpState> {
    Router::new()
        .route("/", get(home::home))
        .route("/api/v1/openapi.json", get(description))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
}

async fn description() -> Json<&'static serde_json::Value> {
    static DESCRIPTION: LazyLock<serde_json::Value> = LazyLock::new(super::openapi);
    Json(&DESCRIPTION)
}

pub async fn not_found(caller: Caller) -> Problem {
    caller.refuse("request.route", Error::NotFound).await
}

pub async fn method_not_allowed(caller: Caller) -> Problem {
    caller.refuse("request.route", Error::MethodNotAllowed).await
}

/// Says in the description how to prove who you are.
pub struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi.components.get_or_insert_default().add_security_scheme("session", bearer);
        openapi.security =
            Some(vec![utoipa::openapi::SecurityRequirement::new::<_, [&str; 0], &str>("session", [])]);
    }
}
