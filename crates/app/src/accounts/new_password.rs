//! A new password: chosen by its owner who knows the old one, or with a token that an administrator had made.
//! An administrator never sees a password and cannot choose one.

use super::{
    factors::{has_second_factor, own_account},
    password_rules::{self, Owner},
    sign_in::{SignedIn, normalise_login, prove_password},
    throttle::{self, Tries},
    tokens::hash,
};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{
    Instant,
    access::{Action, Duty, Wish, decide},
    ids::AccountId,
};
use store::{Account, Password};
use uuid::Uuid;

const RESET_LIFETIME: TimeDelta = TimeDelta::minutes(15);
const ID_BYTES: usize = 16;

/// Changes one's own password. Every session ends, and a new one begins in which the same is proven.
pub async fn change_password(app: &App, call: &Call, old: String, new: String) -> Audited<SignedIn> {
    let mut entry = Entry::new("account.password");
    let answer = change(app, call, old, new, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn change(
    app: &App,
    call: &Call,
    old: String,
    new: String,
    entry: &mut Entry,
) -> Result<SignedIn, Error> {
    let account = own_account(app, call).await?;
    entry.object(account.id);
    let login = account.login.clone();
    let _turn = app.passwords.turn(&login).await;
    let tries = Tries::Login(&login);
    let account = prove_password(app, call, tries, &login, Some(account), old).await?;
    throttle::succeeded(app, tries).await?;
    let sessions = app.store.sessions_of(account.id).await?;
    let current = sessions.into_iter().find(|session| call.principal.session == Some(session.id));
    let proven = current.ok_or(Error::SignInFailed)?.proven;
    let account = set(app, call, account, new, None, entry).await?;
    app.sessions.begin(app, call, &account, proven).await
}

/// A token with which the owner of an account can choose a password without knowing the old one.
#[derive(Debug)]
pub struct PasswordReset {
    /// The secret; shown once, kept only as a hash.
    pub token: String,
    pub expires_at: Instant,
}

/// Ends all sessions of an account and makes a token for a new password. What else its sign-in needs is
/// needed all the same.
pub async fn reset_password(app: &App, call: &Call, login: &str) -> Audited<PasswordReset> {
    let mut entry = Entry::new("account.password_reset");
    let answer = reset(app, call, login, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn reset(app: &App, call: &Call, login: &str, entry: &mut Entry) -> Result<PasswordReset, Error> {
    decide(&app.matrix, &call.principal, Action::Accounts, Wish::As(Duty::Execute), call.now)?;
    let account = app.store.account_by_login(&normalise_login(login)).await?.ok_or(Error::NotFound)?;
    entry.object(account.id);
    let secret: [u8; 24] = app.entropy.bytes();
    let token = BASE64_URL_SAFE_NO_PAD.encode([&account.id.uuid().into_bytes()[..], &secret].concat());
    let expires_at = call.now + RESET_LIFETIME;
    let tx = app.store.begin().await?;
    tx.delete_sessions_of(account.id).await?;
    tx.insert_one_use_token(&hash(&token), &purpose(account.id), expires_at).await?;
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    app.sessions.drop_known_of(account.id);
    Ok(PasswordReset { token, expires_at })
}

/// Chooses a password with the token of a reset. Nobody is signed in by it.
pub async fn choose_password(app: &App, call: &Call, token: &str, new: String) -> Audited<()> {
    let mut entry = Entry::new("account.password_chosen");
    let answer = choose(app, call, token, new, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn choose(app: &App, call: &Call, token: &str, new: String, entry: &mut Entry) -> Result<(), Error> {
    let invalid = || Error::field("token", "reset_invalid");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
    let id = bytes.get(..ID_BYTES).and_then(|id| Uuid::from_slice(id).ok()).ok_or_else(invalid)?;
    let account = app.store.account(AccountId::from_uuid(id)).await?;
    // Whoever has no token that is good learns nothing of the account, not even what its policy asks for.
    let account = account.filter(|account| !account.disabled).ok_or_else(invalid)?;
    if !app.store.has_one_use_token(&hash(token), &purpose(account.id), call.now).await? {
        return Err(invalid());
    }
    entry.object(account.id);
    set(app, call, account, new, Some(token), entry).await?;
    Ok(())
}

/// Sets a password that the policy takes, using up the token if there is one. Every session ends.
async fn set(
    app: &App,
    call: &Call,
    account: Account,
    new: String,
    token: Option<&str>,
    entry: &mut Entry,
) -> Result<Account, Error> {
    let owner = Owner {
        login: &account.login,
        role: account.role,
        holder: account.holder,
        has_second_factor: has_second_factor(&app.store.credentials_of(account.id).await?),
    };
    password_rules::check(app, &owner, &new).await?;
    let history = app.sign_in.of(account.role).password.history;
    let mut former = vec![account.password.hash.clone()];
    former.extend(account.password.former.iter().cloned());
    former.truncate(history.max(1));
    for hash in &former {
        if app.passwords.matches(Some(hash.clone()), new.clone()).await? {
            return Err(Error::field("password", "password_used_before"));
        }
    }
    former.truncate(history);
    let hash_of_new = app.passwords.hash(&app.entropy, new).await?;
    let password = Password { hash: hash_of_new, set_at: call.now, former };
    let tx = app.store.begin().await?;
    if let Some(token) = token
        && !tx.consume_one_use_token(&hash(token), &purpose(account.id), call.now).await?
    {
        return Err(Error::field("token", "reset_invalid"));
    }
    tx.set_password(account.id, &password).await?;
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    app.sessions.drop_known_of(account.id);
    Ok(Account { password, ..account })
}

fn purpose(account: AccountId) -> String {
    format!("password_reset:{account}")
}
