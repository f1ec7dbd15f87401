mod begin;
mod begun;
mod choose_password;
mod claim;
mod end;
mod proof;
mod second_factor;
mod step_up;

pub use begin::{__path_begin, begin};
pub use begun::{BeginOut, begun};
pub use choose_password::{__path_choose_password, choose_password};
pub use claim::{__path_claim, claim};
pub use end::{__path_end, end};
pub use second_factor::{__path_second_factor, second_factor};
pub use step_up::{__path_step_up, step_up};
