//! Time and randomness as parts: nothing else in the program reads them.

use domain::{Date, Instant};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::sync::Mutex;

/// Tells the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;

    /// Today in the zone in which the catalogue's days begin.
    fn today(&self, zone: chrono_tz::Tz) -> Date {
        self.now().with_timezone(&zone).date_naive()
    }
}

/// The source of identifiers, tokens and nonces.
pub struct Entropy(Mutex<ChaCha20Rng>);

impl Entropy {
    /// `seed` comes from the operating system in production and from the test in tests.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Mutex::new(ChaCha20Rng::from_seed(seed)))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let mut rng = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A new UUIDv7: ordered by time, so that indexes stay dense.
    pub fn uuid(&self, now: Instant) -> uuid::Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}
