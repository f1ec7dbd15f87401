//! What anyone holding a certificate may ask: is it good?

pub mod challenge;
mod verify;

pub use challenge::challenge;
pub use verify::{VerifyAnswer, VerifyRequest, verify};
