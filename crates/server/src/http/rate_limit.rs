//! Token buckets per account or anonymous address. They bound what one caller can cost; look-ups
//! that miss are counted elsewhere.

use super::state::HttpOptions;
use app::{Call, Error, accounts::source_host};
use axum::{extract::Request, http::HeaderValue, middleware::Next, response::Response};
use domain::{Instant, access::Role, ids::RequestId};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, OnceLock},
};

/// Seconds of its rate that a caller may save up.
const BURST_S: f64 = 5.0;
const SHARDS: usize = 16;
/// Buckets of one shard before the full ones are forgotten.
const SHARD_ENTRIES: usize = 10_000;

pub struct RateLimits {
    account_rate: f64,
    anonymous_rate: f64,
    hasher: RandomState,
    shards: [Mutex<HashMap<String, Bucket>>; SHARDS],
}

/// What a caller has left, for the `RateLimit-*` headers.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    pub limit: u64,
    pub remaining: u64,
}

/// Carries the name of the call and the quota from where they are known to where the answer leaves.
#[derive(Debug, Clone, Default)]
pub struct ReceiptSlot(Arc<OnceLock<(RequestId, Quota)>>);

impl ReceiptSlot {
    pub fn fill(&self, request: RequestId, quota: Quota) {
        // Filled once for each request.
        let _first = self.0.set((request, quota));
    }
}

/// Tells every caller under which name the call is on record, and what they have left
/// (draft-ietf-httpapi-ratelimit-headers).
pub async fn tell(mut request: Request, next: Next) -> Response {
    let slot = ReceiptSlot::default();
    request.extensions_mut().insert(slot.clone());
    let mut response = next.run(request).await;
    if let Some((request, quota)) = slot.0.get() {
        let headers = response.headers_mut();
        if let Ok(name) = HeaderValue::try_from(request.to_string()) {
            headers.insert("x-request-id", name);
        }
        headers.insert("ratelimit-limit", HeaderValue::from(quota.limit));
        headers.insert("ratelimit-remaining", HeaderValue::from(quota.remaining));
        headers.insert("ratelimit-reset", HeaderValue::from(1));
    }
    response
}

struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

impl RateLimits {
    pub fn new(options: &HttpOptions) -> Self {
        Self {
            account_rate: f64::from(options.account_rate),
            anonymous_rate: f64::from(options.anonymous_rate),
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::new(HashMap::new())),
        }
    }

    /// Takes one token, or says when there will be one. Returns what is left.
    pub fn spend(&self, call: &Call) -> Result<Quota, Error> {
        let (key, rate) = match call.principal.account.filter(|_| call.principal.role != Role::Public) {
            Some(account) => (account.to_string(), self.account_rate),
            None => (source_host(&call.source), self.anonymous_rate),
        };
        let shard = usize::try_from(self.hasher.hash_one(&key)).unwrap_or(0) % SHARDS;
        let mut buckets = self.shards[shard].lock();
        if buckets.len() > SHARD_ENTRIES {
            buckets.retain(|_, bucket| bucket.refilled(rate, call.now) < rate * BURST_S);
        }
        let full = Bucket { tokens: rate * BURST_S, filled_at: call.now };
        let bucket = buckets.entry(key).or_insert(full);
        bucket.tokens = bucket.refilled(rate, call.now);
        bucket.filled_at = bucket.filled_at.max(call.now);
        if bucket.tokens < 1.0 {
            return Err(Error::TooManyRequests { retry_after_s: 1 });
        }
        bucket.tokens -= 1.0;
        Ok(Quota { limit: (rate * BURST_S) as u64, remaining: bucket.tokens as u64 })
    }
}

impl Bucket {
    fn refilled(&self, rate: f64, now: Instant) -> f64 {
        let seconds = (now - self.filled_at).num_milliseconds().max(0) as f64 / 1000.0;
        (self.tokens + seconds * rate).min(rate * BURST_S)
    }
}
