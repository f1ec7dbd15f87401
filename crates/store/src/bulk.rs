use crate::{dialect::Dialect, error::Result};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable};

/// More rows in one statement gain nothing measurable and cost memory.
const MAX_ROWS: usize = 1_000;

/// Inserts all rows in as few statements as the dialect's parameter limit allows.
pub(crate) async fn insert_all<E, A>(db: &impl ConnectionTrait, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E>,
{
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
    let size = rows_per_statement::<E>(db);
    while rows.peek().is_some() {
        E::insert_many(rows.by_ref().take(size)).exec_without_returning(db).await?;
    }
    Ok(())
}

fn rows_per_statement<E: EntityTrait>(db: &impl ConnectionTrait) -> usize {
    let parameters = Dialect::of_backend(db.get_database_backend()).max_parameters();
    (parameters / E::Column::iter().count()).min(MAX_ROWS)
}

/// Values in one `IN (…)`; well inside every dialect's limit.
pub(crate) const KEYS_PER_QUERY: usize = 1_000;
