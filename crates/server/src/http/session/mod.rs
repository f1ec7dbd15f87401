mod begin;
mod claim;
mod end;
mod me;
mod step_up;

pub use begin::{__path_begin, begin};
pub use claim::{__path_claim, claim};
pub use end::{__path_end, end};
pub use me::{__path_me, me};
pub use step_up::{__path_step_up, step_up};
