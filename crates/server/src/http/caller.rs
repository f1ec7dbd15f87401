//! Who calls. Naming [`Caller`] in a handler is how it gets a [`Call`]; there is no other way.

use super::{
    problem::Problem,
    state::HttpState,
    visit::{Receipt, Token, Visit},
};
use app::{App, Call, Error, words::Language};
use axum::{extract::FromRequestParts, http::request::Parts};
use domain::access::{Principal, RefusalCode};
use std::sync::{Arc, LazyLock};

static NOBODY: LazyLock<Arc<Principal>> = LazyLock::new(|| Arc::new(Principal::public()));

/// Anyone: signed in or not. A bearer token that is not good is refused rather than ignored; a
/// cookie, which the browser sends whether its owner means it or not, is taken back.
pub struct Caller {
    pub app: Arc<App>,
    pub call: Call,
    pub language: Language,
}

impl Caller {
    /// Finds out who made the visit, and takes what the call costs from their rate.
    pub async fn identify(visit: &Visit, state: &HttpState) -> Result<Self, Problem> {
        let app = state.app.clone();
        let anonymous = app.call(NOBODY.clone(), visit.source.clone(), visit.device.clone());
        let mut caller = Self { app, call: anonymous, language: visit.language };
        // Looking a token up costs something: the address pays for one that nobody has vouched for.
        let vouched = visit.token.is_some_and(|token| caller.app.sessions.knows(token.hash()));
        if !vouched {
            caller.spend(visit, state).await?;
        }
        match caller.principal(visit).await {
            Ok(Some(principal)) => {
                caller.call.principal = principal;
                caller.spend(visit, state).await?;
            }
            Ok(None) if vouched => caller.spend(visit, state).await?,
            Ok(None) => {}
            Err(error) => return Err(caller.refuse("request.authenticate", error).await),
        }
        Ok(caller)
    }

    /// Notes what is left, also where it is not enough.
    async fn spend(&self, visit: &Visit, state: &HttpState) -> Result<(), Problem> {
        let spent = state.limits.spend(&self.call);
        let quota = *spent.as_ref().unwrap_or_else(|left| left);
        visit.note(Receipt { request: self.call.request, quota });
        match spent {
            Ok(_) => Ok(()),
            Err(_) => {
                let error = Error::TooManyRequests { retry_after_s: 1 };
                Err(self.refuse("request.rate_limit", error).await)
            }
        }
    }

    async fn principal(&self, visit: &Visit) -> Result<Option<Arc<Principal>>, Error> {
        let Some(token) = visit.token else { return Ok(None) };
        let principal = self.app.sessions.principal(&self.app, token.hash()).await?;
        match (token, &principal) {
            (Token::Bearer(_), None) => Err(Error::Refused(RefusalCode::SignInRequired)),
            (Token::Cookie(_), None) => {
                visit.note_stale_cookie();
                Ok(None)
            }
            (Token::Cookie(_), Some(_)) if !visit.same_site => Err(Error::Refused(RefusalCode::NotPermitted)),
            _ => Ok(principal),
        }
    }

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
        // Apart from what every call carries with it, since most are not refused.
        let audited = Box::pin(self.app.audit.record::<()>(&self.call, entry, Err(error))).await;
        match audited.into_result() {
            Err(error) => self.problem(&error),
            Ok(()) => self.problem(&Error::AuditUnavailable),
        }
    }
}

impl FromRequestParts<HttpState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Problem> {
        let visit = parts.extensions.get::<Arc<Visit>>().cloned();
        let visit = visit.expect("every route lies inside the envelope");
        if let Some(route) = parts.extensions.get() {
            visit.note_route(route);
        }
        Self::identify(&visit, state).await
    }
}
