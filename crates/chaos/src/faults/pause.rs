use super::Fault;
use crate::{tools, world::World};
use anyhow::Result;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// The process stands still, as a machine does that is moved or swaps.
pub struct Pause {
    pub lasts_s: u64,
}

impl Fault for Pause {
    fn row(&self) -> &'static str {
        "R-19"
    }

    fn name(&self) -> &'static str {
        "SIGSTOP"
    }

    fn lasts(&self) -> Range<u64> {
        1000..self.lasts_s.max(1) * 1000 + 1
    }

    fn inject(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        tools::signal(world.registry.pid()?, "STOP")
    }

    fn lift(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        tools::signal(world.registry.pid()?, "CONT")
    }
}
