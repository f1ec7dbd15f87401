mod challenge;
mod verify;

pub use challenge::{__path_challenge, challenge};
pub use verify::{__path_verify, verify};
