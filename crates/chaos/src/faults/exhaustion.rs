use super::Fault;
use crate::{tools, world::World};
use anyhow::{Context, Result};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::{net::TcpStream, ops::Range};

/// The process may open hardly a file or connection more.
pub struct Descriptors;

impl Fault for Descriptors {
    fn row(&self) -> &'static str {
        "R-20"
    }

    fn name(&self) -> &'static str {
        "no descriptors"
    }

    fn lasts(&self) -> Range<u64> {
        1000..3000
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        let open = world.registry.footprint()?.descriptors;
        tools::limit(world.registry.pid()?, &format!("--nofile={}:", open + rng.random_range(0..5)))
    }

    fn lift(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        raise_descriptors(world)
    }
}

fn raise_descriptors(world: &World) -> Result<()> {
    if world.registry.has_ended()? {
        return Ok(());
    }
    tools::limit(world.registry.pid()?, "--nofile=20000:")
}

/// The process gets hardly a page more. It may end, as it would by the kernel's hand.
pub struct Memory;

impl Fault for Memory {
    fn row(&self) -> &'static str {
        "R-20"
    }

    fn name(&self) -> &'static str {
        "no memory"
    }

    fn lasts(&self) -> Range<u64> {
        1000..3000
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        let now = world.registry.footprint()?.data_kib << 10;
        let more = rng.random_range(0..24) << 20;
        tools::limit(world.registry.pid()?, &format!("--data={}:", now + more))
    }

    fn lift(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        if world.registry.has_ended()? {
            return Ok(());
        }
        tools::limit(world.registry.pid()?, "--data=unlimited:")
    }
}

/// More clients hold connections than the process may have.
#[derive(Default)]
pub struct Connections(Vec<TcpStream>);

/// For the process, everything it has open included; and connections beyond.
const ALLOWED: usize = 256;
const OPENED: usize = 600;

impl Fault for Connections {
    fn row(&self) -> &'static str {
        "R-20"
    }

    fn name(&self) -> &'static str {
        "too many connections"
    }

    fn lasts(&self) -> Range<u64> {
        1000..3000
    }

    fn inject(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        tools::limit(world.registry.pid()?, &format!("--nofile={ALLOWED}:"))?;
        let url = world.registry.url();
        let address = url.strip_prefix("http://").context("plain HTTP on loopback")?;
        // Those beyond the listener's queue are refused or wait; both is fine.
        let address = address.parse()?;
        let patience = std::time::Duration::from_millis(200);
        self.0 = (0..OPENED).map_while(|_| TcpStream::connect_timeout(&address, patience).ok()).collect();
        Ok(())
    }

    fn lift(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        self.0.clear();
        raise_descriptors(world)
    }
}
