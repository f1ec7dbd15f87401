use crate::http::{
    body::Params,
    caller::Caller,
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
    header::{ETAG, IF_NONE_MATCH},
};
use axum::{
    Json,
    extract::Path,
    response::{AppendHeaders, IntoResponse, Response},
};
use domain::Date;
use serde::Deserialize;
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
/// `on` and `known` answer "was it good on that day, by what was known that day?". The ETag names
/// the version of the record; send it back as `If-Match` to change the record.
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
    Ok(tagged(&caller, &headers, at, detail))
}

fn tagged(
    caller: &Caller,
    headers: &HeaderMap,
    at: PointInTime,
    detail: domain::mask::MaskedDetail,
) -> Response {
    // The status moves with the day, and what is shown with the role.
    let today = caller.app.today();
    let tag = format!(
        "\"{}-{}-{}-{}\"",
        detail.version,
        at.on.unwrap_or(today),
        at.known.unwrap_or(today),
        caller.call.principal.role.code()
    );
    let fresh = headers.get(IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let etag = AppendHeaders([(ETAG, tag)]);
    if fresh {
        (StatusCode::NOT_MODIFIED, etag).into_response()
    } else {
        (etag, Json(detail)).into_response()
    }
}
