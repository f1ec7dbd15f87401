//! What a caller keeps for us between two steps: sealed, so that it can be neither read nor made, for one purpose,
//! for a while, and good once on all instances. Making one writes nothing.

use crate::{App, Error};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::Instant;
use keys::Aad;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// A kind of token; no other kind can pass for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind(pub &'static str);

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    expires_at: Instant,
    content: T,
}

impl Kind {
    pub fn make<T: Serialize>(self, app: &App, content: T, expires_at: Instant) -> Result<String, Error> {
        let plain = serde_json::to_vec(&Sealed { expires_at, content }).map_err(Error::internal)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(app.keys.seal(self.place(), &plain)))
    }

    /// What is in it, if it is of this kind and not too old. It is not used up by this.
    pub fn open<T: DeserializeOwned>(self, app: &App, token: &str, now: Instant) -> Option<T> {
        Some(self.opened(app, token, now)?.content)
    }

    /// `true` for the first caller, whatever the number of instances.
    pub async fn use_up(self, app: &App, token: &str, now: Instant) -> Result<bool, Error> {
        let opened: Option<Sealed<serde::de::IgnoredAny>> = self.opened(app, token, now);
        let Some(Sealed { expires_at, .. }) = opened else { return Ok(false) };
        Ok(app.store.use_once(&hash(token), self.0, expires_at).await?)
    }

    fn opened<T: DeserializeOwned>(self, app: &App, token: &str, now: Instant) -> Option<Sealed<T>> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let plain = app.keys.open(self.place(), &sealed).ok()?;
        let opened: Sealed<T> = serde_json::from_slice(&plain).ok()?;
        (now < opened.expires_at).then_some(opened)
    }

    /// Bound into the seal: it belongs to no table.
    fn place(self) -> Aad<'static> {
        Aad { table: self.0, id: [0; 16], version: 0 }
    }
}

pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
