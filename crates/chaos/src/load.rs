//! People at work while something breaks.

use crate::world::World;
use anyhow::Result;
use parking_lot::Mutex;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

const OFFICES: u64 = 2;
const READERS: u64 = 2;
/// Somebody who was not answered does not ask again at once.
const BREATH: Duration = Duration::from_millis(5);

/// What is done beside the changes and the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rosters {
    No,
    One,
    /// One, whose process is ended at a random moment.
    OneKilled,
}

/// Everybody works while `meanwhile` runs; ends when all have put their pens down.
pub fn during<T>(
    world: &World,
    seed: u64,
    rosters: Rosters,
    meanwhile: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let done = AtomicBool::new(false);
    let failed = Mutex::new(None);
    let keep = |result: Result<()>| {
        if let Err(error) = result {
            failed.lock().get_or_insert(error);
        }
    };
    let outcome = thread::scope(|scope| {
        for number in 0..OFFICES + READERS {
            let (done, keep) = (&done, &keep);
            scope.spawn(move || {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(number);
                while !done.load(Ordering::SeqCst) {
                    keep(one_step(world, number, &mut rng));
                    thread::sleep(BREATH);
                }
            });
        }
        if rosters != Rosters::No {
            let keep = &keep;
            scope.spawn(move || keep(import(world, rosters, seed)));
        }
        let outcome = meanwhile();
        done.store(true, Ordering::SeqCst);
        outcome
    });
    match failed.into_inner() {
        Some(error) => Err(error),
        None => outcome,
    }
}

/// Each office has certificates of its own, so that it knows what to expect of them.
fn one_step(world: &World, number: u64, rng: &mut ChaCha8Rng) -> Result<()> {
    if number >= OFFICES {
        return world.read_something(rng);
    }
    let subjects = world.subjects.read();
    let own: Vec<_> = subjects.iter().skip(number as usize).step_by(OFFICES as usize).cloned().collect();
    drop(subjects);
    world.change_one(&own[rng.random_range(0..own.len())], rng)
}

fn import(world: &World, rosters: Rosters, seed: u64) -> Result<()> {
    let mut import = world.begin_import()?;
    if rosters == Rosters::OneKilled {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        thread::sleep(Duration::from_millis(rng.random_range(50..1500)));
        import.process.kill()?;
    }
    import.end()
}
