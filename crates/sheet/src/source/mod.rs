//! Files as rows of cells: the format is told by the content, whatever the name says.

mod budget;
mod delimited;
mod encoding;
mod input;
mod limits;
mod merges;
mod pictures;
mod workbook;
mod xls;
mod xlsx;

pub use encoding::{TextEncoding, TextForm};
pub use limits::Limits;
pub(crate) use merges::Merge;
pub use pictures::Pictures;
pub use workbook::{Format, Workbook};
pub(crate) use workbook::{RawRows, Structure};
