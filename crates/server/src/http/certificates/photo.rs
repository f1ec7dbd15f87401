use crate::http::{
    caller::Caller,
    conversions::parse_id,
    problem::{Problem, ProblemBody},
};
use app::{Error, certificates};
use axum::http::header::CONTENT_TYPE;
use axum::{extract::Path, response::IntoResponse};

/// The holder's photo.
#[utoipa::path(get, path = "/api/v1/certificates/{id}/photo", tag = "certificates", params(("id" = String, Path)),
    responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = 404, body = ProblemBody)))]
pub async fn photo(Path(id): Path<String>, caller: Caller) -> Result<impl IntoResponse, Problem> {
    let id = parse_id(&caller, "certificate.photo", &id, Error::CertificateNotFound).await?;
    let bytes = caller.release(certificates::photo(&caller.app, &caller.call, id).await)?;
    Ok(([(CONTENT_TYPE, kind(&bytes))], bytes))
}

/// By the first bytes; browsers are told not to guess.
fn kind(picture: &[u8]) -> &'static str {
    match picture {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        _ => "application/octet-stream",
    }
}
