use super::Role;
use crate::{
    Instant,
    ids::{AccountId, HolderId, OrganisationId, SessionId},
};

/// Who asks, as established by authentication. What they may see is decided by
/// [`super::decide`], never read off this value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub role: Role,
    pub account: Option<AccountId>,
    pub session: Option<SessionId>,
    /// Regulators: the region they answer for, six digits.
    pub region: Option<String>,
    /// Enterprise roles and API clients: their organisation.
    pub organisation: Option<OrganisationId>,
    /// Individuals: themselves.
    pub holder: Option<HolderId>,
    /// Holders a temporary grant in force names.
    pub granted: Vec<HolderId>,
    /// When the second factor or password was last proven in this session.
    pub stepped_up_at: Option<Instant>,
    /// What has to be put right before anything else may be done.
    pub confined: Option<Confinement>,
}

/// Why a session is good for nothing but putting its account right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confinement {
    /// The password is too old, or somebody else knows it.
    PasswordChange,
    /// The role needs a factor that the account does not have.
    FactorNeeded,
}

impl Principal {
    /// The visitor nobody knows.
    pub const fn public() -> Self {
        Self {
            role: Role::Public,
            account: None,
            session: None,
            region: None,
            organisation: None,
            holder: None,
            granted: Vec::new(),
            stepped_up_at: None,
            confined: None,
        }
    }

    /// The operator at the machine's own console, who acts as system administrator without an
    /// account. Never made from anything that came over the network.
    pub fn console() -> Self {
        Self { role: Role::SystemAdmin, ..Self::public() }
    }
}
