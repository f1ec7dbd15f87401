use crate::http::{
    body::Body,
    json::Json,
    problem::{Problem, ProblemBody},
    schema::VerifiedCertificate,
};
use app::{
    Error,
    verification::{self, VerifyRequest},
};
use domain::{
    Instant,
    mask::MaskedVerification,
    query::Text,
    verdict::{Reason, Verdict},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyIn {
    /// The number as printed.
    number: String,
    /// The holder's full name.
    name: String,
    /// A solved challenge; not needed when signed in.
    #[serde(default)]
    challenge: String,
}

#[derive(Serialize, ToSchema)]
pub struct VerifyOut {
    /// `valid`, `not_valid`, `unknown` or `not_found`. "Can't check" is `unknown`.
    #[schema(value_type = String)]
    verdict: Verdict,
    #[schema(value_type = Vec<String>)]
    reasons: Vec<Reason>,
    /// One for each item under the number.
    #[schema(value_type = Vec<VerifiedCertificate>)]
    certificates: Vec<MaskedVerification>,
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// Where the registry has the certificate from, such as `import` or `issuer`.
    source: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    source_synced_at: Option<Instant>,
    /// Version of the catalogue whose rules decided.
    checked_by_policy_version: String,
    /// Under which name the question is on record.
    trace_id: String,
}

/// Is this certificate good? Open to anyone holding it.
///
/// A wrong name and an unknown number get the same answer after the same work.
#[utoipa::path(post, path = "/api/v1/verify", tag = "verification", security(()), request_body = VerifyIn,
    responses((status = 200, body = VerifyOut), (status = 400, body = ProblemBody)))]
pub async fn verify(Body(caller, body): Body<VerifyIn>) -> Result<Json<VerifyOut>, Problem> {
    let request = match request(*body) {
        Ok(request) => request,
        Err(error) => return Err(caller.refuse("certificate.verify", error).await),
    };
    let answer = caller.release(verification::verify(&caller.app, &caller.call, request).await)?;
    Ok(Json(VerifyOut {
        verdict: answer.verdict,
        reasons: answer.reasons,
        certificates: answer.certificates,
        as_of: answer.as_of,
        source: answer.source,
        source_synced_at: answer.source_synced_at,
        checked_by_policy_version: caller.app.catalogue.version().to_owned(),
        trace_id: caller.call.request.to_string(),
    }))
}

fn request(body: VerifyIn) -> Result<VerifyRequest, Error> {
    let text = |field, value: &str| Text::new(value).map_err(|_| Error::field(field, "text_invalid"));
    Ok(VerifyRequest {
        number: text("number", &body.number)?,
        name: text("name", &body.name)?,
        challenge: body.challenge,
    })
}
