//! Passwords are kept as Argon2id hashes; which ones are accepted is judged in `password_rules`.

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

/// Was this made with less than a hash costs today?
pub(super) fn is_outdated(hash: &str) -> bool {
    let current = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$");
    !hash.starts_with(&current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_matches() {
        let entropy = Entropy::from_seed([7; 32]);
        let passwords = Passwords::new(CpuPool::new(1), &entropy).unwrap();
        let stored = passwords.hash(&entropy, "Mule-harbour-19".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !is_outdated(&stored));
        assert!(is_outdated(&stored.replace("m=19456", "m=12288")));
        assert!(passwords.matches(Some(stored.clone()), "Mule-harbour-19".into()).await.unwrap());
        assert!(!passwords.matches(Some(stored), "mule-harbour-19".into()).await.unwrap());
        assert!(!passwords.matches(None, "no such account".into()).await.unwrap());
    }
}
