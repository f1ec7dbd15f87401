mod decide;
mod list;

pub use decide::{__path_decide, decide};
pub use list::{__path_list, list};
