//! From a login and a password to a session, by way of a second factor where the role's policy or the
//! account's owner wants one. No answer before the last step tells whether the account exists.

use super::{
    devices, factors,
    passwords::is_outdated,
    pending::{self, PENDING, Pending},
    proof::{self, Proof},
    throttle::{self, Tries},
};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use domain::{
    Instant,
    access::{Factor, Factors, Principal, RefusalCode, Standing},
    ids::CredentialId,
};
use store::Account;

/// What a person types.
#[derive(Clone)]
pub struct SignIn {
    pub login: String,
    pub password: String,
    /// A solved challenge, where the source has to bring one.
    pub challenge: Option<String>,
    /// What an earlier sign-in on this device was given to show here.
    pub device: Option<String>,
    /// Give this device something to show next time.
    pub remember_device: bool,
}

/// A session has begun.
#[derive(Debug)]
pub struct SignedIn {
    /// The secret; shown once, kept only as a hash.
    pub token: String,
    pub principal: Principal,
    pub expires_at: Instant,
    /// What the device may show at the next sign-in, if it asked to be remembered.
    pub device: Option<String>,
}

/// What a right password leads to.
#[derive(Debug)]
pub enum Answer {
    Begun(Box<SignedIn>),
    Needs(Pending),
}

/// One spelling for one login: NFKC, lower case, no surrounding space.
pub fn normalise_login(login: &str) -> String {
    domain::text::fold_login(login)
}

