//! Faults in turn, rounds of each, and what came of them.

use crate::{
    faults::{self, Fault, Scale, moment},
    load,
    registry::Footprint,
    report::{Line, Report, Soak},
    watch::Invariant,
    world::{Database, Needs, Setting, World},
};
use anyhow::{Context, Result, ensure};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    thread,
    time::{Duration, Instant},
};

/// The oracle reads the whole registry and its audit after each round, which grow with every round: after so
/// many a fresh one is made.
const ROUNDS_IN_ONE_REGISTRY: usize = 20;

/// What is to be done.
pub struct Plan {
    pub setting: Setting,
    pub seed: u64,
    /// Of `kill -9`; every other fault has a tenth of them, one at least.
    pub rounds: u64,
    /// Rows of the list of promises; all where there are none.
    pub only: Vec<String>,
    pub scale: Scale,
    /// How long random faults go on in one registry after the others; not at all where it is zero.
    pub soak: Duration,
}

/// Says what happens while it happens.
pub type Say<'a> = &'a dyn Fn(&str);

/// # Errors
/// When a fault cannot be made here, or the registry cannot be made at all. What the registry does
/// wrong is no error but part of the report.
pub fn run(plan: &Plan, say: Say<'_>) -> Result<Report> {
    let mut report = Report::new(plan.seed, plan.setting.database);
    let wanted = |fault: &dyn Fault| plan.only.is_empty() || plan.only.iter().any(|row| names(row, fault));
    let faults: Vec<_> = faults::all(plan.scale).into_iter().filter(|fault| wanted(&**fault)).collect();
    let soak = !plan.soak.is_zero() && (plan.only.is_empty() || plan.only.iter().any(|row| row == "R-30"));
    ensure!(!faults.is_empty() || soak, "there is no such fault: {}", plan.only.join(", "));
    for (number, mut fault) in (0..).zip(faults) {
        let rounds = if fault.row() == "R-01" { plan.rounds } else { (plan.rounds / 10).max(1) };
        let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
        rng.set_stream(number);
        let what = format!("{} {}", fault.row(), fault.name());
        let line = rounds_of(&mut *fault, rounds, plan, &mut rng, say).with_context(|| what)?;
        report.lines.push(line);
    }
    if soak {
        let (line, figures) = soaked(plan, say)?;
        report.lines.push(line);
        report.soak = Some(figures);
    }
    Ok(report)
}

fn names(row: &str, fault: &dyn Fault) -> bool {
    // Three rows of the list are one fault here.
    fault.row() == row || (fault.row() == "R-11–13" && ["R-11", "R-12", "R-13"].contains(&row))
}

fn rounds_of(
    fault: &mut dyn Fault,
    rounds: u64,
    plan: &Plan,
    rng: &mut ChaCha8Rng,
    say: Say<'_>,
) -> Result<Line> {
    let mut line = Line::new(fault.row(), fault.name());
    for first in (1..=rounds).step_by(ROUNDS_IN_ONE_REGISTRY) {
        let world = World::make(&plan.setting, fault.needs())?;
        let last = rounds.min(first + ROUNDS_IN_ONE_REGISTRY as u64 - 1);
        for round in first..=last {
            one_round(&world, fault, rng, round == last, &mut line)?;
            let broken = line.violations.len();
            say(&format!("{} {}: round {round} of {rounds}, {broken} violations", fault.row(), fault.name()));
        }
        line.count(&world.journal.ledger());
    }
    line.remark = fault.remark();
    Ok(line)
}

/// People at work, the fault, its end, and whether everything still holds.
fn one_round(
    world: &World,
    fault: &mut dyn Fault,
    rng: &mut ChaCha8Rng,
    closing: bool,
    line: &mut Line,
) -> Result<()> {
    let (seed, rosters) = (rng.random(), fault.rosters(rng));
    let (after, lasts) = (moment(fault.after(), rng), moment(fault.lasts(), rng));
    world.watch.set_storm(true);
    if fault.under_load() {
        load::during(world, seed, rosters, || {
            thread::sleep(after);
            fault.inject(world, rng)?;
            thread::sleep(lasts);
            fault.lift(world, rng)
        })?;
    } else {
        fault.inject(world, rng)?;
        fault.lift(world, rng)?;
    }
    let ready = world.up()?;
    world.watch.set_storm(false);
    let checked = world.works().and_then(|()| world.check(closing)).and_then(|()| world.replenish());
    if let Err(error) = checked {
        // Nothing is broken any more, and still the oracle was not answered.
        world.watch.violated(Invariant::I9, None, "the oracle is answered", format!("{error:#}"));
        world.registry.kill()?;
        world.up()?;
    }
    let (violations, traffic) = world.watch.take();
    line.add(violations, traffic, ready);
    Ok(())
}

/// Random faults in one registry for as long as is asked.
fn soaked(plan: &Plan, say: Say<'_>) -> Result<(Line, Soak)> {
    let postgres = plan.setting.database == Database::Postgres;
    let needs = Needs { postgres, ..Default::default() };
    let world = World::make(&plan.setting, needs)?;
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
    let possible = |fault: &dyn Fault| {
        let needs = fault.needs();
        fault.under_load() && needs.volumes.is_empty() && !needs.clock && (postgres || !needs.postgres)
    };
    let mut faults: Vec<_> = faults::all(plan.scale).into_iter().filter(|fault| possible(&**fault)).collect();
    let mut line = Line::new("R-30", "soak");
    let (begun, lasting) = (Instant::now(), plan.soak);
    let mut footprints: Vec<Footprint> = Vec::new();
    while begun.elapsed() < lasting {
        let calm = Duration::from_secs(rng.random_range(1..=plan.scale.seconds));
        load::during(&world, rng.random(), load::Rosters::No, || {
            thread::sleep(calm);
            Ok(())
        })?;
        let chosen = rng.random_range(0..faults.len());
        one_round(&world, &mut *faults[chosen], &mut rng, begun.elapsed() + calm >= lasting, &mut line)?;
        footprints.push(world.registry.footprint()?);
        let minutes = begun.elapsed().as_secs() / 60;
        let (name, broken) = (faults[chosen].name(), line.violations.len());
        say(&format!("R-30 soak: minute {minutes}, {name}, {broken} violations"));
    }
    line.count(&world.journal.ledger());
    let (first, last) = (footprints.first().copied(), footprints.last().copied());
    Ok((line, Soak { seconds: plan.soak.as_secs(), first, last }))
}
