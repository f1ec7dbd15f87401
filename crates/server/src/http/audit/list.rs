use crate::http::{
    body::Params,
    json::Json,
    problem::{Problem, ProblemBody},
};
use app::{
    Error,
    audit::{self, AuditQuery, AuditView},
};
use domain::{Instant, access::Role, audit::Outcome};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, Default, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Instant>,
    role: Option<String>,
    /// `acct_…`
    account: Option<String>,
    /// Dotted verb, such as `certificate.search`.
    action: Option<String>,
    /// Opaque identifier, such as `cert_…`: what was touched, or was among what was shown.
    object: Option<String>,
    /// `allowed`, `refused` or `failed`.
    outcome: Option<String>,
    /// Only records before this position; newest first.
    before: Option<u64>,
    /// At most 200; 50 unless given.
    limit: Option<u16>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditOut {
    items: Vec<AuditRecordOut>,
    /// Position for reading on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_before: Option<u64>,
    /// Records in the searchable copy, for those to whom all are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    indexed: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct AuditRecordOut {
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// What kept the clock, as the operator names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<String>,
    request: String,
    role: &'static str,
    account: Option<String>,
    organisation: Option<String>,
    region: Option<String>,
    session: Option<String>,
    /// Address and port of the caller in your own records, the network (`203.0.113.*`) in those of others,
    /// empty where it is hidden from you; `cli` or `job` where nobody called.
    source: String,
    device: Option<String>,
    action: String,
    object: Option<String>,
    /// Region of the certificate that is the object; of several, the digits that all of them begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    object_region: Option<String>,
    /// The certificates that the answer showed, where it showed several: for who sees whose they were, all
    /// of them; for their holder, the holder's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shown: Vec<String>,
    /// What was asked for, personal data masked; for those entitled to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    keywords: Option<String>,
    purpose: Option<String>,
    #[schema(value_type = String)]
    outcome: Outcome,
    reason: Option<String>,
    count: u64,
    version: String,
}

impl From<AuditView> for AuditRecordOut {
    fn from(view: AuditView) -> Self {
        let record = view.record;
        Self {
            seq: view.seq,
            at: record.at,
            clock: record.clock,
            request: record.request.to_string(),
            role: record.actor.role.code(),
            account: record.actor.account.map(|id| id.to_string()),
            organisation: record.actor.organisation.map(|id| id.to_string()),
            region: record.actor.region,
            session: record.actor.session.map(|id| id.to_string()),
            source: record.actor.source,
            device: record.actor.device,
            action: record.action,
            object: record.object,
            object_region: record.object_region,
            shown: record.shown.iter().map(ToString::to_string).collect(),
            keywords: view.keywords,
            purpose: record.purpose,
            outcome: record.outcome,
            reason: record.reason,
            count: record.count,
            version: record.version,
        }
    }
}

/// Read the audit, as far as it is yours to read. Nothing can be deleted.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditParams),
    responses((status = 200, body = AuditOut), (status = 403, body = ProblemBody)))]
pub async fn list(Params(caller, params): Params<AuditParams>) -> Result<Json<AuditOut>, Problem> {
    let query = match query(params) {
        Ok(query) => query,
        Err(error) => return Err(caller.refuse("audit.list", error).await),
    };
    let limit = usize::from(query.limit);
    let page = caller.release(audit::list(&caller.app, &caller.call, query).await)?;
    let next_before = (page.items.len() == limit).then(|| page.items.last().map(|view| view.seq)).flatten();
    let items = page.items.into_iter().map(AuditRecordOut::from).collect();
    Ok(Json(AuditOut { items, next_before, indexed: page.indexed }))
}

fn query(params: AuditParams) -> Result<AuditQuery, Error> {
    let role = match params.role.as_deref() {
        None => None,
        Some(code) => Some(Role::from_code(code).ok_or(Error::field("role", "code_unknown"))?),
    };
    let account = match params.account {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| Error::field("account", "id_invalid"))?),
    };
    let outcome = match params.outcome.as_deref() {
        None => None,
        Some("allowed") => Some(Outcome::Allowed),
        Some("refused") => Some(Outcome::Refused),
        Some("failed") => Some(Outcome::Failed),
        Some(_) => return Err(Error::field("outcome", "code_unknown")),
    };
    Ok(AuditQuery {
        from: params.from,
        to: params.to,
        role,
        account,
        action: params.action,
        object: params.object,
        outcome,
        before: params.before,
        limit: params.limit.unwrap_or(50).clamp(1, 200),
    })
}
