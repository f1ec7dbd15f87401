//! Who calls. Naming [`Caller`] in a handler is how it gets a [`Call`]; there is no other way.

use super::{
    cookie,
    problem::Problem,
    rate_limit::{Quota, ReceiptSlot},
    state::HttpState,
};
use app::{App, Call, Error, words::Language};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use axum_extra::extract::cookie::CookieJar;
use domain::access::{Principal, RefusalCode};
use std::{net::SocketAddr, sync::Arc};

/// Anyone: signed in or not. A bearer token that is not good is refused rather than ignored; a
/// cookie, which the browser sends whether its owner means it or not, is taken back.
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
        let token = Token::presented(&parts.headers);
        // Looking a token up costs something: the address pays for one that nobody has vouched for.
        let mut quota = None;
        if !token.as_ref().is_some_and(|token| caller.app.sessions.knows(token.text())) {
            quota = Some(spend(&caller, state).await?);
        }
        match identify(&caller, token, parts).await {
            Ok(Some(principal)) => {
                caller.call.principal = Principal::clone(&principal);
                quota = None;
            }
            Ok(None) => {}
            Err(error) => return Err(caller.refuse("request.authenticate", error).await),
        }
        let quota = match quota {
            Some(quota) => quota,
            None => spend(&caller, state).await?,
        };
        parts.extensions.get::<ReceiptSlot>().inspect(|slot| slot.fill(caller.call.request, quota));
        Ok(caller)
    }
}

async fn spend(caller: &Caller, state: &HttpState) -> Result<Quota, Problem> {
    match state.limits.spend(&caller.call) {
        Ok(quota) => Ok(quota),
        Err(error) => Err(caller.refuse("request.rate_limit", error).await),
    }
}

/// How a session is named.
enum Token {
    Bearer(String),
    Cookie(String),
}

impl Token {
    fn presented(headers: &HeaderMap) -> Option<Self> {
        let bearer = text(headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        if let Some(token) = bearer {
            return Some(Token::Bearer(token.to_owned()));
        }
        let cookies = CookieJar::from_headers(headers);
        cookies.get(cookie::NAME).map(|cookie| Token::Cookie(cookie.value().to_owned()))
    }

    fn text(&self) -> &str {
        match self {
            Token::Bearer(text) | Token::Cookie(text) => text,
        }
    }
}

async fn identify(
    caller: &Caller,
    token: Option<Token>,
    parts: &Parts,
) -> Result<Option<Arc<Principal>>, Error> {
    let Some(token) = token else { return Ok(None) };
    let principal = caller.app.sessions.principal(&caller.app, token.text()).await?;
    match (&token, &principal) {
        (Token::Bearer(_), None) => Err(Error::Refused(RefusalCode::SignInRequired)),
        (Token::Cookie(_), None) => {
            parts.extensions.get::<cookie::Stale>().inspect(|stale| stale.note());
            Ok(None)
        }
        (Token::Cookie(_), Some(_)) if !same_site(&parts.method, &parts.headers) => {
            Err(Error::Refused(RefusalCode::NotPermitted))
        }
        _ => Ok(principal),
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
