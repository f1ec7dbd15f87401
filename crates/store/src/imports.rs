use crate::{
    codes::coded,
    error::{Error, Result},
    instants::{instant, micros},
    rows::import_batch,
    store::Store,
    tx::Tx,
};
use domain::{Instant, ids::ImportId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

coded! {
    /// How far an import has come.
    pub enum ImportState {
        /// Begun and not ended; an interrupted one is taken up at its checkpoint.
        Running = "running",
        Finished = "finished",
    }
}

/// One import of one roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportBatch {
    pub id: ImportId,
    /// SHA-256 of the file and of all that changes how it is read; unique.
    pub digest: [u8; 32],
    pub state: ImportState,
    pub rows: u64,
    pub accepted: u64,
    pub unchanged: u64,
    pub rejected: u64,
    /// Rows, from the start of the file, whose outcome is committed.
    pub checkpoint: u64,
    pub started_at: Instant,
    pub finished_at: Option<Instant>,
}

fn to_row(batch: &ImportBatch) -> import_batch::Model {
    import_batch::Model {
        id: batch.id.uuid(),
        digest: batch.digest.to_vec(),
        state: batch.state.code().to_owned(),
        rows: batch.rows as i64,
        accepted: batch.accepted as i64,
        unchanged: batch.unchanged as i64,
        rejected: batch.rejected as i64,
        checkpoint: batch.checkpoint as i64,
        started_at: micros(batch.started_at),
        finished_at: batch.finished_at.map(micros),
    }
}

fn from_row(row: import_batch::Model) -> Result<ImportBatch> {
    let corrupt = || Error::corrupt("import_batch", row.id);
    Ok(ImportBatch {
        id: ImportId::from_uuid(row.id),
        digest: row.digest.as_slice().try_into().map_err(|_| corrupt())?,
        state: ImportState::from_code(&row.state).ok_or_else(corrupt)?,
        rows: row.rows as u64,
        accepted: row.accepted as u64,
        unchanged: row.unchanged as u64,
        rejected: row.rejected as u64,
        checkpoint: row.checkpoint as u64,
        started_at: instant(row.started_at),
        finished_at: row.finished_at.map(instant),
    })
}

impl Tx {
    /// # Errors
    /// `Conflict("uq_import_batch_digest")` if the same file has been begun before.
    pub async fn insert_import(&self, batch: &ImportBatch) -> Result<()> {
        let row = to_row(batch).into_active_model();
        import_batch::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Writes counts, checkpoint and state, in the transaction of the rows they tell of.
    pub async fn update_import(&self, batch: &ImportBatch) -> Result<()> {
        to_row(batch).into_active_model().reset_all().update(&self.db).await?;
        Ok(())
    }
}

impl Store {
    pub async fn import(&self, id: ImportId) -> Result<Option<ImportBatch>> {
        import_batch::Entity::find_by_id(id.uuid()).one(&self.reads).await?.map(from_row).transpose()
    }

    pub async fn find_import_by_digest(&self, digest: &[u8; 32]) -> Result<Option<ImportBatch>> {
        let same = import_batch::Column::Digest.eq(digest.to_vec());
        import_batch::Entity::find().filter(same).one(&self.reads).await?.map(from_row).transpose()
    }
}
