//! The rows of all tables as bytes and back, the same on every dialect: what a backup is made of.
//! Seals are taken as they are; nothing is opened.

mod cells;
mod load;
mod log;
mod read;
mod tables;

pub use load::Loader;
pub use read::{Dump, DumpedRow, Rows};
pub use tables::{Column, ColumnKind, NOT_DUMPED, Table, schema, tables};
