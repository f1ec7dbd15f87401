//! Who calls. Naming [`Caller`] in a handler is how it gets a [`Call`]; there is no other way.

use super::{problem::Problem, rate_limit::QuotaSlot, state::HttpState};
use app::{App, Call, Error, words::Language};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use axum_extra::extract::cookie::CookieJar;
use domain::access::{Principal, RefusalCode};
use std::{net::SocketAddr, sync::Arc};

/// `__Host-`: only over TLS (or loopback), only this host, only the root path.
pub const SESSION_COOKIE: &str = "__Host-anzheng_session";

/// Anyone: signed in or not. A token that is not good is refused rather than ignored.
pub struct Caller {
    pub app: Arc<App>,
    pub call: Call,
    pub language: Language,
}

impl Caller {
    /// Turns an error of this call into its answer.
    pub fn problem(&self, error: &Error) -> Problem {
        Problem::new(error, self.call.request, self.language, self.call.now)
    }

    /// Releases an answer whose record is durable.
    pub fn release<T>(&self, audited: app::audit::Audited<T>) -> Result<T, Problem> {
        audited.into_result().map_err(|error| self.problem(&error))
    }

    /// Refuses a request that no use case saw, on record like any other.
    pub async fn refuse(&self, action: &'static str, error: Error) -> Problem {
        let entry = app::audit::Entry::new(action);
        let audited = self.app.audit.record::<()>(&self.call, entry, Err(error)).await;
        match audited.into_result() {
            Err(error) => self.problem(&error),
            Ok(()) => self.problem(&Error::AuditUnavailable),
        }
    }
}

impl FromRequestParts<HttpState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Problem> {
        let app = state.app.clone();
        let source = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or_else(|| "unknown".to_owned(), |ConnectInfo(address)| address.to_string());
        let language = Language::from_accept(text(&parts.headers, header::ACCEPT_LANGUAGE).unwrap_or(""));
        let device = text(&parts.headers, header::USER_AGENT).map(|agent| agent.chars().take(120).collect());
        let anonymous = app.call(Principal::public(), source, device);
        let mut caller = Caller { app, call: anonymous, language };
        match identify(&caller, parts).await {
            Ok(Some(principal)) => caller.call.principal = Principal::clone(&principal),
            Ok(None) => {}
            Err(error) => return Err(caller.refuse("request.authenticate", error).await),
        }
        let slot = parts.extensions.get::<QuotaSlot>();
        match state.limits.spend(&caller.call) {
            Ok(quota) => {
                slot.inspect(|slot| slot.fill(quota));
                Ok(caller)
            }
            Err(error) => Err(caller.refuse("request.rate_limit", error).await),
        }
    }
}

async fn identify(caller: &Caller, parts: &Parts) -> Result<Option<Arc<Principal>>, Error> {
    let bearer = text(&parts.headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let cookie = CookieJar::from_headers(&parts.headers);
    let token = match (bearer, cookie.get(SESSION_COOKIE)) {
        (Some(token), _) => token,
        (None, Some(cookie)) => {
            if !same_site(&parts.method, &parts.headers) {
                return Err(Error::Refused(RefusalCode::NotPermitted));
            }
            cookie.value()
        }
        (None, None) => return Ok(None),
    };
    match caller.app.sessions.principal(&caller.app, token).await? {
        Some(principal) => Ok(Some(principal)),
        None => Err(Error::Refused(RefusalCode::SignInRequired)),
    }
}

/// A browser sends its cookie along with another site's form; what it then also sends is
/// `Sec-Fetch-Site`. State changes need it to say that the page is ours.
fn same_site(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
        || headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none")
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
