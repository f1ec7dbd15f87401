//! From lifecycle events to the status of a certificate on any day, as known on any day.
//!
//! Validity is computed and never stored. Events carry two times: `effective_on`, the day from
//! which the change holds, and `recorded_at`, the instant the registry learnt of it. A question
//! names both: the day asked about, and the day up to whose end knowledge counts.

mod calendar;
mod event;
mod history;
mod leaf;
mod status;
mod transition;

pub use calendar::{anniversary, end_of_validity, review_days};
pub use event::{Event, EventKind};
pub use history::{current_terms, day_of, is_known, status_on, terms_on, timeline};
pub use leaf::log_leaf;
pub use status::{Status, StatusOn, StatusRules};
pub use transition::{is_possible, may_apply};
