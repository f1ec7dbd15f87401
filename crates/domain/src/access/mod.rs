mod principal;
mod role;
mod scope;

pub use principal::Principal;
pub use role::Role;
pub use scope::{Placement, Rows, Scope};
