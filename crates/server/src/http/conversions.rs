use super::{caller::Caller, problem::Problem};
use app::Error;
use std::str::FromStr;

/// An identifier from the address; one that is none is answered like one that points at nothing.
pub async fn parse_id<T: FromStr>(
    caller: &Caller,
    action: &'static str,
    text: &str,
    missing: Error,
) -> Result<T, Problem> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => Err(caller.refuse(action, missing).await),
    }
}
