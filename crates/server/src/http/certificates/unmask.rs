use crate::http::{
    body::Body,
    conversions::parse_id,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::{
    Error,
    certificates::{self, Purpose, UnmaskRequest},
};
use axum::extract::Path;
use domain::{Instant, mask::Field};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmaskIn {
    /// `id_number`, `phone` or `number`.
    field: String,
    /// `enforcement`, `accident_investigation`, `complaint`, `correction`, `certificate_review`,
    /// `employment`, `privacy_request` or `own_record`.
    purpose: String,
    /// Case or file number, up to 60 letters, digits (14 at most), hyphens, strokes and brackets.
    case: String,
}

#[derive(Serialize, ToSchema)]
pub struct UnmaskOut {
    field: &'static str,
    /// An ID number of which nobody has told all digits stands as it was written.
    value: String,
    /// An ID number as a roster wrote it, where that is another form: fifteen digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_written: Option<String>,
    /// Show it no longer than this.
    #[schema(value_type = String, format = DateTime)]
    show_until: Instant,
}

/// Show one masked field of one record in full.
///
/// Needs a proof of identity not older than five minutes, a purpose and a case; at most 20 an hour.
/// The holder can see that it was done.
#[utoipa::path(post, path = "/api/v1/certificates/{id}/unmask", tag = "certificates", params(("id" = String, Path)),
    request_body = UnmaskIn, responses((status = 200, body = UnmaskOut), (status = 403, body = ProblemBody)))]
pub async fn unmask(
    Path(id): Path<String>,
    Body(caller, body): Body<UnmaskIn>,
) -> Result<Json<UnmaskOut>, Problem> {
    let id = parse_id(&caller, "certificate.unmask", &id, Error::CertificateNotFound).await?;
    let Some(field) = Field::from_code(&body.field) else {
        return Err(caller.refuse("certificate.unmask", Error::field("field", "code_unknown")).await);
    };
    let Some(purpose) = Purpose::from_code(&body.purpose) else {
        return Err(caller.refuse("certificate.unmask", Error::field("purpose", "code_unknown")).await);
    };
    let request = UnmaskRequest { field, purpose, case: body.case };
    let unmasked = caller.release(certificates::unmask(&caller.app, &caller.call, id, request).await)?;
    Ok(Json(UnmaskOut {
        field: unmasked.field.code(),
        value: unmasked.value,
        as_written: unmasked.as_written,
        show_until: unmasked.show_until,
    }))
}