/// Checks login and password; begins a session, or asks for a second factor. The answer to a wrong password
/// does not tell whether the login exists, was locked out by policy, or the password was wrong.
pub async fn sign_in(app: &App, call: &Call, attempt: SignIn) -> Audited<Answer> {
    let mut entry = Entry::new("session.begin");
    entry.keywords(format!("login={}", attempt.login));
    let answer = begin(app, call, attempt, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn begin(app: &App, call: &Call, attempt: SignIn, entry: &mut Entry) -> Result<Answer, Error> {
    let login = normalise_login(&attempt.login);
    if login.is_empty() || login.chars().count() > 64 || attempt.password.chars().count() > 128 {
        return Err(Error::SignInFailed);
    }
    throttle::ask_for_work(app, call, attempt.challenge.as_deref()).await?;
    let _turn = app.passwords.turn(&login).await;
    let (device, account) =
        tokio::try_join!(async { devices::find(app, attempt.device.as_deref(), call.now).await }, async {
            Ok(app.store.account_by_login(&login).await?)
        },)?;
    let known = device.filter(|device| account.as_ref().is_some_and(|account| account.id == device.account));
    let device = known.map(|device| device.id);
    let tries = device.map_or(Tries::Login(&login), Tries::Device);
    let account = prove_password(app, call, tries, &login, account, attempt.password).await?;
    entry.object(account.id);
    let progress = Progress {
        account,
        proven: Factors::NONE.with(Factor::Password),
        device,
        remember_device: attempt.remember_device,
    };
    progress.conclude(app, call, entry).await
}

/// The account, if the password is its own. The attempt is counted first: guesses made at the same time
/// would otherwise all be judged before the first of them counts. The caller holds the login's turn.
pub(super) async fn prove_password(
    app: &App,
    call: &Call,
    tries: Tries<'_>,
    login: &str,
    account: Option<Account>,
    password: String,
) -> Result<Account, Error> {
    throttle::attempt(app, call, tries).await?;
    let account = account.filter(|account| !account.disabled);
    let hash = account.as_ref().map(|account| account.password.hash.clone());
    let outdated = hash.as_deref().is_some_and(is_outdated).then(|| password.clone());
    let matches = app.passwords.matches(hash, password).await?;
    let Some(account) = account.filter(|_| matches) else {
        throttle::failed(app, call, login).await?;
        return Err(Error::SignInFailed);
    };
    if let Some(password) = outdated {
        let hash = app.passwords.hash(&app.entropy, password).await?;
        let tx = app.store.begin().await?;
        tx.rehash_password(account.id, &account.password.hash, &hash).await?;
        tx.commit().await?;
    }
    Ok(account)
}

/// How far a sign-in has come.
pub(super) struct Progress {
    pub account: Account,
    pub proven: Factors,
    /// The known device it goes on at.
    pub device: Option<CredentialId>,
    pub remember_device: bool,
}

impl Progress {
    /// A session, or what is still needed. Somebody whose account has nothing that would do gets a session
    /// in which they can only set it up.
    async fn conclude(self, app: &App, call: &Call, entry: &mut Entry) -> Result<Answer, Error> {
        let held = factors::held(&app.store.credentials_of(self.account.id).await?);
        let policy = app.sign_in.of(self.account.role);
        if let Standing::Needs(factors) = policy.standing(self.proven, held) {
            entry.purpose("second factor needed");
            return Ok(Answer::Needs(pending::begin(app, call, &self, factors)?));
        }
        throttle::succeeded(app, Tries::Login(&self.account.login)).await?;
        if let Some(device) = self.device {
            throttle::succeeded(app, Tries::Device(device)).await?;
        }
        let mut signed_in = app.sessions.begin(app, call, &self.account, self.proven).await?;
        if self.remember_device {
            signed_in.device = Some(devices::remember(app, call, self.account.id).await?);
        }
        Ok(Answer::Begun(Box::new(signed_in)))
    }
}

/// Goes on with a sign-in that needs a second factor.
pub async fn second_factor(app: &App, call: &Call, pending: &str, proof: Proof) -> Audited<Answer> {
    let mut entry = Entry::new("session.second_factor");
    entry.purpose(proof.factor().code());
    let answer = go_on(app, call, pending, proof, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn go_on(
    app: &App,
    call: &Call,
    pending: &str,
    proof: Proof,
    entry: &mut Entry,
) -> Result<Answer, Error> {
    let opened = pending::open(app, pending, call.now)?;
    let account = app.store.account(opened.account).await?.filter(|account| !account.disabled);
    // A password changed meanwhile was not the one that was proven.
    let account = account.filter(|account| account.password.set_at == opened.password_set_at);
    let account = account.ok_or(Error::SignInLapsed)?;
    entry.object(account.id);
    if proof.factor() == Factor::Password {
        return Err(Error::FactorFailed);
    }
    let factor = prove_factor(app, call, &account, proof).await?;
    if !PENDING.use_up(app, pending, call.now).await? {
        return Err(Error::SignInLapsed);
    }
    throttle::succeeded(app, Tries::SecondFactor(account.id)).await?;
    let proven = opened.proven().with(factor);
    let progress =
        Progress { account, proven, device: opened.device, remember_device: opened.remember_device };
    progress.conclude(app, call, entry).await
}

/// Any factor but the password, one attempt after the other and each of them counted.
async fn prove_factor(app: &App, call: &Call, account: &Account, proof: Proof) -> Result<Factor, Error> {
    let _turn = app.passwords.turn(&account.id.to_string()).await;
    throttle::attempt(app, call, Tries::SecondFactor(account.id)).await?;
    match proof::prove(app, call, account.id, proof).await {
        Err(Error::FactorFailed) => {
            throttle::failed(app, call, &account.login).await?;
            Err(Error::FactorFailed)
        }
        proven => proven,
    }
}

/// Proves identity again within a session, for acts that need a fresh proof.
pub async fn step_up(app: &App, call: &Call, proof: Proof) -> Audited<Instant> {
    let mut entry = Entry::new("session.step_up");
    entry.purpose(proof.factor().code());
    let answer = refresh(app, call, proof).await;
    app.audit.record(call, entry, answer).await
}

async fn refresh(app: &App, call: &Call, proof: Proof) -> Result<Instant, Error> {
    let (Some(id), Some(session)) = (call.principal.account, call.principal.session) else {
        return Err(Error::Refused(RefusalCode::SignInRequired));
    };
    let account = app.store.account(id).await?.ok_or(Error::SignInFailed)?;
    let factor = proof.factor();
    if !app.sign_in.of(account.role).steps_up(factor) {
        return Err(Error::field(factor.code(), "factor_not_enough"));
    }
    if let Proof::Password(password) = proof {
        let login = account.login.clone();
        let _turn = app.passwords.turn(&login).await;
        prove_password(app, call, Tries::Login(&login), &login, Some(account), password).await?;
        throttle::succeeded(app, Tries::Login(&login)).await?;
    } else {
        prove_factor(app, call, &account, proof).await?;
        throttle::succeeded(app, Tries::SecondFactor(id)).await?;
    }
    app.store.prove_in_session(session, factor, call.now).await?;
    app.sessions.drop_known(session);
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
