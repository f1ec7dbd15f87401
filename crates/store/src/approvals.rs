use crate::{
    codes::coded,
    error::{Error, Result},
    instants::{instant, micros},
    rows::approval,
    seal,
    store::Store,
    tx::Tx,
};
use domain::{
    Instant,
    ids::{AccountId, ApprovalId},
};
use keys::KeyRing;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

coded! {
    /// What became of a request.
    pub enum ApprovalState {
        Pending = "pending",
        Approved = "approved",
        Rejected = "rejected",
    }
}

/// A request of one person, frozen, for the decision of another. A pending one whose
/// `expires_at` has come has lapsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub id: ApprovalId,
    /// Dotted verb of what is asked for.
    pub kind: String,
    /// What is asked for; stored sealed.
    pub payload: Vec<u8>,
    pub state: ApprovalState,
    pub maker: AccountId,
    pub checker: Option<AccountId>,
    pub created_at: Instant,
    pub decided_at: Option<Instant>,
    pub expires_at: Instant,
}

fn to_row(keys: &KeyRing, approval: &Approval, version: i64) -> Result<approval::Model> {
    let mut row = approval::Model {
        id: approval.id.uuid(),
        version,
        kind: approval.kind.clone(),
        state: approval.state.code().to_owned(),
        maker: approval.maker.uuid(),
        checker: approval.checker.map(AccountId::uuid),
        created_at: micros(approval.created_at),
        decided_at: approval.decided_at.map(micros),
        expires_at: micros(approval.expires_at),
        sealed: Vec::new(),
    };
    seal::seal(keys, &mut row, &approval.payload)?;
    Ok(row)
}

fn from_row(keys: &KeyRing, row: approval::Model) -> Result<Approval> {
    let payload = seal::open(keys, &row)?;
    Ok(Approval {
        id: ApprovalId::from_uuid(row.id),
        state: ApprovalState::from_code(&row.state).ok_or_else(|| Error::corrupt("approval", row.id))?,
        kind: row.kind,
        payload,
        maker: AccountId::from_uuid(row.maker),
        checker: row.checker.map(AccountId::from_uuid),
        created_at: instant(row.created_at),
        decided_at: row.decided_at.map(instant),
        expires_at: instant(row.expires_at),
    })
}

async fn by_id(db: &impl ConnectionTrait, keys: &KeyRing, id: ApprovalId) -> Result<Option<(i64, Approval)>> {
    let row = approval::Entity::find_by_id(id.uuid()).one(db).await?;
    row.map(|row| Ok((row.version, from_row(keys, row)?))).transpose()
}

impl Tx {
    pub async fn insert_approval(&self, approval: &Approval) -> Result<()> {
        let row = to_row(&self.keys, approval, 1)?;
        approval::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Decides a pending request, once: `false` if it is decided, has lapsed or does not exist.
    ///
    /// # Errors
    /// `Conflict("ck_approval_two_persons")` if the maker decides.
    pub async fn decide_approval(
        &self,
        id: ApprovalId,
        state: ApprovalState,
        checker: AccountId,
        now: Instant,
    ) -> Result<bool> {
        let Some((version, mut approval)) = by_id(&self.db, &self.keys, id).await? else {
            return Ok(false);
        };
        if approval.state != ApprovalState::Pending || approval.expires_at <= now {
            return Ok(false);
        }
        approval.state = state;
        approval.checker = Some(checker);
        approval.decided_at = Some(now);
        let decided = approval::Entity::update_many()
            .set(to_row(&self.keys, &approval, version + 1)?.into_active_model().reset_all())
            .filter(approval::Column::Id.eq(id.uuid()))
            .filter(approval::Column::Version.eq(version))
            .exec(&self.db)
            .await?;
        Ok(decided.rows_affected == 1)
    }
}

impl Store {
    pub async fn approval(&self, id: ApprovalId) -> Result<Option<Approval>> {
        Ok(by_id(&self.reads, &self.keys, id).await?.map(|(_, approval)| approval))
    }

    /// Requests that can still be decided, oldest first.
    pub async fn pending_approvals(&self, now: Instant) -> Result<Vec<Approval>> {
        let rows = approval::Entity::find()
            .filter(approval::Column::State.eq(ApprovalState::Pending.code()))
            .filter(approval::Column::ExpiresAt.gt(micros(now)))
            .order_by_asc(approval::Column::CreatedAt)
            .all(&self.reads)
            .await?;
        rows.into_iter().map(|row| from_row(&self.keys, row)).collect()
    }
}
