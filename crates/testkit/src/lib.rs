//! What the tests of several crates share: private database servers, fresh stores on them, and
//! synthetic records. Only ever a dev-dependency.

mod databases;
mod people;

pub use databases::{Kind, OwnPostgres, TestStore, count, keys, lines, raw};
pub use people::{at, certificate, day, holder, organisation};
