//! Token buckets per account or anonymous address. They bound what one caller can cost; look-ups
//! that miss are counted elsewhere.

use super::state::HttpOptions;
use app::{Call, accounts::source_host};
use domain::{Instant, access::Role, ids::AccountId};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
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
    shards: [Mutex<HashMap<Payer, Bucket>>; SHARDS],
}

/// What a caller has left, for the `RateLimit-*` headers.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    pub limit: u64,
    pub remaining: u64,
}

/// Whose bucket it is.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Payer {
    Account(AccountId),
    Host(String),
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

    /// Takes one token and returns what is left; the error says that there was none.
    pub fn spend(&self, call: &Call) -> Result<Quota, Quota> {
        let (payer, rate) = match call.principal.account.filter(|_| call.principal.role != Role::Public) {
            Some(account) => (Payer::Account(account), self.account_rate),
            None => (Payer::Host(source_host(&call.source)), self.anonymous_rate),
        };
        let shard = usize::try_from(self.hasher.hash_one(&payer)).unwrap_or(0) % SHARDS;
        let mut buckets = self.shards[shard].lock();
        if buckets.len() > SHARD_ENTRIES {
            buckets.retain(|_, bucket| bucket.refilled(rate, call.now) < rate * BURST_S);
        }
        let full = Bucket { tokens: rate * BURST_S, filled_at: call.now };
        let bucket = buckets.entry(payer).or_insert(full);
        bucket.tokens = bucket.refilled(rate, call.now);
        bucket.filled_at = bucket.filled_at.max(call.now);
        let limit = (rate * BURST_S) as u64;
        if bucket.tokens < 1.0 {
            return Err(Quota { limit, remaining: 0 });
        }
        bucket.tokens -= 1.0;
        Ok(Quota { limit, remaining: bucket.tokens as u64 })
    }
}

impl Bucket {
    fn refilled(&self, rate: f64, now: Instant) -> f64 {
        let seconds = (now - self.filled_at).num_milliseconds().max(0) as f64 / 1000.0;
        (self.tokens + seconds * rate).min(rate * BURST_S)
    }
}
