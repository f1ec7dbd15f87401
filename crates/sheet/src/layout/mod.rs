//! Which column means what: found by the words in the header, shown, changed and kept.

mod field;
mod header;
mod mapping;
mod sheet_layout;

pub use field::Field;
pub(crate) use header::{SEARCHED_ROWS, detect};
pub use mapping::{Defaults, Mapping};
pub use sheet_layout::{Column, Note, SheetLayout};
