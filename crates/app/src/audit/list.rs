use super::{Audited, Entry, reach};
use crate::{App, Call, Error};
use domain::{
    Instant,
    access::{Action, Duty, Permit, Role, Wish, decide},
    audit::{Actor, AuditRecord, AuditRow, Outcome},
    ids::AccountId,
    mask,
};
use store::{AuditFilter, AuditScope};

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
    /// Without account, session, source and device of others where only their role is to be known;
    /// elsewhere the source of others is masked.
    pub record: AuditRecord,
    /// Keywords with every ID number, name and phone in them masked.
    pub keywords: Option<String>,
}

#[derive(Debug)]
pub struct AuditPage {
    pub items: Vec<AuditView>,
    /// Records that the searchable copy holds, for those to whom all of them are open; the journal
    /// may be a moment ahead.
    pub indexed: Option<u64>,
}

/// Reads the audit within what the matrix opens to the caller. Reading is itself on record.
pub async fn list(app: &App, call: &Call, query: AuditQuery) -> Audited<AuditPage> {
    let mut entry = Entry::new("audit.list");
    let answer = read(app, call, query, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn read(app: &App, call: &Call, query: AuditQuery, entry: &mut Entry) -> Result<AuditPage, Error> {
    let permit = decide(&app.matrix, &call.principal, Action::AuditRead, Wish::Default, call.now)?;
    let scope = reach::scope(app, call, &permit)?;
    let filter = filter(call, &permit, scope, query);
    let rows = app.store.list_audit(&filter).await?;
    let view = |row| view(app, call, &permit, &filter.scope, row);
    let items: Vec<AuditView> = rows.into_iter().map(view).collect();
    entry.count(items.len());
    let indexed = match permit.duty {
        Duty::Read => Some(app.store.audit_head().await?),
        _ => None,
    };
    Ok(AuditPage { items, indexed })
}

/// A person who sees who looked at them learns of what role and office, not which colleague.
fn hides_actors(permit: &Permit) -> bool {
    permit.duty == Duty::View
}

fn view(app: &App, call: &Call, permit: &Permit, scope: &AuditScope, row: AuditRow) -> AuditView {
    let AuditRow { seq, mut record } = row;
    let own = record.actor.account.is_some() && record.actor.account == call.principal.account;
    let keywords = (permit.duty == Duty::Read || own)
        .then(|| app.audit.open_keywords(&record))
        .flatten()
        .map(|text| mask::keywords(&text));
    if let AuditScope::Objects(objects) = scope {
        record.shown.retain(|id| objects.contains(&id.to_string()));
    }
    if hides_actors(permit) && !own {
        let Actor { role, organisation, region, .. } = record.actor;
        record.actor = Actor {
            role,
            organisation,
            region,
            account: None,
            session: None,
            source: String::new(),
            device: None,
        };
    } else if !own {
        record.actor.source = mask::source(&record.actor.source);
    }
    AuditView { seq, record, keywords }
}

fn filter(call: &Call, permit: &Permit, scope: AuditScope, query: AuditQuery) -> AuditFilter {
    // Asking for an account, or for who was shown beside oneself, must not tell what the answer hides.
    let others_object = |object: &String| match &scope {
        AuditScope::Objects(own) => !own.contains(object),
        _ => false,
    };
    let guesses = query.account.is_some() && query.account != call.principal.account
        || query.object.as_ref().is_some_and(others_object);
    AuditFilter {
        scope: if hides_actors(permit) && guesses { AuditScope::Nothing } else { scope },
        from: query.from,
        to: query.to,
        role: query.role,
        account: query.account,
        action: query.action,
        object: query.object,
        outcome: query.outcome,
        before_seq: query.before,
        limit: query.limit.clamp(1, 200),
    }
}
