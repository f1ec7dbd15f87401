//! What accounts prove themselves with, beside their passwords. A row is sealed as a whole and changed only
//! from the version that was read: of two instances that use up the same code at once, one is refused.

use crate::{
    error::{Error, Result},
    instants::{instant, micros},
    rows::credential,
    seal,
    store::Store,
    tx::Tx,
};
use domain::{
    Instant,
    access::Factor,
    ids::{AccountId, CredentialId},
};
use keys::KeyRing;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};

/// One thing that an account has.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub id: CredentialId,
    /// Counted by the store with every change.
    pub version: i64,
    pub account: AccountId,
    pub created_at: Instant,
    /// Forgotten then; `None` is never.
    pub expires_at: Option<Instant>,
    /// What its owner calls it.
    pub label: String,
    pub last_used_at: Option<Instant>,
    pub secret: Secret,
}

/// What makes it a proof.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Secret {
    Totp {
        seed: Vec<u8>,
        /// A code of it has been seen: before that it proves nothing.
        confirmed: bool,
        /// Step of the last code accepted; codes of this and earlier steps are used up.
        last_step: u64,
    },
    /// SHA-256 of each code that is left.
    RecoveryCodes {
        hashes: Vec<[u8; 32]>,
    },
    /// As the WebAuthn library writes it.
    Passkey {
        id: Vec<u8>,
        key: String,
    },
    Phone {
        number: String,
        confirmed: bool,
    },
    /// A device on which its owner has signed in before; proves nothing, but guesses made elsewhere do not
    /// lock it out. SHA-256 of its token.
    Device {
        token: [u8; 32],
    },
}

impl Secret {
    /// The stable code of the kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Secret::Totp { .. } => "totp",
            Secret::RecoveryCodes { .. } => "recovery_codes",
            Secret::Passkey { .. } => "passkey",
            Secret::Phone { .. } => "phone",
            Secret::Device { .. } => "device",
        }
    }

    /// What it proves as it stands.
    pub fn factor(&self) -> Option<Factor> {
        match self {
            Secret::Totp { confirmed, .. } => confirmed.then_some(Factor::Totp),
            Secret::RecoveryCodes { hashes } => (!hashes.is_empty()).then_some(Factor::RecoveryCode),
            Secret::Passkey { .. } => Some(Factor::Passkey),
            Secret::Phone { confirmed, .. } => confirmed.then_some(Factor::Sms),
            Secret::Device { .. } => None,
        }
    }
}

// Secrets belong in no log.
impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("id", &self.id)
            .field("kind", &self.secret.kind())
            .finish_non_exhaustive()
    }
}

/// What lies under the seal.
#[derive(Serialize, Deserialize)]
struct Sealed {
    label: String,
    last_used_at: Option<i64>,
    secret: Secret,
}

fn to_row(keys: &KeyRing, credential: &Credential) -> Result<credential::Model> {
    let mut row = credential::Model {
        id: credential.id.uuid(),
        version: credential.version,
        account_id: credential.account.uuid(),
        kind: credential.secret.kind().to_owned(),
        created_at: micros(credential.created_at),
        expires_at: credential.expires_at.map(micros),
        sealed: Vec::new(),
    };
    let sealed = Sealed {
        label: credential.label.clone(),
        last_used_at: credential.last_used_at.map(micros),
        secret: credential.secret.clone(),
    };
    seal::seal(keys, &mut row, &seal::encode(&sealed)?)?;
    Ok(row)
}

fn from_row(keys: &KeyRing, row: &credential::Model) -> Result<Credential> {
    let sealed: Sealed = seal::decode(row, &seal::open(keys, row)?)?;
    Ok(Credential {
        id: CredentialId::from_uuid(row.id),
        version: row.version,
        account: AccountId::from_uuid(row.account_id),
        created_at: instant(row.created_at),
        expires_at: row.expires_at.map(instant),
        label: sealed.label,
        last_used_at: sealed.last_used_at.map(instant),
        secret: sealed.secret,
    })
}

impl Tx {
    pub async fn insert_credential(&self, credential: &Credential) -> Result<()> {
        let row = to_row(&self.keys, credential)?.into_active_model();
        credential::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Writes the credential anew if it still is at the version that was read.
    ///
    /// # Errors
    /// `Conflict("credential_version")` if somebody else was faster, or has taken it away.
    pub async fn change_credential(&self, credential: &Credential) -> Result<()> {
        let changed = Credential { version: credential.version + 1, ..credential.clone() };
        let updated = credential::Entity::update_many()
            .set(to_row(&self.keys, &changed)?.into_active_model().reset_all())
            .filter(credential::Column::Id.eq(credential.id.uuid()))
            .filter(credential::Column::Version.eq(credential.version))
            .exec(&self.db)
            .await?;
        if updated.rows_affected == 1 { Ok(()) } else { Err(Error::Conflict("credential_version")) }
    }

    /// Takes away what the account has of this identifier; `false` if it has nothing of it.
    pub async fn delete_credential(&self, account: AccountId, id: CredentialId) -> Result<bool> {
        let deleted = credential::Entity::delete_many()
            .filter(credential::Column::Id.eq(id.uuid()))
            .filter(credential::Column::AccountId.eq(account.uuid()))
            .exec(&self.db)
            .await?;
        Ok(deleted.rows_affected == 1)
    }

    /// All that the account has, oldest first, as this transaction sees it.
    pub async fn credentials_of(&self, account: AccountId) -> Result<Vec<Credential>> {
        of_account(&self.db, &self.keys, account).await
    }
}

impl Store {
    /// All that the account has, oldest first.
    pub async fn credentials_of(&self, account: AccountId) -> Result<Vec<Credential>> {
        of_account(&self.reads, &self.keys, account).await
    }

    pub async fn credential(&self, id: CredentialId) -> Result<Option<Credential>> {
        let row = credential::Entity::find_by_id(id.uuid()).one(&self.reads).await?;
        row.map(|row| from_row(&self.keys, &row)).transpose()
    }
}

async fn of_account(
    db: &impl ConnectionTrait,
    keys: &KeyRing,
    account: AccountId,
) -> Result<Vec<Credential>> {
    let rows = credential::Entity::find()
        .filter(credential::Column::AccountId.eq(account.uuid()))
        .order_by_asc(credential::Column::Id)
        .all(db)
        .await?;
    rows.iter().map(|row| from_row(keys, row)).collect()
}
