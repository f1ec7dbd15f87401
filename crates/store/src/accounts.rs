use crate::{
    error::{Error, Result},
    instants::{instant, micros},
    rows::account,
    seal, settings,
    store::Store,
    tx::Tx,
};
use domain::{
    Instant,
    access::Role,
    ids::{AccountId, HolderId, OrganisationId},
};
use keys::KeyRing;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

/// An account that can sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// Normalised by the caller; unique.
    pub login: String,
    pub role: Role,
    pub password: Password,
    /// Regulators: the region they answer for.
    pub region: Option<String>,
    pub organisation: Option<OrganisationId>,
    pub holder: Option<HolderId>,
    pub disabled: bool,
    pub created_at: Instant,
}

/// A password with what its policy asks about it. Its hashes are in PHC string format.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    pub hash: String,
    pub set_at: Instant,
    /// Hashes of those before it, newest first, as many as the policy asked for.
    pub former: Vec<String>,
}

// No hash belongs in a log.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Password").field("set_at", &self.set_at).finish_non_exhaustive()
    }
}

impl Password {
    pub fn new(hash: impl Into<String>, set_at: Instant) -> Self {
        Self { hash: hash.into(), set_at, former: Vec::new() }
    }
}

/// What lies under the seal of an account. One that was written before there was any is empty.
#[derive(Serialize, Deserialize)]
struct Sealed {
    password_set_at: i64,
    former_passwords: Vec<String>,
}

// Neither the hash nor the login, which can be a name, belongs in a log.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

fn to_row(keys: &KeyRing, account: &Account, version: i64) -> Result<account::Model> {
    let mut row = account::Model {
        id: account.id.uuid(),
        version,
        login: account.login.clone(),
        role: account.role.code().to_owned(),
        password_hash: account.password.hash.clone(),
        region: account.region.clone(),
        organisation_id: account.organisation.map(OrganisationId::uuid),
        holder_id: account.holder.map(HolderId::uuid),
        disabled: account.disabled,
        created_at: micros(account.created_at),
        sealed: Vec::new(),
    };
    let sealed = Sealed {
        password_set_at: micros(account.password.set_at),
        former_passwords: account.password.former.clone(),
    };
    seal::seal(keys, &mut row, &seal::encode(&sealed)?)?;
    Ok(row)
}

pub(crate) fn from_row(keys: &KeyRing, row: account::Model) -> Result<Account> {
    let secret = seal::open(keys, &row)?;
    let sealed = if secret.is_empty() {
        Sealed { password_set_at: row.created_at, former_passwords: Vec::new() }
    } else {
        seal::decode(&row, &secret)?
    };
    Ok(Account {
        id: AccountId::from_uuid(row.id),
        role: Role::from_code(&row.role).ok_or_else(|| Error::corrupt("account", row.id))?,
        login: row.login,
        password: Password {
            hash: row.password_hash,
            set_at: instant(sealed.password_set_at),
            former: sealed.former_passwords,
        },
        region: row.region,
        organisation: row.organisation_id.map(OrganisationId::from_uuid),
        holder: row.holder_id.map(HolderId::from_uuid),
        disabled: row.disabled,
        created_at: instant(row.created_at),
    })
}

async fn by_id(db: &impl ConnectionTrait, keys: &KeyRing, id: AccountId) -> Result<Option<(i64, Account)>> {
    let row = account::Entity::find_by_id(id.uuid()).one(db).await?;
    row.map(|row| Ok((row.version, from_row(keys, row)?))).transpose()
}

impl Tx {
    /// # Errors
    /// `Conflict("uq_account_login")` if the login is taken.
    pub async fn insert_account(&self, account: &Account) -> Result<()> {
        let row = to_row(&self.keys, account, 1)?;
        account::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Inserts the account only if there is none yet. Transactions that try at the same time take
    /// turns at a row they all write, so that each sees what the one before it did.
    pub async fn insert_first_account(&self, account: &Account) -> Result<bool> {
        settings::write(&self.db, "first_account", &account.id.to_string()).await?;
        if account::Entity::find().count(&self.db).await? > 0 {
            return Ok(false);
        }
        self.insert_account(account).await?;
        Ok(true)
    }

    /// Sets a new password and ends every session that began with the old one. `false` if there
    /// is no such account.
    pub async fn set_password(&self, id: AccountId, password: &Password) -> Result<bool> {
        let changed = self.change_account(id, |account| account.password = password.clone()).await?;
        self.delete_sessions_of(id).await?;
        Ok(changed)
    }

    /// The same password under another hash: sessions go on. `false` if it is not the same any more.
    pub async fn rehash_password(&self, id: AccountId, from: &str, to: &str) -> Result<bool> {
        let mut same = false;
        let found = self
            .change_account(id, |account| {
                same = account.password.hash == from;
                if same {
                    to.clone_into(&mut account.password.hash);
                }
            })
            .await?;
        Ok(found && same)
    }

    /// Shuts the account out, ending its sessions, or lets it in again.
    pub async fn set_account_disabled(&self, id: AccountId, disabled: bool) -> Result<bool> {
        let changed = self.change_account(id, |account| account.disabled = disabled).await?;
        self.delete_sessions_of(id).await?;
        Ok(changed)
    }

    async fn change_account(&self, id: AccountId, change: impl FnOnce(&mut Account)) -> Result<bool> {
        let Some((version, mut account)) = by_id(&self.db, &self.keys, id).await? else {
            return Ok(false);
        };
        change(&mut account);
        let updated = account::Entity::update_many()
            .set(to_row(&self.keys, &account, version + 1)?.into_active_model().reset_all())
            .filter(account::Column::Id.eq(id.uuid()))
            .filter(account::Column::Version.eq(version))
            .exec(&self.db)
            .await?;
        if updated.rows_affected != 1 {
            return Err(Error::Conflict("account_version"));
        }
        Ok(true)
    }
}

impl Store {
    /// # Errors
    /// `Conflict("uq_account_login")` if the login is taken.
    pub async fn insert_account(&self, account: &Account) -> Result<()> {
        let tx = self.begin().await?;
        tx.insert_account(account).await?;
        tx.commit().await?;
        Ok(())
    }

    pub async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        Ok(by_id(&self.reads, &self.keys, id).await?.map(|(_, account)| account))
    }

    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>> {
        let row = account::Entity::find().filter(account::Column::Login.eq(login)).one(&self.reads).await?;
        row.map(|row| from_row(&self.keys, row)).transpose()
    }

    /// A page of all accounts, ordered by identifier; the next one begins after the last.
    pub async fn accounts(&self, after: Option<AccountId>, limit: u64) -> Result<Vec<Account>> {
        let mut query = account::Entity::find().order_by_asc(account::Column::Id).limit(limit);
        if let Some(after) = after {
            query = query.filter(account::Column::Id.gt(after.uuid()));
        }
        let rows = query.all(&self.reads).await?;
        rows.into_iter().map(|row| from_row(&self.keys, row)).collect()
    }

    pub async fn count_accounts(&self) -> Result<u64> {
        Ok(account::Entity::find().count(&self.reads).await?)
    }
}
