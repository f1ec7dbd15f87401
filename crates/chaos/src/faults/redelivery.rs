use super::Fault;
use crate::{
    client::Standing,
    tools,
    watch::Invariant,
    world::{CHECKER, World},
};
use anyhow::{Context, Result};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::json;
use std::process::Command;

/// The same thing comes twice: a request, a decision, a roster, a piece of the change feed, a staged
/// audit record.
pub struct Redelivery;

impl Fault for Redelivery {
    fn row(&self) -> &'static str {
        "R-16"
    }

    fn name(&self) -> &'static str {
        "redelivery"
    }

    fn under_load(&self) -> bool {
        false
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        requests(world, rng)?;
        rosters(world)?;
        feed(world)
    }

    fn lift(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        // A change whose audit record is staged, and may or may not be in the journal.
        world.works()?;
        world.registry.kill()
    }
}

/// The same proposal under the same key is the same proposal, also after a kill and after it was
/// decided; a decision is made once.
fn requests(world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
    let subjects = world.subjects.read().clone();
    for subject in &subjects {
        let detail = world.look_up(subject)?.context("nothing is broken")?;
        let status = &detail.body["status"]["code"];
        if status == "revoked" {
            continue;
        }
        let action = if status == "suspended" { "resume" } else { "suspend" };
        let change = world.intend(subject, action)?;
        let etag = detail.etag.unwrap_or_default();
        let first = world.propose(subject, &change, &etag).context("it can be proposed")?;
        if rng.random() {
            world.registry.kill()?;
            world.up()?;
        }
        let second = world.propose(subject, &change, &etag);
        world.decide(subject, &change, &first)?;
        let path = format!("/approvals/{first}/decision");
        let ask = (Method::POST, path.as_str(), &[][..]);
        let (_, again) = world.ask(Some(change.act), CHECKER, ask, Some(&json!({ "approve": true })));
        let third = world.propose(subject, &change, &etag);
        if again != Standing::Refused("already_decided".into()) {
            let expected = "a decision is made once";
            world.watch.violated(Invariant::I6, Some(change.act), expected, format!("{again:?}"));
        }
        if [second.as_ref(), third.as_ref()] != [Some(&first); 2] {
            let seen = format!("{second:?} {third:?}");
            world.watch.violated(Invariant::I6, Some(change.act), format!("{first} again"), seen);
        }
        world.look_up(subject)?;
    }
    Ok(())
}

/// One roster handed in three times, twice at the same time.
fn rosters(world: &World) -> Result<()> {
    let import = world.begin_import()?;
    let roster = world.journal.ledger().rosters().last().context("it was just begun")?.organisation.clone();
    let beside = world.spawn_import(&roster)?;
    import.end()?;
    // That one of two at the same time is turned away would be fine as well.
    let _either = beside.wait_with_output()?;
    Ok(())
}

/// The read model is set back, so that the feed brings again what was already applied and overlaid.
fn feed(world: &World) -> Result<()> {
    let (now, kept) = (world.registry.folder().join("readmodel"), world.outside().join("readmodel"));
    world.registry.stop()?;
    tools::run(Command::new("cp").arg("-a").arg(&now).arg(&kept))?;
    world.up()?;
    world.works()?;
    world.works()?;
    world.registry.stop()?;
    std::fs::remove_dir_all(&now)?;
    tools::run(Command::new("mv").arg(&kept).arg(&now))?;
    world.up()?;
    Ok(())
}
