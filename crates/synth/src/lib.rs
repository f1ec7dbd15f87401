//! A synthetic registry for demonstrations, tests and measurements: certificates of people who do not
//! exist, in organisations that do not exist, spread over China as the real ones are.
//!
//! Same seed, same day, same registry. Every object is a pure function of the seed, the day and its
//! index, so that ten million certificates are streamed without being remembered, and the same
//! certificate is the same in a small registry and a large one. ID numbers, credit codes and
//! certificate numbers pass every check, and are recognisable: the sequence of an ID number is 980 or
//! more, an organisation code begins with `X9`, a telephone number with 154.

mod draw;
mod identity;
mod issuing;
mod layout;
mod learning;
mod lists;
mod organisations;
mod people;
mod places;
mod portrait;
mod registry;
pub mod roster;
mod showcase;
mod story;
mod trades;

pub use registry::{Registry, SynthOrganisation};
pub use showcase::Showcase;

/// The demo's seed: the same on every machine, so that everybody talks of the same registry.
pub const DEMO_SEED: u64 = 20_261_122;
