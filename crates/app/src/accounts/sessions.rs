//! Sessions are opaque tokens of 256 bits, kept as hashes. The store is the truth; this node
//! remembers what it confirmed less than two seconds ago, so that a look-up costs no SQL and a
//! session ended elsewhere is refused here within the five seconds promised.

use super::SignedIn;
use crate::{App, Call, Error};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{
    Instant,
    access::{Confinement, Factor, Factors, Principal, Role},
    ids::{AccountId, SessionId},
};
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};
use store::{Account, Session};
use tokio::sync::Mutex;

/// How long a confirmed session is taken at its word.
const TRUSTED_FOR: TimeDelta = TimeDelta::seconds(2);
/// So long it is while somebody else asks the store: of ten thousand calls at one moment with a session that
/// this node knows, one asks.
const TRUSTED_WHILE_ASKED: TimeDelta = TimeDelta::seconds(4);
/// With the store away nobody can end a session either; a known one may go on this long.
const TRUSTED_WITHOUT_STORE: TimeDelta = TimeDelta::minutes(15);
/// How long a store that did not answer is left alone; every caller would wait for it otherwise.
const STORE_LEFT_ALONE: TimeDelta = TimeDelta::seconds(10);
/// Activity is written down at most this often.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// All that is kept of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

#[derive(Clone)]
struct Known {
    principal: Arc<Principal>,
    expires_at: Instant,
    idle: TimeDelta,
    last_seen: Instant,
    written: Instant,
    confirmed: Instant,
    /// Held by the caller who asks the store.
    asking: Arc<Mutex<()>>,
}

impl Known {
    fn is_over(&self, now: Instant) -> bool {
        now >= self.expires_at || now - self.last_seen > self.idle
    }

    fn is_fresh(&self, now: Instant) -> bool {
        now - self.confirmed < TRUSTED_FOR && now - self.written < TOUCHED_EVERY
    }
}

/// The sessions this node knows.
#[derive(Default)]
pub struct Sessions {
    known: RwLock<HashMap<TokenHash, Known>>,
    /// The store did not answer; for no session is it asked again before this.
    store_rests_until: RwLock<Option<Instant>>,
}

impl Sessions {
    /// Begins a session in which this has been proven. Beyond what the role may have at once, the oldest end.
    pub(super) async fn begin(
        &self,
        app: &App,
        call: &Call,
        account: &Account,
        proven: Factors,
    ) -> Result<SignedIn, Error> {
        let token = BASE64_URL_SAFE_NO_PAD.encode(app.entropy.bytes::<32>());
        let policy = app.sign_in.of(account.role);
        let session = Session {
            id: SessionId::from_uuid(app.entropy.uuid(call.now)),
            account: account.id,
            created_at: call.now,
            last_seen_at: call.now,
            expires_at: call.now + policy.absolute,
            stepped_up_at: Some(call.now),
            device: call.device.clone(),
            source: call.source.clone(),
            proven,
        };
        app.store.insert_session(&TokenHash::of(&token).0, &session).await?;
        if let Some(most) = policy.sessions {
            self.end_oldest(app, account.id, most).await?;
        }
        let principal = principal(app, account, &session, call.now).await?;
        Ok(SignedIn { token, principal, expires_at: session.expires_at, device: None })
    }

    async fn end_oldest(&self, app: &App, account: AccountId, most: usize) -> Result<(), Error> {
        let mut sessions = app.store.sessions_of(account).await?;
        sessions.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        for session in sessions.into_iter().skip(most) {
            self.end(app, session.id).await?;
        }
        Ok(())
    }

    /// Who holds this token, if anybody still does.
    pub async fn principal(&self, app: &App, token: &TokenHash) -> Result<Option<Arc<Principal>>, Error> {
        let now = app.clock.now();
        let known = self.known.read().get(token).cloned();
        if let Some(known) = &known {
            if known.is_over(now) {
                self.forget(app, token, known.principal.session);
                return Ok(None);
            }
            if known.is_fresh(now) {
                self.seen(token, now);
                return Ok(Some(known.principal.clone()));
            }
        }
        // Seldom, and large: apart from what every call carries with it.
        Box::pin(self.ask(app, token, known, now)).await
    }

    /// Asks the store, or takes over what somebody else has asked it.
    async fn ask(
        &self,
        app: &App,
        token: &TokenHash,
        known: Option<Known>,
        now: Instant,
    ) -> Result<Option<Arc<Principal>>, Error> {
        let mut turn = None;
        if let Some(known) = &known {
            turn = known.asking.clone().try_lock_owned().ok();
            if turn.is_none() && now - known.confirmed < TRUSTED_WHILE_ASKED {
                self.seen(token, now);
                return Ok(Some(known.principal.clone()));
            }
            if turn.is_none() {
                // Only to wait: where there is no answer to go by then, all ask side by side.
                drop(known.asking.lock().await);
            }
            if let Some(principal) = self.answered_since(token, known, app.clock.now()) {
                return Ok(Some(principal));
            }
        }
        let now = app.clock.now();
        let good = |known: &Known| now - known.confirmed < TRUSTED_WITHOUT_STORE && !known.is_over(now);
        let trusted = known.filter(good);
        let rests = self.store_rests_until.read().is_some_and(|until| now < until);
        if let Some(known) = trusted.as_ref().filter(|_| rests) {
            self.seen(token, now);
            return Ok(Some(known.principal.clone()));
        }
        let answer = match (self.confirm(app, *token, now).await, trusted) {
            (Err(Error::StoreUnavailable(_)), Some(known)) => {
                // Counted from here: finding out has taken a while.
                *self.store_rests_until.write() = Some(app.clock.now() + STORE_LEFT_ALONE);
                Ok(Some(known.principal))
            }
            (answer, _) => answer,
        };
        drop(turn);
        answer
    }

