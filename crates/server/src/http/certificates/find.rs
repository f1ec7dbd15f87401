use crate::http::{
    body::Params,
    conversions::parse_id,
    problem::{Problem, ProblemBody},
    schema::CertificateDetail,
};
use app::{
    Error,
    certificates::{self, PointInTime},
};
use axum::http::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::{Date, mask::MaskedDetail};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

#[derive(Deserialize, Default, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PointParams {
    /// The day asked about; today unless given.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// The day up to whose end knowledge counts; today unless given.
    #[param(value_type = Option<String>, format = Date)]
    known: Option<Date>,
}

/// One certificate with its lifecycle, training, continuing education and history.
///
/// `on` and `known` answer "was it good on that day, by what was known that day?". The ETag begins
/// with the version of the record; send it back as `If-Match` to change the record.
#[utoipa::path(get, path = "/api/v1/certificates/{id}", tag = "certificates", params(("id" = String, Path), PointParams),
    responses((status = 200, body = CertificateDetail), (status = 304), (status = 404, body = ProblemBody)))]
pub async fn find(
    Path(id): Path<String>,
    headers: HeaderMap,
    Params(caller, at): Params<PointParams>,
) -> Result<Response, Problem> {
    let id = parse_id(&caller, "certificate.view", &id, Error::CertificateNotFound).await?;
    let at = PointInTime { on: at.on, known: at.known };
    let detail = caller.release(certificates::find(&caller.app, &caller.call, id, at).await)?;
    tagged(&headers, &detail).map_err(|error| caller.problem(&error))
}

/// The tag names the version and, since what is shown moves with the day, the caller and what else
/// there is of the person, the answer as a whole.
fn tagged(headers: &HeaderMap, detail: &MaskedDetail) -> Result<Response, Error> {
    let body = serde_json::to_vec(detail).map_err(Error::internal)?;
    let tag = format!("\"{}-{}\"", detail.version, hex::encode(&Sha256::digest(&body)[..16]));
    let etag = [(ETAG, tag.clone())];
    if names(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, etag).into_response());
    }
    let kind = [(CONTENT_TYPE, "application/json")];
    Ok((kind, etag, body).into_response())
}

/// Does `If-None-Match` name the tag? By weak comparison (RFC 9110 13.1.2).
fn names(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = given.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}
