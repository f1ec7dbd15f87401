use crate::http::{
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::approvals::{self, PendingChange, ShownProposal};
use domain::{
    Date, Instant,
    ids::{AccountId, ApprovalId},
    mask::MaskedCertificate,
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct ApprovalOut {
    #[schema(value_type = String)]
    id: ApprovalId,
    #[schema(value_type = String)]
    maker: AccountId,
    /// Dotted verb, such as `certificate.suspend`.
    action: &'static str,
    /// The certificate to be changed; absent for one to be issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// What would be done.
    #[schema(value_type = Object)]
    proposal: serde_json::Value,
    #[schema(value_type = String, format = DateTime)]
    created_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

#[derive(Serialize, ToSchema)]
pub struct ApprovalsOut {
    items: Vec<ApprovalOut>,
}

/// Requests that wait for a second person and lie within your scope.
#[utoipa::path(get, path = "/api/v1/approvals", tag = "approvals",
    responses((status = 200, body = ApprovalsOut), (status = 403, body = ProblemBody)))]
pub async fn list(caller: Caller) -> Result<Json<ApprovalsOut>, Problem> {
    let pending = caller.release(approvals::pending(&caller.app, &caller.call).await)?;
    let items = pending.into_iter().map(out).collect();
    Ok(Json(ApprovalsOut { items }))
}

fn out(approval: PendingChange) -> ApprovalOut {
    let (certificate, version, proposal) = match approval.proposal {
        ShownProposal::Issue { row, valid_from } => (None, None, issue(&row, valid_from)),
        ShownProposal::Change { certificate, version, change } => {
            (Some(certificate.to_string()), Some(version), serde_json::to_value(change).unwrap_or_default())
        }
    };
    ApprovalOut {
        id: approval.id,
        maker: approval.maker,
        action: approval.action,
        certificate,
        version,
        proposal,
        created_at: approval.created_at,
        expires_at: approval.expires_at,
    }
}

/// As far as it can be decided on.
fn issue(row: &MaskedCertificate, valid_from: Date) -> serde_json::Value {
    serde_json::json!({
        "type": row.type_code,
        "number": row.number,
        "item": row.item,
        "name": row.holder.name,
        "organisation": row.organisation.as_ref().map(|organisation| &organisation.name),
        "issuer": row.issuer,
        "region": row.region,
        "issued_on": row.issued_on,
        "valid_from": valid_from,
        "valid_until": row.valid_until,
        "review_due_on": row.review_due_on,
    })
}
