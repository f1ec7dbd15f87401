//! What was seen that should not have been, and how it went besides.

use crate::{
    client::{Reply, Standing},
    journal::Act,
};
use parking_lot::Mutex;
use serde::Serialize;
use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

/// What must hold after every fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Invariant {
    /// Every acknowledged write is there.
    I1,
    /// No half write.
    I2,
    /// Each change has its audit record, and the audit is whole.
    I3,
    /// Nothing taken away is ever called valid again.
    I4,
    /// Searches, single answers and the database agree.
    I5,
    /// What was asked for twice is done once.
    I6,
    /// Nobody sees a row outside their scope.
    I7,
    /// Errors are honest.
    I9,
}

/// Characters of what was seen that are printed; the report as JSON has all.
const SHOWN: usize = 400;

/// A promise that was broken.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    pub invariant: Invariant,
    /// The client's act it became visible at.
    pub act: Option<Act>,
    pub expected: String,
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.invariant)?;
        if let Some(act) = self.act {
            write!(f, " act {act}")?;
        }
        let seen: String = self.seen.chars().take(SHOWN).collect();
        write!(f, ": expected {}; seen: {seen}", self.expected)
    }
}

/// How many requests came to what, and the slowest answer.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Traffic {
    pub answered: u64,
    pub not_now: u64,
    pub silent: u64,
    pub slowest_ms: u64,
}

#[derive(Default)]
pub struct Watch {
    violations: Mutex<Vec<Violation>>,
    /// A fault is on: no answer, and an honest "not now", are to be expected.
    storm: AtomicBool,
    answered: AtomicU64,
    not_now: AtomicU64,
    silent: AtomicU64,
    slowest_ms: AtomicU64,
}

impl Watch {
    pub fn set_storm(&self, storm: bool) {
        self.storm.store(storm, Ordering::SeqCst);
    }

    pub fn violated(
        &self,
        invariant: Invariant,
        act: Option<Act>,
        expected: impl Into<String>,
        seen: impl Into<String>,
    ) {
        let violation = Violation { invariant, act, expected: expected.into(), seen: seen.into() };
        self.violations.lock().push(violation);
    }

    /// Counts a reply, and says what it means; a dishonest one is a violation.
    pub fn judge(&self, act: Option<Act>, what: &str, reply: &Reply, took: Duration) -> Standing {
        let standing = reply.standing();
        let storm = self.storm.load(Ordering::SeqCst);
        let counter = match &standing {
            Standing::Done | Standing::Refused(_) | Standing::Dishonest(_) => &self.answered,
            Standing::NotNow(_) => &self.not_now,
            Standing::Silent(_) => &self.silent,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if !matches!(standing, Standing::Silent(_)) {
            let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            self.slowest_ms.fetch_max(took, Ordering::Relaxed);
        }
        match &standing {
            Standing::Dishonest(seen) => {
                self.violated(Invariant::I9, act, format!("{what}: a result or a problem document"), seen);
            }
            Standing::Silent(seen) | Standing::NotNow(seen) if !storm => {
                self.violated(
                    Invariant::I9,
                    act,
                    format!("{what}: an answer, since nothing is broken"),
                    seen,
                );
            }
            _ => {}
        }
        standing
    }

    /// What has been seen since this was asked last.
    pub fn take(&self) -> (Vec<Violation>, Traffic) {
        let number = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        let traffic = Traffic {
            answered: number(&self.answered),
            not_now: number(&self.not_now),
            silent: number(&self.silent),
            slowest_ms: number(&self.slowest_ms),
        };
        (std::mem::take(&mut *self.violations.lock()), traffic)
    }
}

impl Traffic {
    pub fn add(&mut self, other: Traffic) {
        self.answered += other.answered;
        self.not_now += other.not_now;
        self.silent += other.silent;
        self.slowest_ms = self.slowest_ms.max(other.slowest_ms);
    }
}
