//! A sign-in whose password was right and that still needs a second factor. The caller keeps it for a few
//! minutes; it is good for one session.

use super::{sign_in::Progress, tokens::Kind};
use crate::{App, Call, Error};
use chrono::TimeDelta;
use domain::{
    Instant,
    access::Factors,
    ids::{AccountId, CredentialId},
};
use serde::{Deserialize, Serialize};

const LIFETIME: TimeDelta = TimeDelta::minutes(5);
pub(super) const PENDING: Kind = Kind("pending_sign_in");

/// What a second factor has to be brought for.
#[derive(Debug)]
pub struct Pending {
    /// The secret; comes back with the second factor.
    pub token: String,
    /// Any one of them will do.
    pub factors: Factors,
    pub expires_at: Instant,
}

/// What the caller keeps and cannot read.
#[derive(Serialize, Deserialize)]
pub(super) struct Opened {
    pub account: AccountId,
    proven: u8,
    pub password_set_at: Instant,
    pub device: Option<CredentialId>,
    pub remember_device: bool,
}

impl Opened {
    pub fn proven(&self) -> Factors {
        Factors::from_bits(self.proven)
    }
}

pub(super) fn begin(app: &App, call: &Call, progress: &Progress, factors: Factors) -> Result<Pending, Error> {
    let expires_at = call.now + LIFETIME;
    let opened = Opened {
        account: progress.account.id,
        proven: progress.proven.bits(),
        password_set_at: progress.account.password.set_at,
        device: progress.device,
        remember_device: progress.remember_device,
    };
    Ok(Pending { token: PENDING.make(app, opened, expires_at)?, factors, expires_at })
}

/// What was proven so far. It is not used up by this.
pub(super) fn open(app: &App, token: &str, now: Instant) -> Result<Opened, Error> {
    PENDING.open(app, token, now).ok_or(Error::SignInLapsed)
}
