//! Proof of work instead of a captcha: works for everyone, offline pages and screen readers
//! included, asks no third party, and makes trying numbers by the thousand expensive.
//!
//! A challenge is `<expiry>.<random>.<tag>`; the tag is keyed, so nothing is stored until it is
//! used. A solution is `<challenge>:<counter>` whose SHA-256 begins with enough zero bits. Each
//! challenge is good once.

use crate::{
    App, Call,
    audit::{Audited, Entry},
    clock::Entropy,
};
use domain::Instant;
use keys::KeyRing;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Seconds for which a challenge can be solved.
const LIFETIME_S: i64 = 300;

/// Hands out and checks challenges.
pub struct Challenges {
    keys: KeyRing,
    bits: u32,
    /// Tags used, with their expiry; bounded by what can be solved in five minutes.
    used: Mutex<HashMap<[u8; 16], i64>>,
}

/// A puzzle for one question.
#[derive(Debug, Clone)]
pub struct Challenge {
    pub text: String,
    /// Leading zero bits that the hash of the solution must have.
    pub bits: u32,
    pub expires_at: Instant,
}

impl Challenges {
    pub fn new(keys: KeyRing, bits: u32) -> Self {
        Self { keys, bits, used: Mutex::new(HashMap::new()) }
    }

    pub fn issue(&self, entropy: &Entropy, now: Instant) -> Challenge {
        let expires = now.timestamp() + LIFETIME_S;
        let body = format!("{expires}.{}", hex::encode(entropy.bytes::<12>()));
        let tag = hex::encode(self.tag(&body));
        let expires_at = Instant::from_timestamp(expires, 0).unwrap_or(now);
        Challenge { text: format!("{body}.{tag}"), bits: self.bits, expires_at }
    }

    /// Is this a solution of a challenge of ours, in time and for the first time?
    pub fn redeem(&self, solution: &str, now: Instant) -> bool {
        let Some((challenge, _counter)) = solution.split_once(':') else { return false };
        let Some((body, tag)) = challenge.rsplit_once('.') else { return false };
        let Some(expires) = body.split('.').next().and_then(|text| text.parse::<i64>().ok()) else {
            return false;
        };
        let expected = self.tag(body);
        if hex::encode(expected) != tag || expires < now.timestamp() || solution.len() > 200 {
            return false;
        }
        if leading_zero_bits(&Sha256::digest(solution.as_bytes())) < self.bits {
            return false;
        }
        let mut used = self.used.lock();
        used.retain(|_, expiry| *expiry >= now.timestamp());
        used.insert(expected, expires).is_none()
    }

    fn tag(&self, body: &str) -> [u8; 16] {
        self.keys.blind("challenge", body)
    }
}

/// A puzzle for whoever asks.
pub async fn challenge(app: &App, call: &Call) -> Audited<Challenge> {
    let entry = Entry::new("verification.challenge");
    let challenge = app.challenges.issue(&app.entropy, call.now);
    app.audit.record(call, entry, Ok(challenge)).await
}

/// Solves a challenge; for clients and tests.
pub fn solve(challenge: &str, bits: u32) -> String {
    let mut counter = 0u64;
    loop {
        let solution = format!("{challenge}:{counter}");
        if leading_zero_bits(&Sha256::digest(solution.as_bytes())) >= bits {
            return solution;
        }
        counter += 1;
    }
}

fn leading_zero_bits(hash: &[u8]) -> u32 {
    let mut bits = 0;
    for byte in hash {
        bits += byte.leading_zeros();
        if *byte != 0 {
            break;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenges() -> (Challenges, Entropy) {
        let keys = KeyRing::in_memory([3; 32]);
        (Challenges::new(keys, 8), Entropy::from_seed([5; 32]))
    }

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn a_solution_counts_once_and_in_time() {
        let (challenges, entropy) = challenges();
        let challenge = challenges.issue(&entropy, at(0));
        let solution = solve(&challenge.text, challenge.bits);
        assert!(challenges.redeem(&solution, at(LIFETIME_S)));
        assert!(!challenges.redeem(&solution, at(LIFETIME_S)), "a second time");
        let late = challenges.issue(&entropy, at(0));
        assert!(!challenges.redeem(&solve(&late.text, late.bits), at(LIFETIME_S + 1)), "too late");
    }

    #[test]
    fn an_invented_or_unsolved_challenge_does_not_count() {
        let (challenges, entropy) = challenges();
        let challenge = challenges.issue(&entropy, at(0));
        let unsolved = (0..)
            .map(|n| format!("{}:{n}", challenge.text))
            .find(|text| leading_zero_bits(&Sha256::digest(text.as_bytes())) < 8);
        assert!(!challenges.redeem(&unsolved.unwrap(), at(0)));
        let invented = challenge.text.replace(&challenge.text[..2], "99");
        assert!(!challenges.redeem(&solve(&invented, 8), at(0)));
        assert!(!challenges.redeem("", at(0)));
    }
}
