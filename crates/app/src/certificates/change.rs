//! What an issuer does to a certificate: a lifecycle event, the new version of the record, the
//! audit record, the log leaf and the change-feed entry in one transaction. Where the matrix asks
//! for two persons, the first call only proposes and a second person decides ([`crate::approvals`]).

use super::{
    draft::renewed_by_rule,
    find::visible,
    issue::{self, NewCertificate},
};
use crate::{
    App, Call, Error, approvals,
    audit::{Audited, Entry},
    idempotency,
};
use domain::{
    Date,
    access::{Action, Duty, Permit, RefusalCode, Scope, Wish, decide},
    certificate::{Certificate, Terms},
    ids::{ApprovalId, CertificateId, EventId},
    lifecycle::{self, Event, EventKind, log_leaf},
};
use serde::{Deserialize, Serialize};
use store::Tx;

/// A change of an existing certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChangeRequest {
    Renew {
        effective_on: Date,
        valid_from: Date,
        valid_until: Option<Date>,
        review_due_on: Option<Date>,
    },
    Review {
        effective_on: Date,
        next_due_on: Option<Date>,
    },
    Suspend {
        effective_on: Date,
        reason: String,
    },
    Resume {
        effective_on: Date,
        reason: String,
    },
    Revoke {
        effective_on: Date,
        reason: String,
    },
    RevokeAsPenalty {
        effective_on: Date,
        reason: String,
    },
    Cancel {
        effective_on: Date,
        reason: String,
    },
    TransferOut {
        effective_on: Date,
        reason: String,
    },
    TransferIn {
        effective_on: Date,
        reason: String,
    },
    Replace {
        effective_on: Date,
        reason: String,
    },
    /// The record was wrong: these dates held from `effective_on` all along.
    Correct {
        effective_on: Date,
        issued_on: Date,
        valid_from: Date,
        valid_until: Option<Date>,
        review_due_on: Option<Date>,
        reason: String,
    },
}

/// What a second person decides on, frozen when it is proposed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proposal {
    Issue(Box<NewCertificate>),
    Change {
        certificate: CertificateId,
        /// The version that the maker saw; anything newer voids the proposal.
        version: u64,
        change: ChangeRequest,
    },
}

impl Proposal {
    /// Dotted verb for the audit.
    pub fn verb(&self) -> &'static str {
        match self {
            Proposal::Issue(_) => "certificate.issue",
            Proposal::Change { change, .. } => change.verb(),
        }
    }
}

/// What became of a request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeResult {
    /// In force; the record has this version now.
    Done { id: CertificateId, version: u64 },
    /// Waits for a second person.
    Proposed(ApprovalId),
}

