use crate::http::{
    caller::Caller,
    conversions::parse_id,
    problem::{Problem, ProblemBody},
};
use app::{Error, certificates};
use axum::http::header::CONTENT_TYPE;
use axum::{
    extract::Path,
    response::{AppendHeaders, IntoResponse},
};

/// The holder's photo.
#[utoipa::path(get, path = "/certificates/{id}/photo", tag = "certificates", params(("id" = String, Path)),
    responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = 404, body = ProblemBody)))]
pub async fn photo(Path(id): Path<String>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    let id = parse_id(&caller, "certificate.photo", &id, Error::CertificateNotFound).await?;
    let bytes = caller.release(certificates::photo(&caller.app, &caller.call, id).await)?;
    Ok((AppendHeaders([(CONTENT_TYPE, "image/png")]), bytes))
}
