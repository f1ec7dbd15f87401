//! What of the audit the permission matrix opens to whom (its line `audit_read`).

use crate::{App, Call, Error};
use domain::access::{Duty, Permit, RefusalCode, Role, Rows};
use store::AuditScope;

/// Who acts for an enterprise.
const ENTERPRISE: &[Role] = &[Role::EnterpriseAdmin, Role::EnterpriseMember, Role::ApiClient];

/// Acts that bear on the security of the system, allowed or not.
const SECURITY_ACTIONS: &[&str] = &[
    "session.begin",
    "session.second_factor",
    "session.step_up",
    "session.end",
    "session.end_one",
    "session.end_all",
    "account.add",
    "account.claim",
    "account.password",
    "account.password_reset",
    "account.password_chosen",
    "account.factor_add",
    "account.factor_confirm",
    "account.factor_remove",
    "account.recovery_codes",
    "keys.rotate",
    "seals.check",
    "seals.damaged",
    "store.change_lost",
    "request.authenticate",
    "request.rate_limit",
    "request.rejected",
];

/// Refusals of any act that say somebody went beyond what they may.
const SECURITY_REASONS: &[&str] = &[
    RefusalCode::NotPermitted.code(),
    RefusalCode::SignInRequired.code(),
    RefusalCode::StepUpRequired.code(),
    RefusalCode::NoScope.code(),
    RefusalCode::PasswordChangeNeeded.code(),
    RefusalCode::FactorNeeded.code(),
    "locked",
    "sign_in_failed",
    "factor_failed",
    "challenge_failed",
    "challenge_required",
    "too_many_requests",
    "own_request",
];

/// The records that the permit opens; a duty that nothing is said of here opens none.
pub(super) fn scope(app: &App, call: &Call, permit: &Permit) -> Result<AuditScope, Error> {
    Ok(match (permit.duty, permit.scope.rows()) {
        (Duty::Read, _) => AuditScope::All,
        // Who looked at me: whatever was done to a certificate of the caller's.
        (Duty::View, Rows::Holder(_)) => AuditScope::Objects(own_certificates(app, call, permit)?),
        // Whoever acted for the caller's organisation, at the time of the act.
        (Duty::Members, Rows::Organisation(id)) => AuditScope::Organisation(*id),
        // A case about an enterprise is made of what the enterprise did to certificates of the
        // region; the nation may look into whatever any enterprise did.
        (Duty::Cases, Rows::Region { prefix }) => {
            AuditScope::Acts { roles: ENTERPRISE, region_prefix: Some(prefix.clone()) }
        }
        (Duty::Cases, Rows::All) => AuditScope::Acts { roles: ENTERPRISE, region_prefix: None },
        (Duty::SecurityEvents, _) => {
            AuditScope::Events { actions: SECURITY_ACTIONS, reasons: SECURITY_REASONS }
        }
        (Duty::OneSelf, _) => {
            AuditScope::Account(call.principal.account.ok_or(Error::Refused(RefusalCode::NoScope))?)
        }
        _ => return Err(Error::Refused(RefusalCode::NotPermitted)),
    })
}

fn own_certificates(app: &App, call: &Call, permit: &Permit) -> Result<Vec<String>, Error> {
    if !app.readmodel.is_ready() {
        return Err(Error::Rebuilding);
    }
    let Some(holder) = call.principal.holder else { return Err(Error::Refused(RefusalCode::NoScope)) };
    let certificates = app.readmodel.of_holder(&permit.scope, holder)?;
    Ok(certificates.iter().map(|certificate| certificate.id.to_string()).collect())
}
