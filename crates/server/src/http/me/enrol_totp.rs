use crate::http::{
    body::Body,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::accounts;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpIn {
    /// What you call it, such as the name of your telephone.
    #[serde(default)]
    label: String,
}

#[derive(Serialize, ToSchema)]
pub struct TotpOut {
    id: String,
    /// In base 32, to be typed into the application.
    secret: String,
    /// To be shown as a QR code.
    uri: String,
}

/// Begin to set up an authenticator application.
///
/// Needs a fresh proof. It counts once `/me/factors/{id}/confirmation` has seen a code of it.
#[utoipa::path(post, path = "/api/v1/me/factors/totp", tag = "me", request_body = TotpIn,
    responses((status = 201, body = TotpOut), (status = 401, body = ProblemBody)))]
pub async fn enrol_totp(Body(caller, body): Body<TotpIn>) -> Result<(StatusCode, Json<TotpOut>), Problem> {
    let enrolment = accounts::enrol_totp(&caller.app, &caller.call, &body.label).await;
    let enrolment = caller.release(enrolment)?;
    let out = TotpOut { id: enrolment.id.to_string(), secret: enrolment.secret, uri: enrolment.uri };
    Ok((StatusCode::CREATED, Json(out)))
}
