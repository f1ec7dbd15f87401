//! One's own account: who one is, what one proves it with, where one is signed in.

mod confirm_factor;
mod devices;
mod end_all_sessions;
mod end_session;
mod enrol_totp;
mod factors;
mod password;
mod recovery_codes;
mod remove_factor;
mod sessions;
mod whoami;

pub use confirm_factor::{__path_confirm_factor, confirm_factor};
pub use devices::{__path_devices, devices};
pub use end_all_sessions::{__path_end_all_sessions, end_all_sessions};
pub use end_session::{__path_end_session, end_session};
pub use enrol_totp::{__path_enrol_totp, enrol_totp};
pub use factors::{__path_factors, factors};
pub use password::{__path_password, password};
pub use recovery_codes::{__path_recovery_codes, RecoveryCodesOut, recovery_codes};
pub use remove_factor::{__path_remove_factor, remove_factor};
pub use sessions::{__path_sessions, sessions};
pub use whoami::{__path_whoami, whoami};
