//! The session's cookie: set at sign-in, cleared when the session is over.

use axum::{
    extract::Request,
    http::{HeaderValue, header::SET_COOKIE},
    middleware::Next,
    response::Response,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// `__Host-`: only over TLS (or loopback), only this host, only the root path.
pub const NAME: &str = "__Host-anzheng_session";

pub fn set(token: &str, seconds: i64) -> String {
    format!("{NAME}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}

pub fn clear() -> String {
    set("", 0)
}

/// Carries from the caller's cookie to the answer that its session is over.
#[derive(Debug, Clone, Default)]
pub struct Stale(Arc<AtomicBool>);

impl Stale {
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Takes a cookie back whose session is over, unless the answer sets a new one.
pub async fn clear_stale(mut request: Request, next: Next) -> Response {
    let stale = Stale::default();
    request.extensions_mut().insert(stale.clone());
    let mut response = next.run(request).await;
    if stale.0.load(Ordering::Relaxed)
        && let Ok(cleared) = HeaderValue::try_from(clear())
    {
        response.headers_mut().entry(SET_COOKIE).or_insert(cleared);
    }
    response
}
