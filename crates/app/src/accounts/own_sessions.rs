//! One's own sessions: which there are, and an end to one of them or to all.

use super::{factors::own_account, throttle::source_host};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use domain::{Instant, ids::SessionId};

/// A session as its owner sees it.
#[derive(Debug)]
pub struct OwnSession {
    pub id: SessionId,
    /// The user agent, if it named itself.
    pub device: Option<String>,
    /// Address from which it began.
    pub source: String,
    pub created_at: Instant,
    /// Written down once a minute.
    pub last_seen_at: Instant,
    pub expires_at: Instant,
    /// The one that asks.
    pub current: bool,
}

/// Lists one's own sessions that are good, newest first.
pub async fn own_sessions(app: &App, call: &Call) -> Audited<Vec<OwnSession>> {
    let entry = Entry::new("session.list");
    let answer = list(app, call).await;
    app.audit.record(call, entry, answer).await
}

async fn list(app: &App, call: &Call) -> Result<Vec<OwnSession>, Error> {
    let account = own_account(app, call).await?;
    let idle = app.sign_in.of(account.role).idle;
    let mut sessions = app.store.sessions_of(account.id).await?;
    sessions.retain(|session| call.now < session.expires_at && call.now - session.last_seen_at <= idle);
    sessions.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
    let own = sessions.into_iter().map(|session| OwnSession {
        current: call.principal.session == Some(session.id),
        id: session.id,
        device: session.device,
        source: source_host(&session.source),
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
    });
    Ok(own.collect())
}

/// Ends one of one's own sessions, on every instance.
pub async fn end_session(app: &App, call: &Call, id: SessionId) -> Audited<()> {
    let mut entry = Entry::new("session.end_one");
    entry.object(id);
    let answer = end_one(app, call, id).await;
    app.audit.record(call, entry, answer).await
}

async fn end_one(app: &App, call: &Call, id: SessionId) -> Result<(), Error> {
    let account = own_account(app, call).await?;
    if !app.store.delete_session_of(account.id, id).await? {
        return Err(Error::NotFound);
    }
    app.sessions.drop_known(id);
    Ok(())
}

/// Ends all of one's own sessions, this one too, on every instance. Returns how many there were.
pub async fn end_all_sessions(app: &App, call: &Call) -> Audited<u64> {
    let mut entry = Entry::new("session.end_all");
    let answer = end_all(app, call, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn end_all(app: &App, call: &Call, entry: &mut Entry) -> Result<u64, Error> {
    let account = own_account(app, call).await?;
    entry.object(account.id);
    let ended = app.store.delete_sessions_of(account.id).await?;
    app.sessions.drop_known_of(account.id);
    Ok(ended)
}
