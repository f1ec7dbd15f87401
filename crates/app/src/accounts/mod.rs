//! Accounts, what they prove themselves with, and sessions. Single sign-on and machine access join here as
//! further ways to establish a [`domain::access::Principal`].

mod add;
pub mod claim;
mod devices;
mod factors;
mod new_password;
mod own_sessions;
mod password_rules;
pub mod passwords;
mod pending;
mod permissions;
mod proof;
mod recovery_codes;
pub mod sessions;
pub(crate) mod sign_in;
mod throttle;
mod tokens;
mod totp;

pub use add::{NewAccount, add_account};
pub use devices::{OwnDevice, own_devices};
pub use factors::{OwnFactor, OwnFactors, own_factors, remove_factor};
pub use new_password::{PasswordReset, change_password, choose_password, reset_password};
pub use own_sessions::{OwnSession, end_all_sessions, end_session, own_sessions};
pub use pending::Pending;
pub use permissions::permissions;
pub use proof::Proof;
pub use recovery_codes::renew_recovery_codes;
pub use sessions::TokenHash;
pub use sign_in::{Answer, SignIn, SignedIn, second_factor, sign_in, sign_out, step_up};
pub use throttle::source_host;
pub use totp::{TotpEnrolment, confirm_totp, enrol_totp};
