//! What every request passes on its way in and every answer on its way out. Around the router and not a
//! layer of it: each layer of a router is boxed and copied for every request.

use super::{
    caller::Caller,
    cookie, headers,
    state::HttpState,
    system,
    visit::{Receipt, Visit},
};
use app::Error;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{
        HeaderMap, HeaderValue, StatusCode, Version,
        header::{CONNECTION, CONTENT_TYPE, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use std::{
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tower::Service;

/// Largest JSON body, in bytes.
const BODY_BYTES: usize = 64 << 10;

/// The whole of the HTTP channel. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    router: Router,
    /// Answers say that their connection ends with them.
    stopping: AtomicBool,
    state: HttpState,
    /// How long a request may take, by its path.
    patience: fn(&str) -> Option<Duration>,
}

impl Site {
    pub fn new(router: Router, state: HttpState, patience: fn(&str) -> Option<Duration>) -> Self {
        Self(Arc::new(Inner { router, stopping: AtomicBool::new(false), state, patience }))
    }

    /// From now on no connection is kept alive.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers in JSON whatever happens, with the headers that every answer bears, and counts it.
    pub async fn answer(&self, mut request: Request, peer: SocketAddr) -> Response {
        let Inner { router, stopping, state, patience } = &*self.0;
        // HTTP/2 has a message of its own for this.
        let keeps_alive = request.version() <= Version::HTTP_11;
        let visit = Arc::new(Visit::of(&request, peer));
        let fixed = system::fixed_route(request.uri().path());
        let (method, patience) = (request.method().clone(), patience(request.uri().path()));
        request.extensions_mut().insert(visit.clone());
        DefaultBodyLimit::max(BODY_BYTES).apply(&mut request);
        // Nothing outlives a panic but what all requests share, and that holds no lock while it can panic.
        let answer = AssertUnwindSafe(router.clone().call(request)).catch_unwind();
        let answered = match patience {
            Some(patience) => tokio::time::timeout(patience, answer).await,
            None => Ok(answer.await),
        };
        let mut response = match answered {
            Ok(Ok(Ok(response))) if is_ours(&response) => response,
            Ok(Ok(Ok(response))) => on_record(&visit, state, error(response.status())).await,
            Ok(Err(_panic)) => on_record(&visit, state, Error::internal("the operation panicked")).await,
            Err(_elapsed) => on_record(&visit, state, Error::TimedOut).await,
        };
        let answer = response.headers_mut();
        headers::secure(answer);
        tell(answer, &visit);
        if keeps_alive && stopping.load(Ordering::Relaxed) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        state.counts.count(visit.route().or(fixed).unwrap_or("unmatched"), &method, response.status());
        response
    }
}

/// Operations answer in JSON, errors included; an error in another form is not theirs.
fn is_ours(response: &Response) -> bool {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    !failed
        || kind.is_some_and(|kind| {
            kind.starts_with("application/json") || kind.starts_with("application/problem+json")
        })
}

/// Requests that no operation answered: what an extractor refused, what took too long, what panicked.
/// They too are answered with a problem and stand in the audit.
async fn on_record(visit: &Visit, state: &HttpState, error: Error) -> Response {
    // Apart from what every request carries with it. Also counts against the caller's rate, since nothing
    // else may have.
    match Box::pin(Caller::identify(visit, state)).await {
        Ok(caller) => caller.refuse("request.rejected", error).await.into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn error(status: StatusCode) -> Error {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge,
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Error::TimedOut
        }
        status if status.is_server_error() => Error::internal("an answer in a form that is not ours"),
        _ => Error::field("request", "request_invalid"),
    }
}

/// Tells callers under which name the call is on record, what they have left
/// (draft-ietf-httpapi-ratelimit-headers), and that their session is over.
fn tell(answer: &mut HeaderMap, visit: &Visit) {
    if let Some(Receipt { request, quota }) = visit.receipt() {
        if let Ok(name) = HeaderValue::try_from(request.to_string()) {
            answer.insert(headers::REQUEST_ID, name);
        }
        answer.insert(headers::RATE_LIMIT, HeaderValue::from(quota.limit));
        answer.insert(headers::RATE_REMAINING, HeaderValue::from(quota.remaining));
        answer.insert(headers::RATE_RESET, HeaderValue::from_static("1"));
    }
    // Unless the answer sets a new one.
    if visit.has_stale_cookie()
        && let Ok(cleared) = HeaderValue::try_from(cookie::clear())
    {
        answer.entry(SET_COOKIE).or_insert(cleared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Config,
        http::HttpOptions,
        wiring::{self, Role},
    };
    use axum::{
        body::{Body, to_bytes},
        routing::get,
    };
    use metrics_exporter_prometheus::PrometheusBuilder;

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
        let router: Router =
            Router::new().route("/panics", get(panics)).route("/never", get(never_answers)).with_state(());
        let site = Site::new(router, state, |_| Some(Duration::from_millis(1)));
        for (path, status, code) in [("/panics", 500, "internal"), ("/never", 503, "timed_out")] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answer = site.answer(request, SocketAddr::from(([127, 0, 0, 1], 1))).await;
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json; charset=utf-8");
            assert!(answer.headers().contains_key("content-security-policy"));
            let body = to_bytes(answer.into_body(), 1 << 16).await.unwrap();
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem["code"], code);
        }
    }
}
