//! From the cells of a row to the certificates it speaks of.

mod dates;
mod day;
mod facts;
mod holder;
mod kinds;
mod reading;
mod terms;

pub use facts::{Entry, Origin, Part};
pub(crate) use reading::{Reading, RowReader};
