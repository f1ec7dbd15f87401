use super::change::{ChangeOut, respond};
use crate::http::{
    body::Body,
    idempotency::take_key,
    problem::{Problem, ProblemBody},
    schema::NewCertificateIn,
};
use app::certificates::{self, NewCertificate};
use axum::{http::HeaderMap, response::Response};

/// Issue a certificate in your region.
///
/// Where two persons are needed the answer is 202 with the request that somebody else has to decide.
#[utoipa::path(post, path = "/api/v1/certificates", tag = "certificates",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewCertificateIn,
    responses((status = 200, body = ChangeOut), (status = 202, body = ChangeOut), (status = 409, body = ProblemBody)))]
pub async fn issue(
    headers: HeaderMap,
    Body(mut caller, body): Body<NewCertificate>,
) -> Result<Response, Problem> {
    take_key(&mut caller, &headers).await?;
    let result = caller.release(certificates::issue(&caller.app, &caller.call, *body).await)?;
    Ok(respond(result.into()))
}
