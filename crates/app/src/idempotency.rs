//! One effect for one key, however often a client asks.

use crate::{App, Call, Error};
use domain::access::RefusalCode;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::Idempotency;

/// What a key means for this request.
pub enum Begun {
    /// Do the work, then finish the ticket.
    New(Ticket),
    /// It has been done; this was the answer.
    Replay(Value),
}

/// The right to do the work of one key.
pub struct Ticket([u8; 32]);

/// Takes the key for this request. Keys belong to accounts: two accounts never share one.
pub async fn begin(app: &App, call: &Call, key: &str, request: &Value) -> Result<Begun, Error> {
    let account = call.principal.account.ok_or(Error::Refused(RefusalCode::SignInRequired))?;
    let key: [u8; 32] = Sha256::digest(format!("{account}\n{key}").as_bytes()).into();
    let request: [u8; 32] = Sha256::digest(request.to_string().as_bytes()).into();
    match app.store.idempotency_begin(&key, &request, call.now).await? {
        Idempotency::New => Ok(Begun::New(Ticket(key))),
        Idempotency::Replay(answer) => {
            Ok(Begun::Replay(serde_json::from_str(&answer).map_err(Error::internal)?))
        }
        Idempotency::InProgress => Err(Error::IdempotencyInProgress),
        Idempotency::Mismatch => Err(Error::IdempotencyMismatch),
    }
}

impl Ticket {
    pub async fn finish(self, app: &App, answer: &Value) -> Result<(), Error> {
        Ok(app.store.idempotency_finish(&self.0, &answer.to_string()).await?)
    }

    /// The work failed; the same key may try again.
    pub async fn abandon(self, app: &App) -> Result<(), Error> {
        Ok(app.store.idempotency_abandon(&self.0).await?)
    }
}
