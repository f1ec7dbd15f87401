//! What is known of a request beside its operation: what it says of its sender, and what the answer
//! has to tell them.

use super::{cookie, rate_limit::Quota};
use app::{accounts::TokenHash, words::Language};
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, Method, header},
};
use axum_extra::extract::cookie::CookieJar;
use domain::ids::RequestId;
use parking_lot::Mutex;
use std::{
    net::SocketAddr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// One request as it comes and as its answer leaves. Shared by both ends through the request's
/// extensions.
#[derive(Debug)]
pub struct Visit {
    /// Address and port of the peer.
    pub source: String,
    /// User agent, if any.
    pub device: Option<String>,
    pub language: Language,
    pub token: Option<Token>,
    /// The request cannot come from another site's page.
    pub same_site: bool,
    receipt: Mutex<Option<Receipt>>,
    route: OnceLock<MatchedPath>,
    stale_cookie: AtomicBool,
}

/// Under which name the call is on record, and what its caller has left.
#[derive(Debug, Clone, Copy)]
pub struct Receipt {
    pub request: RequestId,
    pub quota: Quota,
}

/// How a session is named.
#[derive(Debug, Clone, Copy)]
pub enum Token {
    Bearer(TokenHash),
    Cookie(TokenHash),
}

impl Token {
    fn presented(headers: &HeaderMap) -> Option<Self> {
        let bearer = text(headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        if let Some(token) = bearer {
            return Some(Token::Bearer(TokenHash::of(token)));
        }
        let cookies = CookieJar::from_headers(headers);
        cookies.get(cookie::NAME).map(|cookie| Token::Cookie(TokenHash::of(cookie.value())))
    }

    pub fn hash(&self) -> &TokenHash {
        match self {
            Token::Bearer(hash) | Token::Cookie(hash) => hash,
        }
    }
}

impl Visit {
    pub fn of(request: &Request, peer: SocketAddr) -> Self {
        let headers = request.headers();
        Self {
            source: peer.to_string(),
            device: text(headers, header::USER_AGENT).map(|agent| agent.chars().take(120).collect()),
            language: Language::from_accept(text(headers, header::ACCEPT_LANGUAGE).unwrap_or("")),
            token: Token::presented(headers),
            same_site: same_site(request.method(), headers),
            receipt: Mutex::default(),
            route: OnceLock::new(),
            stale_cookie: AtomicBool::new(false),
        }
    }

    pub fn note(&self, receipt: Receipt) {
        *self.receipt.lock() = Some(receipt);
    }

    /// What was noted last.
    pub fn receipt(&self) -> Option<Receipt> {
        *self.receipt.lock()
    }

    pub fn note_route(&self, route: &MatchedPath) {
        // It stays the same.
        let _noted = self.route.set(route.clone());
    }

    /// The pattern that the path matched, if an operation has seen the request.
    pub fn route(&self) -> Option<&str> {
        self.route.get().map(MatchedPath::as_str)
    }

    /// The cookie names a session that is over.
    pub fn note_stale_cookie(&self) {
        self.stale_cookie.store(true, Ordering::Relaxed);
    }

    pub fn has_stale_cookie(&self) -> bool {
        self.stale_cookie.load(Ordering::Relaxed)
    }
}

/// A browser sends its cookie along with another site's form; what it then also sends is
/// `Sec-Fetch-Site`. State changes need it to say that the page is ours.
fn same_site(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
        || headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin" || site == "none")
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
