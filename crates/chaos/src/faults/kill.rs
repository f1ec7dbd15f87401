use super::Fault;
use crate::{load::Rosters, world::World};
use anyhow::Result;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// The process is killed at a random moment of its work.
pub struct Kill;

impl Fault for Kill {
    fn row(&self) -> &'static str {
        "R-01"
    }

    fn name(&self) -> &'static str {
        "kill -9"
    }

    fn rosters(&self, rng: &mut ChaCha8Rng) -> Rosters {
        [Rosters::No, Rosters::No, Rosters::One, Rosters::OneKilled][rng.random_range(0..4)]
    }

    fn after(&self) -> Range<u64> {
        20..1500
    }

    fn inject(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        world.registry.kill()
    }

    fn lift(&mut self, _: &World, _: &mut ChaCha8Rng) -> Result<()> {
        Ok(())
    }
}
