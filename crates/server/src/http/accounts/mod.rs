mod reset_password;

pub use reset_password::{__path_reset_password, reset_password};
