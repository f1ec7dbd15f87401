//! Breaks a served registry on purpose and checks what it promised. A black box: it starts the real
//! program, talks to it as its users and operators do, and shares no code with it.
//!
//! * The *client's journal* ([`journal`]) lies outside the fault domain: every intended act is durable
//!   before it is sent, every outcome before the next.
//! * The *oracle* (`oracle`) compares the registry with that journal after every fault: acknowledged
//!   writes are there (I1), none by half (I2), each on record (I3), nothing taken away is called valid
//!   (I4), searches agree with the database (I5), nothing is done twice (I6), nobody sees beyond their
//!   scope (I7), and errors are honest (I9).
//! * *Faults* ([`faults`]) come and go at moments drawn from a seed.

mod campaign;
mod client;
pub mod faults;
pub mod journal;
mod load;
mod office;
mod oracle;
mod people;
mod public;
mod registry;
mod report;
mod sql;
mod tools;
mod watch;
mod world;

pub use campaign::{Plan, run};
pub use report::{Line, Report, Soak};
pub use world::{Database, Setting};
