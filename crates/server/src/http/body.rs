//! JSON bodies and query strings, parsed strictly; what does not parse is refused on record.

use super::{caller::Caller, problem::Problem, state::HttpState};
use app::Error;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

/// Who calls, and what they say in the body: boxed, since every request carries it with it.
pub struct Body<T>(pub Caller, pub Box<T>);

impl<T: DeserializeOwned + Send> FromRequest<HttpState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &HttpState) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, state).await?;
        match parse(Request::from_parts(parts, body), state).await {
            Ok(value) => Ok(Body(caller, value)),
            Err(error) => Err(caller.refuse("request.parse", error).await),
        }
    }
}

async fn parse<T: DeserializeOwned>(request: Request, state: &HttpState) -> Result<Box<T>, Error> {
    if !is_json(request.headers()) {
        return Err(Error::field("Content-Type", "json_expected"));
    }
    let body = Bytes::from_request(request, state).await.map_err(|rejection| unread(rejection.status()))?;
    let Object(value) = serde_json::from_slice(&body).map_err(|error| invalid(&error.to_string()))?;
    Ok(Box::new(value))
}

/// `application/json`, or a format of its own that is JSON underneath.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    let subtype =
        kind.get(..12).filter(|start| start.eq_ignore_ascii_case("application/")).map(|_| &kind[12..]);
    subtype
        .is_some_and(|name| name.eq_ignore_ascii_case("json") || name.to_ascii_lowercase().ends_with("+json"))
}

/// A JSON object. Without this a list would do for one, its values taken for the fields in their order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
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
fn invalid(message: &str) -> Error {
    match missing_field(message) {
        Some(field) => Error::field(field, "field_missing"),
        None => Error::field("body", "json_invalid"),
    }
}

/// The parser names what it misses by the name that we gave it. Nothing else of its message may be
/// shown: it quotes what was sent.
fn missing_field(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("missing field `")?;
    let (field, _) = rest.split_once('`')?;
    field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_').then(|| field.to_owned())
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
