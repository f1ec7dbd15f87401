use crate::{
    error::Result,
    rows::photo,
    seal::{self, Place},
    store::Store,
    tx::Tx,
};
use domain::ids::{HolderId, PhotoId};
use sea_orm::{EntityTrait, IntoActiveModel};

/// A photo is never replaced under its identifier; a new one is a new photo.
fn place(id: PhotoId) -> Place {
    Place { table: "photo", id: id.uuid(), version: 1 }
}

impl Tx {
    /// Keeps the bytes of a picture, sealed.
    pub async fn put_photo(&self, id: PhotoId, holder: HolderId, picture: &[u8]) -> Result<()> {
        let mut row = photo::Model { id: id.uuid(), holder_id: holder.uuid(), sealed: Vec::new() };
        row.sealed = seal::seal(&self.keys, place(id), &row, picture)?;
        photo::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Store {
    /// The bytes as they were put.
    pub async fn photo(&self, id: PhotoId) -> Result<Option<Vec<u8>>> {
        let row = photo::Entity::find_by_id(id.uuid()).one(&self.reads).await?;
        row.map(|row| seal::open(&self.keys, place(id), &row, &row.sealed)).transpose()
    }
}
