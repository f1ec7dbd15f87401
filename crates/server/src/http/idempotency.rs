//! `Idempotency-Key`: the same key with the same request gives the first answer again, so that a
//! client that lost an answer can ask again without doing the thing twice.

use super::{caller::Caller, problem::Problem};
use app::Error;
use axum::http::HeaderMap;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Longest key accepted, in bytes.
const KEY_BYTES: usize = 128;

/// Does the work once per caller, key and request.
pub async fn once<T, F>(caller: &Caller, headers: &HeaderMap, request: &Value, work: F) -> Result<T, Problem>
where
    T: Serialize + DeserializeOwned,
    F: AsyncFnOnce() -> Result<T, Problem>,
{
    let Some(key) = headers.get("idempotency-key") else { return work().await };
    let key = match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= KEY_BYTES => key,
        _ => {
            return Err(caller
                .refuse("request.parse", Error::field("Idempotency-Key", "text_invalid"))
                .await);
        }
    };
    let begun = app::idempotency::begin(&caller.app, &caller.call, key, request).await;
    let ticket = match begun {
        Ok(app::idempotency::Begun::Replay(answer)) => {
            return serde_json::from_value(answer).map_err(|error| caller.problem(&Error::internal(error)));
        }
        Ok(app::idempotency::Begun::New(ticket)) => ticket,
        Err(error) => return Err(caller.refuse("request.idempotency", error).await),
    };
    match work().await {
        Ok(answer) => {
            let value =
                serde_json::to_value(&answer).map_err(|error| caller.problem(&Error::internal(error)))?;
            ticket.finish(&caller.app, &value).await.map_err(|error| caller.problem(&error))?;
            Ok(answer)
        }
        Err(problem) => {
            ticket.abandon(&caller.app).await.map_err(|error| caller.problem(&error))?;
            Err(problem)
        }
    }
}
