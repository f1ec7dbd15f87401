//! JSON bodies and query strings, parsed strictly; what does not parse is refused on record.

use super::{caller::Caller, problem::Problem, state::HttpState};
use app::Error;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

/// Who calls, and what they say in the body.
pub struct Body<T>(pub Caller, pub T);

impl<T: DeserializeOwned + Send> FromRequest<HttpState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &HttpState) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, state).await?;
        let parsed = Json::<T>::from_request(Request::from_parts(parts, body), state).await;
        match parsed.map_err(|rejection| invalid(&rejection)) {
            Ok(Json(value)) => Ok(Body(caller, value)),
            Err(error) => Err(caller.refuse("request.parse", error).await),
        }
    }
}

/// Why a body could not be read to its end.
pub fn unread(status: StatusCode) -> Error {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge,
        _ => Error::field("body", "request_invalid"),
    }
}

/// The field at fault is named; its value never is.
fn invalid(rejection: &JsonRejection) -> Error {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Error::field("Content-Type", "json_expected"),
        JsonRejection::BytesRejection(_) => unread(rejection.status()),
        _ => Error::field("body", "json_invalid"),
    }
}

/// Who calls, and what they say in the address.
pub struct Params<T>(pub Caller, pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<HttpState> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &HttpState) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match Query::<T>::from_request_parts(parts, state).await.ok() {
            Some(Query(value)) => Ok(Params(caller, value)),
            None => Err(caller.refuse("request.parse", Error::field("query", "query_invalid")).await),
        }
    }
}