impl ChangeRequest {
    /// Dotted verb for the audit.
    pub fn verb(&self) -> &'static str {
        match self {
            ChangeRequest::Renew { .. } => "certificate.renew",
            ChangeRequest::Review { .. } => "certificate.review",
            ChangeRequest::Suspend { .. } => "certificate.suspend",
            ChangeRequest::Resume { .. } => "certificate.resume",
            ChangeRequest::Revoke { .. } => "certificate.revoke",
            ChangeRequest::RevokeAsPenalty { .. } => "certificate.revoke_as_penalty",
            ChangeRequest::Cancel { .. } => "certificate.cancel",
            ChangeRequest::TransferOut { .. } => "certificate.transfer_out",
            ChangeRequest::TransferIn { .. } => "certificate.transfer_in",
            ChangeRequest::Replace { .. } => "certificate.replace",
            ChangeRequest::Correct { .. } => "certificate.correct",
        }
    }

    fn parts(self, issued_on: Date) -> (EventKind, Date, Option<String>) {
        match self {
            ChangeRequest::Renew { effective_on, valid_from, valid_until, review_due_on } => {
                let terms = Terms { issued_on, valid_from, valid_until, review_due_on };
                (EventKind::Renewed(terms), effective_on, None)
            }
            ChangeRequest::Review { effective_on, next_due_on } => {
                (EventKind::Reviewed { next_due_on }, effective_on, None)
            }
            ChangeRequest::Suspend { effective_on, reason } => {
                (EventKind::Suspended, effective_on, Some(reason))
            }
            ChangeRequest::Resume { effective_on, reason } => {
                (EventKind::Resumed, effective_on, Some(reason))
            }
            ChangeRequest::Revoke { effective_on, reason } => {
                (EventKind::Revoked, effective_on, Some(reason))
            }
            ChangeRequest::RevokeAsPenalty { effective_on, reason } => {
                (EventKind::RevokedAsPenalty, effective_on, Some(reason))
            }
            ChangeRequest::Cancel { effective_on, reason } => {
                (EventKind::Cancelled, effective_on, Some(reason))
            }
            ChangeRequest::TransferOut { effective_on, reason } => {
                (EventKind::TransferredOut, effective_on, Some(reason))
            }
            ChangeRequest::TransferIn { effective_on, reason } => {
                (EventKind::TransferredIn, effective_on, Some(reason))
            }
            ChangeRequest::Replace { effective_on, reason } => {
                (EventKind::Replaced, effective_on, Some(reason))
            }
            ChangeRequest::Correct {
                effective_on,
                issued_on,
                valid_from,
                valid_until,
                review_due_on,
                reason,
            } => {
                let terms = Terms { issued_on, valid_from, valid_until, review_due_on };
                (EventKind::Corrected(terms), effective_on, Some(reason))
            }
        }
    }

    /// The event this becomes, if its text and dates are fit to be kept.
    fn into_event(
        self,
        app: &App,
        id: EventId,
        issued_on: Date,
        now: domain::Instant,
    ) -> Result<Event, Error> {
        let (kind, effective_on, reason) = self.parts(issued_on);
        if let Some(reason) = &reason {
            let length = reason.trim().chars().count();
            if length == 0 || length > 500 || reason.chars().any(|c| c.is_control() && c != '\n') {
                return Err(Error::field("reason", "text_invalid"));
            }
            if domain::number::embeds_id(reason).is_some() {
                return Err(Error::field("reason", "holds_id_number"));
            }
        }
        // A correction can tell that it was issued before, or after, the day on record.
        let issued_on = match &kind {
            EventKind::Corrected(terms) if terms.issued_on > app.today() => {
                return Err(Error::field("issued_on", "in_future"));
            }
            EventKind::Corrected(terms) => terms.issued_on.min(issued_on),
            _ => issued_on,
        };
        if let EventKind::Renewed(terms) | EventKind::Corrected(terms) = &kind {
            check_terms(terms)?;
        }
        if effective_on < issued_on {
            return Err(Error::field("effective_on", "before_issue"));
        }
        Ok(Event { id, kind, effective_on, recorded_at: now, reason })
    }
}

pub(crate) fn check_terms(terms: &Terms) -> Result<(), Error> {
    if terms.valid_from < terms.issued_on {
        return Err(Error::field("valid_from", "before_issue"));
    }
    if terms.valid_until.is_some_and(|until| until < terms.valid_from) {
        return Err(Error::field("valid_until", "range_reversed"));
    }
    if let (Some(due), Some(until)) = (terms.review_due_on, terms.valid_until)
        && due > until
    {
        return Err(Error::field("review_due_on", "review_after_expiry"));
    }
    Ok(())
}

