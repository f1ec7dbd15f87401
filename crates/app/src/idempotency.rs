//! One effect for one key, however often a client asks. The answer is kept in the transaction of the
//! change it tells of, so that whoever lost it can ask again, whatever failed after the commit.

use crate::{App, Call, Error, audit::Entry};
use domain::{access::RefusalCode, ids::AccountId};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use store::{Idempotency, Tx};

/// Does the work, or gives the answer it had the first time. The caller's right to do it must have
/// been decided before. Work that changes something calls [`keep`] in its transaction.
pub async fn once<T: DeserializeOwned>(
    app: &App,
    call: &Call,
    request: &impl Serialize,
    entry: &mut Entry,
    work: impl AsyncFnOnce(&mut Entry) -> Result<T, Error>,
) -> Result<T, Error> {
    let Some(key) = key_hash(call)? else { return work(entry).await };
    let request = serde_json::to_vec(request).map_err(Error::internal)?;
    match app.store.idempotency_begin(&key, &Sha256::digest(request).into(), call.now).await? {
        Idempotency::New => {}
        Idempotency::Replay(answer) => {
            entry.purpose("repeated");
            return serde_json::from_str(&answer).map_err(Error::internal);
        }
        Idempotency::InProgress => return Err(Error::IdempotencyInProgress),
        Idempotency::Mismatch => return Err(Error::IdempotencyMismatch),
    }
    let answer = work(entry).await;
    if answer.is_err() {
        app.store.idempotency_abandon(&key, call.now).await?;
    }
    answer
}

/// Keeps the answer for a repetition of this call.
pub async fn keep(tx: &Tx, call: &Call, answer: &impl Serialize) -> Result<(), Error> {
    let Some(key) = key_hash(call)? else { return Ok(()) };
    let answer = serde_json::to_string(answer).map_err(Error::internal)?;
    Ok(tx.idempotency_finish(&key, call.now, &answer).await?)
}

/// Keys belong to accounts: two accounts never share one.
fn key_hash(call: &Call) -> Result<Option<[u8; 32]>, Error> {
    let Some(key) = &call.idempotency_key else { return Ok(None) };
    let account: AccountId = call.principal.account.ok_or(Error::Refused(RefusalCode::SignInRequired))?;
    Ok(Some(Sha256::digest(format!("{account}\n{key}").as_bytes()).into()))
}
