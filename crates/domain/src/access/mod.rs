//! Who may do what, to which rows, and see how much of each: one matrix, asked in one place.
//!
//! ```
//! use domain::access::{Action, Matrix, Principal, RefusalCode, Wish, decide};
//! # let now = "2026-01-01T00:00:00Z".parse().unwrap();
//! let matrix = Matrix::builtin();
//! let refusal = decide(&matrix, &Principal::public(), Action::ResultList, Wish::Default, now).unwrap_err();
//! assert_eq!(refusal.code, RefusalCode::SignInRequired);
//! ```

mod action;
mod decide;
mod duty;
mod factor;
mod fields;
mod matrix;
mod notation;
mod principal;
mod reach;
mod role;
mod scope;
mod sign_in;

pub use action::Action;
pub use decide::{Permit, Refusal, RefusalCode, STEP_UP_MINUTES, Wish, decide};
pub use duty::Duty;
pub use factor::{Factor, Factors};
pub use fields::{FieldPolicy, Show};
pub use matrix::{Cell, Matrix, MatrixError};
pub use notation::{Condition, Grant, Level, NotationError};
pub use principal::{Confinement, Principal};
pub use reach::Reach;
pub use role::Role;
pub use scope::{Placement, Rows, Scope};
pub use sign_in::{PasswordPolicy, RolePolicy, SignInPolicy, SignInPolicyError, Standing};