    /// What somebody else has found out since this was known.
    fn answered_since(&self, token: &TokenHash, known: &Known, now: Instant) -> Option<Arc<Principal>> {
        let all = self.known.read();
        let newer = all.get(token).filter(|newer| newer.confirmed > known.confirmed)?;
        let good = now - newer.confirmed < TRUSTED_WHILE_ASKED && !newer.is_over(now);
        good.then(|| newer.principal.clone())
    }

    fn seen(&self, key: &TokenHash, now: Instant) {
        // Whole seconds are enough, and spare the write lock on a busy session.
        let stale =
            self.known.read().get(key).is_some_and(|known| now - known.last_seen >= TimeDelta::seconds(1));
        if stale && let Some(known) = self.known.write().get_mut(key) {
            known.last_seen = now;
        }
    }

    /// Is this a session that this node need not look up?
    pub fn knows(&self, token: &TokenHash) -> bool {
        self.known.read().contains_key(token)
    }

    /// A session that has ended by itself. It is refused whether or not its row is still there.
    fn forget(&self, app: &App, key: &TokenHash, session: Option<SessionId>) {
        self.known.write().remove(key);
        if let Some(session) = session {
            let store = app.store.clone();
            in_background(async move { store.delete_session(session).await });
        }
    }

    async fn confirm(
        &self,
        app: &App,
        key: TokenHash,
        now: Instant,
    ) -> Result<Option<Arc<Principal>>, Error> {
        metrics::counter!("anzheng_session_confirmations_total").increment(1);
        let Some((session, account)) = app.store.session(&key.0).await? else {
            self.known.write().remove(&key);
            return Ok(None);
        };
        let idle = app.sign_in.of(account.role).idle;
        let (last_seen, mut written) =
            self.known.read().get(&key).map_or((session.last_seen_at, session.last_seen_at), |known| {
                (known.last_seen.max(session.last_seen_at), known.written.max(session.last_seen_at))
            });
        if account.disabled || now >= session.expires_at || now - last_seen > idle {
            self.forget(app, &key, Some(session.id));
            return Ok(None);
        }
        if now - written >= TOUCHED_EVERY {
            let (store, id) = (app.store.clone(), session.id);
            in_background(async move { store.touch_session(id, now).await });
            written = now;
        }
        let principal = Arc::new(principal(app, &account, &session, now).await?);
        let known = Known {
            principal: principal.clone(),
            expires_at: session.expires_at,
            idle,
            last_seen: now,
            written,
            confirmed: now,
            asking: Arc::default(),
        };
        self.known.write().insert(key, known);
        Ok(Some(principal))
    }

    pub(super) async fn end(&self, app: &App, session: SessionId) -> Result<(), Error> {
        app.store.delete_session(session).await?;
        self.drop_known(session);
        Ok(())
    }

    /// What this node knows of the session does not hold any more.
    pub(super) fn drop_known(&self, session: SessionId) {
        self.known.write().retain(|_, known| known.principal.session != Some(session));
    }

    /// As [`Sessions::drop_known`], for all sessions of the account.
    pub(super) fn drop_known_of(&self, account: AccountId) {
        self.known.write().retain(|_, known| known.principal.account != Some(account));
    }

    /// Drops what has ended; called now and then so that memory stays bounded.
    pub fn sweep(&self, now: Instant) {
        self.known.write().retain(|_, known| now < known.expires_at && now - known.last_seen <= known.idle);
    }
}

/// A note for the store that no caller waits for: a writer may have to queue, and the note is made
/// again if it is lost.
fn in_background(note: impl Future<Output = store::Result<()>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = note.await {
            tracing::warn!(error = %error, "a session's activity is not written down for now");
        }
    });
}

async fn principal(
    app: &App,
    account: &Account,
    session: &Session,
    now: Instant,
) -> Result<Principal, Error> {
    let granted = match account.role {
        Role::EnterpriseMember => app.store.granted_holders(account.id, now).await?,
        _ => Vec::new(),
    };
    Ok(Principal {
        role: account.role,
        account: Some(account.id),
        session: Some(session.id),
        region: account.region.clone(),
        organisation: account.organisation,
        holder: account.holder,
        granted,
        stepped_up_at: session.stepped_up_at,
        confined: confinement(app, account, session),
    })
}

/// Why the session is good for nothing but putting its account right, if it is.
fn confinement(app: &App, account: &Account, session: &Session) -> Option<Confinement> {
    let policy = app.sign_in.of(account.role);
    let outlived = |days| session.created_at - account.password.set_at > TimeDelta::days(days);
    if session.proven.has(Factor::Password) && policy.password.max_age_days.is_some_and(outlived) {
        return Some(Confinement::PasswordChange);
    }
    (!policy.opens(session.proven)).then_some(Confinement::FactorNeeded)
}
