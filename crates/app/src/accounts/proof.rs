//! What somebody shows to prove a factor, and whether it is good. What is good once is used up by a change of
//! its row from the version that was read, so that of two instances shown the same code one refuses it.

use super::{recovery_codes, totp};
use crate::{App, Call, Error};
use domain::{access::Factor, ids::AccountId};
use store::{Credential, Secret};

/// One factor, as it is shown.
#[derive(Clone)]
pub enum Proof {
    Password(String),
    /// The six digits of an authenticator application.
    Totp(String),
    RecoveryCode(String),
}

impl Proof {
    pub fn factor(&self) -> Factor {
        match self {
            Proof::Password(_) => Factor::Password,
            Proof::Totp(_) => Factor::Totp,
            Proof::RecoveryCode(_) => Factor::RecoveryCode,
        }
    }
}

/// Which factor of the account this proves; it is used up.
///
/// # Errors
/// [`Error::FactorFailed`] if it proves none. Passwords are not proven here.
pub(super) async fn prove(app: &App, call: &Call, account: AccountId, proof: Proof) -> Result<Factor, Error> {
    let factor = proof.factor();
    let credentials = app.store.credentials_of(account).await?;
    let used = credentials.into_iter().find_map(|credential| {
        let secret = used_up(&credential.secret, &proof, call)?;
        Some(Credential { secret, last_used_at: Some(call.now), ..credential })
    });
    let used = used.ok_or(Error::FactorFailed)?;
    let tx = app.store.begin().await?;
    match tx.change_credential(&used).await {
        Err(store::Error::Conflict(_)) => return Err(Error::FactorFailed),
        changed => changed?,
    }
    tx.commit().await?;
    Ok(factor)
}

/// What is left of a credential that this proof is good for.
fn used_up(secret: &Secret, proof: &Proof, call: &Call) -> Option<Secret> {
    match (secret, proof) {
        (Secret::Totp { seed, confirmed: true, last_step }, Proof::Totp(code)) => {
            let last_step = totp::step_of(seed, code, call.now).filter(|step| step > last_step)?;
            Some(Secret::Totp { seed: seed.clone(), confirmed: true, last_step })
        }
        (Secret::RecoveryCodes { hashes }, Proof::RecoveryCode(code)) => {
            let hashes = recovery_codes::without(hashes, code)?;
            Some(Secret::RecoveryCodes { hashes })
        }
        _ => None,
    }
}
