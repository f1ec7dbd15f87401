use crate::http::HttpState;
use crate::http::json::Json;
use app::jobs::follower;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::{extract::State, response::IntoResponse};
use serde::Serialize;

/// The process answers.
pub async fn live() -> &'static str {
    "ok"
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// The read model has caught up at least once since it was opened.
    queries: bool,
    /// The store can be reached. Queries go on without it.
    store: bool,
    /// The audit can be written. Nothing is answered without it.
    audit: bool,
    /// Seconds since the read model last agreed with the store.
    lag_s: i64,
}

/// May this node be sent callers?
pub async fn ready(State(state): State<HttpState>) -> impl IntoResponse {
    let app = &state.app;
    let queries = app.readmodel.is_ready();
    let audit = app.audit.journal().is_some_and(|journal| journal.is_writable());
    let store = app.store.ping().await.is_ok();
    let lag_s = follower::lag_s(app, app.clock.now());
    let readiness = Readiness { ready: queries && audit, queries, store, audit, lag_s };
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

/// Prometheus text format.
pub async fn metrics(State(state): State<HttpState>) -> impl IntoResponse {
    let app = &state.app;
    metrics::gauge!("anzheng_feed_position").set(app.readmodel.position().seq as f64);
    metrics::gauge!("anzheng_feed_lag_seconds").set(follower::lag_s(app, app.clock.now()) as f64);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.render())
}
