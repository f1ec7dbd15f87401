use crate::http::{
    body::Params,
    conversions::parse_id,
    problem::{Problem, ProblemBody},
    schema::File,
};
use app::{Error, photos};
use axum::http::header::CONTENT_TYPE;
use axum::{extract::Path, response::IntoResponse};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Deserialize, Default, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PhotoParams {
    /// The photo as it is kept, not the small copy.
    whole: bool,
}

/// The holder's photo.
///
/// Unless asked for `whole`, a copy of 200 pixels at most with the caller's role, office, account and the
/// day drawn over it. The whole photo needs a proof of identity not older than five minutes, stands in the
/// audit as `certificate.photo_whole` and counts to the 20 unmaskings an hour.
#[utoipa::path(get, path = "/api/v1/certificates/{id}/photo", tag = "certificates",
    params(("id" = String, Path), PhotoParams),
    responses((status = 200, content((File = "image/png"), (File = "image/jpeg"))),
        (status = 404, body = ProblemBody)))]
pub async fn photo(
    Path(id): Path<String>,
    Params(caller, params): Params<PhotoParams>,
) -> Result<impl IntoResponse, Problem> {
    let action = if params.whole { "certificate.photo_whole" } else { "certificate.photo" };
    let id = parse_id(&caller, action, &id, Error::CertificateNotFound).await?;
    let audited = if params.whole {
        photos::whole(&caller.app, &caller.call, id).await
    } else {
        photos::small(&caller.app, &caller.call, id).await
    };
    let bytes = caller.release(audited)?;
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
