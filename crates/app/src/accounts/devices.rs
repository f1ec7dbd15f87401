//! Devices on which an account has signed in before and was asked to be remembered. They prove nothing; but
//! attempts on them are counted apart, so that a stranger's guesses lock nobody out.

use super::factors::own_account;
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{
    Instant,
    ids::{AccountId, CredentialId},
};
use sha2::{Digest, Sha256};
use store::{Credential, Secret};
use uuid::Uuid;

const REMEMBERED_FOR: TimeDelta = TimeDelta::days(90);
const MOST: usize = 10;
const ID_BYTES: usize = 16;

/// A device as its owner sees it.
#[derive(Debug)]
pub struct OwnDevice {
    pub id: CredentialId,
    /// The user agent.
    pub label: String,
    pub remembered_at: Instant,
    pub expires_at: Option<Instant>,
}

/// The device that shows this, if it is remembered.
pub(super) async fn find(app: &App, token: Option<&str>, now: Instant) -> Result<Option<Credential>, Error> {
    let Some(bytes) = token.and_then(|token| BASE64_URL_SAFE_NO_PAD.decode(token).ok()) else {
        return Ok(None);
    };
    let Some((id, secret)) = bytes.split_at_checked(ID_BYTES) else { return Ok(None) };
    let id = Uuid::from_slice(id).map_err(Error::internal)?;
    let found = app.store.credential(CredentialId::from_uuid(id)).await?;
    let shown: [u8; 32] = Sha256::digest(secret).into();
    Ok(found.filter(|device| {
        device.secret == Secret::Device { token: shown } && device.expires_at.is_some_and(|at| now < at)
    }))
}

/// Remembers the calling device and returns what it has to show. Beyond so many, the oldest is forgotten.
pub(super) async fn remember(app: &App, call: &Call, account: AccountId) -> Result<String, Error> {
    let secret: [u8; 32] = app.entropy.bytes();
    let id = app.entropy.uuid(call.now);
    let device = Credential {
        id: CredentialId::from_uuid(id),
        version: 1,
        account,
        created_at: call.now,
        expires_at: Some(call.now + REMEMBERED_FOR),
        label: call.device.clone().unwrap_or_default(),
        last_used_at: None,
        secret: Secret::Device { token: Sha256::digest(secret).into() },
    };
    let tx = app.store.begin().await?;
    let known: Vec<_> = tx.credentials_of(account).await?.into_iter().filter(is_device).collect();
    for oldest in known.iter().take((known.len() + 1).saturating_sub(MOST)) {
        tx.delete_credential(account, oldest.id).await?;
    }
    tx.insert_credential(&device).await?;
    tx.commit().await?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode([&id.into_bytes()[..], &secret].concat()))
}

fn is_device(credential: &Credential) -> bool {
    matches!(credential.secret, Secret::Device { .. })
}

/// Lists the devices that one's own account knows.
pub async fn own_devices(app: &App, call: &Call) -> Audited<Vec<OwnDevice>> {
    let entry = Entry::new("account.devices");
    let answer = list(app, call).await;
    app.audit.record(call, entry, answer).await
}

async fn list(app: &App, call: &Call) -> Result<Vec<OwnDevice>, Error> {
    let account = own_account(app, call).await?;
    let credentials = app.store.credentials_of(account.id).await?;
    let devices = credentials.into_iter().filter(is_device).map(|device| OwnDevice {
        id: device.id,
        label: device.label,
        remembered_at: device.created_at,
        expires_at: device.expires_at,
    });
    Ok(devices.collect())
}
