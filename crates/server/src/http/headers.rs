//! Names of headers, and those of security on every answer, errors included.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::sync::LazyLock;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Of draft-ietf-httpapi-ratelimit-headers.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub const RATE_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub const RATE_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// How many headers an answer has besides: those of its own, and those that tell of its call.
const OTHERS: usize = 8;

/// Checked once: values are looked through character by character.
static FIXED: LazyLock<[(HeaderName, HeaderValue); 9]> =
    LazyLock::new(|| SECURITY.map(|(name, value)| (name, HeaderValue::from_static(value))));

const SECURITY: [(HeaderName, &str); 9] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
         object-src 'none'; require-trusted-types-for 'script'",
    ),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=(), payment=()",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// Puts them into an answer, where it has none of its own.
pub fn secure(answer: &mut HeaderMap) {
    answer.reserve(FIXED.len() + OTHERS);
    for (name, value) in FIXED.iter() {
        answer.entry(name).or_insert_with(|| value.clone());
    }
}
