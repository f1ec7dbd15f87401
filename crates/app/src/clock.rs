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

    /// A new UUIDv7: ordered by time, so that indexes grow at their end only. Thousands are drawn
    /// in a millisecond, so its parts count as well (RFC 9562, section 6.2, method 3).
    pub fn uuid(&self, now: Instant) -> uuid::Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let part = now.timestamp_subsec_nanos() % 1_000_000 * 4_096 / 1_000_000;
        let [_, _, high, low] = part.to_be_bytes();
        let mut rest: [u8; 10] = self.bytes();
        rest[..2].copy_from_slice(&[high, low]);
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::Entropy;
    use chrono::{TimeDelta, TimeZone, Utc};

    #[test]
    fn identifiers_follow_time_also_within_a_millisecond() {
        let entropy = Entropy::from_seed([7; 32]);
        let start = Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
        let instants = (0..4_000).map(|microseconds| start + TimeDelta::microseconds(microseconds));
        let drawn: Vec<_> = instants.map(|now| entropy.uuid(now)).collect();
        assert!(drawn.is_sorted());
        assert!(drawn.iter().all(|id| id.get_version_num() == 7));
        assert_ne!(entropy.uuid(start), entropy.uuid(start));
    }
}
