use super::{Audited, Entry};
use crate::{App, Call, Error};
use domain::{
    Instant,
    access::{Action, Role, Wish, decide},
    audit::{AuditRecord, Outcome},
    ids::AccountId,
    mask,
};
use store::AuditFilter;

/// Which records; all conditions joined by AND.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    pub role: Option<Role>,
    pub account: Option<AccountId>,
    pub action: Option<String>,
    pub object: Option<String>,
    pub outcome: Option<Outcome>,
    /// Only records before this position, newest first.
    pub before: Option<u64>,
    /// 1 to 200.
    pub limit: u16,
}

/// One record as the caller may see it.
#[derive(Debug)]
pub struct AuditView {
    pub seq: u64,
    pub record: AuditRecord,
    /// Keywords with every ID number, name and phone in them masked.
    pub keywords: Option<String>,
}

#[derive(Debug)]
pub struct AuditPage {
    pub items: Vec<AuditView>,
    /// Records that the searchable copy holds; the journal may be a moment ahead.
    pub indexed: u64,
}

/// Reads the audit within what the matrix opens to the caller. Reading is itself on record.
pub async fn list(app: &App, call: &Call, query: AuditQuery) -> Audited<AuditPage> {
    let mut entry = Entry::new("audit.list");
    let answer = read(app, call, query, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn read(app: &App, call: &Call, query: AuditQuery, entry: &mut Entry) -> Result<AuditPage, Error> {
    decide(&app.matrix, &call.principal, Action::AuditRead, Wish::Default, call.now)?;
    let filter = narrowed(call, query);
    let rows = app.store.list_audit(&filter).await?;
    let may_see_keywords = matches!(call.principal.role, Role::AuditAdmin);
    let items: Vec<AuditView> = rows
        .into_iter()
        .map(|row| {
            let own = row.record.actor.account == call.principal.account;
            let keywords = (may_see_keywords || own)
                .then(|| app.audit.open_keywords(&row.record))
                .flatten()
                .map(|text| mask::keywords(&text));
            AuditView { seq: row.seq, record: row.record, keywords }
        })
        .collect();
    entry.count(items.len());
    Ok(AuditPage { items, indexed: app.store.audit_head().await? })
}

/// The caller's own narrowing of what was asked: everyone but the audit administrator sees their
/// own acts, and an enterprise administrator those of the organisation.
fn narrowed(call: &Call, query: AuditQuery) -> AuditFilter {
    let principal = &call.principal;
    let (account, organisation) = match principal.role {
        Role::AuditAdmin => (query.account, None),
        Role::EnterpriseAdmin => (query.account, principal.organisation),
        _ => (principal.account, None),
    };
    AuditFilter {
        from: query.from,
        to: query.to,
        role: query.role,
        account,
        organisation,
        action: query.action,
        object: query.object,
        outcome: query.outcome,
        before_seq: query.before,
        limit: query.limit.clamp(1, 200),
    }
}
