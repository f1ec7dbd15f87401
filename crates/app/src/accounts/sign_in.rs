use super::throttle;
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use domain::{
    Instant,
    access::{Principal, RefusalCode},
};
use store::Account;

/// What a person types.
#[derive(Clone)]
pub struct SignIn {
    pub login: String,
    pub password: String,
    /// A solved challenge, where the source has to bring one.
    pub challenge: Option<String>,
}

/// A session has begun.
#[derive(Debug)]
pub struct SignedIn {
    /// The secret; shown once, kept only as a hash.
    pub token: String,
    pub principal: Principal,
    pub expires_at: Instant,
}

/// One spelling for one login: NFKC, lower case, no surrounding space.
pub fn normalise_login(login: &str) -> String {
    domain::text::fold_login(login)
}

/// Checks login and password and begins a session. The answer does not tell whether the login
/// exists, was locked out by policy, or the password was wrong.
pub async fn sign_in(app: &App, call: &Call, attempt: SignIn) -> Audited<SignedIn> {
    let mut entry = Entry::new("session.begin");
    entry.keywords(format!("login={}", attempt.login));
    let answer = begin(app, call, attempt, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn begin(app: &App, call: &Call, attempt: SignIn, entry: &mut Entry) -> Result<SignedIn, Error> {
    let login = normalise_login(&attempt.login);
    if login.is_empty() || login.chars().count() > 64 || attempt.password.chars().count() > 128 {
        return Err(Error::SignInFailed);
    }
    throttle::ask_for_work(app, call, attempt.challenge.as_deref()).await?;
    let account = prove(app, call, &login, attempt.password).await?;
    let signed_in = app.sessions.begin(app, call, &account).await?;
    entry.object(account.id);
    Ok(signed_in)
}

/// The account, if the password is its own. The attempt is counted first: guesses made at the same
/// time would otherwise all be judged before the first of them counts.
async fn prove(app: &App, call: &Call, login: &str, password: String) -> Result<Account, Error> {
    let _turn = app.passwords.turn(login).await;
    throttle::attempt(app, call, login).await?;
    let account = app.store.account_by_login(login).await?.filter(|account| !account.disabled);
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let matches = app.passwords.matches(hash, password).await?;
    match account {
        Some(account) if matches => {
            throttle::succeeded(app, login).await?;
            Ok(account)
        }
        _ => {
            throttle::failed(app, call, login).await?;
            Err(Error::SignInFailed)
        }
    }
}

/// Proves identity again within a session, for acts that need a fresh proof.
pub async fn step_up(app: &App, call: &Call, password: String) -> Audited<Instant> {
    let entry = Entry::new("session.step_up");
    let answer = refresh(app, call, password).await;
    app.audit.record(call, entry, answer).await
}

async fn refresh(app: &App, call: &Call, password: String) -> Result<Instant, Error> {
    let (Some(id), Some(session)) = (call.principal.account, call.principal.session) else {
        return Err(Error::Refused(RefusalCode::SignInRequired));
    };
    let account = app.store.account(id).await?.ok_or(Error::SignInFailed)?;
    prove(app, call, &account.login, password).await?;
    app.sessions.step_up(app, session, call.now).await?;
    Ok(call.now)
}

/// Ends the session everywhere.
pub async fn sign_out(app: &App, call: &Call) -> Audited<()> {
    let entry = Entry::new("session.end");
    let answer = match call.principal.session {
        Some(session) => app.sessions.end(app, session).await,
        None => Err(Error::Refused(RefusalCode::SignInRequired)),
    };
    app.audit.record(call, entry, answer).await
}
