//! What an account has to prove itself with, as its owner sees and changes it.

use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use chrono::TimeDelta;
use domain::{
    Instant,
    access::{Confinement, Factor, Factors, RefusalCode, Standing},
    ids::CredentialId,
};
use store::{Account, Credential, Secret};

/// What one's own account has.
#[derive(Debug)]
pub struct OwnFactors {
    pub password_set_at: Instant,
    /// When a new one has to be chosen, if ever.
    pub password_expires_at: Option<Instant>,
    pub factors: Vec<OwnFactor>,
    pub recovery_codes_left: usize,
}

#[derive(Debug)]
pub struct OwnFactor {
    pub id: CredentialId,
    pub factor: Factor,
    pub label: String,
    pub created_at: Instant,
    pub last_used_at: Option<Instant>,
}

/// The factors that these credentials can prove, and the password.
pub(super) fn held(credentials: &[Credential]) -> Factors {
    credentials
        .iter()
        .filter_map(|credential| credential.secret.factor())
        .fold(Factors::NONE.with(Factor::Password), Factors::with)
}

/// A second factor by which a password can be shorter; codes on paper are none.
pub(super) fn has_second_factor(credentials: &[Credential]) -> bool {
    !held(credentials).without([Factor::Password, Factor::RecoveryCode].into_iter().collect()).is_empty()
}

/// The account that is signed in.
pub(super) async fn own_account(app: &App, call: &Call) -> Result<Account, Error> {
    let id = call.principal.account.filter(|_| call.principal.session.is_some());
    let id = id.ok_or(Error::Refused(RefusalCode::SignInRequired))?;
    app.store.account(id).await?.ok_or(Error::Refused(RefusalCode::SignInRequired))
}

/// The account that is signed in, for a change of what it proves itself with: whoever finds a session open
/// must not be able to make it theirs. A confined session may set up what it lacks.
pub(super) async fn fresh_own_account(app: &App, call: &Call) -> Result<Account, Error> {
    let account = own_account(app, call).await?;
    if call.principal.confined == Some(Confinement::PasswordChange) {
        return Err(Error::Refused(RefusalCode::PasswordChangeNeeded));
    }
    if !call.principal.is_stepped_up(call.now) {
        return Err(Error::Refused(RefusalCode::StepUpRequired));
    }
    Ok(account)
}

/// Lists what one's own account has.
pub async fn own_factors(app: &App, call: &Call) -> Audited<OwnFactors> {
    let entry = Entry::new("account.factors");
    let answer = list(app, call).await;
    app.audit.record(call, entry, answer).await
}

async fn list(app: &App, call: &Call) -> Result<OwnFactors, Error> {
    let account = own_account(app, call).await?;
    let credentials = app.store.credentials_of(account.id).await?;
    let left = credentials.iter().map(|credential| match &credential.secret {
        Secret::RecoveryCodes { hashes } => hashes.len(),
        _ => 0,
    });
    let max_age_days = app.sign_in.of(account.role).password.max_age_days;
    Ok(OwnFactors {
        password_set_at: account.password.set_at,
        password_expires_at: max_age_days.map(|days| account.password.set_at + TimeDelta::days(days)),
        recovery_codes_left: left.sum(),
        factors: credentials.into_iter().filter_map(shown).collect(),
    })
}

fn shown(credential: Credential) -> Option<OwnFactor> {
    let factor = credential.secret.factor().filter(|factor| *factor != Factor::RecoveryCode)?;
    Some(OwnFactor {
        id: credential.id,
        factor,
        label: credential.label,
        created_at: credential.created_at,
        last_used_at: credential.last_used_at,
    })
}

/// Takes a factor away from one's own account, or forgets a device; all other sessions end. What the role
/// cannot do without stays.
pub async fn remove_factor(app: &App, call: &Call, id: CredentialId) -> Audited<()> {
    let mut entry = Entry::new("account.factor_remove");
    entry.object(id);
    let answer = remove(app, call, id, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn remove(app: &App, call: &Call, id: CredentialId, entry: &mut Entry) -> Result<(), Error> {
    let account = fresh_own_account(app, call).await?;
    let tx = app.store.begin().await?;
    let credentials = tx.credentials_of(account.id).await?;
    let (removed, kept): (Vec<_>, Vec<_>) =
        credentials.into_iter().partition(|credential| credential.id == id);
    let removed = removed.into_iter().next().ok_or(Error::NotFound)?;
    if removed.secret.factor().is_some() {
        // Codes on paper are there to set up something new, not to live by.
        let left = held(&kept).without(Factors::NONE.with(Factor::RecoveryCode));
        if app.sign_in.of(account.role).standing(Factors::NONE, left) == Standing::Lacks {
            return Err(Error::LastFactor);
        }
        if !has_second_factor(&kept) {
            let codes = kept.iter().filter(|one| matches!(one.secret, Secret::RecoveryCodes { .. }));
            for credential in codes {
                tx.delete_credential(account.id, credential.id).await?;
            }
        }
        if let Some(session) = call.principal.session {
            tx.delete_other_sessions_of(account.id, session).await?;
        }
    }
    tx.delete_credential(account.id, id).await?;
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    app.sessions.drop_known_of(account.id);
    Ok(())
}
