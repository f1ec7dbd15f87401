use super::Fault;
use crate::{
    load::Rosters,
    tools::{Flushes, Volume},
    world::{Needs, World},
};
use anyhow::{Context, Result};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// What was written cannot be made durable: `fsync` and its kin answer EIO.
#[derive(Default)]
pub struct FlushFails(Option<Flushes>);

impl Fault for FlushFails {
    fn row(&self) -> &'static str {
        "R-05"
    }

    fn name(&self) -> &'static str {
        "fsync answers EIO"
    }

    fn lasts(&self) -> Range<u64> {
        500..3000
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        // Once, now and then, or from some moment on.
        let when = match rng.random_range(0..3) {
            0 => rng.random_range(1..6).to_string(),
            1 => format!("{}+{}", rng.random_range(1..4), rng.random_range(2..5)),
            _ => format!("{}+", rng.random_range(1..6)),
        };
        let flushes = Flushes::fault(world.registry.pid()?, &format!("error=EIO:when={when}"))?;
        self.0 = Some(flushes);
        Ok(())
    }

    fn lift(&mut self, _: &World, _: &mut ChaCha8Rng) -> Result<()> {
        self.0.take().map_or(Ok(()), Flushes::end)
    }
}

/// Making durable takes from 50 to 500 milliseconds.
pub struct Slow {
    pub flushes: Option<Flushes>,
    pub lasts_s: u64,
}

impl Fault for Slow {
    fn row(&self) -> &'static str {
        "R-17"
    }

    fn name(&self) -> &'static str {
        "slow disk"
    }

    fn lasts(&self) -> Range<u64> {
        let most = self.lasts_s * 1000;
        most / 2..most + 1
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        let delay_us = rng.random_range(50_000..=500_000);
        self.flushes = Some(Flushes::fault(world.registry.pid()?, &format!("delay_enter={delay_us}"))?);
        Ok(())
    }

    fn lift(&mut self, _: &World, _: &mut ChaCha8Rng) -> Result<()> {
        self.flushes.take().map_or(Ok(()), Flushes::end)
    }
}

/// A volume has not a page left; then it has again.
pub struct Full {
    /// The folder in the data folder that is a volume of its own; empty for all of it.
    pub volume: &'static str,
    pub name: &'static str,
    pub lasts_s: u64,
}

impl Full {
    fn volume<'a>(&self, world: &'a World) -> Result<&'a Volume> {
        world.volumes.get(self.volume).context("the volume is mounted")
    }
}

impl Fault for Full {
    fn row(&self) -> &'static str {
        "R-06"
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn needs(&self) -> Needs {
        // A segment of the audit is 64 MiB, all of it allocated when it is begun.
        let volumes: &[_] = match self.volume {
            "" => &[("", 192)],
            "audit" => &[("audit", 80)],
            _ => &[("readmodel", 48)],
        };
        Needs { volumes, ..Needs::default() }
    }

    fn rosters(&self, _: &mut ChaCha8Rng) -> Rosters {
        Rosters::One
    }

    fn lasts(&self) -> Range<u64> {
        let most = self.lasts_s * 1000;
        most / 2..most + 1
    }

    fn inject(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        self.volume(world)?.fill()
    }

    fn lift(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        // Killed while nothing can be written, every other time.
        if rng.random() {
            world.registry.kill()?;
        }
        self.volume(world)?.free()
    }
}
