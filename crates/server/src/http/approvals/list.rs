use crate::http::{
    caller::Caller,
    problem::{Problem, ProblemBody},
};
use app::{
    approvals::{self, PendingChange},
    certificates::{NewCertificate, Proposal},
};
use axum::Json;
use domain::{
    Instant,
    ids::{AccountId, ApprovalId},
    mask,
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
    let action = approval.proposal.verb();
    let (certificate, version, proposal) = match approval.proposal {
        Proposal::Issue(new) => (None, None, masked(&new)),
        Proposal::Change { certificate, version, change } => {
            (Some(certificate.to_string()), Some(version), serde_json::to_value(change).unwrap_or_default())
        }
    };
    ApprovalOut {
        id: approval.id,
        maker: approval.maker,
        action,
        certificate,
        version,
        proposal,
        created_at: approval.created_at,
        expires_at: approval.expires_at,
    }
}

/// Enough to decide on, without the ID number and phone in full.
fn masked(new: &NewCertificate) -> serde_json::Value {
    serde_json::json!({
        "type": new.type_code,
        "number": mask::certificate_number(&new.number),
        "item": new.item,
        "name": new.name,
        "organisation": new.organisation,
        "issuer": new.issuer,
        "region": new.region,
        "issued_on": new.issued_on,
        "valid_from": new.valid_from,
        "valid_until": new.valid_until,
        "review_due_on": new.review_due_on,
    })
}
