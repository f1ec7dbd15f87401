use crate::{
    error::Result,
    rows::setting::{Column, Entity, Model},
    store::Store,
};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, sea_query::OnConflict};

impl Store {
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(Entity::find_by_id(key).one(&self.reads).await?.map(|row| row.value))
    }

    pub async fn set_setting(&self, key: &str, value: &str) -> Result<()> {
        write(&self.writes, key, value).await
    }
}

pub(crate) async fn write(db: &impl ConnectionTrait, key: &str, value: &str) -> Result<()> {
    let row = Model { key: key.to_owned(), value: value.to_owned() }.into_active_model();
    let replace = OnConflict::column(Column::Key).update_column(Column::Value).to_owned();
    Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}
