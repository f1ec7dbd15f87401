//! Requests that no operation answered: what an extractor refused, what took too long, what panicked.
//! They too are answered with a problem and stand in the audit.

use super::{caller::Caller, state::HttpState};
use app::Error;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Operations answer in JSON, errors included; an error in another form is not theirs.
pub async fn on_record(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_json(&response) {
        return response;
    }
    // Also counts against the caller's rate, since nothing else may have.
    match Caller::from_request_parts(&mut parts, &state).await {
        Ok(caller) => caller.refuse("request.rejected", error(status)).await.into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        kind.starts_with("application/json") || kind.starts_with("application/problem+json")
    })
}

fn error(status: StatusCode) -> Error {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge,
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Error::TimedOut
        }
        status if status.is_server_error() => Error::internal("the operation panicked"),
        _ => Error::field("request", "request_invalid"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Config,
        http::{HttpOptions, headers},
        wiring::{self, Role},
    };
    use axum::{
        Router,
        body::{Body, to_bytes},
        middleware::{from_fn, from_fn_with_state},
        routing::get,
    };
    use metrics_exporter_prometheus::PrometheusBuilder;
    use std::{sync::Arc, time::Duration};
    use tower::ServiceExt;
    use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

    async fn panics() -> &'static str {
        panic!("a handler with a fault")
    }

    async fn never_answers() -> &'static str {
        std::future::pending().await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_panic_and_an_answer_that_never_comes_are_problems() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::load(None).unwrap();
        config.data.dir = dir.path().to_owned();
        let app = Arc::new(wiring::open(&config, Role::Server).await.unwrap());
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let options = HttpOptions { account_rate: 10, anonymous_rate: 10 };
        let state = HttpState::new(app, metrics, &options);
        let router: Router = Router::new()
            .route("/panics", get(panics))
            .route("/never", get(never_answers))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_millis(1)))
            .layer(CatchPanicLayer::new())
            .layer(from_fn_with_state(state.clone(), on_record))
            .layer(from_fn(headers::secure))
            .with_state(state);
        for (path, status, code) in [("/panics", 500, "internal"), ("/never", 503, "timed_out")] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json; charset=utf-8");
            assert!(answer.headers().contains_key("content-security-policy"));
            let body = to_bytes(answer.into_body(), 1 << 16).await.unwrap();
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem["code"], code);
        }
    }
}
