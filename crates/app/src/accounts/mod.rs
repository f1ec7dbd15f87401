//! Accounts, passwords and sessions. Further factors, single sign-on and machine access join
//! here as further ways to establish a [`domain::access::Principal`].

mod add;
pub mod claim;
pub mod passwords;
mod permissions;
pub mod sessions;
pub(crate) mod sign_in;
mod throttle;

pub use add::{NewAccount, add_account};
pub use permissions::permissions;
pub use sessions::TokenHash;
pub use sign_in::{SignIn, SignedIn, sign_in, sign_out, step_up};
pub use throttle::source_host;
