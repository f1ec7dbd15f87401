use crate::http::{
    caller::Caller,
    conversions::parse_id,
    json::Json,
    problem::{Problem, ProblemBody},
    schema::File,
};
use app::{Error, attachments};
use axum::{
    extract::Path,
    http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::IntoResponse,
};
use domain::Instant;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct AttachmentsOut {
    /// Oldest first.
    items: Vec<AttachmentOut>,
}

#[derive(Serialize, ToSchema)]
pub struct AttachmentOut {
    id: String,
    /// `image/jpeg`, `image/png` or `application/pdf`.
    media_type: String,
    /// In bytes.
    size: u64,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
}

/// What pictures and prints are attached to a certificate.
#[utoipa::path(get, path = "/api/v1/certificates/{id}/attachments", tag = "certificates",
    params(("id" = String, Path)),
    responses((status = 200, body = AttachmentsOut), (status = 404, body = ProblemBody)))]
pub async fn attachments(Path(id): Path<String>, caller: Caller) -> Result<Json<AttachmentsOut>, Problem> {
    let id = parse_id(&caller, "certificate.attachments", &id, Error::CertificateNotFound).await?;
    let found = caller.release(attachments::list(&caller.app, &caller.call, id).await)?;
    let items = found.into_iter().map(|attachment| AttachmentOut {
        id: attachment.id.to_string(),
        media_type: attachment.media_type,
        size: attachment.size,
        recorded_at: attachment.recorded_at,
    });
    Ok(Json(AttachmentsOut { items: items.collect() }))
}

/// A picture or print of a certificate, to be saved.
///
/// It can show all that the certificate shows: who may not see the ID number in full gets 403. Needs a proof
/// of identity not older than five minutes and counts to the 20 unmaskings an hour.
#[utoipa::path(get, path = "/api/v1/certificates/{id}/attachments/{attachment}", tag = "certificates",
    params(("id" = String, Path), ("attachment" = String, Path)),
    responses((status = 200, content((File = "image/jpeg"), (File = "image/png"), (File = "application/pdf"))),
        (status = 404, body = ProblemBody)))]
pub async fn attachment(
    Path((id, attachment)): Path<(String, String)>,
    caller: Caller,
) -> Result<impl IntoResponse, Problem> {
    let id = parse_id(&caller, "certificate.attachment", &id, Error::CertificateNotFound).await?;
    let attachment = parse_id(&caller, "certificate.attachment", &attachment, Error::NotFound).await?;
    let opened = attachments::open(&caller.app, &caller.call, id, attachment).await;
    let (attachment, bytes) = caller.release(opened)?;
    let ending = attachment.media_type.rsplit('/').next().unwrap_or_default();
    let name = format!("attachment; filename=\"{}.{ending}\"", attachment.id);
    // What came from outside is never opened as a page of this site.
    let headers = [
        (CONTENT_TYPE, attachment.media_type),
        (CONTENT_DISPOSITION, name),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    Ok((headers, bytes))
}
