//! The first administrator of a new installation: a token printed once on the console, good for
//! 30 minutes and one use. There is no default password anywhere.

use super::{
    password_rules::{self, Owner},
    sign_in::normalise_login,
};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{access::Role, ids::AccountId};
use sha2::{Digest, Sha256};
use store::{Account, Password};

const LIFETIME: TimeDelta = TimeDelta::minutes(30);
const PURPOSE: &str = "first_administrator";

/// What the first administrator chooses.
#[derive(Clone)]
pub struct Claim {
    pub token: String,
    pub login: String,
    pub password: String,
}

/// A fresh token if nobody has claimed this installation; `None` if somebody has. Tokens offered
/// before are good no longer.
pub async fn offer(app: &App) -> Result<Option<String>, Error> {
    if app.store.count_accounts().await? > 0 {
        return Ok(None);
    }
    let token = BASE64_URL_SAFE_NO_PAD.encode(app.entropy.bytes::<24>());
    let hash = Sha256::digest(token.as_bytes()).into();
    let tx = app.store.begin().await?;
    // Without an account nobody has been given a token for anything else.
    tx.delete_one_use_tokens().await?;
    tx.insert_one_use_token(&hash, PURPOSE, app.clock.now() + LIFETIME).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Creates the first system administrator.
pub async fn claim(app: &App, call: &Call, claim: Claim) -> Audited<AccountId> {
    let mut entry = Entry::new("account.claim");
    let answer = create(app, call, claim, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn create(app: &App, call: &Call, claim: Claim, entry: &mut Entry) -> Result<AccountId, Error> {
    let login = normalise_login(&claim.login);
    if login.is_empty() || login.chars().count() > 64 {
        return Err(Error::field("login", "login_invalid"));
    }
    let role = Role::SystemAdmin;
    let owner = Owner { login: &login, role, holder: None, has_second_factor: false };
    password_rules::check(app, &owner, &claim.password).await?;
    let token = Sha256::digest(claim.token.as_bytes()).into();
    let hash = app.passwords.hash(&app.entropy, claim.password).await?;
    let tx = app.store.begin().await?;
    if !tx.consume_one_use_token(&token, PURPOSE, call.now).await? {
        return Err(Error::field("token", "token_invalid"));
    }
    let account = Account {
        id: AccountId::from_uuid(app.entropy.uuid(call.now)),
        login,
        role,
        password: Password::new(hash, call.now),
        region: None,
        organisation: None,
        holder: None,
        disabled: false,
        created_at: call.now,
    };
    if !tx.insert_first_account(&account).await? {
        return Err(Error::field("token", "token_invalid"));
    }
    entry.object(account.id);
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    Ok(account.id)
}
