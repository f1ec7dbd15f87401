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
        }
    }

    /// The operator at the machine's own console, who acts as system administrator without an
    /// account. Never made from anything that came over the network.
    pub fn console() -> Self {
        Self { role: Role::SystemAdmin, ..Self::public() }
    }
}
