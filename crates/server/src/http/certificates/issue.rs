use super::change::{ChangeOut, respond};
use crate::http::{
    body::Body,
    idempotency,
    problem::{Problem, ProblemBody},
    schema::NewCertificateIn,
};
use app::certificates::{self, NewCertificate};
use axum::{http::HeaderMap, response::Response};

/// Issue a certificate in your region.
///
/// Where two persons are needed the answer is 202 with the request that somebody else has to decide.
#[utoipa::path(post, path = "/certificates", tag = "certificates",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewCertificateIn,
    responses((status = 200, body = ChangeOut), (status = 202, body = ChangeOut), (status = 400, body = ProblemBody)))]
pub async fn issue(
    headers: HeaderMap,
    Body(caller, body): Body<NewCertificate>,
) -> Result<Response, Problem> {
    let request = serde_json::json!({ "issue": &body });
    let out = idempotency::once(&caller, &headers, &request, async || {
        let audited = certificates::issue(&caller.app, &caller.call, body.clone()).await;
        caller.release(audited).map(ChangeOut::from)
    })
    .await?;
    Ok(respond(out))
}
