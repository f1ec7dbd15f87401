use app::accounts::Proof;
use serde::Deserialize;
use utoipa::ToSchema;

/// One factor, under its name.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ProofIn {
    Password(String),
    /// Six digits of an authenticator application. Each code is good once.
    Totp(String),
    /// Case, spaces and hyphens do not matter. Each code is good once.
    RecoveryCode(String),
}

impl From<ProofIn> for Proof {
    fn from(proof: ProofIn) -> Self {
        match proof {
            ProofIn::Password(password) => Proof::Password(password),
            ProofIn::Totp(code) => Proof::Totp(code),
            ProofIn::RecoveryCode(code) => Proof::RecoveryCode(code),
        }
    }
}
