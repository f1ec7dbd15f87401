//! What operators, monitors and passers-by ask: home page, health, readiness, metrics, description.

mod count;
mod health;
mod home;

pub use count::Counts;

use super::{HttpState, caller::Caller, problem::Problem};
use crate::http::json::Json;
use app::Error;
use axum::{Router, routing::get};
use std::sync::LazyLock;
use utoipa::{
    Modify,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

const HOME: &str = "/";
const DESCRIPTION: &str = "/api/v1/openapi.json";
const LIVE: &str = "/health/live";
const READY: &str = "/health/ready";
const METRICS: &str = "/metrics";

/// Routes beside the API.
pub fn routes() -> Router<HttpState> {
    Router::new()
        .route(HOME, get(home::home))
        .route(DESCRIPTION, get(description))
        .route(LIVE, get(health::live))
        .route(READY, get(health::ready))
        .route(METRICS, get(health::metrics))
}

/// The route of a path, for the routes that ask nobody who they are.
pub fn fixed_route(path: &str) -> Option<&'static str> {
    [HOME, DESCRIPTION, LIVE, READY, METRICS].into_iter().find(|route| *route == path)
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
