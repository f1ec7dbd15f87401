//! Codes of an authenticator application (RFC 6238): six digits, steps of 30 seconds, one step of tolerance.

use super::{factors::fresh_own_account, recovery_codes};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use chrono::TimeDelta;
use domain::{Instant, access::Factor, ids::CredentialId};
use store::{Credential, Secret};
use totp_rs::{Builder, Totp};

const ISSUER: &str = "Anzheng";
/// How long an authenticator that was not confirmed is remembered.
const TO_CONFIRM: TimeDelta = TimeDelta::minutes(30);
/// As many as anybody has devices.
const MOST: usize = 5;
const LONGEST_LABEL: usize = 64;

/// What the application has to be told; shown once.
#[derive(Debug)]
pub struct TotpEnrolment {
    pub id: CredentialId,
    /// In base 32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be shown as a QR code.
    pub uri: String,
}

/// Begins to set up an authenticator. It proves nothing before a code of it has been seen.
pub async fn enrol_totp(app: &App, call: &Call, label: &str) -> Audited<TotpEnrolment> {
    let mut entry = Entry::new("account.factor_add");
    entry.purpose(Factor::Totp.code());
    let answer = enrol(app, call, label, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn enrol(app: &App, call: &Call, label: &str, entry: &mut Entry) -> Result<TotpEnrolment, Error> {
    let account = fresh_own_account(app, call).await?;
    let label = checked_label(label)?;
    let seed: [u8; 20] = app.entropy.bytes();
    let totp = Builder::new()
        .with_secret(seed.to_vec())
        .with_issuer(Some(ISSUER))
        // A colon parts the issuer from the account.
        .with_account_name(account.login.replace(':', "_"))
        .build()
        .map_err(|error| Error::internal(error.to_string()))?;
    let uri = totp.to_url().map_err(|error| Error::internal(error.to_string()))?;
    let credential = Credential {
        id: CredentialId::from_uuid(app.entropy.uuid(call.now)),
        version: 1,
        account: account.id,
        created_at: call.now,
        expires_at: Some(call.now + TO_CONFIRM),
        label,
        last_used_at: None,
        secret: Secret::Totp { seed: seed.to_vec(), confirmed: false, last_step: 0 },
    };
    entry.object(credential.id);
    let tx = app.store.begin().await?;
    let authenticators = tx.credentials_of(account.id).await?;
    if authenticators.iter().filter(|one| matches!(one.secret, Secret::Totp { .. })).count() >= MOST {
        return Err(Error::field("label", "too_many_factors"));
    }
    tx.insert_credential(&credential).await?;
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    Ok(TotpEnrolment { id: credential.id, secret: totp_rs::Secret::from(seed).to_base32(), uri })
}

pub(super) fn checked_label(label: &str) -> Result<String, Error> {
    let label = label.trim();
    if label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
        return Err(Error::field("label", "text_invalid"));
    }
    Ok(label.to_owned())
}

/// Sees the first code of an authenticator: from here on it counts, this session has proven it, and all
/// others of the account end. With the first factor beside the password come recovery codes.
pub async fn confirm_totp(app: &App, call: &Call, id: CredentialId, code: &str) -> Audited<Vec<String>> {
    let mut entry = Entry::new("account.factor_confirm");
    entry.object(id).purpose(Factor::Totp.code());
    let answer = confirm(app, call, id, code, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn confirm(
    app: &App,
    call: &Call,
    id: CredentialId,
    code: &str,
    entry: &mut Entry,
) -> Result<Vec<String>, Error> {
    let account = fresh_own_account(app, call).await?;
    let credentials = app.store.credentials_of(account.id).await?;
    let has_codes = credentials.iter().any(|one| matches!(one.secret, Secret::RecoveryCodes { .. }));
    let unconfirmed = credentials.into_iter().find(|credential| credential.id == id);
    let Some(credential) = unconfirmed.filter(|one| one.expires_at.is_some_and(|at| call.now < at)) else {
        return Err(Error::NotFound);
    };
    let Secret::Totp { seed, .. } = &credential.secret else { return Err(Error::NotFound) };
    let last_step = step_of(seed, code, call.now).ok_or(Error::field("code", "code_wrong"))?;
    let secret = Secret::Totp { seed: seed.clone(), confirmed: true, last_step };
    let confirmed = Credential { secret, expires_at: None, last_used_at: Some(call.now), ..credential };
    let tx = app.store.begin().await?;
    tx.change_credential(&confirmed).await?;
    let codes =
        if has_codes { Vec::new() } else { recovery_codes::replace(app, call, &tx, account.id).await? };
    if let Some(session) = call.principal.session {
        tx.prove_in_session(session, Factor::Totp, call.now).await?;
        tx.delete_other_sessions_of(account.id, session).await?;
    }
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    app.sessions.drop_known_of(account.id);
    Ok(codes)
}

/// The step whose code this is, if it is one of now.
pub(super) fn step_of(seed: &[u8], code: &str, now: Instant) -> Option<u64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp: Totp = Builder::new().with_secret(seed.to_vec()).build().ok()?;
    totp.check(&digits, u64::try_from(now.timestamp()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn the_codes_are_those_of_the_standard_and_name_their_step() {
        let seed = b"12345678901234567890";
        // RFC 6238, appendix B, the last six digits.
        let table = [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")];
        for (seconds, code) in table {
            let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
            let step = u64::try_from(seconds / 30).unwrap();
            for drift in [-30, 0, 30] {
                assert_eq!(step_of(seed, code, at(seconds + drift)), Some(step), "{code} {drift}");
            }
            for drift in [-60, 60] {
                assert_eq!(step_of(seed, code, at(seconds + drift)), None, "{code} {drift}");
            }
        }
        let now = DateTime::from_timestamp(59, 0).unwrap();
        assert_eq!(step_of(seed, "287 082", now), Some(1), "as applications show it");
        for wrong in ["", "287083", "2870820", "28708", "ABCDEF"] {
            assert_eq!(step_of(seed, wrong, now), None, "{wrong}");
        }
    }
}
