//! Everything that is broken on purpose. Each fault is a small value that knows how to come and how
//! to go; what happens between is people at work, and what is checked afterwards is the same for all.

pub mod clock;
mod damage;
mod disk;
mod exhaustion;
mod kill;
mod overload;
mod pause;
mod postgres;
mod redelivery;

use crate::{
    load::Rosters,
    world::{Needs, World},
};
use anyhow::Result;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::{ops::Range, time::Duration};

pub trait Fault {
    /// Its row in the list of promises, such as `R-01`.
    fn row(&self) -> &'static str;

    fn name(&self) -> &'static str;

    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Are people at work while it happens?
    fn under_load(&self) -> bool {
        true
    }

    fn rosters(&self, _rng: &mut ChaCha8Rng) -> Rosters {
        Rosters::No
    }

    /// Milliseconds of work before it comes.
    fn after(&self) -> Range<u64> {
        50..600
    }

    /// Milliseconds that it stays.
    fn lasts(&self) -> Range<u64> {
        0..1
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()>;

    fn lift(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()>;

    /// What there is to say of it besides what was counted.
    fn remark(&self) -> Option<String> {
        None
    }
}

pub fn moment(range: Range<u64>, rng: &mut ChaCha8Rng) -> Duration {
    Duration::from_millis(rng.random_range(range))
}

/// How much of a fault that only time brings out.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Seconds that long faults last.
    pub seconds: u64,
}

/// Every fault there is.
pub fn all(scale: Scale) -> Vec<Box<dyn Fault>> {
    vec![
        Box::new(kill::Kill),
        Box::new(postgres::Postmaster),
        Box::new(postgres::Backend),
        Box::new(disk::FlushFails::default()),
        Box::new(disk::Full { volume: "", name: "data volume full", lasts_s: scale.seconds }),
        Box::new(disk::Full { volume: "audit", name: "audit volume full", lasts_s: scale.seconds }),
        Box::new(disk::Full { volume: "readmodel", name: "index volume full", lasts_s: scale.seconds }),
        Box::new(clock::Jumps::default()),
        Box::new(damage::Damage::default()),
        Box::new(redelivery::Redelivery),
        Box::new(disk::Slow { flushes: None, lasts_s: scale.seconds }),
        Box::new(pause::Pause { lasts_s: scale.seconds }),
        Box::new(exhaustion::Descriptors),
        Box::new(exhaustion::Memory),
        Box::new(exhaustion::Connections::default()),
        Box::new(overload::Overload::new(scale.seconds)),
    ]
}