/// Asks for a change of a certificate the caller's office issued.
pub async fn change(
    app: &App,
    call: &Call,
    id: CertificateId,
    version: u64,
    change: ChangeRequest,
) -> Audited<ChangeResult> {
    let mut entry = Entry::new(change.verb());
    entry.object(id);
    let answer = request(app, call, id, version, change, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn request(
    app: &App,
    call: &Call,
    id: CertificateId,
    version: u64,
    change: ChangeRequest,
    entry: &mut Entry,
) -> Result<ChangeResult, Error> {
    let permit =
        decide(&app.matrix, &call.principal, Action::ChangeCertificate, Wish::As(Duty::Use), call.now)?;
    let certificate = own(app, call, &permit, id, entry)?;
    let proposal = Proposal::Change { certificate: id, version, change: change.clone() };
    idempotency::once(app, call, &proposal.clone(), entry, async |entry| {
        // Checked now, so that nobody has to approve what cannot be done.
        if certificate.version != version {
            return Err(Error::VersionConflict);
        }
        plan(app, call, &certificate, change)?;
        propose_or_apply(app, call, &permit, proposal, entry).await
    })
    .await
}

/// A certificate of the caller's own office. One that they may see but not change is refused; one
/// that they may not see is not there.
fn own(
    app: &App,
    call: &Call,
    permit: &Permit,
    id: CertificateId,
    entry: &mut Entry,
) -> Result<Certificate, Error> {
    let readable = decide(&app.matrix, &call.principal, Action::ResultList, Wish::Default, call.now)?;
    let certificate = visible(app, &readable.scope, id)?;
    entry.region(&certificate.region);
    if permit.scope.admits(certificate.placement()) {
        Ok(certificate)
    } else {
        Err(Error::Refused(RefusalCode::NotPermitted))
    }
}

/// One person may where the matrix says so; else a second one has to decide.
pub(super) async fn propose_or_apply(
    app: &App,
    call: &Call,
    permit: &Permit,
    proposal: Proposal,
    entry: &mut Entry,
) -> Result<ChangeResult, Error> {
    if permit.two_person {
        let id = approvals::propose(app, call, &proposal, entry).await?;
        return Ok(ChangeResult::Proposed(id));
    }
    apply(app, call, permit, proposal, None, entry).await
}

/// The record as it will be.
fn plan(
    app: &App,
    call: &Call,
    certificate: &Certificate,
    change: ChangeRequest,
) -> Result<Certificate, Error> {
    let event_id = EventId::from_uuid(app.entropy.uuid(call.now));
    let event = change.into_event(app, event_id, certificate.terms.issued_on, call.now)?;
    let event = renewed_by_rule(app, &certificate.type_code, event)?;
    let rules = app.catalogue.status_rules(&certificate.type_code);
    if !lifecycle::may_apply(&certificate.events, certificate.under_correction, &rules, &event) {
        return Err(Error::TransitionNotAllowed);
    }
    let mut next = certificate.clone();
    next.events.push(event);
    next.version += 1;
    next.terms = lifecycle::current_terms(&next.events).ok_or(Error::TransitionNotAllowed)?;
    next.source.synced_at = call.now;
    Ok(next)
}

/// Carries a proposal out: everything or nothing, and visible on this node before it returns.
pub async fn apply(
    app: &App,
    call: &Call,
    permit: &Permit,
    proposal: Proposal,
    approval: Option<ApprovalId>,
    entry: &mut Entry,
) -> Result<ChangeResult, Error> {
    let tx = app.store.begin().await?;
    let next = match proposal {
        Proposal::Issue(new) => issue::write(app, call, &tx, *new).await?,
        Proposal::Change { certificate, version, change } => {
            write(app, call, &tx, &permit.scope, certificate, version, change).await?
        }
    };
    if !permit.scope.admits(next.placement()) {
        return Err(Error::CertificateNotFound);
    }
    if let Some(event) = next.events.last() {
        tx.append_log_leaf(&log_leaf(next.id, next.version, event)).await?;
    }
    if let Some(approval) = approval {
        approvals::close(&tx, call, approval).await?;
    }
    entry.object(next.id).region(&next.region).count(1);
    app.audit.stage(&tx, call, entry).await?;
    let result = ChangeResult::Done { id: next.id, version: next.version };
    idempotency::keep(&tx, call, &result).await?;
    tx.commit().await?;
    app.readmodel.overlay(next);
    app.changed.notify_one();
    Ok(result)
}

async fn write(
    app: &App,
    call: &Call,
    tx: &Tx,
    scope: &Scope,
    id: CertificateId,
    version: u64,
    change: ChangeRequest,
) -> Result<Certificate, Error> {
    let certificate = tx.certificate_unscoped(id).await?.ok_or(Error::CertificateNotFound)?;
    if !scope.admits(certificate.placement()) {
        return Err(Error::CertificateNotFound);
    }
    if certificate.version != version {
        return Err(Error::VersionConflict);
    }
    let next = plan(app, call, &certificate, change)?;
    tx.update_certificate(&next, version).await?;
    Ok(next)
}
