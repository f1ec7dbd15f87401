//! Two persons: one proposes, another decides. What was proposed is frozen, and nobody decides on
//! their own request or beyond their own scope.

mod shown;

pub use shown::ShownProposal;

use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::{ChangeResult, Proposal, apply},
    idempotency,
};
use chrono::TimeDelta;
use domain::{
    Instant,
    access::{Action, Duty, Placement, RefusalCode, Scope, Wish, decide},
    ids::{AccountId, ApprovalId, HolderId},
};
use store::{Approval, ApprovalState, Tx};

/// A proposal nobody decides on lapses.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// A request as its deciders see it.
pub struct PendingChange {
    pub id: ApprovalId,
    pub maker: AccountId,
    pub created_at: Instant,
    pub expires_at: Instant,
    /// Dotted verb, such as `certificate.suspend`.
    pub action: &'static str,
    pub proposal: ShownProposal,
}

/// The answer of the second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Reject,
}

pub(crate) async fn propose(
    app: &App,
    call: &Call,
    proposal: &Proposal,
    entry: &mut Entry,
) -> Result<ApprovalId, Error> {
    let maker = call.principal.account.ok_or(Error::Refused(RefusalCode::SignInRequired))?;
    let approval = Approval {
        id: ApprovalId::from_uuid(app.entropy.uuid(call.now)),
        kind: proposal.verb().to_owned(),
        payload: serde_json::to_vec(proposal).map_err(Error::internal)?,
        state: ApprovalState::Pending,
        maker,
        checker: None,
        created_at: call.now,
        decided_at: None,
        expires_at: call.now + LIFETIME,
    };
    let tx = app.store.begin().await?;
    tx.insert_approval(&approval).await?;
    entry.purpose(format!("proposed {}", approval.id));
    app.audit.stage(&tx, call, entry).await?;
    idempotency::keep(&tx, call, &ChangeResult::Proposed(approval.id)).await?;
    tx.commit().await?;
    Ok(approval.id)
}

/// Marks the request approved by this caller, once.
pub(crate) async fn close(tx: &Tx, call: &Call, id: ApprovalId) -> Result<(), Error> {
    let checker = call.principal.account.ok_or(Error::Refused(RefusalCode::SignInRequired))?;
    if tx.decide_approval(id, ApprovalState::Approved, checker, call.now).await? {
        Ok(())
    } else {
        Err(Error::AlreadyDecided)
    }
}

/// Requests this caller could decide on.
pub async fn pending(app: &App, call: &Call) -> Audited<Vec<PendingChange>> {
    let mut entry = Entry::new("approval.list");
    let answer = decidable(app, call, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn decidable(app: &App, call: &Call, entry: &mut Entry) -> Result<Vec<PendingChange>, Error> {
    let permit =
        decide(&app.matrix, &call.principal, Action::ChangeCertificate, Wish::As(Duty::Use), call.now)?;
    let (mut approvals, mut proposals) = (Vec::new(), Vec::new());
    for approval in app.store.pending_approvals(call.now).await? {
        let proposal: Proposal = serde_json::from_slice(&approval.payload).map_err(Error::internal)?;
        if inside(app, &permit.scope, &proposal)? {
            approvals.push((approval, proposal.verb()));
            proposals.push(proposal);
        }
    }
    let shown = shown::shown(app, &permit, proposals).await?;
    let changes = approvals.into_iter().zip(shown).filter_map(|((approval, action), proposal)| {
        Some(PendingChange {
            id: approval.id,
            maker: approval.maker,
            created_at: approval.created_at,
            expires_at: approval.expires_at,
            action,
            proposal: proposal?,
        })
    });
    let changes: Vec<_> = changes.collect();
    entry.count(changes.len());
    Ok(changes)
}

/// Does the proposal concern a certificate inside the scope?
fn inside(app: &App, scope: &Scope, proposal: &Proposal) -> Result<bool, Error> {
    match proposal {
        Proposal::Issue(new) => Ok(scope.admits(Placement {
            // A certificate yet to come has no other placement than its office's region.
            holder: HolderId::from_uuid(uuid::Uuid::nil()),
            organisation: None,
            region: &new.region,
        })),
        Proposal::Change { certificate, .. } => Ok(app.readmodel.find(scope, *certificate)?.is_some()),
    }
}

/// Decides on somebody else's request; approving carries it out.
pub async fn decide_on(
    app: &App,
    call: &Call,
    id: ApprovalId,
    decision: Decision,
) -> Audited<Option<ChangeResult>> {
    let mut entry = Entry::new(match decision {
        Decision::Approve => "approval.approve",
        Decision::Reject => "approval.reject",
    });
    entry.object(id);
    let answer = conclude(app, call, id, decision, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn conclude(
    app: &App,
    call: &Call,
    id: ApprovalId,
    decision: Decision,
    entry: &mut Entry,
) -> Result<Option<ChangeResult>, Error> {
    let permit =
        decide(&app.matrix, &call.principal, Action::ChangeCertificate, Wish::As(Duty::Use), call.now)?;
    let checker = call.principal.account.ok_or(Error::Refused(RefusalCode::SignInRequired))?;
    let approval = app.store.approval(id).await?.ok_or(Error::NotFound)?;
    let proposal: Proposal = serde_json::from_slice(&approval.payload).map_err(Error::internal)?;
    if !inside(app, &permit.scope, &proposal)? {
        return Err(Error::NotFound);
    }
    if approval.maker == checker {
        return Err(Error::OwnRequest);
    }
    if approval.state != ApprovalState::Pending || approval.expires_at <= call.now {
        return Err(Error::AlreadyDecided);
    }
    match decision {
        Decision::Approve => apply(app, call, &permit, proposal, Some(id), entry).await.map(Some),
        Decision::Reject => {
            let tx = app.store.begin().await?;
            if !tx.decide_approval(id, ApprovalState::Rejected, checker, call.now).await? {
                return Err(Error::AlreadyDecided);
            }
            app.audit.stage(&tx, call, entry).await?;
            tx.commit().await?;
            Ok(None)
        }
    }
}
