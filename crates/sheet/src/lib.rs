//! Rosters in and out: spreadsheets and delimited text with the dirt of the real world.
//!
//! A [`Roster`] finds out what a file is, where its header stands and what its columns mean, and
//! reads it row by row without holding it in memory. Each row becomes entries, cleaned and checked
//! against the catalogue, or problems that say where and what is wrong but never show the value.
//! [`RejectsWriter`] gives the bad rows back; [`TableWriter`] writes any other table.
//!
//! Nothing is guessed: a value that is not written but follows from others is marked as derived,
//! a word with two meanings is a question to a person.

mod cell;
mod entry;
mod error;
mod layout;
mod problem;
mod rejects;
mod roster;
mod source;
mod table;
mod words;

pub use cell::{Cell, column_letters};
pub use entry::{Entry, Origin, Part};
pub use error::SheetError;
pub use layout::{Column, Defaults, Field, Mapping, Note, SheetLayout};
pub use problem::{Problem, ProblemCode, Severity, ValueClass};
pub use rejects::RejectsWriter;
pub use roster::{Outcome, Roster, Row, Rows};
pub use source::{Format, Limits, Pictures, TextEncoding, TextForm};
pub use table::{TableForm, TableWriter, guard_formula};
pub use words::Words;
