use crate::{
    Clock,
    accounts::{passwords::Passwords, sessions::Sessions},
    audit::AuditLog,
    clock::Entropy,
    cpu::CpuPool,
    verification::challenge::Challenges,
};
use domain::{
    Date, Instant,
    access::{Matrix, Principal, SignInPolicy},
    audit::Actor,
    catalogue::Catalogue,
    ids::RequestId,
};
use keys::KeyRing;
use readmodel::{ReadModel, SearchPool};
use std::sync::Arc;
use store::Store;

/// The parts that the use cases work with, wired up once.
pub struct App {
    pub store: Store,
    pub readmodel: Arc<ReadModel>,
    pub searches: SearchPool,
    pub keys: KeyRing,
    pub catalogue: Arc<Catalogue>,
    pub matrix: Arc<Matrix>,
    pub sign_in: Arc<SignInPolicy>,
    pub audit: AuditLog,
    pub sessions: Sessions,
    pub passwords: Passwords,
    pub challenges: Challenges,
    pub cpu: CpuPool,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<Entropy>,
    /// Wakes the follower after a commit.
    pub changed: tokio::sync::Notify,
}

/// One call from any channel: who asks, from where, when.
#[derive(Debug, Clone)]
pub struct Call {
    pub request: RequestId,
    pub principal: Arc<Principal>,
    /// Peer address, or `cli`.
    pub source: String,
    /// User agent family, if any.
    pub device: Option<String>,
    pub now: Instant,
    /// What the caller sends again with a repetition of this call, if anything.
    pub idempotency_key: Option<String>,
}

impl Call {
    pub fn actor(&self) -> Actor {
        let principal = &self.principal;
        Actor {
            role: principal.role,
            account: principal.account,
            organisation: principal.organisation,
            region: principal.region.clone(),
            session: principal.session,
            source: self.source.clone(),
            device: self.device.clone(),
        }
    }
}

impl App {
    /// Today where the catalogue's certificates live.
    pub fn today(&self) -> Date {
        self.clock.today(self.catalogue.zone())
    }

    /// A call by this principal, now.
    pub fn call(
        &self,
        principal: impl Into<Arc<Principal>>,
        source: impl Into<String>,
        device: Option<String>,
    ) -> Call {
        let now = self.clock.now();
        let request = RequestId::from_uuid(self.entropy.uuid(now));
        let (principal, source) = (principal.into(), source.into());
        Call { request, principal, source, device, now, idempotency_key: None }
    }
}
