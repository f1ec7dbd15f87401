use super::Fault;
use crate::{
    load::Rosters,
    world::{Needs, World},
};
use anyhow::{Context, Result};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;
use testkit::OwnPostgres;

const NEEDS: Needs = Needs { volumes: &[], clock: false, postgres: true };

fn server(world: &World) -> Result<&OwnPostgres> {
    world.postgres.as_ref().context("this fault is made on PostgreSQL")
}

fn rosters(rng: &mut ChaCha8Rng) -> Rosters {
    [Rosters::No, Rosters::One][rng.random_range(0..2)]
}

/// The whole database server is killed, and started again after a while.
pub struct Postmaster;

impl Fault for Postmaster {
    fn row(&self) -> &'static str {
        "R-02"
    }

    fn name(&self) -> &'static str {
        "PostgreSQL: postmaster"
    }

    fn needs(&self) -> Needs {
        NEEDS
    }

    fn rosters(&self, rng: &mut ChaCha8Rng) -> Rosters {
        rosters(rng)
    }

    fn lasts(&self) -> Range<u64> {
        0..1500
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        if rng.random() {
            server(world)?.kill()
        } else {
            server(world)?.kill_postmaster()
        }
        Ok(())
    }

    fn lift(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        tokio::runtime::Runtime::new()?.block_on(server(world)?.start_again());
        Ok(())
    }
}

/// One of its sessions is killed; the server ends all others and recovers by itself.
pub struct Backend;

impl Fault for Backend {
    fn row(&self) -> &'static str {
        "R-02"
    }

    fn name(&self) -> &'static str {
        "PostgreSQL: backend"
    }

    fn needs(&self) -> Needs {
        NEEDS
    }

    fn rosters(&self, rng: &mut ChaCha8Rng) -> Rosters {
        rosters(rng)
    }

    fn lasts(&self) -> Range<u64> {
        100..800
    }

    fn inject(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        server(world)?.kill_backend();
        Ok(())
    }

    fn lift(&mut self, _: &World, _: &mut ChaCha8Rng) -> Result<()> {
        Ok(())
    }
}
