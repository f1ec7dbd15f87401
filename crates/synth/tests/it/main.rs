//! The synthetic registry as its users see it: demonstrations, tests and measurements.

mod certificates;
mod lifecycles;
mod rosters;
mod shares;

use anzheng_synth::Registry;
use domain::{Date, catalogue::Catalogue, certificate::Certificate};
use std::sync::LazyLock;

const SEED: u64 = 20_261_122;

fn today() -> Date {
    Date::from_ymd_opt(2026, 11, 22).expect("a day of the calendar")
}

fn registry(certificates: u64) -> Registry {
    Registry::new(SEED, certificates, today(), Catalogue::work_safety())
}

/// Enough certificates to measure shares by, made once for all tests.
fn sample() -> &'static [Certificate] {
    static SAMPLE: LazyLock<Vec<Certificate>> = LazyLock::new(|| registry(20_000).certificates().collect());
    &SAMPLE
}
