//! `Idempotency-Key`: the same key with the same request gives the first answer again, so that a
//! client that lost an answer can ask again without doing the thing twice.

use super::{caller::Caller, problem::Problem};
use app::Error;
use axum::http::HeaderMap;

/// Longest key accepted, in bytes.
const KEY_BYTES: usize = 128;

/// Hands the key on to the use case.
pub async fn take_key(caller: &mut Caller, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(()) };
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= KEY_BYTES => {
            caller.call.idempotency_key = Some(key.to_owned());
            Ok(())
        }
        _ => Err(caller.refuse("request.parse", Error::field("Idempotency-Key", "text_invalid")).await),
    }
}
