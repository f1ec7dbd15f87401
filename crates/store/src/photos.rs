use crate::{error::Result, rows::photo, seal, store::Store, tx::Tx};
use domain::ids::{HolderId, PhotoId};
use sea_orm::{EntityTrait, IntoActiveModel};

impl Tx {
    /// Keeps the bytes of a picture, sealed. It is never replaced under its identifier; a new one
    /// is a new photo.
    pub async fn put_photo(&self, id: PhotoId, holder: HolderId, picture: &[u8]) -> Result<()> {
        let mut row = photo::Model { id: id.uuid(), holder_id: holder.uuid(), sealed: Vec::new() };
        seal::seal(&self.keys, &mut row, picture)?;
        photo::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Store {
    /// The bytes as they were put.
    pub async fn photo(&self, id: PhotoId) -> Result<Option<Vec<u8>>> {
        let row = photo::Entity::find_by_id(id.uuid()).one(&self.reads).await?;
        row.map(|row| seal::open(&self.keys, &row)).transpose()
    }
}
