//! Many rows in few statements.

use crate::{
    dialect::Dialect,
    error::{Error, Result},
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, Iterable, QueryTrait,
    Statement,
};
use tokio::sync::mpsc;

/// More rows in one statement gain nothing measurable and cost memory.
const MAX_ROWS: usize = 1_000;

/// Values in one `IN (…)`; well inside every dialect's limit.
pub(crate) const KEYS_PER_QUERY: usize = 1_000;

/// Inserts all rows in as few statements as the dialect's parameter limit allows.
pub(crate) async fn insert_all<E, A>(db: &impl ConnectionTrait, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A> + Send + 'static,
    A: ActiveModelTrait<Entity = E>,
{
    let backend = db.get_database_backend();
    let size = rows_per_statement::<E>(backend);
    write_all(db, rows, size, move |rows| Ok(inserts::<E, A>(backend, rows))).await
}

/// Writes all items, `size` of them at a time, by the statements that `make` makes of them. Where
/// there are several such portions, the next one is made, sealed and hashed on another thread
/// while the database is busy with the one before.
pub(crate) async fn write_all<T: Send + 'static>(
    db: &impl ConnectionTrait,
    items: Vec<T>,
    size: usize,
    mut make: impl FnMut(Vec<T>) -> Result<Vec<Statement>> + Send + 'static,
) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    if items.len() <= size {
        return execute(db, make(items)?).await;
    }
    let (sender, mut made) = mpsc::channel(1);
    let maker = tokio::task::spawn_blocking(move || {
        let mut items = items.into_iter();
        loop {
            let portion: Vec<T> = items.by_ref().take(size).collect();
            // If the writer has failed, nobody needs the rest.
            if portion.is_empty() || sender.blocking_send(make(portion)).is_err() {
                return;
            }
        }
    });
    while let Some(statements) = made.recv().await {
        execute(db, statements?).await?;
    }
    // A maker that died half-way must not pass for one that is done.
    maker.await.map_err(|error| Error::Other(Box::new(error)))
}

async fn execute(db: &impl ConnectionTrait, statements: Vec<Statement>) -> Result<()> {
    for statement in statements {
        db.execute_raw(statement).await?;
    }
    Ok(())
}

/// The statements that insert these rows.
pub(crate) fn inserts<E, A>(backend: DbBackend, rows: Vec<E::Model>) -> Vec<Statement>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E>,
{
    let size = rows_per_statement::<E>(backend);
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model).peekable();
    let mut statements = Vec::new();
    while rows.peek().is_some() {
        statements.push(E::insert_many(rows.by_ref().take(size)).build(backend));
    }
    statements
}

pub(crate) fn rows_per_statement<E: EntityTrait>(backend: DbBackend) -> usize {
    let parameters = Dialect::of_backend(backend).max_parameters();
    (parameters / E::Column::iter().count()).min(MAX_ROWS)
}
