//! Passwords: Argon2id, and the policy for staff (GB/T 22239-2019 8.1.4.1; the deviation from
//! ASVS 5.0 6.2.5, which forbids character classes, is on purpose).

use crate::{Error, clock::Entropy, cpu::CpuPool};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};
use tokio::sync::{Mutex, MutexGuard};

/// 19 MiB, two passes, one lane: about 36 ms on one core.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
/// Queues for attempts; more than the CPUs that judge them, so that strangers seldom meet.
const TURNS: usize = 256;

/// Hashes and checks passwords away from the async threads.
#[derive(Clone)]
pub struct Passwords {
    cpu: CpuPool,
    /// Checked when the login is unknown, so that both cases take the same time.
    decoy: Arc<str>,
    /// Attempts at one account are judged one after the other on this node, so that somebody who
    /// signs in many times at once with the right password does not use up the attempts.
    turns: Arc<[Mutex<()>; TURNS]>,
    hasher: RandomState,
}

impl Passwords {
    pub fn new(cpu: CpuPool, entropy: &Entropy) -> Result<Self, Error> {
        let decoy = hash_with(&entropy.bytes(), b"no such account")?;
        let turns = Arc::new(std::array::from_fn(|_| Mutex::new(())));
        Ok(Self { cpu, decoy: decoy.into(), turns, hasher: RandomState::new() })
    }

    /// Waits for the attempts at this login that came before.
    pub(super) async fn turn(&self, login: &str) -> MutexGuard<'_, ()> {
        let place = usize::try_from(self.hasher.hash_one(login) % TURNS as u64).unwrap_or(0);
        self.turns[place].lock().await
    }

    pub async fn hash(&self, entropy: &Entropy, password: String) -> Result<String, Error> {
        let salt = entropy.bytes::<16>();
        self.cpu.run(move || hash_with(&salt, password.as_bytes())).await?
    }

    /// `stored` = `None` does the same work and says no.
    pub async fn matches(&self, stored: Option<String>, password: String) -> Result<bool, Error> {
        let known = stored.is_some();
        let hash = stored.map_or_else(|| self.decoy.clone(), Into::into);
        let matches = self.cpu.run(move || verify(&hash, password.as_bytes())).await?;
        Ok(known && matches)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_with(salt: &[u8; 16], password: &[u8]) -> Result<String, Error> {
    let hash: PasswordHash = argon2()
        .hash_password_with_salt(password, salt)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

fn verify(hash: &str, password: &[u8]) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| argon2().verify_password(password, &parsed).is_ok())
}

/// Why a new password is not accepted; a stable code.
pub fn policy_violation(password: &str, login: &str) -> Option<&'static str> {
    let length = password.chars().count();
    if length < 12 {
        return Some("password_too_short");
    }
    if length > 128 {
        return Some("password_too_long");
    }
    let classes = [
        password.chars().any(|c| c.is_ascii_lowercase()),
        password.chars().any(|c| c.is_ascii_uppercase()),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_ascii_alphanumeric()),
    ];
    if classes.iter().filter(|present| **present).count() < 3 {
        return Some("password_too_simple");
    }
    let folded = password.to_lowercase();
    if !login.is_empty() && folded.contains(&login.to_lowercase()) {
        return Some("password_holds_login");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_what_is_wrong() {
        let table = [
            ("Short1!", Some("password_too_short")),
            ("alllowercaseletters", Some("password_too_simple")),
            ("Inspector-2026-x", Some("password_holds_login")),
            ("Mule-harbour-19", None),
            ("长城-Great-Wall-1", None),
        ];
        for (password, expected) in table {
            assert_eq!(policy_violation(password, "inspector"), expected, "{password}");
        }
        assert_eq!(policy_violation(&"Aa1!".repeat(32), "x"), None);
        assert_eq!(policy_violation(&"Aa1!".repeat(33), "x"), Some("password_too_long"));
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_matches() {
        let entropy = Entropy::from_seed([7; 32]);
        let passwords = Passwords::new(CpuPool::new(1), &entropy).unwrap();
        let stored = passwords.hash(&entropy, "Mule-harbour-19".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.matches(Some(stored.clone()), "Mule-harbour-19".into()).await.unwrap());
        assert!(!passwords.matches(Some(stored), "mule-harbour-19".into()).await.unwrap());
        assert!(!passwords.matches(None, "no such account".into()).await.unwrap());
    }
}
