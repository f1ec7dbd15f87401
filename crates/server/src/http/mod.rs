//! The HTTP channel: one operation, one file. A handler parses, calls one use case and converts.

mod accounts;
mod approvals;
mod audit;
mod body;
mod caller;
mod catalogue;
mod certificates;
mod conversions;
mod cookie;
mod description;
mod envelope;
mod headers;
mod idempotency;
mod imports;
mod json;
mod me;
mod problem;
mod rate_limit;
mod router;
mod schema;
mod session;
mod state;
mod system;
mod verification;
mod visit;

pub use envelope::Site;
pub use router::{openapi, site};
pub use state::{HttpOptions, HttpState};
