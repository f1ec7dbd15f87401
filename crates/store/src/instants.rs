//! Instants are stored as microseconds since 1970-01-01T00:00:00Z in a 64-bit integer: the one
//! form in which SQLite, PostgreSQL and MySQL keep the same precision, order and time zone.

use domain::Instant;

pub(crate) fn micros(at: Instant) -> i64 {
    at.timestamp_micros()
}

/// Saturates some 262,000 years away from now.
pub(crate) fn instant(micros: i64) -> Instant {
    let bound = if micros < 0 { Instant::MIN_UTC } else { Instant::MAX_UTC };
    Instant::from_timestamp_micros(micros).unwrap_or(bound)
}
